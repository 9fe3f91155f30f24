"""Which photos are asked about, whatever they show: conditions on what is known of a photo.

`search/parse` makes them of text, the store decides them. What is unknown of a photo meets no
condition on it, and so meets the negation: a photo without a date is in `NOT date:2019`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class TextField(StrEnum):
    """What is compared with text: case, accents and blanks around it do not count."""

    NAME = "name"  #: file name with suffix; part of it, `*` and `?` as in file patterns
    FOLDER = "in"  #: consecutive directories of the path, e.g. "2021/Rome"; what is below counts
    ONLY_ON = "only-on"  #: likewise; and no other file of the photo, but for links, lies elsewhere
    CAMERA = "camera"  #: part of make and model
    LENS = "lens"  #: part of it
    TAG = "tag"  #: the whole tag
    ALBUM = "album"  #: the whole name
    CAPTION = "caption"  #: part of it
    PERSON = "person"  #: the whole name of somebody who is named in the picture
    PLACE = "place"  #: part of the town's or the country's name
    TYPE = "type"  #: format or suffix: heic, jpg, raw, ...


class NumberField(StrEnum):
    """What is compared with numbers."""

    ISO = "iso"
    APERTURE = "aperture"  #: f-number
    EXPOSURE = "exposure"  #: seconds
    FOCAL = "focal"  #: mm, as on the lens
    RATING = "rating"  #: 0 (none) to 5
    WIDTH = "width"  #: pixels, upright
    HEIGHT = "height"
    MEGAPIXELS = "megapixels"
    SIZE = "size"  #: bytes of the file
    #: Sound files with this content; one with several names, links included, is one.
    COPIES = "copies"
    MONTH = "month"  #: 1..12, on the camera's calendar
    WEEKDAY = "weekday"  #: 1 (Monday) to 7
    HOUR = "hour"  #: 0..23


class Trait(StrEnum):
    """What a photo has or is."""

    GPS = "gps"
    DATE = "date"  #: a capture date, not only a file's
    CAMERA = "camera"
    LENS = "lens"
    TAG = "tag"
    ALBUM = "album"
    PERSON = "person"
    CAPTION = "caption"
    RATING = "rating"
    FAVOURITE = "favourite"
    OFFLINE = "offline"  #: lies only in folders that cannot be reached
    PORTRAIT = "portrait"
    LANDSCAPE = "landscape"
    SQUARE = "square"


@dataclass(frozen=True, slots=True)
class TextIs:
    """A text of the photo matches."""

    field: TextField
    text: str


@dataclass(frozen=True, slots=True)
class NumberIn:
    """A number of the photo lies between two, both included; None leaves an end open."""

    field: NumberField
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class TakenIn:
    """Taken on a day between two, both included, on the camera's calendar; None: open.

    A photo without a capture time counts by its file's time.
    """

    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Near:
    """Taken within some distance of a place.

    Attributes:
        latitude_deg: North positive.
        longitude_deg: East positive.
        within_km: Radius, along the surface.
        name: The place's name, for people; "" where coordinates were given.
    """

    latitude_deg: float
    longitude_deg: float
    within_km: float
    name: str = ""


@dataclass(frozen=True, slots=True)
class Has:
    """The photo has or is something."""

    trait: Trait


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part is met; without parts, every photo meets it."""

    parts: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Some part is met; without parts, no photo meets it."""

    parts: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    """The part is not met."""

    part: Filter


Condition = TextIs | NumberIn | TakenIn | Near | Has
Filter = Condition | AllOf | AnyOf | Not
#: Every photo.
EVERY_PHOTO = AllOf()
