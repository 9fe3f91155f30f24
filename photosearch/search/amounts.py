"""Reads amounts with their units: sizes, distances, exposures, apertures. Pure; any thread.

What is wrong is said by a `ValueError` with a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from photosearch.search.intervals import REAL, WHOLE, Scale, read_number, rounding_to
from photosearch.search.one_line import one_line

#: Half of the equator: nothing on Earth is farther.
FARTHEST_KM = 20_040.0
DISTANCES = "a distance, such as 500m, 10km or 5mi"
_KM = {"km": 1.0, "m": 0.001, "mi": 1.609344, "": 1.0}
_BYTES = {
    "": 1,
    "b": 1,
    **{f"{sign}{unit}": 1000**power for power, sign in enumerate("kmgt", 1) for unit in ("", "b")},
    **{f"{sign}ib": 1024**power for power, sign in enumerate("kmgt", 1)},
}
_WITH_UNIT = re.compile(r"([0-9.,]+)\s*([a-zA-Z]*)")


def read_distance_km(text: str) -> float:
    """Reads a distance with its unit.

    Raises:
        ValueError: It is none.
    """
    if text.strip()[:1] in {"-", "\N{MINUS SIGN}"}:
        raise ValueError("a distance must be above 0")
    number, unit = _with_unit(text, _KM)
    distance_km = round(number * _KM[unit], 6)
    if not distance_km:
        raise ValueError("a distance must be above 0")
    if distance_km > FARTHEST_KM:
        raise ValueError(f"{one_line(text)} is no distance on Earth")
    return distance_km


def _exposure(text: str) -> tuple[float, float]:
    number = text.removesuffix("s").strip()
    if "/" not in number:
        return (read_number(number),) * 2
    above, below = (read_number(part.strip()) for part in number.split("/", 1))
    if not below:
        raise ValueError("it is divided by 0")
    return (above / below,) * 2


def _exposure_alone(text: str) -> tuple[float, float]:
    # Cameras say 1/60 and mean 1/64, 0.3 and mean 10/31.
    middle = _exposure(text)[0]
    return middle * 0.95, middle * 1.05


def _aperture(text: str) -> str:
    return re.sub(r"^f\s*/?\s*", "", text.strip(), flags=re.IGNORECASE)


def _stripped(scale: Scale[float], strip: Callable[[str], str]) -> Scale[float]:
    alone = scale.alone or scale.read
    return Scale(
        lambda text: scale.read(strip(text)),
        scale.after,
        scale.before,
        lambda text: alone(strip(text)),
    )


def _with_unit(text: str, units: dict[str, int] | dict[str, float]) -> tuple[float, str]:
    found = _WITH_UNIT.fullmatch(text.strip())
    if not found or found[2].lower() not in units:
        raise ValueError(f"“{one_line(text)}” is no number with a known unit")
    return read_number(found[1]), found[2].lower()


def _bytes(text: str) -> tuple[float, float]:
    number, unit = _with_unit(text, _BYTES)
    return (float(round(number * _BYTES[unit])),) * 2


def _bytes_alone(text: str) -> tuple[float, float]:
    _, unit = _with_unit(text, _BYTES)
    if unit in ("", "b"):
        return _bytes(text)
    low, high = rounding_to(text.strip()[: -len(unit)].strip())
    return float(round(low * _BYTES[unit])), float(round(high * _BYTES[unit]))


BYTES: Scale[float] = Scale(_bytes, WHOLE.after, WHOLE.before, _bytes_alone)
MEGAPIXELS = _stripped(REAL, lambda text: re.sub(r"\s*mp$", "", text, flags=re.IGNORECASE))
APERTURE = _stripped(REAL, _aperture)
FOCAL = _stripped(REAL, lambda text: re.sub(r"\s*mm$", "", text, flags=re.IGNORECASE))
EXPOSURE: Scale[float] = Scale(_exposure, REAL.after, REAL.before, _exposure_alone)
