"""How politely a library is read: what its settings say of battery, full screen and threads."""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from photosearch.errors import UsageError
from photosearch.settings import LibrarySettings

#: Added to the index thread's niceness: queries and the rest of the computer go first.
_NICENESS = 10


class BatteryRule(StrEnum):
    """What happens on battery; the values are those of `library.toml`."""

    SLOW = "slow"  #: one file at a time, with pauses; it waits where little charge is left
    WAIT = "wait"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Manners:
    """How much of the computer indexing may take.

    Attributes:
        on_battery: What happens on battery.
        waits_in_full_screen: It waits while another program fills the screen.
        threads: Most threads that decode or compute at once; 0 for one per core.
    """

    on_battery: BatteryRule = BatteryRule.SLOW
    waits_in_full_screen: bool = True
    threads: int = 0

    @classmethod
    def of(cls, settings: LibrarySettings) -> Self:
        """Reads them out of a library's settings.

        Raises:
            UsageError: A value that means nothing.
        """
        try:
            rule = BatteryRule(settings.on_battery)
        except ValueError as error:
            known = ", ".join(f'"{rule}"' for rule in BatteryRule)
            raise UsageError(
                f'"on_battery" in library.toml has a wrong value: {settings.on_battery!r}.',
                f"It can be {known}.",
            ) from error
        return cls(rule, settings.wait_in_full_screen, max(0, settings.threads))

    @property
    def thread_count(self) -> int:
        """Threads that may work at once: at least one, no more than there are cores."""
        return min(self.threads, usable_cores()) if self.threads else usable_cores()


def usable_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def lower_priority() -> None:
    """Lowers the priority of the thread that calls, where a system knows such a thing."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
