"""What the window is about: when the library is asked, what goes wrong, and how it is doing.

Holds the decisions and no widgets, so that the window only shows. GUI thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from photosearch.core.query import Query, Reading
from photosearch.core.status import LibraryStatus
from photosearch.engine.client import EngineClient
from photosearch.errors import EngineError, PhotoSearchError, QueryError
from photosearch.gui.bridge import Bridge
from photosearch.gui.example import Example
from photosearch.gui.hints import words
from photosearch.gui.library_news import LibraryNews
from photosearch.gui.options import Options
from photosearch.gui.question import Question
from photosearch.gui.stage import Stage, find_stage


class Session(QObject):
    """The state behind one window.

    Signals:
        stage_changed(Stage): The middle shows something else.
        photos_shown(Answer): Other photos.
        photos_extended(Answer): The same photos, and more of them.
        photos_thinned(Answer): The same photos but for some, which are gone.
        searching_changed(bool): A question is under way, or was answered.
        query_refused(str): Why the question cannot be answered, "" once it can.
        connection_changed(bool): The engine went away, or is back.
        news_changed(int, int): Photos added and removed since what is shown was asked for.
        trouble_changed(PhotoSearchError | None): What was asked for went wrong.
    """

    stage_changed = Signal(object)
    photos_shown = Signal(object)
    photos_extended = Signal(object)
    photos_thinned = Signal(object)
    searching_changed = Signal(bool)
    query_refused = Signal(str)
    connection_changed = Signal(bool)
    news_changed = Signal(int, int)
    trouble_changed = Signal(object)

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._question = Question(bridge, self)
        self.news = LibraryNews(bridge, self)
        self.options = Options()
        self._is_connected = True
        self._stage = Stage.CONNECTING
        self.failure: PhotoSearchError | None = None
        self._question.asked.connect(self._on_asked)
        self._question.answered.connect(self.photos_shown)
        self._question.answered.connect(self._update_stage)
        self._question.extended.connect(self.photos_extended)
        self._question.thinned.connect(self.photos_thinned)
        self._question.thinned.connect(self._update_stage)
        self._question.searching_changed.connect(self.searching_changed)
        self._question.news_changed.connect(self.news_changed)
        self.news.status_changed.connect(self._update_stage)
        self.news.progress_changed.connect(self._update_stage)
        self.news.photos_changed.connect(self._question.add_news)
        self.news.model_changed.connect(self.ask_again)
        bridge.connected.connect(self._on_connected)
        bridge.connect_failed.connect(self._on_connect_failed)
        bridge.connection_changed.connect(self._on_connection_changed)
        bridge.connection_lost.connect(self._on_connection_lost)
        bridge.question_failed.connect(self._on_question_failed)
        bridge.action_failed.connect(self._on_action_failed)

    @property
    def stage(self) -> Stage:
        """What the middle of the window shows."""
        return self._stage

    @property
    def status(self) -> LibraryStatus | None:
        """The newest status, None before the first."""
        return self.news.status

    @property
    def query(self) -> Query | None:
        """What is asked, None for all photos."""
        return self._question.query

    @property
    def is_settled(self) -> bool:
        """True where nothing is under way that would change what is shown."""
        is_asking = self._question.is_searching or self._question.is_extending
        return not is_asking and self._stage is not Stage.CONNECTING

    # What the user does

    @Slot()
    def start(self) -> None:
        """Reaches the engine and asks what was typed meanwhile; again after a failure."""
        self.failure = None
        self._is_connected = True
        self._update_stage()
        self._bridge.start()
        self.ask_again()

    @Slot(str, object, bool)
    def ask(self, text: str, example: Example | None, is_explicit: bool) -> None:
        """Searches, or shows all photos where nothing is asked.

        Args:
            text: What was typed, in the query language.
            example: A picture to search by.
            is_explicit: Enter was pressed: an empty question deserves a word.
        """
        query = self.options.question(text, example)
        if self.failure is not None:
            self._question.query = query  # asked when the engine is there again
            self.query_refused.emit(words(self.failure))
            if is_explicit:
                self.start()
            return
        refusal = ""
        if query is None and is_explicit:
            refusal = self.tr("Type what you are looking for, or drop a picture here.")
        is_repeated = is_explicit and query is not None
        if query == self.query and self._question.is_current and not is_repeated:
            self.query_refused.emit(refusal)
            return
        self._question.query = query
        self.ask_again()
        self.query_refused.emit(refusal)

    @Slot(object)
    def set_options(self, options: Options) -> None:
        """Wants the answer in another way: asks again, where anything is asked."""
        self.options = options
        if self.query is not None:
            self._question.query = options.applied_to(self.query)
            self.ask_again()

    def fill_while(self, may_fill: Callable[[], bool]) -> None:
        """Has new photos come among all photos by themselves, as long as this is true."""
        self._question.may_fill = may_fill

    @Slot(int)
    def want_photos(self, count: int) -> None:
        """Fetches the rest of a long answer, up to so many photos and more."""
        self._question.want(count)

    @Slot(object)
    def read_as(self, reading: Reading) -> None:
        """Asks the same, its words read in another way."""
        if self.query is not None:
            self._question.query = self.query.read_as(reading)
            self.ask_again()

    @Slot()
    def ask_again(self) -> None:
        """Asks the same once more; what was new is no news any longer."""
        self._question.ask()

    @Slot(object)
    def add_folder(self, path: Path) -> None:
        """Watches and indexes a folder."""
        self._bridge.add_folder(path)

    @Slot()
    def stop_indexing(self) -> None:
        """Ends the index run; the next one goes on from there."""
        self._bridge.stop_index()

    @Slot()
    def pause_indexing(self) -> None:
        """Holds index work until it is resumed, in this window or elsewhere."""
        self._control_index(lambda client: client.pause_index())

    @Slot()
    def resume_indexing(self) -> None:
        """Lets index work go on."""
        self._control_index(lambda client: client.resume_index())

    @Slot()
    def index_anyway(self) -> None:
        """Lets the run under way go on, whatever battery and screen say."""
        self._control_index(lambda client: client.index_anyway())

    @Slot(object)
    def retry_failures(self, paths: Sequence[Path] | None) -> None:
        """Tries files again that could not be taken in: these, or all where None."""
        self._control_index(lambda client: client.retry_failures(paths))

    def _control_index(self, act: Callable[[EngineClient], object]) -> None:
        self._bridge.act(act, lambda _answer: self._bridge.ask_status())

    @Slot(str)
    def use_model(self, model_id: str) -> None:
        """Chooses the library's model; the present one answers until it is ready."""
        self._bridge.use_model(model_id)

    @Slot()
    def keep_model(self) -> None:
        """Goes on with the model that answers; the one that is being prepared is dropped."""
        if self.status is not None:
            self.use_model(self.status.model_id)

    @Slot()
    def try_model_again(self) -> None:
        """Asks and indexes once more: the model's files were mended."""
        self.ask_again()
        self._bridge.start_index()

    # What the engine says

    @Slot()
    def _on_asked(self) -> None:
        self.query_refused.emit("")
        self.trouble_changed.emit(None)
        self._update_stage()

    @Slot()
    def _on_connected(self) -> None:
        self._bridge.start_index()
        self._bridge.ask_status()

    @Slot(object)
    def _on_connect_failed(self, error: PhotoSearchError) -> None:
        self.failure = error
        self._question.give_up()
        self._update_stage()

    @Slot(object)
    def _on_connection_lost(self, error: PhotoSearchError) -> None:
        self.trouble_changed.emit(None)
        self.news.forget_progress()
        self._on_connect_failed(error)

    @Slot(bool)
    def _on_connection_changed(self, is_connected: bool) -> None:
        self._is_connected = is_connected
        self.connection_changed.emit(is_connected)
        if is_connected:
            self.failure = None
            self._on_connected()
            if self._question.is_unanswered:
                self.ask_again()

    @Slot(object)
    def _on_question_failed(self, error: PhotoSearchError) -> None:
        is_extending = self._question.is_extending
        self._question.give_up()
        if self.failure is not None or is_extending:
            return  # whoever scrolls on asks for the rest again
        is_lost = isinstance(error, EngineError)
        if is_lost:
            self._question.note_loss()
        self._update_stage()
        if isinstance(error, QueryError):
            self.query_refused.emit(words(error))
            return
        if self._is_connected or not is_lost:
            self.trouble_changed.emit(error)

    @Slot(object)
    def _on_action_failed(self, error: PhotoSearchError) -> None:
        if self.failure is None and (self._is_connected or not isinstance(error, EngineError)):
            self.trouble_changed.emit(error)

    # State

    @Slot()
    def _update_stage(self) -> None:
        stage = find_stage(
            failure=self.failure,
            status=self.status,
            shown_count=self._question.shown_count,
            is_indexing=self.news.is_indexing,
            is_searched=self.query is not None,
            is_refused=self._question.is_refused,
        )
        if stage is not self._stage:
            self._stage = stage
            self.stage_changed.emit(stage)
