"""How well a photo fits, in words. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale

from photosearch.core.result import Band, Why
from photosearch.gui.amounts import share_text
from photosearch.gui.models.answer import Match, Section

_CONTEXT = "MatchWords"


def band_title(band: Band) -> str:
    """The heading of a band."""
    translate = QCoreApplication.translate
    return {
        Band.NAMED: translate(_CONTEXT, "Found by name"),
        Band.STRONG: translate(_CONTEXT, "Strong matches"),
        Band.POSSIBLE: translate(_CONTEXT, "Possible matches"),
        Band.WEAK: translate(_CONTEXT, "The rest, by likeness"),
    }[band]


def photo_count(count: int) -> str:
    """A number of photos: "1 photo", "1,234 photos"."""
    translate = QCoreApplication.translate
    if count == 1:
        return translate(_CONTEXT, "1 photo")
    return translate(_CONTEXT, "%Ln photos", "", count)


def section_count(section: Section, come_count: int) -> str:
    """How many photos are in a band: "18 photos"; "500+ photos" where more may follow."""
    if not section.is_open:
        return photo_count(section.stop - section.start)
    many = QLocale().toString(max(1, come_count - section.start))
    return QCoreApplication.translate(_CONTEXT, "%1+ photos").replace("%1", many)


def match_text(match: Match) -> str:
    """One or two lines on why a photo is there: "Strong match, 93 %", "Found by its name"."""
    translate = QCoreApplication.translate
    lines = []
    named = _named_text(match.why)
    if match.is_judged and (match.why & Why.IMAGE or not named):
        word = {
            Band.NAMED: translate(_CONTEXT, "By its picture: %1"),
            Band.STRONG: translate(_CONTEXT, "Strong match, %1"),
            Band.POSSIBLE: translate(_CONTEXT, "Possible match, %1"),
            Band.WEAK: translate(_CONTEXT, "Hardly a match, %1"),
        }[match.band]
        if match.confidence == match.confidence:  # no photo without a vector has one
            lines.append(word.replace("%1", share_text(match.confidence)))
    if named:
        lines.append(named)
    if match.burst_count > 1:
        text = translate(_CONTEXT, "%Ln photos of one moment", "", match.burst_count)
        lines.append(text)
    return "\n".join(lines)


def _named_text(why: Why) -> str:
    translate = QCoreApplication.translate
    places = [
        word
        for flag, word in (
            (Why.NAME, translate(_CONTEXT, "name")),
            (Why.FOLDER, translate(_CONTEXT, "folder")),
            (Why.TAG, translate(_CONTEXT, "tag")),
            (Why.CAPTION, translate(_CONTEXT, "caption")),
            (Why.ALBUM, translate(_CONTEXT, "album")),
            (Why.PERSON, translate(_CONTEXT, "people")),
            (Why.PLACE, translate(_CONTEXT, "place")),
        )
        if why & flag
    ]
    if not places:
        return ""
    return translate(_CONTEXT, "Found by its %1").replace("%1", ", ".join(places))
