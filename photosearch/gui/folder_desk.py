"""All that is done with folders, put together: the list of them, and of what is gone.

GUI thread.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from photosearch.core.status import LibraryStatus
from photosearch.gui.bridge import Bridge
from photosearch.gui.dialogs.folders import Folders
from photosearch.gui.dialogs.gone import Gone
from photosearch.gui.theme import Theme


class FolderDesk(QObject):
    """Connects the windows about folders; decides nothing.

    Signals:
        add_folder_clicked(): A folder is to be added.
    """

    add_folder_clicked = Signal()

    def __init__(self, bridge: Bridge, theme: Theme, window: QWidget) -> None:
        """Makes the windows, hidden.

        Args:
            bridge: Carries wishes to the engine.
            theme: Colours.
            window: Parent of the small windows.
        """
        super().__init__(window)
        self._bridge = bridge
        self.folders = Folders(theme, window)
        self.gone = Gone(window)
        self.folders.add_folder_clicked.connect(self.add_folder_clicked)
        self.folders.remove_requested.connect(self._remove)
        self.folders.gone_clicked.connect(self._show_gone)
        bridge.gone_told.connect(self.gone.set_photos)
        self.gone.forget_requested.connect(self._forget_gone)

    @Slot(object)
    def set_status(self, status: LibraryStatus) -> None:
        """Shows how the folders are doing."""
        self.folders.set_status(status)
        if self.gone.isVisible():
            self._bridge.ask_gone()

    def close(self) -> None:
        """Closes the windows."""
        self.folders.close()
        self.gone.close()

    @Slot(object)
    def _remove(self, path: Path) -> None:
        self._bridge.act(
            lambda client: client.remove_folder(path), lambda _: self._bridge.ask_status()
        )

    @Slot()
    def _show_gone(self) -> None:
        self._bridge.ask_gone()
        self.gone.show()
        self.gone.raise_()
        self.gone.activateWindow()

    @Slot()
    def _forget_gone(self) -> None:
        self._bridge.act(lambda client: client.forget_gone(), lambda _: self._bridge.ask_status())
