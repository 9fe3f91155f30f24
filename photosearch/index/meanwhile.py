"""What goes on although photos may not be read: nothing on the computer stands still meanwhile.

`guest.Gate` does it while it holds the index thread.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

#: It is done no more often than this: an engine that waits must cost next to nothing.
EVERY_S = 1.0


class Meanwhile(Enum):
    """What is to come after what could be done while work waits.

    Attributes:
        WAIT: There is nothing more to do before something comes.
        LOOK_AGAIN: There may be in a moment.
        LEAVE: The wait is not wanted any more: the work makes way.
    """

    WAIT = auto()
    LOOK_AGAIN = auto()
    LEAVE = auto()


class Errand:
    """What may be done during one wait, and when it is due.

    Args:
        run: Does it, on the thread that waits.
        clock: Seconds that only grow.
    """

    def __init__(self, run: Callable[[], Meanwhile], clock: Callable[[], float]) -> None:
        self._run = run
        self._clock = clock
        self._last: Meanwhile | None = None
        self._run_s = float("-inf")

    @property
    def is_leaving(self) -> bool:
        """True once the wait is not wanted any more."""
        return self._last is Meanwhile.LEAVE

    def due_in_s(self, now_s: float, *, is_called: bool) -> float | None:
        """Returns how long until it is due.

        Args:
            now_s: The time on the clock.
            is_called: Something came since it was done.

        Returns:
            None where it is not before something comes.
        """
        if self._last is Meanwhile.WAIT and not is_called:
            return None
        return max(0.0, self._run_s + EVERY_S - now_s)

    def run(self) -> None:
        """Does it."""
        self._last = self._run()
        self._run_s = self._clock()
