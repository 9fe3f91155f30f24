"""Turns moved bytes into progress for people: how much, how fast, how long yet."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from photosearch.core.cancel import CancelToken
from photosearch.core.rate import RateMeter

#: Between two reports; a bar needs no more.
_MIN_INTERVAL_S = 0.1


@dataclass(frozen=True, slots=True)
class BytesProgress:
    """How far a download, an import, an export or a check is.

    Attributes:
        done_bytes: So far, with what an earlier run left.
        total_bytes: In all, 0 while unknown.
        bytes_per_s: Over the last seconds, 0 while unknown.
        eta_s: Seconds that are left, None while unknown.
        name: What is being moved just now.
    """

    done_bytes: int
    total_bytes: int
    bytes_per_s: float
    eta_s: float | None
    name: str


Tell = Callable[[BytesProgress], None]


class BytesMeter:
    """Measures one piece of work, and stops it where it is no longer wanted.

    Args:
        total_bytes: In all, 0 where unknown.
        tell: Gets the progress, at most ten times a second; None for nobody.
        cancel: Stops the work.
    """

    def __init__(
        self, total_bytes: int, tell: Tell | None = None, cancel: CancelToken | None = None
    ) -> None:
        self.total_bytes = total_bytes
        self.name = ""
        self._done_bytes = 0
        self._tell = tell
        self._cancel = cancel
        self._rate = RateMeter()
        self._last_tell_s = float("-inf")

    def have(self, count: int) -> None:
        """Counts what an earlier run left, or takes some back (negative); the rate starts anew."""
        self._done_bytes += count
        self._rate = RateMeter()
        self._rate.per_s(self._done_bytes)

    def moved(self, count: int) -> None:
        """Counts bytes.

        Raises:
            Cancelled: The work is no longer wanted.
        """
        if self._cancel is not None:
            self._cancel.raise_if_cancelled()
        self._done_bytes += count
        rate = self._rate.per_s(self._done_bytes)
        now_s = time.monotonic()
        is_done = self._done_bytes == self.total_bytes
        if self._tell is None or (now_s - self._last_tell_s < _MIN_INTERVAL_S and not is_done):
            return
        self._last_tell_s = now_s
        left = self.total_bytes - self._done_bytes
        eta_s = left / rate if rate > 0 and left >= 0 else None
        self._tell(BytesProgress(self._done_bytes, self.total_bytes, rate, eta_s, self.name))
