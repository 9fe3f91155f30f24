"""Takes what is dropped on the window or pasted into it. GUI thread; never touches the disk."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from photosearch.gui.background import Background
from photosearch.gui.example import Examined, Offer, examine


class Intake(QObject):
    """Finds out what an offer is and passes it on.

    Signals:
        example_ready(Example): A picture to search by.
        folder_offered(Path): A folder that may be added.
        failed(PhotoSearchError): It is nothing to search by.
    """

    example_ready = Signal(object)
    folder_offered = Signal(object)
    failed = Signal(object)

    def __init__(self, disk: Background, parent: QObject | None = None) -> None:
        """Makes the intake.

        Args:
            disk: Where offers are examined.
            parent: Qt owner.
        """
        super().__init__(parent)
        self._disk = disk

    @Slot(object)
    def take(self, offer: Offer) -> None:
        """Examines an offer; one of the signals follows, none for an empty offer."""
        if not offer.is_empty:
            label = self.tr("pasted picture")
            self._disk.run(partial(examine, offer, label), self._on_examined, self.failed.emit)

    def _on_examined(self, found: Examined) -> None:
        if found.folder is not None:
            self.folder_offered.emit(found.folder)
        if found.example is not None:
            self.example_ready.emit(found.example)
