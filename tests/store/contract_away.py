"""The contract of a store: photos on disks that are mounted inside a folder, and may be away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from photosearch.core.filters import Has, Trait
from photosearch.core.photo import FilePlace, MountPoint
from photosearch.core.store import Store
from photosearch.store.sqlite import thumbs

from .contract_thumbnails import large
from .samples import OTHER_SPACE, content_hash, photo, write


class AwayContract:
    @pytest.mark.parametrize("mounted", [b"stick", b"caf\xe9", b"in/a [stick]*"])
    def test_a_copy_on_a_disk_that_is_not_away_is_shown(
        self, store: Store, folder_id: int, tmp_path: Path, mounted: bytes
    ) -> None:
        other = store.add_folder(tmp_path / "other")
        write(
            store,
            photo(folder_id, mounted + b"/in/a.jpg", 1),
            photo(folder_id, mounted + b"/only.jpg", 2),
            photo(folder_id, mounted + b"0.jpg", 3),
            photo(folder_id, mounted + b".jpg", 4),
            photo(other.id, mounted + b"/in/of another folder.jpg", 5),
            photo(folder_id, b"copy.jpg", 1),
        )
        ids = {found.content_hash: found.id for found in store.photos(store.photo_ids().tolist())}
        first = ids[content_hash(1)]
        is_offline = Has(Trait.OFFLINE)
        for is_away in (True, False):
            away = MountPoint(mounted, "uuid 1", is_away=is_away)
            store.set_folder_volume(folder_id, "", [MountPoint(b"more", ""), away])
            names = ["copy.jpg", "a.jpg"] if is_away else ["a.jpg", "copy.jpg"]
            assert [path.name for path in store.paths_of(first)] == names
            assert [found.path.name for found in store.photos([first])] == names[:1]
            offline = [ids[content_hash(2)]] if is_away else []
            assert store.matching(is_offline).tolist() == offline
            assert store.missing_vectors(OTHER_SPACE, only_offline=True).tolist() == offline
            assert store.missing_count(OTHER_SPACE, only_offline=True) == len(offline)

    def test_what_a_disk_inside_a_folder_holds_is_kept_while_that_is_away(
        self, store: Store, folder_id: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(thumbs, "_NEWEST_KEPT", 0)
        write(store, *(large(folder_id, number) for number in range(30)))
        inside = [
            replace(file, place=FilePlace(folder_id, b"stick/" + file.place.rel_path))
            for file in (large(folder_id, number) for number in range(20, 50))
        ]
        write(store, *inside)
        store.set_folder_volume(folder_id, "", [MountPoint(b"stick", "", is_away=True)])
        store.limit_thumbnails(1)
        kept = set(store.photo_ids().tolist()) - set(
            store.missing_thumbnails(store.photo_ids().tolist())
        )
        assert kept == set(store.matching(Has(Trait.OFFLINE)).tolist())
        assert len(kept) == 20
