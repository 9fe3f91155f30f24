"""The contract of a store: thumbnails, and how much room they take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from photosearch.core.photo import FilePlace
from photosearch.core.store import Store
from photosearch.core.stored import IndexBatch, IndexedFile
from photosearch.store.sqlite import thumbs

from .samples import SPACE, content_hash, ids_by_name, photo, write

LARGE = 20_000


def large(folder_id: int, number: int) -> IndexedFile:
    jpeg = b"%d " % number * (LARGE // 4)
    return replace(photo(folder_id, b"%03d.jpg" % number, number), thumbnail=jpeg)


class ThumbnailsContract:
    def test_a_missing_thumbnail_can_be_made_later(self, store: Store, folder_id: int) -> None:
        without = replace(photo(folder_id, b"a.jpg", 1), thumbnail=None)
        write(store, without, photo(folder_id, b"b.jpg", 2))
        ids = ids_by_name(store)
        asked = [99, ids["b.jpg"], ids["a.jpg"]]
        assert store.missing_thumbnails(asked) == [ids["a.jpg"]]
        assert not store.known_files(folder_id, SPACE)[b"a.jpg"].is_done
        store.put_thumbnail(ids["a.jpg"], b"made")
        store.put_thumbnail(99, b"nobody's")
        assert store.missing_thumbnails(asked) == []
        assert store.thumbnails(asked)[ids["a.jpg"]] == b"made"
        assert store.known_files(folder_id, SPACE)[b"a.jpg"].is_done

    @pytest.mark.parametrize("bare", [(), (0,), (9,), (0, 1, 4, 8, 9), tuple(range(10))])
    def test_files_without_a_thumbnail_are_not_done(
        self, store: Store, folder_id: int, bare: tuple[int, ...]
    ) -> None:
        names = [b"%d.jpg" % number for number in range(10)]
        photos = [photo(folder_id, name, number) for number, name in enumerate(names)]
        for number in bare:
            photos[number] = replace(photos[number], thumbnail=None)
        write(store, *photos)
        lacking = {names[number] for number in bare}
        every = store.known_files(folder_id, SPACE)
        assert {name for name in names if not every[name].is_done} == lacking
        for name in names:  # one of many contents is asked about alone
            assert store.known_files(folder_id, SPACE, [name]) == {name: every[name]}

    def test_the_oldest_are_given_up_where_they_take_too_much_room(
        self,
        store: Store,
        open_again: Callable[[], Store],
        folder_id: int,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(thumbs, "_NEWEST_KEPT", 3)
        store.limit_thumbnails(40 * LARGE)
        for number in range(100):
            write(store, large(folder_id, number))
        ids = ids_by_name(store)
        missing = store.missing_thumbnails(sorted(ids.values()))
        assert 40 < len(missing) < 99
        assert missing == sorted(ids.values())[: len(missing)], "the oldest"
        assert set(store.thumbnails(list(ids.values()))) == set(ids.values()) - set(missing)
        assert all(known.is_done for known in store.known_files(folder_id, SPACE).values())
        hashes = [content_hash(number) for number in range(100)]
        assert store.complete(SPACE, hashes) == set(hashes)
        # One that is looked at is made again, and is not the next to go.
        store.put_thumbnail(missing[0], b"made" * LARGE)
        assert store.thumbnails([missing[0]]) == {missing[0]: b"made" * LARGE}
        store = open_again()
        assert all(known.is_done for known in store.known_files(folder_id, SPACE).values())
        store.limit_thumbnails(None)
        write(store, *(large(folder_id, number) for number in range(100)))
        assert store.missing_thumbnails(list(ids.values())) == []

    def test_those_that_somebody_may_look_at_are_kept(self, store: Store, folder_id: int) -> None:
        store.limit_thumbnails(1)
        for number in range(5):
            write(store, large(folder_id, number))
        assert store.missing_thumbnails(store.photo_ids().tolist()) == []

    def test_what_cannot_be_made_again_is_kept(
        self, store: Store, folder_id: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(thumbs, "_NEWEST_KEPT", 0)
        disk = store.add_folder(tmp_path / "disk").id
        write(store, *(large(disk, number) for number in range(30)))
        write(store, *(large(folder_id, number) for number in range(29, 60)))
        store.set_folder_online(disk, is_online=False)
        every = store.photo_ids().tolist()
        gone = FilePlace(folder_id, b"059.jpg")
        store.write(SPACE, IndexBatch(removed=[gone]))
        store.limit_thumbnails(1)
        numbers = {int.from_bytes(found.content_hash, "big") for found in store.photos(every)} - {
            int.from_bytes(found.content_hash, "big")
            for found in store.photos(store.missing_thumbnails(every))
        }
        assert numbers == set(range(29)), "all that is offline, and nothing else"
        assert [photo.id in store.thumbnails([photo.id]) for photo in store.gone()] == [True]
        # What is in reach again may go at the next occasion.
        store.set_folder_online(disk, is_online=True)
        write(store, large(folder_id, 77))
        assert set(store.missing_thumbnails(every)) == set(every) & set(store.photo_ids().tolist())
