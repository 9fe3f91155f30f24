"""How many directories Linux lets a user watch, and which setting to change. Any thread."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_SETTINGS = Path("/proc/sys/fs/inotify")
_PROCESSES = Path("/proc")
#: Watches are shared with every other program of the user: editors and file managers fail, too,
#: where none is left.
_SHARE = 0.8
#: The least that is proposed: what several distributions have come to set by themselves.
_PROPOSED_AT_LEAST = 524_288
_INSTANCES_PROPOSED = 1024


@dataclass(frozen=True, slots=True)
class WatchBudget:
    """What the system allows.

    Attributes:
        most: Directories that this user may watch, in all programs together; None where the
            system has no such limit.
        in_use: How many are watched now.
    """

    most: int | None
    in_use: int

    def admits(self, directory_count: int) -> bool:
        """True where so many more leave something to others."""
        return self.most is None or self.in_use + directory_count <= _SHARE * self.most

    def hint(self, directory_count: int) -> str:
        """Says which setting would admit so many more, for people."""
        needed = (self.in_use + directory_count) / _SHARE
        proposed = _PROPOSED_AT_LEAST
        while proposed < needed:
            proposed *= 2
        return _hint("max_user_watches", proposed)


def budget(settings: Path = _SETTINGS, processes: Path = _PROCESSES) -> WatchBudget:
    """Returns what is allowed and in use now.

    Args:
        settings: Where the kernel shows its limits.
        processes: Where it shows processes.
    """
    try:
        most = int((settings / "max_user_watches").read_text())
    except (OSError, ValueError):
        return WatchBudget(None, 0)
    return WatchBudget(most, _in_use(processes))


def instances_hint() -> str:
    """Says which setting allows more programs to watch at all, for people."""
    return _hint("max_user_instances", _INSTANCES_PROPOSED)


def _hint(name: str, value: int) -> str:
    setting = f"fs.inotify.{name}={value}"
    return (
        f"sudo sysctl {setting} (to keep it: put {setting} into /etc/sysctl.d/60-photosearch.conf),"
        " then start Photosearch again."
    )


def _in_use(processes: Path) -> int:
    """Counts the watches of all processes of this user."""
    count = 0
    for process in processes.iterdir():
        if not process.name.isdecimal():
            continue
        try:
            if process.stat().st_uid != os.getuid():
                continue
            for file in (process / "fd").iterdir():
                if os.readlink(file).endswith("inotify"):  # noqa: PTH115 - no path
                    listed = (process / "fdinfo" / file.name).read_text()
                    count += sum(line.startswith("inotify ") for line in listed.splitlines())
        except OSError:
            continue  # it ended meanwhile, or does not want to be looked at
    return count
