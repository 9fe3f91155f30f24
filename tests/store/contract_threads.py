"""The contract of a store: any thread, at any time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from photosearch.core.photo import FilePlace
from photosearch.core.store import Store
from photosearch.core.stored import IndexBatch

from .samples import SPACE, photo, unit

BATCH_COUNT = 24
BATCH_FILES = 10


class ThreadsContract:
    def test_readers_see_whole_batches_while_writers_write(
        self, store: Store, tmp_path: Path
    ) -> None:
        store.ensure_space(SPACE)
        folders = [store.add_folder(tmp_path / name) for name in ("a", "b")]
        is_over = threading.Event()

        def write(writer: int) -> None:
            for number in range(BATCH_COUNT):
                first = (writer * BATCH_COUNT + number) * BATCH_FILES
                files = [
                    photo(folders[writer].id, b"%d.jpg" % n, n)
                    for n in range(first, first + BATCH_FILES)
                ]
                store.write(SPACE, IndexBatch(files))
            # Every second batch goes again.
            for number in range(0, BATCH_COUNT, 2):
                first = (writer * BATCH_COUNT + number) * BATCH_FILES
                gone = [
                    FilePlace(folders[writer].id, b"%d.jpg" % n)
                    for n in range(first, first + BATCH_FILES)
                ]
                store.write(SPACE, IndexBatch(removed=gone))
                store.purge_unplaced()

        def read() -> int:
            reads = 0
            while not is_over.is_set():
                counts = store.counts(SPACE)
                assert counts.photo_count == counts.file_count == counts.vector_count
                assert counts.photo_count % BATCH_FILES == 0
                ranking = store.search(SPACE, unit(8), 10_000)
                assert len(ranking.ids) == ranking.searched_count
                assert ranking.searched_count % BATCH_FILES == 0
                store.search(SPACE, unit(8), 5)
                ids = store.photo_ids()
                assert len(ids) % BATCH_FILES == 0
                store.photos(ids[:20].tolist())
                store.thumbnails(ids[:20].tolist())
                reads += 1
            return reads

        with ThreadPoolExecutor(6) as pool:
            readers = [pool.submit(read) for _ in range(4)]
            writers = [pool.submit(write, number) for number in range(2)]
            try:
                for writer in writers:
                    writer.result(timeout=50)
            finally:
                is_over.set()
            assert all(reader.result(timeout=50) > 0 for reader in readers)
        assert store.counts(SPACE).vector_count == BATCH_COUNT * BATCH_FILES
