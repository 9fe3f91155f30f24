"""What is asked, whether its answer is under way, and what is new since. GUI thread.

`session.Session` owns it and decides when to ask; here it is asked, and its answer kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal, Slot

from photosearch.core.query import Query
from photosearch.core.result import SearchResult
from photosearch.gui.bridge import Bridge
from photosearch.gui.models.answer import Answer, Ids, all_photos, answer_to

#: Each time somebody scrolls to the end of what has come, so many times as much is asked for.
_GROWTH = 4
#: Photos that come by themselves come together: so often while there are few, so often later.
_FILL_MS = 400
_FILL_LATER_MS = 3_000
#: More photos than a screen shows.
_FEW = 200
#: Listing all photos takes at most this share of the time.
_ASK_SHARE = 0.05


class Question(QObject):
    """The newest question to the library, and the answer that is shown.

    Signals:
        asked(): Asked anew; what was said of the earlier one is void.
        answered(Answer): Other photos.
        extended(Answer): The same photos, and more of them.
        thinned(Answer): The same photos but for some, which are gone.
        searching_changed(bool): The question is under way, or was answered.
        news_changed(int, int): Photos added and removed since what is shown was asked for; not
            told where they come by themselves.
    """

    asked = Signal()
    answered = Signal(object)
    extended = Signal(object)
    thinned = Signal(object)
    searching_changed = Signal(bool)
    news_changed = Signal(int, int)

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        """Listens for answers.

        Args:
            bridge: Carries the question to the engine.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self.query: Query | None = None  #: what to ask, None for all photos
        #: Whether new photos may come by themselves: nobody looks at certain ones just now.
        self.may_fill: Callable[[], bool] = lambda: False
        self._bridge = bridge
        self._shown: Answer | None = None
        self._shown_query: Query | None = None
        self._is_searching = False
        self._is_extending = False
        self._is_lost = False
        self._is_refused = False
        self._news = (0, 0)
        self._told_news = (0, 0)
        self._asked = QElapsedTimer()
        self._answer_ms = 0
        self._fill_timer = QTimer(self, singleShot=True)
        self._fill_timer.timeout.connect(self._on_fill)
        bridge.found.connect(self._on_found)
        bridge.found_more.connect(self._on_found_more)
        bridge.ids_listed.connect(self._on_ids_listed)
        bridge.present_told.connect(self._on_present)

    @property
    def shown_count(self) -> int | None:
        """Photos in the newest answer, None before the first."""
        return None if self._shown is None else self._shown.count

    @property
    def shown(self) -> Answer | None:
        """The newest answer, None before the first."""
        return self._shown

    @property
    def is_extending(self) -> bool:
        """True while more photos of the same answer are on their way."""
        return self._is_extending

    @property
    def is_searching(self) -> bool:
        """True while an answer is on its way."""
        return self._is_searching

    @property
    def is_unanswered(self) -> bool:
        """True where an answer is on its way, or was lost with the engine."""
        return self._is_searching or self._is_lost

    @property
    def is_refused(self) -> bool:
        """True where the newest question failed, and not because the engine went away."""
        return self._is_refused and not self._is_lost

    @property
    def is_current(self) -> bool:
        """True where what is shown, or on its way, answers the present question."""
        return self._is_searching or (self._shown is not None and self._shown_query == self.query)

    def ask(self) -> None:
        """Asks; what was new is no news any longer."""
        self._set_news(0, 0)
        self._asked.start()
        self.asked.emit()
        self._is_lost = self._is_refused = self._is_extending = False
        if self.query is None:
            self._bridge.list_all()
        else:
            self._bridge.search(self.query)
        self._set_searching(True)

    def want(self, count: int) -> None:
        """Asks for more of the same answer, where less than so many photos have come."""
        shown = self._shown
        if shown is None or shown.result is None or shown.is_complete or self._is_searching:
            return
        come_count = len(shown.ids)
        if count > come_count and not self._is_extending:
            self._is_extending = True
            # One more than there are: that many coming says that the library has grown.
            limit = min(max(count, _GROWTH * come_count), shown.count + 1)
            self._bridge.search_on(replace(shown.result.query, limit=limit))

    def give_up(self) -> None:
        """Waits for the answer no longer."""
        if self._is_extending:
            self._is_extending = False
            return
        self._is_refused = True
        self._set_searching(False)

    def note_loss(self) -> None:
        """Remembers that the answer went with the engine, to be asked for once it is back."""
        self._is_lost = True

    def add_news(self, added_count: int, removed_count: int) -> None:
        """Counts photos that came and went meanwhile."""
        added, removed = self._news
        self._news = (added + added_count, removed + removed_count)
        self._fill_or_tell()

    @Slot(object)
    def _on_found(self, result: SearchResult) -> None:
        self._show(answer_to(result))

    @Slot(object)
    def _on_found_more(self, result: SearchResult) -> None:
        self._is_extending = False
        if self._shown is not None:
            self._shown = self._shown.extended(result)
            self.extended.emit(self._shown)

    @Slot(object)
    def _on_ids_listed(self, ids: Ids) -> None:
        self._show(all_photos(ids))

    def _show(self, answer: Answer) -> None:
        self._shown, self._shown_query = answer, self.query
        self._answer_ms = self._asked.elapsed() if self._asked.isValid() else 0
        self._set_searching(False)
        self.answered.emit(answer)
        self._fill_or_tell()

    def _fill_or_tell(self) -> None:
        """Has what is new come by itself where nothing jumps, else says so."""
        if self._news == (0, 0) or self._is_searching:
            return
        if self.shown_count == 0:  # nothing can jump
            self.ask()
        elif not self._fills:
            self._thin_or_tell()
        elif not self._fill_timer.isActive():
            delay_ms = _FILL_MS if (self.shown_count or 0) < _FEW else _FILL_LATER_MS
            self._fill_timer.start(max(delay_ms, round(self._answer_ms / _ASK_SHARE)))

    @property
    def _fills(self) -> bool:
        """Whether what is new is to come by itself: it does to all photos, never to an answer."""
        return self._shows_all and self.may_fill()

    @property
    def _shows_all(self) -> bool:
        return self.query is None and self._shown is not None and self._shown.result is None

    @Slot(object)
    def _on_present(self, ids: Ids) -> None:
        """Takes those away that are gone, few as they are; the others keep their order."""
        if self._shown is None or not self._shows_all or not self._news[1]:
            return  # it was asked anew, and these may be older than what came
        thinned = self._shown.thinned(ids)
        if thinned is not None:
            self._shown = thinned
            self.thinned.emit(thinned)
            self._news = (self._news[0], 0)
        self._tell_news()

    @Slot()
    def _on_fill(self) -> None:
        if self._news == (0, 0) or self._is_searching:
            return
        if self._fills:
            self.ask()
        else:
            self._thin_or_tell()

    def _thin_or_tell(self) -> None:
        if self._news[1] and self._shows_all:
            self._bridge.ask_present()
        else:
            self._tell_news()

    def _set_searching(self, is_searching: bool) -> None:
        if is_searching != self._is_searching:
            self._is_searching = is_searching
            self.searching_changed.emit(is_searching)

    def _set_news(self, added: int, removed: int) -> None:
        self._news = (added, removed)
        self._tell_news()

    def _tell_news(self) -> None:
        if self._news != self._told_news:
            self._told_news = self._news
            self.news_changed.emit(*self._news)
