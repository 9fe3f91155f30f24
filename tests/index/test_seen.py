"""What a scan has seen, told from what it has not."""

from __future__ import annotations

import gc
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from photosearch.core.stored import KnownFile
from photosearch.index.seen import Seen

_KNOWN = KnownFile(None, is_done=True)
_PATHS = st.sets(st.sampled_from([b"%d.jpg" % number for number in range(8)]))


@given(_PATHS, st.lists(st.sampled_from([b"%d.jpg" % number for number in range(8)])))
def test_it_holds_what_was_added(known: set[bytes], added: list[bytes]) -> None:
    seen = Seen(dict.fromkeys(known, _KNOWN))
    for path in added:
        seen.add(path)
    assert set(seen) == set(added)
    assert len(list(seen)) == len(seen) == len(set(added))
    assert seen.missing == known - set(added)
    assert [path for path in (*known, *added, b"other") if path in seen] == [
        path for path in (*known, *added) if path in set(added)
    ]


def test_known_files_take_little_memory() -> None:
    count = 20_000
    known = {b"2019/Holiday in Rome/%06d.jpg" % number: _KNOWN for number in range(count)}
    gc.collect()
    tracemalloc.start()
    try:
        seen = Seen(known)
        for number in range(count):
            seen.add(b"2019/Holiday in Rome/%06d.jpg" % number)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(seen) == count
    assert not seen.missing
    assert peak_bytes < 80 * count
