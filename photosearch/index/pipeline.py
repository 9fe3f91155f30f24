"""Takes files in: decoder children read ahead, the index thread encodes, the store writes batches.

One bad picture never costs its neighbours, and a crash costs at most the batch under way: the
next scan finds it again, and `journal` helps to find out who was to blame.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from photosearch.core.cancel import CancelToken
from photosearch.core.events import IndexPhase
from photosearch.core.failure import FailureCode, FailureReason, PhotoFailure, Stage
from photosearch.core.photo import DecodedPhoto
from photosearch.core.ports import Crops, DecodeError, Decoder, Encoder, Vectors
from photosearch.core.probe import probe_crop
from photosearch.core.store import Store
from photosearch.core.stored import IndexBatch, IndexedFile
from photosearch.errors import ModelError, ModelMemoryError, ModelMissingError
from photosearch.index.journal import Journal
from photosearch.index.scan import FileTask

log = logging.getLogger(__name__)

#: Batches of files being read ahead: two keep every decoder busy while one is encoded.
_LOOK_AHEAD_BATCHES = 2
#: Files that are noted in the journal at once: those are suspects after a crash.
_JOURNAL_BLOCK = 32
#: A slow trickle (a network disk) is stored at least this often, so that it shows.
_FLUSH_AFTER_S = 2.0


@dataclass(slots=True)
class RunCounts:
    """What a run has done so far.

    Attributes:
        done: Files finished, failures included.
        encoded: Pictures that went through the model.
        failed: Files that could not be taken in.
        added: Photos that are new in the store.
        gone: Files that are no longer there.
    """

    done: int = 0
    encoded: int = 0
    failed: int = 0
    added: int = 0
    gone: int = 0


OnStep = Callable[[IndexPhase, RunCounts], None]


class Pipeline:
    """Reads, encodes and stores files.

    Args:
        store: Takes the batches.
        encoder: The model.
        decoder: Reads the files.
        journal: Is told which files are in flight.
    """

    def __init__(self, store: Store, encoder: Encoder, decoder: Decoder, journal: Journal) -> None:
        self._store = store
        self._encoder = encoder
        self._decoder = decoder
        self._journal = journal

    def run(
        self,
        tasks: Sequence[FileTask],
        counts: RunCounts,
        cancel: CancelToken,
        on_step: OnStep,
    ) -> None:
        """Takes files in, in their order; those that were in flight at a crash last, one by one.

        When cancelled, it stores what has been read already and returns.

        Args:
            tasks: Files to read.
            counts: Counted up as batches are stored.
            cancel: Stops the run between two files.
            on_step: Told how far it is, after each file and batch; must return at once.

        Raises:
            ModelMissingError: The model cannot be loaded, or fails at any picture; nothing was
                stored of the batch.
            StoreError: The database failed; what was stored before stays.
        """
        suspects = [task for task in tasks if self._journal.is_suspect(task)]
        places = {task.place for task in suspects}
        try:
            others = [task for task in tasks if task.place not in places]
            self._take_in(others, counts, cancel, on_step)
            if suspects and not cancel.is_cancelled:
                self._prove_model(counts, on_step)
            for suspect in suspects:
                if not cancel.is_cancelled:
                    self._take_in([suspect], counts, cancel, on_step)
        finally:
            self._journal.land()

    def _take_in(
        self,
        tasks: Sequence[FileTask],
        counts: RunCounts,
        cancel: CancelToken,
        on_step: OnStep,
    ) -> None:
        waiting = self._announced(tasks)
        reading: deque[tuple[FileTask, Future[DecodedPhoto]]] = deque()
        batch = _Batch()
        while not cancel.is_cancelled:
            batch_size = self._encoder.batch_size
            ahead = _LOOK_AHEAD_BATCHES * batch_size
            while len(reading) < ahead and (task := next(waiting, None)) is not None:
                path = Path(os.fsdecode(task.path))
                reading.append((task, self._decoder.submit(path, self._encoder.image_input)))
            if not reading:
                break
            self._collect(*reading.popleft(), batch)
            counts.done += 1
            on_step(IndexPhase.INDEXING, counts)
            if batch.is_due(batch_size):
                self._flush(batch, counts, on_step)
                batch = _Batch()
        for _, future in reading:
            future.cancel()
        self._flush(batch, counts, on_step)

    def _announced(self, tasks: Sequence[FileTask]) -> Iterator[FileTask]:
        """Yields tasks, noting each block in the journal before its first file is touched."""
        for start in range(0, len(tasks), _JOURNAL_BLOCK):
            block = tasks[start : start + _JOURNAL_BLOCK]
            self._journal.begin(block)
            yield from block

    def _prove_model(self, counts: RunCounts, on_step: OnStep) -> None:
        """Encodes the built-in picture while no file is in flight.

        A crash that comes with the model, not with a file, must not be put down to the suspects.
        """
        if not counts.encoded:
            on_step(IndexPhase.LOADING_MODEL, counts)
        with contextlib.suppress(ModelError):  # each file will meet it and say so
            self._encoder.encode_images(probe_crop(self._encoder.image_input))

    def _blame_pictures(self, error: ModelError) -> None:
        """Makes sure that a failure is a picture's: the model still takes the built-in one.

        Raises:
            ModelMissingError: It does not.
        """
        try:
            self._encoder.encode_images(probe_crop(self._encoder.image_input))
        except ModelMissingError:
            raise
        except ModelMemoryError as other:
            log.warning("the model could not be tried: %s", other.message)
        except ModelError as same:
            raise ModelMissingError(
                f"The model {self._encoder.model_id} is damaged, it fails at every "
                f"picture: {same.message}",
                f"photosearch models verify {self._encoder.model_id} --repair",
            ) from error

    def _collect(self, task: FileTask, future: Future[DecodedPhoto], batch: _Batch) -> None:
        try:
            batch.photos.append((task, future.result()))
        except DecodeError as error:
            batch.failures.append(PhotoFailure(task.place, error.stamp, error.stage, error.reason))
        except CancelledError:
            log.info("a read was cancelled")

    def _flush(self, batch: _Batch, counts: RunCounts, on_step: OnStep) -> None:
        if not batch.photos and not batch.failures:
            return
        photos = {photo.content_hash: photo for _, photo in batch.photos}
        stored = self._store.has_vectors(self._encoder.space, list(photos))
        fresh = [photo for key, photo in photos.items() if key not in stored]
        if fresh and not counts.encoded:
            on_step(IndexPhase.LOADING_MODEL, counts)  # seconds, where the model was not in use
        vectors = self._encode([photo.crop for photo in fresh])
        by_hash = {photo.content_hash: vector for photo, vector in zip(fresh, vectors, strict=True)}
        files = []
        for task, photo in batch.photos:
            outcome = by_hash.get(photo.content_hash)
            if isinstance(outcome, FailureReason):
                batch.failures.append(
                    PhotoFailure(
                        task.place,
                        photo.stamp,
                        Stage.ENCODE,
                        outcome,
                        space_key=self._encoder.space.key,
                    )
                )
                outcome = None
            files.append(
                IndexedFile(
                    task.place,
                    photo.stamp,
                    photo.content_hash,
                    photo.facts,
                    photo.thumbnail,
                    outcome,
                )
            )
        written = self._store.write(self._encoder.space, IndexBatch(files, batch.failures))
        counts.encoded += sum(not isinstance(vector, FailureReason) for vector in vectors)
        counts.failed += len(batch.failures)
        counts.added += written.added
        done = [file.place for file in files]
        self._journal.end(done + [failure.place for failure in batch.failures])
        on_step(IndexPhase.INDEXING, counts)

    def _encode(self, crops: Sequence[Crops]) -> list[Vectors | FailureReason]:
        """Encodes a batch; where it fails, its halves, down to the picture that is at fault.

        Halving serves both causes: a batch too large for the memory, and one bad picture.

        Raises:
            ModelMissingError: No picture is at fault, but the model.
        """
        outcomes: list[Vectors | FailureReason] = []
        is_model_proved = False
        parts = [crops] if crops else []
        while parts:
            part = parts.pop()
            try:
                outcomes += list(self._encoder.encode_images(np.stack(part)))
            except ModelMissingError:
                raise
            except ModelError as error:
                if len(part) > 1:
                    log.warning("a batch of %d failed, trying its halves: %s", len(part), error)
                    middle = len(part) // 2
                    parts += [part[middle:], part[:middle]]
                    continue
                if not (is_model_proved or isinstance(error, ModelMemoryError)):
                    self._blame_pictures(error)
                    is_model_proved = True
                outcomes.append(_reason(error))
        return outcomes


def _reason(error: ModelError) -> FailureReason:
    if isinstance(error, ModelMemoryError):
        return FailureReason(FailureCode.OUT_OF_MEMORY)  # tried again at the next run
    return FailureReason(FailureCode.ENCODE_FAILED, {"detail": error.message.rstrip(".")})


class _Batch:
    """Files that were read and are not stored yet."""

    def __init__(self) -> None:
        self.photos: list[tuple[FileTask, DecodedPhoto]] = []
        self.failures: list[PhotoFailure] = []
        self._started_s = time.monotonic()

    def is_due(self, size: int) -> bool:
        """True where the batch has this size, or has waited long enough."""
        if len(self.photos) + len(self.failures) >= size:
            return True
        return time.monotonic() - self._started_s >= _FLUSH_AFTER_S
