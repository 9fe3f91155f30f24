"""The way from the window to the engine: questions go out on threads, answers come back as signals.

The GUI thread calls the methods, which return at once. Threads `bridge` (one: everything in order)
and `bridge-search` (two: a newer question overtakes and so cancels the older one) call the client.
What the grid shows has a generation: an answer to anything but the newest question is dropped.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, SignalInstance, Slot

from photosearch.core.query import Query
from photosearch.engine.client import (
    ClientEvent,
    ConnectionChanged,
    ConnectionLost,
    EngineClient,
)
from photosearch.errors import Cancelled, EngineError, PhotoSearchError
from photosearch.gui.background import Background
from photosearch.gui.edits import Edits, apply_edits

_log = logging.getLogger(__name__)

#: Two, so that a newer search reaches the engine while the older one still waits for its answer.
_SEARCH_THREADS = 2


class Bridge(QObject):
    """Talks to a library's engine for the window.

    Signals:
        connected(): The engine answers for the first time.
        connect_failed(PhotoSearchError): It could not be started; `start` tries again.
        connection_changed(bool): It went away, or is back.
        connection_lost(PhotoSearchError): It went away for good; `start` makes a new client.
        event_received(LibraryEvent): Something happened in the library.
        found(SearchResult): Answer to the newest `search`.
        found_more(SearchResult): Answer to the newest `search_on`.
        ids_listed(int64 ndarray): Answer to the newest `list_all`, newest photo first.
        question_failed(PhotoSearchError): The newest of those has no answer.
        present_told(int64 ndarray): Answer to `ask_present`.
        status_told(LibraryStatus): Answer to `ask_status`.
        failures_told(list[PhotoFailure]): Answer to `ask_failures`.
        gone_told(list[GonePhoto]): Answer to `ask_gone`.
        photos_changed(int, Said): Answer to `change_photos`: which call, what was said before.
        change_refused(int, PhotoSearchError): `change_photos` was not done: which call.
        vocabulary_told(Vocabulary): Answer to `ask_vocabulary`.
        folder_added(Folder): Answer to `add_folder`.
        model_chosen(str): `use_model` is done.
        model_refused(str, PhotoSearchError): It is not.
        action_failed(PhotoSearchError): Anything else went wrong.
    """

    connected = Signal()
    connect_failed = Signal(object)
    connection_changed = Signal(bool)
    connection_lost = Signal(object)
    event_received = Signal(object)
    found = Signal(object)
    found_more = Signal(object)
    ids_listed = Signal(object)
    present_told = Signal(object)
    question_failed = Signal(object)
    status_told = Signal(object)
    failures_told = Signal(object)
    gone_told = Signal(object)
    photos_changed = Signal(int, object)
    change_refused = Signal(int, object)
    vocabulary_told = Signal(object)
    folder_added = Signal(object)
    model_chosen = Signal(str)
    model_refused = Signal(str, object)
    action_failed = Signal(object)

    _heard = Signal(int, object)  #: (which client, ClientEvent) sent by a client's news thread

    def __init__(self, connect: Callable[[], EngineClient], parent: QObject | None = None) -> None:
        """Makes the threads; nothing is called before `start`.

        Args:
            connect: Reaches the engine, starting it where needed; may take seconds.
            parent: Qt owner.
        """
        super().__init__(parent)
        self._connect = connect
        self._lane = Background("bridge", parent=self)
        self._search_lane = Background("bridge-search", _SEARCH_THREADS, parent=self)
        self._lock = threading.Lock()  # guards which future holds the client
        self._client: Future[EngineClient] = Future()
        self._client_number = 0
        self._is_closed = False
        self._generation = 0
        self._heard.connect(self._on_heard, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Reaches the engine in the background, with a client of its own each time.

        Call it again after `connect_failed` or `connection_lost`.
        """
        former = None
        with self._lock:
            if self._client.done() and not self._is_closed:
                former, self._client = self._client, Future()
                self._client_number += 1
        if former is not None and former.exception() is None:
            former.result().close()
        open_client = partial(self._open, self._client_number)
        self._lane.run(open_client, self._on_open, self.connect_failed.emit)

    def client(self) -> EngineClient:
        """The client; waits until there is one. Never call this on the GUI thread.

        Raises:
            PhotoSearchError: There is none and will be none.
        """
        with self._lock:
            future = self._client
        return future.result()

    # What the grid shows: the newest question wins

    def search(self, query: Query) -> None:
        """Asks for photos; answered by `found` or `question_failed`."""
        self._ask(lambda client: client.search(query), self.found)

    def search_on(self, query: Query) -> None:
        """Asks the same with a higher limit; answered by `found_more` or `question_failed`."""
        self._ask(lambda client: client.search(query), self.found_more)

    def list_all(self) -> None:
        """Asks for all photos; answered by `ids_listed` or `question_failed`."""
        self._ask(lambda client: client.photo_ids(), self.ids_listed)

    # Everything else

    def act(
        self,
        act: Callable[[EngineClient], object],
        done: Callable[[object], None] | None = None,
    ) -> None:
        """Makes a call after those that were made before; one that fails is `action_failed`.

        Args:
            act: Makes it, on a thread.
            done: Gets its answer, on the GUI thread.
        """
        self._lane.run(lambda: act(self.client()), done, self.action_failed.emit)

    def ask_status(self) -> None:
        """Asks how the library is doing; answered by `status_told`."""
        self.act(lambda client: client.status(), self.status_told.emit)

    def ask_failures(self) -> None:
        """Asks which files could not be taken in; answered by `failures_told`."""
        self.act(lambda client: client.failures(), self.failures_told.emit)

    def ask_gone(self) -> None:
        """Asks which photos lie in no file any more; answered by `gone_told`."""
        self.act(lambda client: client.gone(), self.gone_told.emit)

    def ask_present(self) -> None:
        """Asks which photos there are, beside what is shown; answered by `present_told`."""
        self.act(lambda client: client.photo_ids(), self.present_told.emit)

    def change_photos(self, number: int, edits: Edits) -> None:
        """Changes what the user says of photos.

        Args:
            number: Names the call in `photos_changed` or `change_refused`, which answer it.
            edits: What to change.
        """
        self._lane.run(
            lambda: apply_edits(self.client(), edits),
            lambda before: self.photos_changed.emit(number, before),
            partial(self.change_refused.emit, number),
        )

    def ask_vocabulary(self) -> None:
        """Asks for the library's own words; answered by `vocabulary_told`."""
        self.act(lambda client: client.vocabulary(), self.vocabulary_told.emit)

    def start_index(self) -> None:
        """Brings all folders up to date and watches them; events tell the rest."""
        self.act(lambda client: client.start_index())

    def add_folder(self, path: Path) -> None:
        """Watches and indexes a folder; answered by `folder_added`."""
        self.act(lambda client: client.add_folder(path), self.folder_added.emit)

    def stop_index(self) -> None:
        """Ends the index run under way; the next one goes on from there."""
        self.act(lambda client: client.stop_index())

    def use_model(self, model_id: str) -> None:
        """Chooses the library's model; answered by `model_chosen` or `model_refused`."""
        self._lane.run(
            lambda: self.client().use_model(model_id),
            lambda _: self.model_chosen.emit(model_id),
            partial(self.model_refused.emit, model_id),
        )

    def close(self) -> None:
        """Lets the engine go and joins the threads. Calling it twice is harmless."""
        with self._lock:
            self._is_closed = True
            if not self._client.done():
                self._client.set_exception(EngineError("The window is closing."))
            future = self._client
        self._generation += 1
        if future.exception() is None:
            future.result().close()
        self._search_lane.close()
        self._lane.close()

    # On the threads

    def _open(self, number: int) -> EngineClient:
        try:
            client = self._connect()
        except PhotoSearchError as error:
            self._settle(error)
            raise
        client.subscribe(partial(self._heard.emit, number))
        if not self._settle(client):
            client.close()
        return client

    def _settle(self, outcome: EngineClient | PhotoSearchError) -> bool:
        """Tells all who wait for the client; False where the window closed in the meantime."""
        with self._lock:
            if self._client.done():
                return False
            if isinstance(outcome, PhotoSearchError):
                self._client.set_exception(outcome)
            else:
                self._client.set_result(outcome)
            return True

    def _answer(self, ask: Callable[[EngineClient], object], generation: int) -> object:
        client = self.client()
        if generation != self._generation:
            raise Cancelled("A newer question came.")
        return ask(client)

    # On the GUI thread

    def _ask(self, ask: Callable[[EngineClient], object], signal: SignalInstance) -> None:
        self._generation += 1
        self._send(ask, signal, self._generation)

    def _send(
        self, ask: Callable[[EngineClient], object], signal: SignalInstance, generation: int
    ) -> None:
        self._search_lane.run(
            partial(self._answer, ask, generation),
            partial(self._on_answer, signal, generation),
            partial(self._on_no_answer, ask, signal, generation),
        )

    def _on_open(self, _client: EngineClient) -> None:
        self.connected.emit()

    def _on_answer(self, signal: SignalInstance, generation: int, answer: object) -> None:
        if generation == self._generation:
            signal.emit(answer)

    def _on_no_answer(
        self,
        ask: Callable[[EngineClient], object],
        signal: SignalInstance,
        generation: int,
        error: PhotoSearchError,
    ) -> None:
        if generation != self._generation:
            return
        if isinstance(error, Cancelled):
            # An older question reached the engine after this one (two threads) and cancelled it.
            _log.info("The newest question was cancelled by an older one; asking again")
            self._send(ask, signal, generation)
            return
        self.question_failed.emit(error)

    @Slot(int, object)
    def _on_heard(self, number: int, event: ClientEvent) -> None:
        if self._is_closed or number != self._client_number:
            return
        if isinstance(event, ConnectionChanged):
            self.connection_changed.emit(event.is_connected)
        elif isinstance(event, ConnectionLost):
            self.connection_lost.emit(event.error)
        else:
            self.event_received.emit(event)
