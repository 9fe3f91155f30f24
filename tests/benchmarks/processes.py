"""What a tree of processes costs: processor time and memory, from /proc."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_LOOK_EVERY_S = 0.05


def tree(root: int) -> list[int]:
    """Returns a process and all below it."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(path.parent.name)] = int(fields[1])
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def cpu_s(root: int) -> float:
    """Returns the processor time of a process, of all below it, and of those that have ended."""
    ticks = 0
    for pid in tree(root):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, fields[11:15]))
    return ticks / _TICKS_PER_S


def memory_mb(root: int, *, with_children: bool = True) -> float:
    """Returns the memory of a process and of all below it, what they share counted once."""
    total_kb = 0
    for pid in tree(root) if with_children else [root]:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total_kb += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total_kb / 1000


@dataclass
class Cost:
    """What a stretch of work cost.

    Attributes:
        cpu_s: Processor time.
        peak_mb: Most memory at any time.
    """

    cpu_s: float = 0.0
    peak_mb: float = 0.0


@contextmanager
def measured(root: int) -> Iterator[Cost]:
    """Watches a process and all below it while the block runs."""
    cost, ended = Cost(), threading.Event()

    def watch() -> None:
        while not ended.wait(_LOOK_EVERY_S):
            cost.peak_mb = max(cost.peak_mb, memory_mb(root))

    before_s = cpu_s(root)
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield cost
    finally:
        ended.set()
        watcher.join()
        cost.cpu_s = cpu_s(root) - before_s
