"""What is told of a photo: spoken by assistive technology, shown beside the mouse. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from photosearch.core.photo import Photo
from photosearch.core.visible import visible, visible_path
from photosearch.gui.fact_words import copies_text, day_text, is_guessed, place_text, taken_text
from photosearch.gui.match_words import match_text
from photosearch.gui.models.answer import Match


def _tr(text: str, count: int = -1) -> str:
    return QCoreApplication.translate("PhotoWords", text, "", count)


def capture_day(photo: Photo) -> str:
    """The day a photo was taken, as the camera says; "" where only the file's time is known."""
    taken = photo.facts.taken
    if taken is None or taken.source == "file":
        return ""
    return day_text(taken.local)


def spoken(photo: Photo, match: Match | None) -> str:
    """Name, day, what the user said of it, and how well it fits, in one line."""
    user = photo.user
    parts = (
        visible(photo.path.name),
        capture_day(photo),
        _tr("favourite") if user.is_favourite else "",
        _stars(user.rating),
        match_text(match).replace("\n", ", ") if match is not None else "",
    )
    return ", ".join(filter(None, parts))


def told(photo: Photo, match: Match | None, *, is_offline: bool) -> str:
    """Path, state, how well it fits, what was read of it and what the user said, line by line."""
    facts, user = photo.facts, photo.user
    lines = (
        visible_path(photo.path),
        _tr("Its folder cannot be reached now.") if is_offline else "",
        match_text(match) if match is not None else "",
        taken_text(photo) if is_guessed(photo) else "",
        place_text(facts),
        ", ".join(facts.people),
        ", ".join(dict.fromkeys((*facts.keywords, *user.tags, *user.albums))),
        copies_text(photo.copy_count),
    )
    return "\n".join(filter(None, lines))


def _stars(rating: int) -> str:
    if not rating:
        return ""
    return _tr("1 star") if rating == 1 else _tr("%Ln stars", rating)
