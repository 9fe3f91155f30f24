"""With what lens and settings a photo was taken, and how many stars its file has.

Called by `metadata` in a decoder process. What cannot be is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PIL import ExifTags

from photosearch.images.tags import Tags, number_of, number_within, text_of

_LENS_CHARS = 100
#: What cameras write that know of no lens.
_NO_LENS = frozenset({"unknown", "n/a", "none", "no lens", "0.0 mm f/0.0", "0 mm f/0"})
_ISO_MAX = 10_000_000
#: What does not fit into the old field of 16 bits stands in another one, and this here.
_ISO_ELSEWHERE = 65535
_APERTURE_MIN, _APERTURE_MAX = 0.3, 512.0
_EXPOSURE_MIN_S, _EXPOSURE_MAX_S = 1e-7, 7 * 24 * 3600.0
_FOCAL_MIN_MM, _FOCAL_MAX_MM = 0.1, 20_000.0
_RATING, _RATING_PERCENT = 0x4746, 0x4749
_RATING_MAX = 5
#: From how many percent on a photo has 1, 2, 3, 4, 5 stars (Windows writes 1, 25, 50, 75, 99).
_PERCENT_STEPS = (1, 13, 38, 63, 87)


@dataclass(frozen=True, slots=True)
class Exposure:
    """Lens and settings; the fields are those of `PhotoFacts`."""

    lens: str | None
    iso: int | None
    aperture: float | None
    exposure_s: float | None
    focal_mm: float | None


def read_exposure(details: Tags, lenses: Sequence[object] = ()) -> Exposure:
    """Reads the camera's settings.

    Args:
        details: The EXIF directory of that name.
        lenses: Where else the lens may be said, best first.
    """
    base = ExifTags.Base
    return Exposure(
        lens=_lens([details.get(ExifTags.Base.LensModel), *lenses]),
        iso=_iso(details),
        aperture=_rounded(
            number_within(details.get(base.FNumber), _APERTURE_MIN, _APERTURE_MAX)
            or _from_apex(details.get(base.ApertureValue), 0.5, _APERTURE_MIN, _APERTURE_MAX)
        ),
        exposure_s=_rounded(
            number_within(details.get(base.ExposureTime), _EXPOSURE_MIN_S, _EXPOSURE_MAX_S)
            or _from_apex(
                details.get(base.ShutterSpeedValue), -1.0, _EXPOSURE_MIN_S, _EXPOSURE_MAX_S
            )
        ),
        focal_mm=_rounded(
            number_within(details.get(base.FocalLength), _FOCAL_MIN_MM, _FOCAL_MAX_MM)
        ),
    )


def read_rating(main: Tags) -> int | None:
    """Reads the stars that Windows and many programs write; None where there are none."""
    stars = number_within(main.get(_RATING), 0, _RATING_MAX)
    if stars is not None:
        return int(stars)
    percent = number_within(main.get(_RATING_PERCENT), 0, 100)
    return None if percent is None else stars_of_percent(percent)


def stars_of_percent(percent: float) -> int:
    """How many stars Windows shows for a rating in percent."""
    return sum(percent >= step for step in _PERCENT_STEPS)


def _lens(candidates: Iterable[object]) -> str | None:
    for candidate in candidates:
        lens = text_of(candidate, _LENS_CHARS)
        if any(char.isalnum() for char in lens) and lens.casefold() not in _NO_LENS:
            return lens
    return None


def _iso(details: Tags) -> int | None:
    base = ExifTags.Base
    for tag in (base.ISOSpeedRatings, base.RecommendedExposureIndex, base.ISOSpeed):
        iso = number_within(details.get(tag), 1, _ISO_MAX)
        if iso is not None and iso != _ISO_ELSEWHERE:
            return int(iso)
    return None


def _from_apex(value: object, steps: float, low: float, high: float) -> float | None:
    """A setting from its logarithm (APEX, EXIF 2.32 annex C)."""
    logarithm = number_of(value)
    if logarithm is None or abs(logarithm) > 60:
        return None
    return number_within(2.0 ** (steps * logarithm), low, high)


def _rounded(number: float | None) -> float | None:
    """What a fraction meant: 0.005, not 0.0050000000000000001."""
    return None if number is None else float(f"{number:.6g}")
