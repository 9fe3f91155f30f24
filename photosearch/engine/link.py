"""A connection to an engine that mends itself: starts the engine again and repeats its calls."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from photosearch.engine.channel import Channel
from photosearch.engine.launch import Launcher
from photosearch.engine.news import ClientEvent, ConnectionChanged, ConnectionLost
from photosearch.engine.protocol import Call, Event, Failed, OpenFailed, Reply, pack
from photosearch.errors import EngineError, PhotoSearchError

log = logging.getLogger(__name__)

#: How long an engine may take to answer.
DEFAULT_WAIT_S = 20.0
#: An engine that is lost more often than this within the time below will not get better.
_MAX_LOSSES = 5
_LOSSES_WITHIN_S = 60.0
#: The first new start is at once, the next ones after this, doubled each time.
_FIRST_PAUSE_S = 0.1
#: A call that was under way when two engines died may be why they did.
_MAX_SENDS = 2


@dataclass(slots=True)
class _Pending:
    """A call without an answer yet."""

    data: bytes
    send_count: int = 0
    answer: Future[Any] = field(default_factory=Future)


class Link:
    """Makes calls and reads what the engine sends, on a thread of its own.

    Args:
        launcher: Reaches the engine again when it is lost; the link owns it from now on.
        channel: Connected and greeted; the link owns it from now on.
        tell: Gets events, on the link's thread; must return at once.
    """

    def __init__(
        self, launcher: Launcher, channel: Channel, tell: Callable[[ClientEvent], None]
    ) -> None:
        self._launcher = launcher
        self._tell = tell
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self._pending: dict[int, _Pending] = {}
        self._channel: Channel | None = channel
        self._failure: PhotoSearchError | None = None
        self._stop = threading.Event()
        self._losses: deque[float] = deque()
        self._thread = threading.Thread(
            target=self._keep, args=(channel,), name="engine-link", daemon=True
        )
        self._thread.start()

    def call(self, method: str, *args: Any) -> Any:
        """Makes a call and waits for its answer. Safe on any thread.

        Args:
            method: One of `LibraryCalls`.
            args: All of its arguments.

        Raises:
            EngineError: An argument may not travel, the engine cannot be had any more, or the link
                was closed.
            PhotoSearchError: What the library raised.
        """
        number = next(self._ids)
        pending = _Pending(pack(Call(number, method, args)))
        with self._lock:
            if self._failure is not None:
                raise _copy(self._failure)
            self._pending[number] = pending
            channel = self._channel
            pending.send_count += channel is not None
        if channel is not None:
            _send(channel, pending)
        return pending.answer.result()

    def close(self) -> None:
        """Hangs up; calls under way raise `EngineError`. Calling it twice is harmless."""
        self._stop.set()
        with self._lock:
            channel = self._channel
        if channel is not None:
            channel.hang_up()
        self._thread.join()

    # Everything below runs on the link's thread.

    def _keep(self, channel: Channel) -> None:
        """Reads until the link is closed, or the engine cannot be had any more."""
        try:
            while True:
                self._read(channel)
                with self._lock:
                    self._channel = None
                channel.close()
                if self._stop.is_set():
                    break
                log.warning("the engine is gone; it is started again")
                self._tell(ConnectionChanged(is_connected=False))
                channel = self._reach_again()
                self._tell(ConnectionChanged(is_connected=True))
                self._resume(channel)
            self._give_up(EngineError("The connection to the engine was closed."))
        except PhotoSearchError as error:
            self._give_up(error)
            if not self._stop.is_set():
                log.warning("the engine is given up: %s", error.message)
                self._tell(ConnectionLost(_copy(error)))
        finally:
            channel.close()
            self._launcher.release()

    def _read(self, channel: Channel) -> None:
        """Hands on what the engine sends, until the connection ends.

        Raises:
            PhotoSearchError: The library, slow to open, cannot be opened.
        """
        while not self._stop.is_set():
            try:
                message = channel.receive()
            except (EOFError, OSError):
                return
            except EngineError as error:
                log.warning("the engine does not make sense: %s", error.message)
                return
            match message:
                case Reply(number, _, value):
                    if (pending := self._take(number)) is not None:
                        pending.answer.set_result(value)
                case Failed(number, info):
                    if (pending := self._take(number)) is not None:
                        pending.answer.set_exception(info.to_error())
                case Event(event):
                    self._tell(event)
                case OpenFailed(info):
                    raise info.to_error()
                case _:
                    pass  # `Ready`, of a library that was slow to open

    def _take(self, number: int) -> _Pending | None:
        with self._lock:
            return self._pending.pop(number, None)

    def _reach_again(self) -> Channel:
        """Returns a connection to a new engine.

        Raises:
            EngineError: It was lost, or could not be had, too often.
            PhotoSearchError: The library cannot be opened any more.
        """
        pause_s = _FIRST_PAUSE_S
        if self._has_lost_too_many():
            raise EngineError(
                "The part of Photosearch that works on your photos stopped "
                f"{len(self._losses)} times within a minute, and is not started again.",
                "Nothing that was stored is lost. Start Photosearch again. Why it stopped is in "
                f"{self._launcher.log_path}.",
            )
        while True:
            try:
                return self._launcher.reach(DEFAULT_WAIT_S, self._stop)
            except EngineError as error:
                log.warning("the engine cannot be had: %s", error.message)
                if self._has_lost_too_many() or self._stop.wait(pause_s):
                    raise
                pause_s *= 2

    def _has_lost_too_many(self) -> bool:
        now = time.monotonic()
        self._losses.append(now)
        while self._losses[0] < now - _LOSSES_WITHIN_S:
            self._losses.popleft()
        return len(self._losses) > _MAX_LOSSES

    def _resume(self, channel: Channel) -> None:
        """Makes the calls again that were under way."""
        with self._lock:
            self._channel = channel
            suspects = [n for n, call in self._pending.items() if call.send_count >= _MAX_SENDS]
            lost = [self._pending.pop(number) for number in suspects]
            again = list(self._pending.values())
            for pending in again:
                pending.send_count += 1
        for pending in lost:
            error = EngineError(
                "The part of Photosearch that works on your photos stopped twice while it was at "
                "this, and was started again.",
                "Nothing that was stored is lost, and everything else goes on; this was given up. "
                f"Why it stopped is in {self._launcher.log_path}.",
            )
            pending.answer.set_exception(error)
        for pending in again:
            _send(channel, pending)

    def _give_up(self, error: PhotoSearchError) -> None:
        with self._lock:
            self._channel = None
            self._failure = error
            lost = list(self._pending.values())
            self._pending.clear()
        for pending in lost:
            pending.answer.set_exception(_copy(error))


def _copy(error: PhotoSearchError) -> PhotoSearchError:
    # Each caller raises its own, or they would share one traceback.
    return type(error)(error.message, error.hint)


def _send(channel: Channel, pending: _Pending) -> None:
    try:
        channel.send(pending.data)
    except OSError:
        log.debug("the connection broke; the call is made again on the next one")
