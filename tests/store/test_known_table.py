"""Known files in little memory: as a dictionary of them would be."""

from __future__ import annotations

import gc
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.core.photo import FileStamp
from photosearch.core.stored import KnownFile
from photosearch.store.sqlite.known_table import KnownTable

_INT64 = st.integers(-(2**63), 2**63 - 1)
_STAMPS = st.builds(FileStamp, _INT64, _INT64)
_FILES = st.builds(
    KnownFile,
    st.none() | _STAMPS,
    is_done=st.booleans(),
    is_listed=st.booleans(),
    is_companion=st.booleans(),
    sidecar=st.none() | _STAMPS,
    is_failed=st.booleans(),
)


@given(st.lists(st.tuples(st.binary(max_size=3), _FILES)))
def test_what_was_said_last_of_a_file_is_known(said: list[tuple[bytes, KnownFile]]) -> None:
    table = KnownTable()
    for path, file in said:
        table.put(path, file)
    assert table == dict(said)
    assert list(table) == list(dict(said))
    assert len(table) == len(dict(said))
    assert all(path in table for path, _ in said)


@given(_STAMPS, st.none() | _STAMPS, st.booleans())
def test_a_stored_photo_is_added_without_objects(
    stamp: FileStamp, sidecar: FileStamp | None, is_done: bool
) -> None:
    table = KnownTable()
    beside = (sidecar.size_bytes, sidecar.mtime_ns) if sidecar else (None, None)
    table.add(b"a.jpg", stamp.size_bytes, stamp.mtime_ns, *beside, is_done=is_done)
    known = KnownFile(stamp, is_done=is_done, is_listed=True, sidecar=sidecar)
    assert table == {b"a.jpg": known}


def test_nothing_is_known_of_other_files() -> None:
    table = KnownTable()
    assert table.get(b"a.jpg") is None
    assert b"a.jpg" not in table
    with pytest.raises(KeyError):
        table[b"a.jpg"]


def test_a_file_takes_little_memory() -> None:
    count = 20_000
    gc.collect()
    tracemalloc.start()
    try:
        table = KnownTable()
        for number in range(count):
            path = b"2019/2019-07-12 Holiday in Rome/IMG_20190712_%06d.JPG" % number
            table.add(
                path, 4_000_000 + number, 1_562_900_000 * 10**9 + number, None, None, is_done=True
            )
        used_bytes, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(table) == count
    assert used_bytes < 220 * count
