"""What the computer is busy with beside us: battery, full screen, room on the disk.

The index thread asks before each file, so that an answer is kept for some seconds. Nothing here
fails: what cannot be found out does not stand in the way.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from photosearch.index.full_screen import windows_full_screen, x11_full_screen

log = logging.getLogger(__name__)

Value = TypeVar("Value")

#: Set to anything where nobody sits at the computer: neither battery nor screen are looked at.
ALONE_VARIABLE = "PHOTOSEARCH_ALONE"
#: Nobody minds that it takes so long until work stands still or goes on.
_KEPT_S = 10.0
#: Room is used up quicker than a battery: at 500 files a second, 10 MB a second.
_ROOM_KEPT_S = 2.0


@dataclass(frozen=True, slots=True)
class Probes:
    """Where the index thread looks.

    Attributes:
        battery_percent: Charge that is left while the computer runs on battery; None while it does
            not, or where that cannot be told.
        is_full_screen: Whether another program fills the screen; None where that cannot be told.
        free_bytes: Room on the library's disk; None where that cannot be told.
    """

    battery_percent: Callable[[], float | None]
    is_full_screen: Callable[[], bool | None]
    free_bytes: Callable[[], int | None]

    @staticmethod
    def of_this_computer(directory: Path) -> Probes:
        """Returns the real ones, each asked every few seconds at most.

        Args:
            directory: The library's, whose disk is meant.
        """
        is_alone = bool(os.environ.get(ALONE_VARIABLE))
        return Probes(
            Kept((lambda: None) if is_alone else battery_percent, _KEPT_S),
            Kept((lambda: False) if is_alone else is_full_screen, _KEPT_S),
            Kept(lambda: free_bytes(directory), _ROOM_KEPT_S),
        )


class Kept(Generic[Value]):
    """An answer that is kept for a while. For one thread.

    Args:
        ask: Finds it out.
        kept_s: For how long an answer holds.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        ask: Callable[[], Value],
        kept_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._kept_s = kept_s
        self._clock = clock
        self._answer: tuple[float, Value] | None = None

    def __call__(self) -> Value:
        """The answer, found out anew where the last one is too old."""
        now_s = self._clock()
        if self._answer is None or now_s - self._answer[0] >= self._kept_s:
            self._answer = now_s, self._ask()
        return self._answer[1]


def battery_percent() -> float | None:
    """Charge that is left while on battery, 0..100; None while on mains or unknown."""
    import psutil  # only the engine needs it, and only while it indexes

    sensors = getattr(psutil, "sensors_battery", None)  # lacks on some systems
    if sensors is None:
        return None
    try:
        battery = sensors()
    except (OSError, RuntimeError, ValueError) as error:  # odd drivers
        log.debug("the battery cannot be asked: %s", error)
        return None
    if battery is None or battery.power_plugged is not False:
        return None
    return float(battery.percent)


def is_full_screen() -> bool | None:
    """Whether another program fills the screen; None where the system does not tell."""
    if sys.platform == "win32":
        return windows_full_screen()
    display = os.environ.get("DISPLAY")
    if sys.platform == "linux" and display:
        # On Wayland, programs of the X kind only are seen so (most games); the others tell nobody.
        return x11_full_screen(display)
    return None


def free_bytes(directory: Path) -> int | None:
    """Room on the disk of a directory; None where it cannot be asked."""
    try:
        return shutil.disk_usage(directory).free
    except OSError as error:
        log.debug("the disk cannot be asked for its room: %s", error)
        return None
