"""The main window: puts the parts together and connects them; decides nothing. GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
)
from PySide6.QtWidgets import QFileDialog, QMainWindow, QVBoxLayout, QWidget

from photosearch import resources
from photosearch.core.status import LibraryStatus
from photosearch.engine.client import EngineClient
from photosearch.errors import PhotoSearchError
from photosearch.gui.announcer import Announcer
from photosearch.gui.asking import Asking
from photosearch.gui.background import Background
from photosearch.gui.bridge import Bridge
from photosearch.gui.dialogs.models import Models
from photosearch.gui.dialogs.problems import Problems
from photosearch.gui.example import Offer, can_offer, offered
from photosearch.gui.folder_desk import FolderDesk
from photosearch.gui.hints import words
from photosearch.gui.intake import Intake
from photosearch.gui.model_files import ModelFiles
from photosearch.gui.models.facts import facts_cache
from photosearch.gui.models.photos import PhotosModel
from photosearch.gui.models.thumbnails import thumbnail_cache
from photosearch.gui.photo_desk import PhotoDesk
from photosearch.gui.session import Session
from photosearch.gui.stage import Stage
from photosearch.gui.theme import Theme
from photosearch.gui.widgets.drop_hint import DropHint
from photosearch.gui.widgets.gallery import Gallery
from photosearch.gui.widgets.notice import Notices
from photosearch.gui.widgets.status_line import StatusLine
from photosearch.gui.widgets.top_bar import TopBar

_FIRST_SIZE = QSize(1280, 840)
_LEAST_SIZE = QSize(640, 420)


class Window(QMainWindow):
    """One library in a window. Closing it joins every thread and lets the engine go."""

    def __init__(self, connect: Callable[[], EngineClient], theme: Theme) -> None:
        """Makes the window; `start` reaches the engine.

        Args:
            connect: Reaches the engine; called on a thread, may take seconds.
            theme: Colours and type.
        """
        super().__init__()
        self.setWindowTitle("Photosearch")
        self.setMinimumSize(_LEAST_SIZE)
        self.resize(_FIRST_SIZE)
        self.setAcceptDrops(True)

        self.bridge = Bridge(connect, self)
        self.session = Session(self.bridge, self)
        self._disk = Background("disk", parent=self)
        self._intake = Intake(self._disk, self)
        self._thumbnails = thumbnail_cache(self.bridge.client, self)
        self._facts = facts_cache(self.bridge.client, self)
        self.photos = PhotosModel(self._thumbnails, self._facts, self)

        self.top_bar = TopBar(theme, self)
        self.search_box = self.top_bar.search_box
        self.gallery = Gallery(self.photos, theme, self)
        self.notices = Notices(theme, self.gallery, self)
        self.grid = self.gallery.grid
        self.status_line = StatusLine(theme, self)
        self.problems = Problems(self)
        self.folder_desk = FolderDesk(self.bridge, theme, self)
        self.folders = self.folder_desk.folders
        self._model_files = ModelFiles(self)
        self.models = Models(self._model_files, theme, self)
        self.announcer = Announcer(self.session, self.notices, self)
        self.desk = PhotoDesk(
            self.grid,
            self.photos,
            self._facts,
            self.bridge,
            self._disk,
            self.announcer,
            theme,
            self,
        )
        self.asking = Asking(self.search_box, self.grid, self.photos, self._thumbnails, self)
        self._drop_hint = DropHint(theme, self._lay_out())
        self._connect_user()
        self._connect_state()
        self.search_box.setFocus()

    @Slot()
    def start(self) -> None:
        """Reaches the engine in the background."""
        self.session.start()

    def search_by_file(self, path: Path) -> None:
        """Searches by a picture file, together with the words in the box."""
        self._intake.take(Offer(paths=(path,)))

    @property
    def is_settled(self) -> bool:
        """True where everything that was asked for is on the screen."""
        return (
            self._disk.is_idle
            and self.desk.is_settled
            and self.session.is_settled
            and (self.session.stage is not Stage.PHOTOS or self._is_grid_settled)
        )

    @property
    def _is_grid_settled(self) -> bool:
        return self.photos.is_settled and not self.photos.is_waiting and not self.grid.is_rough

    # Qt

    def closeEvent(self, event: QCloseEvent) -> None:
        """Goes from the screen at once, then lets go of the engine and joins the threads."""
        self.hide()
        for dialog in (self.problems, self.folder_desk, self.models, self.desk):
            dialog.close()
        self._model_files.close()
        self.bridge.close()  # first: whoever waits for the engine is let go by it
        self._thumbnails.close()
        self._facts.close()
        self._disk.close()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Takes pictures and folders from outside."""
        if event.source() is None and can_offer(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self._drop_hint.cover()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Takes the hint away."""
        self._drop_hint.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Searches by the picture, or offers to add the folder."""
        self._drop_hint.hide()
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self._intake.take(offered(event.mimeData()))

    # Putting together

    def _lay_out(self) -> QWidget:
        centre = QWidget(self)
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top_bar)
        column.addWidget(self.notices)
        column.addWidget(self.gallery, 1)
        column.addWidget(self.status_line)
        centre.setObjectName("gallery")  # the ground of the photos shows between the bars
        self.setCentralWidget(centre)
        return centre

    def _connect_user(self) -> None:
        self.search_box.searched.connect(self.session.ask)
        self.search_box.offer_pasted.connect(self._intake.take)
        self.search_box.left_downwards.connect(self.asking.go_to_photos)
        self.top_bar.add_folder_clicked.connect(self._choose_folder)
        self.top_bar.tile_px_changed.connect(self.grid.set_tile_px)
        self.notices.covered_changed.connect(self.grid.set_covered_px)
        self.gallery.add_folder_clicked.connect(self._choose_folder)
        self.gallery.retry_clicked.connect(self.session.start)
        self.gallery.welcome.sample_clicked.connect(self._add_sample)
        self.grid.visible_rows_changed.connect(self.photos.set_visible_rows)
        self.grid.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.gallery.options_changed.connect(self.session.set_options)
        self.gallery.understood.text_changed.connect(self.asking.set_words)
        self.desk.similar_requested.connect(self.asking.find_similar)
        self.desk.example_ready.connect(self.asking.search_by_alone)
        self.status_line.stop_clicked.connect(self.session.stop_indexing)
        self.status_line.go_on_clicked.connect(self.bridge.start_index)
        self.status_line.pause_clicked.connect(self.session.pause_indexing)
        self.status_line.resume_clicked.connect(self.session.resume_indexing)
        self.status_line.anyway_clicked.connect(self.session.index_anyway)
        self.status_line.folders_clicked.connect(self.folders.open_up)
        self.announcer.folders_requested.connect(self.folders.open_up)
        self.folder_desk.add_folder_clicked.connect(self._choose_folder)
        self.status_line.problems_clicked.connect(self._show_problems)
        self.status_line.model_clicked.connect(self.models.open_up)
        self.status_line.reading_button.reading_chosen.connect(self.session.read_as)
        self.status_line.go_back_clicked.connect(self.session.keep_model)
        self.announcer.models_requested.connect(self.models.open_up)
        self.announcer.model_requested.connect(self.models.open_at)
        self.models.mended.connect(self.session.try_model_again)
        self.models.use_requested.connect(self.session.use_model)
        self.problems.show_in_folder_requested.connect(self.desk.actions.show_path)
        self.problems.retry_requested.connect(self.session.retry_failures)
        self._intake.example_ready.connect(self.asking.search_by)
        self._intake.folder_offered.connect(self.announcer.offer_folder)
        self._intake.failed.connect(self._on_intake_failed)

    def _connect_state(self) -> None:
        session = self.session
        session.fill_while(lambda: self.grid.is_untouched)
        session.stage_changed.connect(self._on_stage)
        session.photos_shown.connect(self.gallery.show_photos)
        session.photos_shown.connect(self.status_line.set_answer)
        session.photos_extended.connect(self.gallery.extend_photos)
        session.photos_thinned.connect(self.gallery.thin_photos)
        self.photos.more_wanted.connect(session.want_photos)
        session.searching_changed.connect(self.gallery.set_searching)
        session.query_refused.connect(self.top_bar.show_error)
        session.news.status_changed.connect(self.status_line.set_status)
        session.news.status_changed.connect(self.models.set_status)
        session.news.status_changed.connect(self.folder_desk.set_status)
        session.news.status_changed.connect(self._on_status)
        session.news.stopped_changed.connect(self.status_line.set_stopped)
        session.news.progress_changed.connect(self.status_line.set_progress)
        session.news.progress_changed.connect(self.folders.set_progress)
        session.news.progress_changed.connect(self._thumbnails.retry_soon)
        session.news.thumbnails_changed.connect(self._thumbnails.refetch)
        session.news.thumbnails_changed.connect(self._facts.refetch)
        session.connection_changed.connect(self._on_connection_changed)
        self.bridge.model_refused.connect(self.models.show_refusal)
        session.news.photos_edited.connect(self.desk.edits.note_edited)
        self.bridge.failures_told.connect(self.problems.set_failures)

    # What happens

    @Slot()
    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, self.tr("Add a photo folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._on_folder_chosen)
        dialog.open()

    @Slot(str)
    def _on_folder_chosen(self, path_str: str) -> None:
        self.session.add_folder(Path(path_str))

    @Slot()
    def _add_sample(self) -> None:
        self.session.add_folder(resources.sample_pictures())

    @Slot()
    def _show_problems(self) -> None:
        self.bridge.ask_failures()
        self.problems.show()
        self.problems.raise_()
        self.problems.activateWindow()

    @Slot()
    def _on_selection_changed(self) -> None:
        self.photos.set_selection(self.grid.selectionModel().selection())

    @Slot(object)
    def _on_stage(self, stage: Stage) -> None:
        self.gallery.set_stage(stage, self.session.failure)

    @Slot(object)
    def _on_status(self, status: LibraryStatus) -> None:
        self.photos.set_away(status.folders)
        self.desk.dialogs.note_folders()
        self._facts.refresh()  # files may have been moved
        if self.problems.isVisible():
            self.bridge.ask_failures()

    @Slot(bool)
    def _on_connection_changed(self, is_connected: bool) -> None:
        if is_connected:
            self._thumbnails.retry()
            self._facts.retry()

    @Slot(object)
    def _on_intake_failed(self, error: PhotoSearchError) -> None:
        self.top_bar.show_error(words(error))
