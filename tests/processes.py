"""Finds our processes among all others."""

from __future__ import annotations

import os
from pathlib import Path


def engine_pids_of(library: Path) -> list[int]:
    """Finds the engine of a library among all processes."""
    wanted = os.fsencode(library)
    pids = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if wanted in words and any(b"engine" in word for word in words):
            pids.append(int(path.parent.name))
    return pids
