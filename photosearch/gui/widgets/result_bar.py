"""The row above the grid: what is shown, how much of it, and how it is wanted. GUI thread."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from photosearch.core.query import Order
from photosearch.core.result import SearchResult
from photosearch.gui import match_words
from photosearch.gui.models.answer import Answer, Section
from photosearch.gui.options import Options
from photosearch.gui.stylesheet import MARGIN_PX
from photosearch.gui.theme import tabular
from photosearch.gui.widgets.elided_label import ElidedLabel
from photosearch.gui.widgets.grid import SKELETON_DELAY_MS
from photosearch.gui.widgets.refine import RefinePopup

#: More of a question than this is not repeated in the heading.
_MAX_QUOTED_LENGTH = 60
_DOWN = " ▾"


class ResultBar(QWidget):
    """Heading and count on the left; order and refinement on the right, where something is asked.

    Where the photos fall into bands, the heading is that of the band at the top of the view.

    Signals:
        options_changed(Options): The answer is wanted in another way.
    """

    options_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._options = Options()
        self._answer = Answer()
        self._searching_timer = QTimer(self, singleShot=True, interval=SKELETON_DELAY_MS)
        self._searching_timer.timeout.connect(self._say_searching)
        self._heading = ElidedLabel(self)
        self._heading.setObjectName("heading")
        self._count = ElidedLabel(self)
        self._count.setObjectName("headingCount")
        self._count.setFont(tabular(self._count.font()))
        self._searching = QLabel(self)
        self._searching.setObjectName("headingCount")
        self.order_button = self._button(self.tr("In which order"))
        self.order_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.order_button.setMenu(self._order_menu())
        self.refine_button = self._button(self.tr("Where to look, how sure, bursts as one"))
        self.refine_button.setText(self.tr("Refine") + _DOWN)
        self.refine_button.setAccessibleName(self.tr("Refine"))
        self.refine = RefinePopup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(MARGIN_PX, 8, MARGIN_PX, 2)
        layout.setSpacing(8)
        for widget in (self._heading, self._count, self._searching):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(self.order_button)
        layout.addWidget(self.refine_button)
        self.setFixedHeight(self.order_button.sizeHint().height() + 16)
        self.refine_button.clicked.connect(self._open_refine)
        self.refine.options_changed.connect(self._set_options)
        self._show_options()

    @property
    def heading(self) -> str:
        """What stands above the grid."""
        return f"{self._heading.text()}  {self._count.text()}".strip()

    @property
    def order_actions(self) -> dict[Order, QAction]:
        """The entries of the order's menu."""
        return {Order(action.data()): action for action in self._orders.actions()}

    def set_answer(self, answer: Answer, section: Section | None) -> None:
        """Says what is shown.

        Args:
            answer: What is shown.
            section: The band at the top of the view, None where there are none.
        """
        self._answer = answer
        heading, count = self._words(section)
        self._heading.setText(heading)
        self._count.setText(count)
        is_asked = answer.result is not None
        self.order_button.setVisible(is_asked)
        self.refine_button.setVisible(is_asked)

    @Slot(bool)
    def set_understands(self, understands: bool) -> None:
        """Has plain words understood, or taken as they are."""
        self._set_options(replace(self._options, understands=understands))

    def set_searching(self, is_searching: bool) -> None:
        """Says that an answer takes a moment."""
        if is_searching:
            self._searching_timer.start()
        else:
            self._searching_timer.stop()
            self._searching.setText("")

    def _words(self, section: Section | None) -> tuple[str, str]:
        answer, result = self._answer, self._answer.result
        if result is None:
            return self.tr("All photos"), self.tr("%Ln", "", answer.count)
        if not answer.count:
            return "", ""  # the page below says it
        if section is not None:
            title = match_words.band_title(section.band)
            return title, match_words.section_count(section, len(answer.ids))
        if result.no_good_match:
            return self._nothing_stands_out(result), self.tr("These are the closest.")
        if not answer.is_judged:
            return self.tr("Photos"), match_words.photo_count(answer.count)
        titles = {
            Order.NEWEST: self.tr("Matches, newest first"),
            Order.OLDEST: self.tr("Matches, oldest first"),
            Order.RELEVANCE: self.tr("Best matches"),
        }
        return titles[result.query.order], match_words.photo_count(answer.count)

    def _nothing_stands_out(self, result: SearchResult) -> str:
        asked = " ".join(result.query.text.split())
        if not asked:
            return self.tr("Nothing stands out.")
        if len(asked) > _MAX_QUOTED_LENGTH:
            asked = asked[: _MAX_QUOTED_LENGTH - 1].rstrip() + "…"
        return self.tr("Nothing stands out for “%1”.").replace("%1", asked)

    def _button(self, told: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("quiet")
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setToolTip(told)
        button.setVisible(False)
        return button

    def _order_menu(self) -> QMenu:
        menu = QMenu(self)
        self._orders = QActionGroup(self)
        for order, text in (
            (Order.RELEVANCE, self.tr("Best match")),
            (Order.NEWEST, self.tr("Newest")),
            (Order.OLDEST, self.tr("Oldest")),
        ):
            action = menu.addAction(text)
            action.setData(order.value)
            action.setCheckable(True)
            self._orders.addAction(action)
        self._orders.triggered.connect(self._on_order)
        return menu

    def _show_options(self) -> None:
        action = self.order_actions[self._options.order]
        action.setChecked(True)
        self.order_button.setText(action.text() + _DOWN)
        self.order_button.setAccessibleName(self.tr("Order: %1").replace("%1", action.text()))
        tone = "accent" if self._options.is_narrowed else ""
        self.refine_button.setProperty("tone", tone)
        self.refine_button.style().unpolish(self.refine_button)
        self.refine_button.style().polish(self.refine_button)

    @Slot(QAction)
    def _on_order(self, action: QAction) -> None:
        self._set_options(replace(self._options, order=Order(action.data())))

    @Slot(object)
    def _set_options(self, options: Options) -> None:
        self._options = options
        self.refine.set_options(options)
        self._show_options()
        self.options_changed.emit(options)

    @Slot()
    def _open_refine(self) -> None:
        self.refine.open_below(self.refine_button)

    @Slot()
    def _say_searching(self) -> None:
        self._searching.setText(self.tr("Searching…"))
