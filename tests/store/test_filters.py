"""Filters: every one and every combination lets through what plain Python lets through."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosearch.core.filters import (
    EVERY_PHOTO,
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
from photosearch.core.photo import CaptureTime, FilePlace, FileStamp, PhotoFacts
from photosearch.core.stored import CompanionFile, IndexBatch, IndexedFile
from photosearch.core.userdata import UserChange

from .inside import Library
from .plain_filters import PlainFile, PlainPhoto, is_met
from .samples import SPACE, as_stored, content_hash, failure, unit

#: Facts; root, directory, name, size and time of each file; what the user says.
Drawn = tuple[PhotoFacts, Sequence[tuple[int, str, str, int, datetime]], UserChange | None]
ROOTS = (("photos", "Übersicht"), ("disk", "OLD"))
DIRECTORIES = ("", "2021/Rome", "2021", "Rome/2021/day 1", "Été", "ete/x", "日本", "a/ /b", "100%_")
NAMES = (
    *("IMG_1.JPG", "img_2.jpeg", "Foto von Zoë.heic", "x.dng", "ÉTÉ.png", "100%.jpg", "a*b.tif"),
    *("[1].jpg", "日本.HEIF", "no suffix", " b.jpg", ".hidden", "ﬁne.Nef", "straße.webp"),
)
CAMERAS = ((None, None), ("Canon", "Canon EOS 5D"), ("Apple", None), (None, "Löwe 1"), ("", ""))
LENSES = (None, "EF24-105mm f/4L", "Objektiv Ä", "")
CAPTIONS = (None, "Zoë on the beach\nwith a dog", "100% sure_thing", "ÅNGSTRÖM", "日本の海")
TAGS = ("Zoë", "dog", "Dog park", "日本", "STRASSE")
CITIES = (None, None, "Rome", "Zürich", "Straße", "日本")
COUNTRIES = (None, "Italy", "Rome", "Schweiz 100%")
TEXTS = (
    *(
        "rome",
        "ROME",
        "2021",
        "2021/rome",
        "/Rome/2021/",
        "ete",
        "Été/x",
        "日本",
        "day 1",
        "photos",
    ),
    *(
        "ubersicht",
        "old/rome",
        "übersicht/2021",
        "a/b",
        "%",
        "_",
        "100%",
        "*",
        "?",
        "img*",
        "*.jpg",
    ),
    *(
        "img_?.jp*g",
        "zoe",
        "Zoë",
        "fine",
        "strasse",
        "straße",
        "canon",
        "canon eos",
        "n c",
        "apple",
    ),
    *("lowe", "f/4", "dog", "dog park", "dogs", "beach", "with a DOG", "angstrom", "[", "[1]", "b"),
    *(
        "jpg",
        ".JPG",
        "jpeg",
        "heic",
        "HEIF",
        "raw",
        "tif",
        "tiff",
        "png",
        "webp",
        ".",
        "hidden",
        "",
    ),
    *("no suffix", " b.jpg", "x.dng", "海", "\\", "'", '"'),
)
DAYS = st.dates(date(2019, 12, 25), date(2021, 3, 5))
TIMES = st.datetimes(datetime(2019, 12, 25), datetime(2021, 3, 5)) | st.just(datetime(1931, 5, 6))
#: Whole halves, so that eight, four and two bytes hold the same number.
NUMBERS = st.integers(0, 40).map(lambda number: number / 2)


def facts() -> st.SearchStrategy[PhotoFacts]:
    camera = st.sampled_from(CAMERAS)
    return st.builds(
        lambda camera, place, **rest: PhotoFacts(
            camera_make=camera[0],
            camera_model=camera[1],
            latitude_deg=place[0],
            longitude_deg=place[1],
            **rest,
        ),
        camera,
        st.sampled_from([(None, None), (48.85, 2.35), (48.9, 2.4), (0.0, 180.0), (-90.0, 0.0)]),
        format=st.sampled_from(["JPEG", "HEIF", "PNG", "TIFF"]),
        width_px=st.integers(0, 4).map(lambda number: number * 1000),
        height_px=st.integers(0, 4).map(lambda number: number * 1000),
        taken=st.none()
        | st.builds(CaptureTime, TIMES, st.just(60), st.sampled_from(["exif", "file"])),
        lens=st.sampled_from(LENSES),
        iso=st.none() | st.integers(0, 20),
        aperture=st.none() | NUMBERS,
        exposure_s=st.none() | NUMBERS,
        focal_mm=st.none() | NUMBERS,
        rating=st.none() | st.integers(0, 5),
        caption=st.sampled_from(CAPTIONS),
        keywords=st.lists(st.sampled_from(TAGS), max_size=2, unique=True).map(tuple),
        people=st.lists(st.sampled_from(TAGS), max_size=2, unique=True).map(tuple),
        city=st.sampled_from(CITIES),
        country=st.sampled_from(COUNTRIES),
    )


def files() -> st.SearchStrategy[tuple[int, str, str, int, datetime]]:
    return st.tuples(
        st.integers(0, 1),
        st.sampled_from(DIRECTORIES),
        st.sampled_from(NAMES),
        st.integers(0, 20),
        TIMES,
    )


PHOTOS = st.lists(
    st.tuples(
        facts(),
        st.lists(files(), min_size=1, max_size=3),
        st.sampled_from([None, None, UserChange(is_favourite=True)])
        | st.builds(
            UserChange,
            is_favourite=st.none() | st.booleans(),
            rating=st.none() | st.integers(0, 5),
            add_tags=st.lists(st.sampled_from(TAGS), max_size=2, unique=True).map(tuple),
            add_albums=st.lists(st.sampled_from(TAGS), max_size=2, unique=True).map(tuple),
        ),
    ),
    max_size=50,
)
ENDS = st.none() | NUMBERS
CONDITIONS = st.one_of(
    st.builds(TextIs, st.sampled_from(TextField), st.sampled_from(TEXTS)),
    st.builds(NumberIn, st.sampled_from(NumberField), ENDS, ENDS),
    st.builds(TakenIn, st.none() | DAYS, st.none() | DAYS),
    st.builds(Has, st.sampled_from(Trait)),
    st.builds(
        Near,
        st.sampled_from([48.85, 0.0, 89.9, -90.0]),
        st.sampled_from([2.35, -180.0, 179.9]),
        st.sampled_from([0.0, 0.5, 7.0, 30.0, 12_000.0, 20_100.0]),
    ),
)
FILTERS = st.recursive(
    CONDITIONS,
    lambda parts: st.one_of(
        st.builds(Not, parts),
        st.builds(AllOf, st.lists(parts, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(parts, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)


@contextmanager
def stored(
    directory: Path,
    drawn: Sequence[Drawn],
    is_old_online: bool,
) -> Iterator[tuple[Library, list[PlainPhoto]]]:
    """A library of drawn photos, and what is known of them."""
    library = Library(directory)
    library.store.ensure_space(SPACE)
    folder_ids = [library.store.add_folder(Path("/", *parts)).id for parts in ROOTS]
    taken: set[tuple[int, str]] = set()
    photos = {}
    for number, (known, places, _) in enumerate(drawn):
        photo = PlainPhoto(0, known)
        batch = []
        for root, folder, name, size, time in places:
            # One file at each place: a number before the name where it is taken.
            path = f"{folder}/{name}".lstrip("/")
            if (root, path) in taken:
                path = f"{folder}/{number} {name}".lstrip("/")
            if (root, path) in taken:
                continue
            taken.add((root, path))
            mtime_ns = (time - datetime(1970, 1, 1)) // timedelta(microseconds=1) * 1000
            is_online = is_old_online or root == 0
            photo.files.append(
                PlainFile((*ROOTS[root], *path.split("/")), size, mtime_ns, is_online)
            )
            batch.append(
                IndexedFile(
                    FilePlace(folder_ids[root], path.encode()),
                    FileStamp(size, mtime_ns),
                    content_hash(number),
                    known,
                    b"",
                    unit(8, seed=number) if number % 5 else None,
                )
            )
        if batch:
            companions = [
                CompanionFile(replace(file.place, rel_path=raw), file.place, FileStamp(7, 0))
                for file in batch
                if number % 3 == 0
                for raw in [file.place.rel_path + b".dng"]
            ]
            library.store.write(SPACE, IndexBatch(batch, companions=companions))
            photo.files += [
                PlainFile((*file.parts[:-1], file.parts[-1] + ".dng"), 7, 0, file.is_online, True)
                for file in photo.copies
                if companions
            ]
            if number % 4 == 1:  # the last of its files is broken by now
                photo.copies[-1].is_broken = True
                spoilt = failure(batch[-1].place.folder_id, batch[-1].place.rel_path)
                library.store.write(SPACE, IndexBatch(failures=[spoilt]))
            photos[content_hash(number)] = photo
    for found in library.store.photos(library.store.photo_ids().tolist()):
        photos[found.content_hash].id = found.id
    library.store.set_folder_online(folder_ids[1], is_online=is_old_online)
    for number, (_, _, change) in enumerate(drawn):
        photo = photos.get(content_hash(number))
        if photo is None or change is None:
            continue
        library.store.change_user_data([photo.id], change)
        photo.is_favourite = bool(change.is_favourite)
        photo.rating = change.rating
        photo.tags, photo.albums = set(change.add_tags), set(change.add_albums)
    try:
        yield library, list(photos.values())
    finally:
        library.store.close()


def expected(photos: Sequence[PlainPhoto], where: Filter) -> list[int]:
    passing = [photo for photo in photos if is_met(where, photo)]
    passing.sort(key=lambda photo: (photo.time, photo.id), reverse=True)
    return [photo.id for photo in passing]


def test_every_condition_agrees_with_plain_python(tmp_path: Path) -> None:
    pick = random.Random(5)
    somewhere = [(None, None), (48.85, 2.35), (48.9, 2.4), (0.0, 180.0), (-90.0, 0.0), (12.5, None)]

    def maybe(value: object) -> Any:
        return None if pick.random() < 0.2 else value

    def time() -> datetime:
        return datetime(2019, 12, 25) + timedelta(minutes=pick.randrange(600_000))

    drawn: list[Drawn] = []
    for _ in range(120):
        make, model = pick.choice(CAMERAS)
        latitude_deg, longitude_deg = pick.choice(somewhere)
        known = PhotoFacts(
            pick.choice(["JPEG", "HEIF", "PNG", "TIFF"]),
            pick.randrange(5) * 1000,
            pick.randrange(5) * 1000,
            maybe(CaptureTime(time(), 60, pick.choice(["exif", "file"]))),
            make,
            model,
            latitude_deg,
            longitude_deg,
            pick.choice(LENSES),
            maybe(pick.randrange(20)),
            maybe(pick.randrange(40) / 2),
            maybe(pick.randrange(40) / 2),
            maybe(pick.randrange(40) / 2),
            maybe(pick.randrange(6)),
            pick.choice(CAPTIONS),
            tuple(pick.sample(TAGS, pick.choice([0, 0, 1, 2]))),
            tuple(pick.sample(TAGS, pick.choice([0, 0, 1, 2]))),
            pick.choice(CITIES),
            pick.choice(COUNTRIES),
        )
        places = [
            (
                pick.randrange(2),
                pick.choice(DIRECTORIES),
                pick.choice(NAMES),
                pick.randrange(20),
                time(),
            )
            for _ in range(pick.choice([1, 1, 1, 2, 3]))
        ]
        change = UserChange(
            maybe(pick.random() < 0.5),
            maybe(pick.randrange(6)),
            add_tags=tuple(pick.sample(TAGS, pick.randrange(3))),
            add_albums=tuple(pick.sample(TAGS, pick.randrange(3))),
        )
        drawn.append((known, places, maybe(change)))

    numbers = [number / 2 for number in range(-1, 50)]
    conditions = [
        *(TextIs(name, text) for name in TextField for text in TEXTS),
        *(NumberIn(name, number, number) for name in NumberField for number in numbers),
        *(NumberIn(name, low, None) for name in NumberField for low in (0, 3, 11.5)),
        *(NumberIn(name, None, high) for name in NumberField for high in (0, 3, 11.5, 1e300)),
        *(NumberIn(name) for name in NumberField),
        *(Has(trait) for trait in Trait),
        *(
            Near(latitude_deg, longitude_deg, within_km)
            for latitude_deg in (48.85, 0.0, 89.9, -90.0)
            for longitude_deg in (2.35, -180.0, 179.9)
            for within_km in (-1.0, 0.0, 0.5, 6.5, 6.8, 30.0, 5_000.0, 12_000.0, 20_100.0)
        ),
        *(TakenIn(day, day) for day in (date(2020, 1, 1) + timedelta(n) for n in range(366))),
        *(TakenIn(first, None) for first in (date.min, date(2020, 5, 6), date.max)),
        *(TakenIn(None, last) for last in (date.min, date(2020, 5, 6), date.max)),
        *(EVERY_PHOTO, AnyOf(), Not(EVERY_PHOTO)),
    ]
    with stored(tmp_path, drawn, is_old_online=False) as (library, photos):
        wrong = [
            where
            for where in conditions
            if library.store.matching(where).tolist() != expected(photos, where)
        ]
    assert not wrong


@settings(max_examples=60, deadline=None)
@given(PHOTOS, st.lists(FILTERS, min_size=1, max_size=12), st.booleans(), st.booleans())
def test_filters_agree_with_plain_python(
    tmp_path_factory: pytest.TempPathFactory,
    drawn: list[Drawn],
    filters: list[Filter],
    is_old_online: bool,
    is_warm: bool,
) -> None:
    with stored(tmp_path_factory.mktemp("library"), drawn, is_old_online) as (library, photos):
        if is_warm:
            library.store.warm(SPACE)
        query = unit(8, seed=4)
        vectors = {
            photo.id: as_stored(unit(8, seed=int.from_bytes(found.content_hash, "big"))) @ query
            for photo in photos
            for found in library.store.photos([photo.id])
            if int.from_bytes(found.content_hash, "big") % 5
        }
        for where in filters:
            ids = expected(photos, where)
            assert library.store.matching(where).tolist() == ids, where
            scan = library.store.scan(SPACE, query, where)
            assert sorted(scan.ids.tolist()) == sorted(set(ids) & set(vectors))
            assert scan.waiting_count == len(set(ids) - set(vectors))
            scores = [vectors[photo_id] for photo_id in scan.ids.tolist()]
            np.testing.assert_allclose(scan.scores, scores, atol=0.02)


@settings(max_examples=40, deadline=None)
@given(
    PHOTOS.filter(lambda drawn: len(drawn) >= 8),
    PHOTOS.filter(lambda drawn: len(drawn) >= 8),
    st.lists(FILTERS, min_size=3, max_size=6),
)
def test_filters_follow_what_is_written(
    tmp_path_factory: pytest.TempPathFactory,
    before: list[Drawn],
    after: list[Drawn],
    filters: list[Filter],
) -> None:
    directory = tmp_path_factory.mktemp("library")
    with stored(directory / "before", before, is_old_online=True) as (library, photos):
        library.store.warm(SPACE)
        for where in filters:
            assert library.store.matching(where).tolist() == expected(photos, where)
        # The same contents with other facts, in other files; half of the old files are gone.
        places = [
            FilePlace(found.folder_id, bytes(found.path.relative_to(folder.path)))
            for folder in library.store.folders()
            for found in library.store.photos(library.store.photo_ids().tolist())
            if found.folder_id == folder.id
        ]
        library.store.write(SPACE, IndexBatch(removed=places[::2]))
        rewritten = [
            IndexedFile(
                FilePlace(1, b"new/%d.png" % number),
                FileStamp(number, 10**18),
                content_hash(number),
                known,
                b"",
                None,
            )
            for number, (known, _, _) in enumerate(after)
        ]
        library.store.write(SPACE, IndexBatch(rewritten))
        if len(before) % 2:
            library.store.purge_unplaced()
        library.store.set_folder_online(2, is_online=False)
        followed = [library.store.matching(where).tolist() for where in filters]
        library.store._derived.forget()
        assert followed == [library.store.matching(where).tolist() for where in filters]


def test_times_are_those_of_the_camera_else_of_the_file(library: Library) -> None:
    known = PhotoFacts("JPEG", 1, 1, taken=CaptureTime(datetime(2020, 2, 3, 4, 5), None, "exif"))
    folder_id = library.store.add_folder(library.directory).id
    places = [FilePlace(folder_id, name) for name in (b"a", b"b")]
    stamp = FileStamp(1, 7_000_000)
    library.store.write(
        SPACE,
        IndexBatch(
            [
                IndexedFile(places[0], stamp, content_hash(1), known, b"", unit(8)),
                IndexedFile(places[1], stamp, content_hash(2), PhotoFacts("PNG", 1, 1), b"", None),
            ]
        ),
    )
    ids = library.store.photo_ids()
    taken_us = (datetime(2020, 2, 3, 4, 5) - datetime(1970, 1, 1)) // timedelta(microseconds=1)
    assert library.store.times(ids).tolist() == [taken_us, 7000]
    assert library.store.times(np.array([-1, 0, 10**9])).tolist() == [0, 0, 0]
    library.store.write(SPACE, IndexBatch(removed=[places[0]]))
    assert library.store.times(ids).tolist() == [0, 7000]


def test_an_answer_is_remembered_until_something_is_written(library: Library) -> None:
    where = Has(Trait.FAVOURITE)
    folder_id = library.store.add_folder(library.directory).id
    file = IndexedFile(
        FilePlace(folder_id, b"a"),
        FileStamp(1, 1),
        content_hash(1),
        PhotoFacts("PNG", 1, 1),
        b"",
        unit(8),
    )
    library.store.write(SPACE, IndexBatch([file]))
    derived = library.store._derived
    assert not derived.passing(where).any()
    assert derived.passing(where) is derived.passing(where)
    ids = library.store.matching(EVERY_PHOTO).tolist()
    library.store.change_user_data(ids, UserChange(is_favourite=True))
    assert library.store.matching(where).tolist() == ids
    library.store.change_user_data(ids, UserChange(add_tags=("x",)))
    assert library.store.matching(TextIs(TextField.TAG, "X")).tolist() == ids
    library.store.change_user_data(ids, UserChange(remove_tags=("x",)))
    assert library.store.matching(TextIs(TextField.TAG, "X")).tolist() == []
