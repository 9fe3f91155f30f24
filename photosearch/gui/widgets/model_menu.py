"""Everything else that can be done with a model: the menu of its row. GUI thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal, SignalInstance, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from photosearch.gui.amounts import size_text
from photosearch.gui.model_entry import ModelEntry, Standing
from photosearch.gui.model_files import Job, JobKind
from photosearch.gui.widgets.notice import Notice, Tone
from photosearch.settings import DEFAULT_MODEL


class ModelMenu(QMenu):
    """Shows what makes sense for a model as it stands.

    Signals:
        job_requested(Job): Something is to be done.
        asked(Notice, Job): Something is to be done after a second click.
        import_requested(bool): Its files are to be brought; from a folder, else from a file.
        export_requested(): It is to be written into a file.
        check_requested(): Its faster form is to be tried on photos of the user's.
    """

    job_requested = Signal(object)
    asked = Signal(object, object)
    import_requested = Signal(bool)
    export_requested = Signal()
    check_requested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._entry: ModelEntry | None = None
        self.setToolTipsVisible(True)
        self.use_at_once = self._add(self.tr("Use at once…"), self._ask_to_use_at_once)
        self.check = self._add(self.tr("Try a faster form on my photos…"), self.check_requested)
        self.check.setToolTip(
            self.tr("Compares the model with its form in eight bits, which is smaller, too")
        )
        self.import_file = self._add(self.tr("Import from a file…"), self._import_file)
        self.import_folder = self._add(self.tr("Import from a folder…"), self._import_folder)
        self.export = self._add(self.tr("Export…"), self.export_requested)
        self.verify = self._add(self.tr("Verify"), self._verify)
        self.forget = self._add(self.tr("Forget what it learnt…"), self._ask_to_forget)
        self.remove = self._add(self.tr("Remove…"), self._ask_to_remove)

    def set_model(self, entry: ModelEntry, standing: Standing) -> None:
        """Shows what can be done with a model.

        Args:
            entry: The model.
            standing: What it is to the library.
        """
        self._entry = entry
        is_sample = entry.model_id == DEFAULT_MODEL
        is_free = standing not in (Standing.IN_USE, Standing.PREPARING)
        is_any_here = entry.is_usable or entry.is_partly_here or entry.is_damaged
        is_wanted = not entry.is_usable and not entry.comes_along
        for action, is_offered in (
            (self.use_at_once, entry.is_usable and standing is not Standing.IN_USE),
            (self.check, entry.is_usable and not (entry.is_int8 or is_sample)),
            (self.import_file, is_wanted and not entry.is_int8),
            (self.import_folder, is_wanted and not entry.is_int8),
            (self.export, entry.is_usable),
            (self.verify, is_any_here),
            (self.forget, entry.is_usable and is_free),
            (self.remove, is_any_here and is_free and not entry.comes_along),
        ):
            action.setVisible(is_offered)
        is_shared = entry.is_space_in_use
        self.forget.setEnabled(not is_shared)
        self.forget.setToolTip(
            self.tr("The model in use sees pictures in the same way: it would forget them, too")
            if is_shared
            else ""
        )

    def _add(self, text: str, act: Callable[[], object] | SignalInstance) -> QAction:
        action = QAction(text, self)
        action.triggered.connect(act)
        self.addAction(action)
        return action

    def _job(self, kind: JobKind) -> Job:
        assert self._entry is not None
        return Job(kind, self._entry.model_id)

    @Slot()
    def _import_file(self) -> None:
        self.import_requested.emit(False)

    @Slot()
    def _import_folder(self) -> None:
        self.import_requested.emit(True)

    @Slot()
    def _verify(self) -> None:
        self.job_requested.emit(self._job(JobKind.VERIFY))

    @Slot()
    def _ask_to_use_at_once(self) -> None:
        text = self.tr(
            "Search with it from now on? It finds only the photos that it knows, until it has "
            "seen all of them."
        )
        self._ask(text, self.tr("Use at once"), JobKind.USE_AT_ONCE)

    @Slot()
    def _ask_to_forget(self) -> None:
        text = self.tr(
            "Forget what it learnt of your photos? That frees space in the library. To search "
            "with it again, it has to look at all of them anew."
        )
        self._ask(text, self.tr("Forget"), JobKind.FORGET)

    @Slot()
    def _ask_to_remove(self) -> None:
        assert self._entry is not None
        text = self.tr("Delete %1? What the library learnt with it stays.")
        text = text.replace("%1", size_text(self._entry.unshared_bytes))
        self._ask(text, self.tr("Delete"), JobKind.REMOVE)

    def _ask(self, text: str, button: str, kind: JobKind) -> None:
        self.asked.emit(Notice(text, Tone.WARNING, button, can_close=True), self._job(kind))
