"""The library that `demo --photos` makes."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from photosearch import paths
from photosearch.cli import demo_photos
from photosearch.cli.demo_library import LinkedFiles, make_library
from photosearch.cli.demo_photos import Original, make_block
from photosearch.core.cancel import CancelToken
from photosearch.core.photo import FileStamp
from photosearch.embed import catalogue
from photosearch.embed.encoder import ModelEncoder
from photosearch.errors import LibraryError
from photosearch.index.rules import ScanRules
from photosearch.index.scan import scan
from photosearch.library import Library
from photosearch.settings import DEFAULT_MODEL
from photosearch.store.open import open_store

COUNT = 50


def originals(count: int = 5) -> list[Original]:
    return [Original(vector, b"jpeg", Path()) for vector in np.eye(count, 64, dtype=np.float32)]


def put_nowhere(_original: Original, _rel_path: str) -> FileStamp:
    return FileStamp(1, 1)


def test_no_two_made_up_photos_are_the_same():
    files = [
        *make_block(originals(), 1, 0, 300, put_nowhere),
        *make_block(originals(), 1, 1, 300, put_nowhere),
    ]
    assert len({file.content_hash for file in files}) == 600
    assert len({file.place.rel_path for file in files}) == 600
    assert len({file.facts.taken for file in files}) > 300


def test_the_same_ones_come_each_time():
    one, again = (list(make_block(originals(), 1, 3, 100, put_nowhere)) for _ in range(2))
    assert [file.facts for file in one] == [file.facts for file in again]
    assert all(np.array_equal(a.vector, b.vector) for a, b in zip(one, again, strict=True))


def test_a_photo_looks_like_the_picture_it_stands_for():
    sources = originals()
    for file in make_block(sources, 1, 0, 200, put_nowhere):
        assert file.vector is not None
        cosines = [float(source.vector @ file.vector) for source in sources]
        assert 0.8 < max(cosines) < 0.99
        assert abs(float(np.linalg.norm(file.vector)) - 1) < 1e-5


def test_some_are_series_of_one_moment():
    files = list(make_block(originals(), 1, 0, 1_000, put_nowhere))
    times = [file.facts.taken.local for file in files if file.facts.taken is not None]
    seconds = [(b - a).total_seconds() for a, b in pairwise(times)]
    assert 20 < sum(second == 1 for second in seconds) < 500


@pytest.mark.model
def test_a_library_is_made_once_goes_on_where_it_stopped_and_can_be_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(demo_photos, "BLOCK", 20)
    library = tmp_path / "large"

    def stop(made: int, _rate: float) -> None:
        if made:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_library(library, COUNT, stop)
    told: list[int] = []
    assert make_library(library, COUNT, lambda made, _rate: told.append(made))
    assert told == [20, 40, 50], "the first block was there"
    assert not make_library(library, COUNT, lambda made, _rate: told.append(made))

    with_photos = Library.open(library)
    try:
        status = with_photos.status()
        assert (status.counts.photo_count, status.counts.vector_count) == (COUNT, COUNT)
        assert status.folders[0].is_online
        photos = with_photos.photos(with_photos.photo_ids().tolist())
        assert len(with_photos.thumbnails([photo.id for photo in photos])) == COUNT
        assert sum(photo.user.is_favourite for photo in photos) == 1
    finally:
        with_photos.close()

    store = open_store(library)
    try:
        (folder,) = store.folders()
        space = ModelEncoder(catalogue.find(DEFAULT_MODEL), paths.models_dir()).space
        found = scan(folder, store.known_files(folder.id, space), CancelToken(), ScanRules())
        assert (found.tasks, found.removed, found.photo_count) == ([], [], COUNT)
    finally:
        store.close()


@pytest.mark.model
def test_a_library_with_folders_of_its_own_is_left_alone(tmp_path: Path):
    (tmp_path / "mine").mkdir()
    library = Library.open(tmp_path / "library")
    library.add_folder(tmp_path / "mine")
    library.close()
    with pytest.raises(LibraryError, match="folders of its own"):
        make_library(tmp_path / "library", COUNT, lambda _made, _rate: None)


def test_where_no_hard_link_is_possible_the_files_are_there_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_arguments: object) -> None:
        raise OSError(1, "Operation not permitted")

    (tmp_path / "original.jpg").write_bytes(b"picture")
    original = Original(np.zeros(4, np.float32), b"", tmp_path / "original.jpg")
    files = LinkedFiles(tmp_path / "photos")
    stamp = files.put(original, "a/linked.jpg")
    assert (tmp_path / "photos/a/linked.jpg").samefile(original.path)
    monkeypatch.setattr(os, "link", refuse)
    assert files.put(original, "a/symbolic.jpg") == stamp
    assert (tmp_path / "photos/a/symbolic.jpg").is_symlink()
    monkeypatch.setattr(os, "symlink", refuse)
    assert files.put(original, "a/copied.jpg") == stamp
    assert not (tmp_path / "photos/a/copied.jpg").samefile(original.path)
    assert files.put(original, "a/copied.jpg") == stamp, "again is fine"
