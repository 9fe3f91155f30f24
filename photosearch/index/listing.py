"""The first pass over new files: what their headers say, so that a library stands in minutes.

Dates, places, cameras and the pictures that cameras put into their files: enough for a timeline
and for filters, long before the last photo is understood. Index thread.
"""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from pathlib import Path

from photosearch.core.decoded import ListedPhoto
from photosearch.core.photo import FilePlace
from photosearch.core.ports import DecodeError, Decoder
from photosearch.core.space import EmbeddingSpace
from photosearch.core.store import Store
from photosearch.core.stored import IndexBatch, ListedFile, WriteCounts
from photosearch.index.scan import FileTask

log = logging.getLogger(__name__)

#: Files that are being read ahead of the store.
_LOOK_AHEAD = 256
#: Files of one transaction, and how long the first of them waits for it at most.
_BATCH = 256
_FLUSH_AFTER_S = 0.5


def list_files(
    tasks: Sequence[FileTask],
    decoder: Decoder,
    store: Store,
    space: EmbeddingSpace,
    is_over: Callable[[], bool],
    on_batch: Callable[[Sequence[FilePlace], WriteCounts], None],
) -> None:
    """Stores what the headers of files say. What cannot be read is left to the second pass.

    Where it is over before its end, it stores what has been read already and returns.

    Args:
        tasks: Files at new places, those first that are to be seen first.
        decoder: Reads them.
        store: Takes them.
        space: As `Store.write` wants it.
        is_over: Asked between two files.
        on_batch: Told after each batch which files were dealt with and what it changed; may
            take its time, since only the reading ahead goes on meanwhile.

    Raises:
        StoreError: The database failed; what was stored before stays.
    """
    batch: list[ListedFile] = []
    done: list[FilePlace] = []
    flushed_s = time.monotonic()
    for task, listed in _read(tasks, decoder, is_over):
        done.append(task.place)
        if listed is not None:
            batch.append(
                ListedFile(task.place, listed.stamp, listed.facts, listed.thumbnail, listed.traits)
            )
        if len(batch) >= _BATCH or time.monotonic() - flushed_s >= _FLUSH_AFTER_S:
            on_batch(done, store.write(space, IndexBatch(listed=batch)))
            batch, done, flushed_s = [], [], time.monotonic()
    on_batch(done, store.write(space, IndexBatch(listed=batch)))


def _read(
    tasks: Sequence[FileTask], decoder: Decoder, is_over: Callable[[], bool]
) -> Iterator[tuple[FileTask, ListedPhoto | None]]:
    waiting = iter(tasks)
    reading: deque[tuple[FileTask, Future[ListedPhoto]]] = deque()
    while not is_over():
        while len(reading) < _LOOK_AHEAD and (task := next(waiting, None)) is not None:
            reading.append((task, decoder.submit_listing(Path(os.fsdecode(task.path)))))
        if not reading:
            return
        task, future = reading.popleft()
        try:
            yield task, future.result()
        except DecodeError as error:
            log.debug("a header was not read: %s", error)
            yield task, None
        except CancelledError:
            return
    for _, future in reading:
        future.cancel()
