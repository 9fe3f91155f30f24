"""Favourites, stars, tags and albums: shown at once, stored in the background, undone on demand.

GUI thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal, Slot

from photosearch.core.photo import Photo
from photosearch.core.userdata import UserChange
from photosearch.errors import PhotoSearchError
from photosearch.gui.bridge import Bridge
from photosearch.gui.edits import Edit, Edits, Said, changed, reverting
from photosearch.gui.models.lazy import LazyCache

#: Changes that can be taken back, the last one first.
_UNDO_COUNT = 50


@dataclass(frozen=True, slots=True)
class _Call:
    """Changes that are on their way to the engine."""

    edits: Edits
    text: str
    is_undo: bool


class UserEdits(QObject):
    """Makes the user's changes, newest last, and takes them back, newest first.

    Signals:
        told(str): What was done, where that deserves a line with a way back; "" takes it away.
        failed(PhotoSearchError): A change was refused, and is not shown any longer.
    """

    told = Signal(str)
    failed = Signal(object)

    def __init__(self, bridge: Bridge, facts: LazyCache, parent: QObject | None = None) -> None:
        """Listens for what the engine says of changes.

        Args:
            bridge: Carries them.
            facts: `Photo` by id: where changes show.
            parent: Qt owner.
        """
        super().__init__(parent)
        self._bridge, self._facts = bridge, facts
        self._calls: dict[int, _Call] = {}
        self._call_count = 0
        self._is_stale = False
        self._done: deque[tuple[Edits, str]] = deque(maxlen=_UNDO_COUNT)
        bridge.photos_changed.connect(self._on_changed)
        bridge.change_refused.connect(self._on_refused)

    @property
    def is_settled(self) -> bool:
        """True where every change was stored, or refused."""
        return not self._calls

    @property
    def can_undo(self) -> bool:
        """True where there is something to take back."""
        return bool(self._done)

    def change(self, photo_ids: Iterable[int], change: UserChange, text: str = "") -> None:
        """Changes photos.

        Args:
            photo_ids: Which.
            change: How.
            text: Says what was done, in a line with "Undo"; "" where the tiles say enough.
        """
        ids = tuple(photo_ids)
        if ids:
            self._send((Edit(ids, change),), text, is_undo=False)

    @Slot()
    def undo(self) -> None:
        """Takes the newest change back that was not taken back yet."""
        if self._done:
            edits, _text = self._done.pop()
            self.told.emit("")
            self._send(edits, "", is_undo=True)

    def _send(self, edits: Edits, text: str, *, is_undo: bool) -> None:
        for edit in edits:
            for photo_id in edit.photo_ids:
                photo: Photo | None = self._facts.get(photo_id)
                if photo is not None:
                    user = changed(photo.user, edit.change)
                    self._facts.replace(photo_id, replace(photo, user=user))
        self._call_count += 1
        self._calls[self._call_count] = _Call(edits, text, is_undo)
        self._bridge.change_photos(self._call_count, edits)

    @Slot()
    def note_edited(self) -> None:
        """Photos were changed, here or elsewhere: what is known of them is asked for anew."""
        self._is_stale = True
        self._refresh()

    def _refresh(self) -> None:
        # Not while a change is on its way: what comes back could be from before it.
        if self._is_stale and self.is_settled:
            self._is_stale = False
            self._facts.refresh()

    @Slot(int, object)
    def _on_changed(self, number: int, before: Said) -> None:
        call = self._calls.pop(number)
        self._refresh()
        if call.is_undo:
            return
        back = reverting(before, call.edits)
        if back:
            self._done.append((back, call.text))
            self.told.emit(call.text)

    @Slot(int, object)
    def _on_refused(self, number: int, error: PhotoSearchError) -> None:
        del self._calls[number]
        self.note_edited()
        self.failed.emit(error)
