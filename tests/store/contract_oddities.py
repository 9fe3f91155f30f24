"""The contract of a store: what file systems and cameras come up with."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from photosearch.core.photo import FilePlace, FileStamp, PhotoFacts
from photosearch.core.store import Store
from photosearch.core.stored import IndexBatch

from .samples import (
    SPACE,
    photo,
    write,
)

PATH_PARTS = st.binary(min_size=1, max_size=40).map(lambda part: part.replace(b"/", b"_"))
REL_PATHS = st.lists(
    PATH_PARTS.filter(lambda part: b"\0" not in part and part not in {b".", b".."}),
    min_size=1,
    max_size=4,
).map(b"/".join)


class OdditiesContract:
    def test_odd_facts_and_times_do_not_cost_the_batch(self, store: Store, folder_id: int) -> None:
        odd = PhotoFacts(
            "JPEG", 1, 1, camera_make="\udcff\0x", camera_model="", latitude_deg=float("nan")
        )
        late = FileStamp(1, 2**64)
        write(store, photo(folder_id, b"a.jpg", 1, facts=odd, stamp=late))
        (found,) = store.photos(store.photo_ids().tolist())
        assert found.facts == PhotoFacts("JPEG", 1, 1, camera_make="?\0x", camera_model="")

    @settings(
        max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(rel_paths=st.sets(REL_PATHS, min_size=1, max_size=5))
    def test_any_file_name_comes_back(
        self, store: Store, tmp_path: Path, rel_paths: set[bytes]
    ) -> None:
        store.ensure_space(SPACE)
        folder = store.add_folder(tmp_path / "photos")
        known = set(store.known_files(folder.id, SPACE))
        files = [photo(folder.id, path, number) for number, path in enumerate(rel_paths)]
        store.write(
            SPACE,
            IndexBatch(files, removed=[FilePlace(folder.id, old) for old in known - rel_paths]),
        )
        assert set(store.known_files(folder.id, SPACE)) == rel_paths
        paths = {os.fsencode(found.path) for found in store.photos(store.photo_ids().tolist())}
        assert paths == {os.fsencode(folder.path) + b"/" + rel_path for rel_path in rel_paths}
