"""All that is done with photos of the grid, put together: actions, changes, small windows.

GUI thread.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from photosearch.gui.announcer import Announcer
from photosearch.gui.background import Background
from photosearch.gui.bridge import Bridge
from photosearch.gui.models.lazy import LazyCache
from photosearch.gui.models.photos import PhotosModel
from photosearch.gui.photo_actions import PhotoActions
from photosearch.gui.photo_dialogs import PhotoDialogs
from photosearch.gui.theme import Theme
from photosearch.gui.user_actions import UserActions
from photosearch.gui.user_edits import UserEdits
from photosearch.gui.widgets.grid import Grid


class PhotoDesk(QObject):
    """Connects what is done with photos; decides nothing.

    Signals:
        similar_requested(int): Photos like this one are wanted: its id.
        example_ready(Example): A part of a photo to search by.
    """

    similar_requested = Signal(int)
    example_ready = Signal(object)

    def __init__(
        self,
        grid: Grid,
        photos: PhotosModel,
        facts: LazyCache,
        bridge: Bridge,
        disk: Background,
        announcer: Announcer,
        theme: Theme,
        window: QWidget,
    ) -> None:
        """Makes all of it.

        Args:
            grid: Whose photos are meant.
            photos: What is known of them.
            facts: `Photo` by id, where changes show.
            bridge: Carries changes to the engine.
            disk: Where files are looked at.
            announcer: Says what was done, and what went wrong.
            theme: Colours.
            window: Parent of the small windows.
        """
        super().__init__(window)
        self.actions = PhotoActions(grid, photos, disk, self)
        self.edits = UserEdits(bridge, facts, self)
        self.user_actions = UserActions(grid, photos, self.edits, self.actions.menu, self)
        self.dialogs = PhotoDialogs(bridge, photos, self.edits, disk, theme, window)
        self.actions.similar_requested.connect(self.similar_requested)
        self.actions.info_requested.connect(self.dialogs.show_info)
        self.actions.part_requested.connect(self.dialogs.pick_part)
        self.actions.failed.connect(announcer.show_trouble)
        self.actions.offline.connect(announcer.show_offline)
        self.actions.open_failed.connect(announcer.offer_to_show)
        self.user_actions.labels_requested.connect(self.dialogs.edit_labels)
        self.user_actions.failed.connect(announcer.show_trouble)
        self.edits.told.connect(announcer.show_edit)
        self.edits.failed.connect(announcer.show_trouble)
        self.dialogs.example_ready.connect(self.example_ready)
        announcer.undo_requested.connect(self.edits.undo)
        announcer.show_in_folder_requested.connect(self.actions.show_path)

    @property
    def is_settled(self) -> bool:
        """True where every change was stored, or refused."""
        return self.edits.is_settled

    def close(self) -> None:
        """Closes the small windows."""
        self.dialogs.close()
