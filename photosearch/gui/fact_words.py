"""What was read from a photo, as lines of name and value. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QDate, QLocale

from photosearch.core.photo import Photo, PhotoFacts
from photosearch.core.visible import visible_path
from photosearch.gui.amounts import size_text

#: Where a capture time was read, where that is worth a word: a camera's own needs none.
_GUESSED_SOURCES = frozenset({"name", "file"})
_PLACE_DIGITS = 5
#: Between width and height.
_TIMES = " \N{MULTIPLICATION SIGN} "


def _tr(text: str, count: int = -1) -> str:
    return QCoreApplication.translate("FactWords", text, "", count)


def day_text(day: datetime) -> str:
    """A day in the user's way: "14 Feb 2021"."""
    return QLocale().toString(QDate(day.year, day.month, day.day), "d MMM yyyy")


def taken_text(photo: Photo) -> str:
    """When a photo was taken, with the clock's offset, and marked where that is a guess."""
    taken = photo.facts.taken
    if taken is None:
        local = datetime.fromtimestamp(photo.stamp.mtime_ns / 1e9)
        return _tr("%1, by the file's time").replace("%1", _moment(local))
    text = _moment(taken.local)
    if taken.offset_min is not None:
        hours, minutes = divmod(abs(taken.offset_min), 60)
        sign = "-" if taken.offset_min < 0 else "+"
        text += f" ({sign}{hours:02}:{minutes:02})"
    if taken.source == "name":
        text = _tr("%1, by the file's name").replace("%1", text)
    elif taken.source == "file":
        text = _tr("%1, by the file's time").replace("%1", text)
    return text


def is_guessed(photo: Photo) -> bool:
    """True where no camera and no program wrote down when the photo was taken."""
    taken = photo.facts.taken
    return taken is None or taken.source in _GUESSED_SOURCES


def place_text(facts: PhotoFacts) -> str:
    """The nearest town and its country: "Rome, Italy"; "" where neither is known."""
    return ", ".join(filter(None, (facts.city, facts.country)))


def copies_text(copy_count: int) -> str:
    """How many more files hold a photo: "1 more copy"; "" for none."""
    others = copy_count - 1
    if others < 1:
        return ""
    return _tr("1 more copy") if others == 1 else _tr("%Ln more copies", others)


def fact_lines(photo: Photo) -> list[tuple[str, str]]:
    """All that is known of a photo: names and values; what is unknown is left out."""
    facts, user = photo.facts, photo.user
    lines = (
        (_tr("Folder"), visible_path(photo.path.parent)),
        (_tr("Taken"), taken_text(photo)),
        (_tr("Place"), _place(facts)),
        (_tr("People"), ", ".join(facts.people)),
        (_tr("Keywords"), ", ".join(facts.keywords)),
        (_tr("Caption"), facts.caption or ""),
        (_tr("Camera"), _joined(facts.camera_make, facts.camera_model)),
        (_tr("Lens"), facts.lens or ""),
        (_tr("Exposure"), _exposure(facts)),
        (_tr("Picture"), _picture(photo)),
        (_tr("Stars in the file"), "★" * facts.rating if facts.rating else ""),
        (_tr("Your stars"), "★" * user.rating),
        (_tr("Your tags"), ", ".join(user.tags)),
        (_tr("Your albums"), ", ".join(user.albums)),
    )
    return [(name, value) for name, value in lines if value]


def also_in_text(photo: Photo, paths: Sequence[Path]) -> str:
    """Where else the same picture lies, a line for each file."""
    return "\n".join(visible_path(path) for path in paths if path != photo.path)


def _moment(local: datetime) -> str:
    return f"{day_text(local)} {local:%H:%M:%S}"


def _place(facts: PhotoFacts) -> str:
    if facts.latitude_deg is None or facts.longitude_deg is None:
        return place_text(facts)
    locale = QLocale()
    position = "; ".join(
        locale.toString(degrees, "f", _PLACE_DIGITS)
        for degrees in (facts.latitude_deg, facts.longitude_deg)
    )
    return "\n".join(filter(None, (place_text(facts), position)))


def _joined(make: str | None, model: str | None) -> str:
    """Make and model; many cameras name the make in both."""
    if make and model and model.lower().startswith(make.lower()):
        return model
    return " ".join(filter(None, (make, model)))


def _exposure(facts: PhotoFacts) -> str:
    locale = QLocale()
    parts = []
    if facts.aperture:
        parts.append(f"f/{locale.toString(facts.aperture, 'g', 3)}")
    if facts.exposure_s:
        is_fraction = facts.exposure_s < 0.5
        seconds = f"1/{round(1 / facts.exposure_s)}" if is_fraction else f"{facts.exposure_s:g}"
        parts.append(_tr("%1 s").replace("%1", seconds))
    if facts.iso:
        parts.append(f"ISO {facts.iso}")
    if facts.focal_mm:
        parts.append(_tr("%1 mm").replace("%1", f"{facts.focal_mm:g}"))
    return " · ".join(parts)


def _picture(photo: Photo) -> str:
    facts, locale = photo.facts, QLocale()
    parts = [facts.format]
    if facts.width_px and facts.height_px:
        sides = (locale.toString(side) for side in (facts.width_px, facts.height_px))
        parts.append(_tr("%1 pixels").replace("%1", _TIMES.join(sides)))
    parts.append(size_text(photo.stamp.size_bytes))
    return " · ".join(filter(None, parts))
