"""Asks where a model's files come from or go to; the answer is a job. GUI thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from photosearch.gui.model_files import Job, JobKind


class ModelPathDialog(QFileDialog):
    """The platform's file dialog. Deletes itself when it closes.

    Signals:
        job_chosen(Job): What is to be done.
    """

    job_chosen = Signal(object)

    def __init__(self, title: str, kind: JobKind, model_id: str, parent: QWidget) -> None:
        super().__init__(parent, title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._kind, self._model_id = kind, model_id
        self.fileSelected.connect(self._on_selected)

    @classmethod
    def for_import(cls, model_id: str, parent: QWidget, *, is_folder: bool) -> ModelPathDialog:
        """Asks for what is to be imported.

        Args:
            model_id: Which model it is, "" where that is to be found out.
            parent: The window that asks.
            is_folder: A folder, else a file.
        """
        dialog = cls(parent.tr("Import a model"), JobKind.IMPORT, model_id, parent)
        if is_folder:
            dialog._folders()
        else:
            dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
            dialog.setNameFilter(dialog.tr("Exported models (*.zip)"))
        return dialog

    @classmethod
    def for_export(cls, model_id: str, parent: QWidget) -> ModelPathDialog:
        """Asks for the file that a model is to be written into."""
        dialog = cls(parent.tr("Export a model"), JobKind.EXPORT, model_id, parent)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("zip")
        dialog.setNameFilter(dialog.tr("Exported models (*.zip)"))
        dialog.selectFile(model_id.strip("/").replace("/", "--") + ".zip")
        return dialog

    @classmethod
    def for_use(cls, parent: QWidget) -> ModelPathDialog:
        """Asks for the folder of a model of the user's own."""
        return cls(parent.tr("Use a model in a folder"), JobKind.USE, "", parent)._folders()

    @classmethod
    def for_check(cls, model_id: str, parent: QWidget) -> ModelPathDialog:
        """Asks for the photos on which two forms of a model are compared."""
        title = parent.tr("Choose a folder with photos of yours")
        return cls(title, JobKind.CHECK, model_id, parent)._folders()

    def _folders(self) -> ModelPathDialog:
        self.setFileMode(QFileDialog.FileMode.Directory)
        self.setOption(QFileDialog.Option.ShowDirsOnly)
        return self

    @Slot(str)
    def _on_selected(self, path_str: str) -> None:
        if self._kind is JobKind.USE:
            self.job_chosen.emit(Job(JobKind.USE, path_str))
        else:
            self.job_chosen.emit(Job(self._kind, self._model_id, Path(path_str)))


class ModelPaths(QObject):
    """Asks for a path before a job that needs one.

    Signals:
        job_chosen(Job): What is to be done.
    """

    job_chosen = Signal(object)

    def __init__(self, window: QWidget) -> None:
        """Asks in front of a window.

        Args:
            window: Which; Qt owner, too.
        """
        super().__init__(window)
        self._window = window

    @Slot()
    def import_any_file(self) -> None:
        """Asks for a file with a model that nobody named."""
        self.choose_import("", False)

    @Slot()
    def import_any_folder(self) -> None:
        """Asks for a folder with a model that nobody named."""
        self.choose_import("", True)

    @Slot(str, bool)
    def choose_import(self, model_id: str, is_folder: bool) -> None:
        """Asks where a model's files are."""
        self._ask(ModelPathDialog.for_import(model_id, self._window, is_folder=is_folder))

    @Slot(str)
    def choose_export(self, model_id: str) -> None:
        """Asks where a model is to be written to."""
        self._ask(ModelPathDialog.for_export(model_id, self._window))

    @Slot()
    def choose_folder(self) -> None:
        """Asks for a folder whose model the library is to use."""
        self._ask(ModelPathDialog.for_use(self._window))

    @Slot(str)
    def choose_photos(self, model_id: str) -> None:
        """Asks for photos on which two forms of a model are compared."""
        self._ask(ModelPathDialog.for_check(model_id, self._window))

    def _ask(self, dialog: ModelPathDialog) -> None:
        dialog.job_chosen.connect(self.job_chosen)
        dialog.open()
