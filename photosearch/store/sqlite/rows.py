"""How values become columns and columns values, where SQLite's types are not Python's.

Used by the modules that write SQL, on any thread. Whatever a camera or a file system comes up
with must fit into a column: one odd value must not cost a whole batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from photosearch.core.photo import CaptureTime, PhotoFacts

_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
_INT64_MIN, _INT64_MAX = -(2**63), 2**63 - 1

#: The columns of `content` that hold facts, in the order of `facts_row` and `facts`.
FACTS_COLUMNS = (
    "format",
    "width_px",
    "height_px",
    "taken_us",
    "taken_offset_min",
    "taken_source",
    "camera_make",
    "camera_model",
    "latitude_deg",
    "longitude_deg",
    "lens",
    "iso",
    "aperture",
    "exposure_s",
    "focal_mm",
    "file_rating",
    "caption",
    "city",
    "country",
)


def int64(number: int) -> int:
    """The nearest number that a column holds (file times beyond 2262 exist)."""
    return min(max(number, _INT64_MIN), _INT64_MAX)


def text(value: str) -> str:
    """Text that SQLite takes: lone surrogates, the traces of bytes that are no text, become "?"."""
    return value.encode("utf-8", "replace").decode("utf-8")


def display_path(rel_path: bytes) -> str:
    """A path to read, with a replacement character for bytes that are no text."""
    return rel_path.decode("utf-8", "replace")


def facts_row(facts: PhotoFacts) -> tuple[object, ...]:
    """The values of `FACTS_COLUMNS`."""
    taken = facts.taken
    return (
        text(facts.format),
        facts.width_px,
        facts.height_px,
        None if taken is None else (taken.local.replace(tzinfo=None) - _EPOCH) // _MICROSECOND,
        None if taken is None else taken.offset_min,
        None if taken is None else text(taken.source),
        _optional(facts.camera_make),
        _optional(facts.camera_model),
        facts.latitude_deg,
        facts.longitude_deg,
        _optional(facts.lens),
        None if facts.iso is None else int64(facts.iso),
        facts.aperture,
        facts.exposure_s,
        facts.focal_mm,
        facts.rating,
        _optional(facts.caption),
        _optional(facts.city),
        _optional(facts.country),
    )


def facts(row: tuple[Any, ...], keywords: Sequence[str], people: Sequence[str]) -> PhotoFacts:
    """What `facts_row` made columns of, with what stands in tables of its own."""
    format_, width_px, height_px, taken_us, offset_min, source, *others = row
    make, model, latitude, longitude, lens, iso, aperture, *others = others
    exposure, focal, rating, caption, city, country = others
    taken = None
    if taken_us is not None:
        taken = CaptureTime(_EPOCH + taken_us * _MICROSECOND, offset_min, source)
    return PhotoFacts(
        format=format_,
        width_px=width_px,
        height_px=height_px,
        taken=taken,
        camera_make=make,
        camera_model=model,
        latitude_deg=latitude,
        longitude_deg=longitude,
        lens=lens,
        iso=iso,
        aperture=aperture,
        exposure_s=exposure,
        focal_mm=focal,
        rating=rating,
        caption=caption,
        keywords=tuple(keywords),
        people=tuple(people),
        city=city,
        country=country,
    )


def _optional(value: str | None) -> str | None:
    return None if value is None else text(value)
