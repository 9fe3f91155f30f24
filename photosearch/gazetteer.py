"""Where the cities and towns of the world are: by name for questions, by position for photos.

The tables lie in `resources/places`, are built by `packaging/places.py` from GeoNames, and need no
network. `search` asks by name, on any thread; `images` asks by position, in the decoder processes.

Two tables, since the uses differ. Names in questions must be sure, so that only cities of 50,000
people and more are known by name, in all languages (0.65 MB packed). A photo was taken where it
was taken: 161,000 towns from 1,000 people on, each under one name, without the quarters of larger
ones. Those are mapped from the disk, not read: all children share 4.4 MB of the system's memory,
and the first answer takes 3 ms. (The package reverse-geocode has the same data; it takes 1.6 s and
120 MB in each process, and knows the quarters of cities as towns.)
"""

from __future__ import annotations

import gzip
import math
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from photosearch import resources

#: A town as far away as this is none that anybody would name; only the country may still be sure.
_TOWN_MAX_KM = 30.0
_COUNTRY_MAX_KM = 150.0
#: Where a town of another country is not farther than so many times as the next one, the country
#: of a photo far from all towns is not sure.
_COUNTRY_SURE = 2.0
_REACH_MAX_KM = 7.5
_KM_PER_DEGREE = 111.2


@dataclass(frozen=True, slots=True)
class Place:
    """A city.

    Attributes:
        name: In English, or as it calls itself.
        latitude_deg: North positive.
        longitude_deg: East positive.
        radius_km: How far from there photos are of it.
        doubt: 0: the name says nothing else; 1: it is a word, too, and needs a capital; 2: it needs
            a capital and a word like "in" before it.
    """

    name: str
    latitude_deg: float
    longitude_deg: float
    radius_km: float
    doubt: int


class Places:
    """The cities by name, as sorted lines: they take less memory than objects would.

    Args:
        raw: Sorted lines of name, number of the city and doubt; an empty line; the cities' lines.
    """

    def __init__(self, raw: bytes) -> None:
        names, cities = raw.split(b"\n\n", 1)
        self._names = names.split(b"\n")
        self._cities = cities.split(b"\n")

    def at(self, name: str) -> Place | None:
        """Returns the city of a name in any language, the largest; None where it is not known.

        Args:
            name: In small letters, without accents, single blanks.
        """
        key = name.encode() + b"\t"
        index = bisect_left(self._names, key)
        if index == len(self._names) or not self._names[index].startswith(key):
            return None
        _, number, doubt = self._names[index].split(b"\t")
        city, latitude, longitude, radius = self._cities[int(number)].decode().split("\t")
        return Place(city, float(latitude), float(longitude), float(radius), int(doubt))


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a position lies, for people.

    Attributes:
        town: The town that it is in or near, in English or as it calls itself; None: none near.
        country: Its country, in English; None where it is not sure.
    """

    town: str | None
    country: str | None


NOWHERE = Whereabouts(None, None)


class Towns:
    """The towns by position.

    Args:
        table: Sorted by latitude: `latitude` and `longitude` in degrees, `reach_km` (how much
            nearer than its centre a town is, since it is large), `country` (a line of
            `countries`), `name_at` (where in `names` its name begins).
        names: UTF-8, one after the other, each with a line end.
        countries: Their names.
    """

    def __init__(
        self, table: npt.NDArray[np.void], names: npt.NDArray[np.uint8], countries: list[str]
    ) -> None:
        self._table = table
        self._names = names
        self._countries = countries
        self._latitudes: npt.NDArray[np.float32] = table["latitude"]

    def around(self, latitude_deg: float, longitude_deg: float) -> Whereabouts:
        """Returns the town and the country of a position; takes 0.1 ms."""
        for within_km in (_TOWN_MAX_KM, _COUNTRY_MAX_KM):
            low, high = self._band(latitude_deg, within_km + _REACH_MAX_KM)
            near = self._table[low:high]
            away_km = self._away_km(near, latitude_deg, longitude_deg)
            if away_km.size == 0:
                continue
            nearest = int(away_km.argmin())
            if away_km[nearest] > within_km:
                continue
            country = self._countries[near["country"][nearest]]
            if within_km == _TOWN_MAX_KM:
                return Whereabouts(self._name(near["name_at"][nearest]), country)
            close = away_km <= _COUNTRY_SURE * away_km[nearest]
            is_sure = bool((near["country"][close] == near["country"][nearest]).all())
            return Whereabouts(None, country if is_sure else None)
        return NOWHERE

    def _band(self, latitude_deg: float, within_km: float) -> tuple[int, int]:
        degrees = within_km / _KM_PER_DEGREE
        ends = np.array([latitude_deg - degrees, latitude_deg + degrees], dtype=np.float32)
        found = np.searchsorted(self._latitudes, ends)
        return int(found[0]), int(found[1])

    @staticmethod
    def _away_km(
        near: npt.NDArray[np.void], latitude_deg: float, longitude_deg: float
    ) -> npt.NDArray[np.float64]:
        """How far towns are, from where they end roughly; on a plane, which is near enough."""
        north = near["latitude"] - latitude_deg
        east = (near["longitude"] - longitude_deg + 180.0) % 360.0 - 180.0
        east *= math.cos(math.radians(latitude_deg))
        away: npt.NDArray[np.float64] = _KM_PER_DEGREE * np.hypot(north, east) - near["reach_km"]
        return away

    def _name(self, at: int) -> str:
        return bytes(self._names[at : at + 100]).split(b"\n", 1)[0].decode("utf-8", "replace")


@cache
def places() -> Places:
    """Reads the table by name, once."""
    file = resources.root() / "places" / "cities.tsv.gz"
    return Places(gzip.decompress(file.read_bytes()))


@cache
def towns() -> Towns:
    """Maps the table by position, once."""
    folder = resources.root() / "places"
    # Plain views of what is mapped: each slice of NumPy's own type for it costs 10 µs.
    table: npt.NDArray[np.void] = np.load(folder / "towns.npy", mmap_mode="r").view(np.ndarray)
    names = np.memmap(folder / "towns.txt", dtype=np.uint8, mode="r").view(np.ndarray)
    return Towns(table, names, [called[0] for called in countries()])


@cache
def countries() -> tuple[tuple[str, ...], ...]:
    """Returns what each country is called: in English first, then in the interface languages."""
    lines = (resources.root() / "places" / "countries.txt").read_text(encoding="utf-8")
    return tuple(tuple(line.split("\t")) for line in lines.splitlines())
