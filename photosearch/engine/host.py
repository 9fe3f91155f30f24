"""The engine: owns one library and answers its clients until the last one is gone.

Where the library's settings want it watched in the background, it stays without clients, too.

Threads: the main thread waits for the end; `open` opens the library; `accept` takes connections
(`door`); each connection has two (`session`); calls run on `lanes`.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from enum import Enum, auto
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from photosearch.core.cancel import CancelToken
from photosearch.engine.audience import Audience
from photosearch.engine.calls import SEARCHES, HostedLibrary
from photosearch.engine.door import Door
from photosearch.engine.lanes import Lanes
from photosearch.engine.life import Life
from photosearch.engine.protocol import (
    Call,
    ErrorInfo,
    Failed,
    Hello,
    OpenFailed,
    Ready,
    Reply,
    pack,
)
from photosearch.engine.session import Session
from photosearch.errors import EngineError, PhotoSearchError

log = logging.getLogger(__name__)

#: For closing when told to stop (logging out): little time, and a crash would lose no more.
STOP_S = 1.5
#: For closing at the end of an ordinary life; `lock` waits a little longer for it.
CLOSE_S = 10.0
#: For calls under way when the engine ends; what runs longer finds the library closed.
_CALLS_S = 0.5

EXIT_OK = 0
EXIT_CANNOT_OPEN = 3


class _Note(Enum):
    """What wakes the main thread."""

    STOP = auto()
    LOOK = auto()
    CLOSED = auto()


class EngineHost:
    """The engine of a library whose lock is held. One per process.

    Args:
        directory: The library.
        open_library: Opens it.
        life: Knows when to end.
    """

    def __init__(
        self, directory: Path, open_library: Callable[[Path], HostedLibrary], life: Life
    ) -> None:
        self._directory = directory
        self._open_library = open_library
        self._life = life
        self._library: Future[HostedLibrary] = Future()
        self._lanes = Lanes()
        self._audience = Audience()
        # A SimpleQueue, since signal handlers put into it.
        self._notes: queue.SimpleQueue[_Note] = queue.SimpleQueue()

    def run(self, door: Door) -> int:
        """Opens the library and serves whoever comes in until the end; returns the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: self._notes.put(_Note.STOP))
        door.open(self._welcome)
        log.info("engine %d serves %s", os.getpid(), self._directory.name)
        threading.Thread(target=self._open, name="open", daemon=True).start()
        within_s = self._wait()
        door.close()
        self._close(within_s)
        log.info("engine %d ends", os.getpid())
        failed = self._library.done() and self._library.exception() is not None
        return EXIT_CANNOT_OPEN if failed else EXIT_OK

    def _wait(self) -> float:
        """Waits for the end; returns how much time there is for closing, in seconds."""
        while True:
            try:
                note = self._notes.get(timeout=self._life.next_s())
            except queue.Empty:
                if self._life.remaining_s() == 0:
                    return CLOSE_S
                if self._life.take_texts_due():
                    self._submit("release_texts")
                continue
            if note is _Note.STOP:
                return STOP_S

    def _welcome(self, connection: Connection, authkey: bytes) -> None:
        session = Session(connection, authkey, self)
        self._audience.connect(session)
        session.start()

    def _open(self) -> None:
        try:
            library = self._open_library(self._directory)
            library.subscribe(self._audience.tell)
        except PhotoSearchError as error:
            log.error("the library cannot be opened: %s", error.message)  # noqa: TRY400
            self._fail(error)
        except Exception:
            # The clients must hear that there will be no library.
            log.exception("opening the library failed")
            self._fail(self._own_error())
        else:
            self._library.set_result(library)
            if self._look_whether_to_stay():
                self._submit("start_index")

    def _fail(self, error: PhotoSearchError) -> None:
        self._life.fail()
        self._library.set_exception(error)
        self._notes.put(_Note.LOOK)

    def _own_error(self) -> EngineError:
        return EngineError(
            "The engine met an error of its own.",
            f"The details are in {self._directory / 'engine.log'}.",
        )

    # What sessions tell (see session.Desk).

    def joined(self, session: Session, hello: Hello) -> None:
        """Welcomes a client and tells it once the library is open."""
        self._life.joined()
        self._notes.put(_Note.LOOK)
        self._audience.join(session)
        self._library.add_done_callback(partial(self._tell_opened, session))
        if hello.warm:
            self._submit("warm_up")

    def left(self, session: Session) -> None:
        """Forgets a client."""
        self._lanes.leave(session)
        self._look_whether_to_stay()  # before the last one is gone, and after a change of mind
        self._life.left()
        self._notes.put(_Note.LOOK)

    def ended(self, session: Session) -> None:
        """Forgets a connection."""
        self._audience.leave(session)

    def met_other_version(self) -> None:
        """Makes way for another version's engine as soon as no client is left."""
        if not self._life.has_clients:
            log.info("another version of Photosearch takes over")
            self._notes.put(_Note.STOP)

    def called(self, session: Session, call: Call) -> None:
        """Answers a call, on another thread."""
        token = session.new_search() if call.method in SEARCHES else None
        self._lanes.submit(call.method, partial(self._answer, session, call, token), session)

    # Work on other threads.

    def _tell_opened(self, session: Session, library: Future[HostedLibrary]) -> None:
        error = library.exception()
        if isinstance(error, PhotoSearchError):
            session.send(pack(OpenFailed(ErrorInfo.of(error))))
        else:
            session.send(pack(Ready()))

    def _answer(self, session: Session, call: Call, token: CancelToken | None) -> None:
        try:
            library = self._library.result()
            session.send(pack(Reply(call.id, call.method, _value(library, call, token))))
        except PhotoSearchError as error:
            session.send(pack(Failed(call.id, ErrorInfo.of(error))))
        except Exception:
            # A bug costs its own call only.
            log.exception("the call %s failed", call.method)
            session.send(pack(Failed(call.id, ErrorInfo.of(self._own_error()))))

    def _look_whether_to_stay(self) -> bool:
        """Asks the library whether it is to be watched without clients, too."""
        stays = False
        if self._library.done() and self._library.exception() is None:
            try:
                stays = self._library.result().watches_in_background
            except PhotoSearchError as error:
                log.warning("nothing is watched in the background: %s", error.message)
        self._life.stay(stays)
        self._notes.put(_Note.LOOK)
        return stays

    def _submit(self, method: str) -> None:
        """Has the library do something that no client waits for."""

        def work() -> None:
            with contextlib.suppress(PhotoSearchError):  # whoever needs it meets the same error
                getattr(self._library.result(), method)()

        self._lanes.submit(method, work)

    def _close(self, within_s: float) -> None:
        self._audience.hang_up()
        closer = threading.Thread(target=self._close_library, name="close", daemon=True)
        closer.start()
        give_up_at = time.monotonic() + within_s
        while True:
            try:
                note = self._notes.get(timeout=max(0.0, give_up_at - time.monotonic()))
            except queue.Empty:
                log.warning("the library was not closed in time; the process ends all the same")
                return
            if note is _Note.CLOSED:
                return
            if note is _Note.STOP:  # now there is less time
                give_up_at = min(give_up_at, time.monotonic() + STOP_S)

    def _close_library(self) -> None:
        self._lanes.close(_CALLS_S)
        try:
            self._library.result().close()
        except PhotoSearchError as error:
            log.info("nothing to close: %s", error.message)
        except Exception:
            log.exception("closing the library failed")
        self._notes.put(_Note.CLOSED)


def _value(library: HostedLibrary, call: Call, token: CancelToken | None) -> Any:
    if token is None:
        return getattr(library, call.method)(*call.args)  # `unpack` knows the names
    token.raise_if_cancelled()
    (query,) = call.args
    return getattr(library, call.method)(query, token)
