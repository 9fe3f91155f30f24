"""Filters as their words say, photo by photo in plain Python: what the store must agree with."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

import numpy as np

from photosearch.core.filters import (
    AllOf,
    AnyOf,
    Filter,
    Has,
    Near,
    Not,
    NumberField,
    NumberIn,
    TakenIn,
    TextField,
    TextIs,
    Trait,
)
from photosearch.core.photo import PhotoFacts


@dataclass
class PlainFile:
    """A file: its whole path in parts, its size and time, whether its folder can be reached.

    It may be raw data beside a picture, or hold something broken by now.
    """

    parts: tuple[str, ...]
    size_bytes: int
    mtime_ns: int
    is_online: bool
    is_companion: bool = False
    is_broken: bool = False


@dataclass
class PlainPhoto:
    """All that is known of a photo."""

    id: int
    facts: PhotoFacts
    files: list[PlainFile] = field(default_factory=list)
    is_favourite: bool = False
    rating: int | None = None
    tags: set[str] = field(default_factory=set)
    albums: set[str] = field(default_factory=set)

    @property
    def copies(self) -> list[PlainFile]:
        return [file for file in self.files if not file.is_companion]

    @property
    def sound(self) -> list[PlainFile]:
        return [file for file in self.copies if not file.is_broken]

    @property
    def time(self) -> datetime:
        if self.facts.taken is not None:
            return self.facts.taken.local
        earliest_us = min(file.mtime_ns for file in self.copies) // 1000
        return datetime(1970, 1, 1) + timedelta(microseconds=earliest_us)

    @property
    def stars(self) -> int:
        return self.rating if self.rating is not None else self.facts.rating or 0

    @property
    def camera(self) -> str:
        return f"{self.facts.camera_make or ''} {self.facts.camera_model or ''}".strip()


def plain(text: str | None) -> str:
    """A text as people compare it."""
    decomposed = unicodedata.normalize("NFKD", (text or "").casefold())
    return "".join(c for c in decomposed if unicodedata.category(c) != "Mn").casefold().strip()


def is_met(where: Filter, photo: PlainPhoto) -> bool:
    """Whether a photo passes a filter."""
    match where:
        case AllOf(parts):
            return all(is_met(part, photo) for part in parts)
        case AnyOf(parts):
            return any(is_met(part, photo) for part in parts)
        case Not(part):
            return not is_met(part, photo)
        case TakenIn(first, last):
            day = photo.time.date()
            return (first or date.min) <= day <= (last or date.max)
        case Near():
            return _is_near(where, photo)
        case NumberIn(name, low, high):
            return any(
                (low is None or number >= low) and (high is None or number <= high)
                for number in _numbers(name, photo)
            )
        case TextIs(name, text):
            return bool(plain(text)) and _says(name, plain(text), photo)
        case Has(trait):
            return _has(trait, photo)


def _is_near(place: Near, photo: PlainPhoto) -> bool:
    facts = photo.facts
    if facts.latitude_deg is None or facts.longitude_deg is None:
        return False

    def unit(latitude_deg: float, longitude_deg: float) -> np.ndarray:
        lat, lon = math.radians(latitude_deg), math.radians(longitude_deg)
        return np.array(
            [math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)]
        )

    here = unit(facts.latitude_deg, facts.longitude_deg)
    there = unit(place.latitude_deg, place.longitude_deg)
    # By the chord: another formula than the store's, and as exact for short ways.
    chord = min(1.0, float(np.linalg.norm(here - there)) / 2)
    return 2 * 6371.0088 * math.asin(chord) <= place.within_km


def _numbers(name: NumberField, photo: PlainPhoto) -> list[float]:
    facts, time = photo.facts, photo.time
    known = {
        NumberField.ISO: facts.iso,
        NumberField.APERTURE: facts.aperture,
        NumberField.EXPOSURE: facts.exposure_s,
        NumberField.FOCAL: facts.focal_mm,
        NumberField.RATING: photo.stars,
        NumberField.WIDTH: facts.width_px or None,
        NumberField.HEIGHT: facts.height_px or None,
        NumberField.MEGAPIXELS: facts.width_px * facts.height_px / 1e6 or None,
        NumberField.COPIES: len(photo.sound),
        NumberField.MONTH: time.month,
        NumberField.WEEKDAY: time.isoweekday(),
        NumberField.HOUR: time.hour,
    }
    if name is NumberField.SIZE:
        return [file.size_bytes for file in photo.copies]
    number = known[name]
    return [] if number is None else [number]


def _says(name: TextField, text: str, photo: PlainPhoto) -> bool:
    facts = photo.facts
    match name:
        case TextField.NAME:
            names = [plain(file.parts[-1]) for file in photo.files]
            if "*" in text or "?" in text:
                return any(fnmatchcase(found, text.replace("[", "[[]")) for found in names)
            return any(text in found for found in names)
        case TextField.FOLDER:
            return any(_lies_in(text, file) for file in photo.copies)
        case TextField.ONLY_ON:
            return bool(photo.sound) and all(_lies_in(text, file) for file in photo.sound)
        case TextField.CAMERA:
            return text in plain(photo.camera)
        case TextField.LENS:
            return text in plain(facts.lens)
        case TextField.CAPTION:
            return text in plain(facts.caption)
        case TextField.TAG:
            return text in map(plain, [*photo.tags, *facts.keywords])
        case TextField.ALBUM:
            return text in map(plain, photo.albums)
        case TextField.PERSON:
            return text in map(plain, facts.people)
        case TextField.PLACE:
            return text in plain(facts.city) or text in plain(facts.country)
        case TextField.TYPE:
            kinds = {PurePosixPath(file.parts[-1]).suffix.lower() for file in photo.files}
            kinds |= {f".{facts.format.lower()}"}
            jpeg, heif, tiff = {".jpg", ".jpeg"}, {".heic", ".heif"}, {".tif", ".tiff"}
            same = {"jpg": jpeg, "jpeg": jpeg, "heic": heif, "heif": heif, "tif": tiff}
            same |= {"tiff": tiff, "raw": {".dng", ".nef"}}
            return bool(kinds & same.get(text.lstrip("."), {f".{text.lstrip('.')}"}))


def _lies_in(text: str, file: PlainFile) -> bool:
    wanted = [part for part in text.split("/") if part]
    return bool(wanted) and any(
        [plain(part) for part in file.parts[start : start + len(wanted)]] == wanted
        for start in range(len(file.parts) - len(wanted))
    )


def _has(trait: Trait, photo: PlainPhoto) -> bool:
    facts = photo.facts
    width, height = facts.width_px, facts.height_px
    return {
        Trait.GPS: facts.latitude_deg is not None and facts.longitude_deg is not None,
        Trait.DATE: facts.taken is not None and facts.taken.source != "file",
        Trait.CAMERA: bool(photo.camera),
        Trait.LENS: bool(facts.lens),
        Trait.TAG: bool(photo.tags or facts.keywords),
        Trait.PERSON: bool(facts.people),
        Trait.ALBUM: bool(photo.albums),
        Trait.CAPTION: bool(facts.caption),
        Trait.RATING: photo.stars > 0,
        Trait.FAVOURITE: photo.is_favourite,
        Trait.OFFLINE: not any(file.is_online for file in photo.sound or photo.copies),
        Trait.PORTRAIT: height > width > 0,
        Trait.LANDSCAPE: width > height > 0,
        Trait.SQUARE: width == height > 0,
    }[trait]
