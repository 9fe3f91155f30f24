"""Takes files in: decoder children read ahead, the index thread encodes, the store writes batches.

One bad picture never costs its neighbours, and a crash costs at most the batch under way: the
next scan finds it again, and `journal` helps to find out who was to blame.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import replace
from pathlib import Path

import numpy as np

from photosearch.core.cancel import CancelToken
from photosearch.core.decoded import DecodedPhoto
from photosearch.core.events import IndexPhase
from photosearch.core.failure import FailureCode, FailureReason, PhotoFailure, Stage
from photosearch.core.ports import Crops, DecodeError, Decoder, Encoder, Vectors
from photosearch.core.probe import probe_crop
from photosearch.core.store import Store
from photosearch.core.stored import IndexBatch, IndexedFile, WriteCounts
from photosearch.errors import ModelError, ModelMemoryError, ModelMissingError
from photosearch.index.ahead import ReadAhead, ReadFuture, Reading
from photosearch.index.batch import Batch
from photosearch.index.fidelity import Fidelity
from photosearch.index.journal import Journal
from photosearch.index.run import OnStep, RunCounts, Turn
from photosearch.index.scan import FileTask

log = logging.getLogger(__name__)

#: Batches of files being read ahead: two keep every decoder busy while one is encoded.
_LOOK_AHEAD_BATCHES = 2
#: How often it looks for what is urgent, and whether it is still wanted, while a file is slow.
_LOOK_EVERY_S = 0.5


class Pipeline:
    """Reads, encodes and stores files.

    Args:
        store: Takes the batches.
        encoder: The model.
        decoder: Reads the files.
        journal: Is told which files are in flight.
        on_written: Told what each batch changed.
    """

    def __init__(
        self,
        store: Store,
        encoder: Encoder,
        decoder: Decoder,
        journal: Journal,
        on_written: Callable[[WriteCounts], None],
    ) -> None:
        self._store = store
        self._encoder = encoder
        self._decoder = decoder
        self._journal = journal
        self._on_written = on_written
        self._fidelity = Fidelity()

    def run(
        self, tasks: Sequence[FileTask], counts: RunCounts, cancel: CancelToken, turn: Turn
    ) -> bool:
        """Takes files in, in their order; those that were in flight at a crash last, one by one.

        When cancelled, or when it is somebody else's turn, it stores what has been read already and
        returns.

        Args:
            tasks: Files to read.
            counts: Counted up as batches are stored.
            cancel: Stops the run between two files.
            turn: What happens between files.

        Returns:
            Whether all of them were dealt with.

        Raises:
            ModelMissingError: The model cannot be loaded, or fails at any picture; nothing was
                stored of the batch.
            StoreError: The database failed; what was stored before stays.
        """
        suspects: list[FileTask] = []
        together = replace(turn, urgent=lambda: self._set_aside(turn.urgent(), suspects))
        try:
            is_whole = self._take_in(self._set_aside(tasks, suspects), counts, cancel, together)
            if suspects and is_whole:
                self._prove_model(counts, turn.on_step)
            alone = replace(turn, urgent=tuple)
            for suspect in suspects:
                is_whole = is_whole and self._take_in([suspect], counts, cancel, alone)
            return is_whole
        finally:
            self._journal.land()

    def _set_aside(self, tasks: Sequence[FileTask], suspects: list[FileTask]) -> list[FileTask]:
        """Returns files that may be read together; adds those to the suspects that may not."""
        alone = {task.place: task for task in tasks if self._journal.is_suspect(task)}
        suspects += alone.values()
        return [task for task in tasks if task.place not in alone]

    def _take_in(
        self, tasks: Sequence[FileTask], counts: RunCounts, cancel: CancelToken, turn: Turn
    ) -> bool:
        ahead = ReadAhead(tasks, turn.urgent, self._announced, self._submit)
        is_whole = False
        turn.wait(cancel)
        batch = Batch()
        try:
            while not (cancel.is_cancelled or turn.is_over()):
                batch_size = self._encoder.batch_size
                ahead.fill(_LOOK_AHEAD_BATCHES * batch_size)
                if ahead.is_empty:
                    is_whole = True
                    break
                reading = ahead.take(_LOOK_EVERY_S)
                if reading is None:
                    continue
                if not reading.is_outdated:
                    self._collect(reading, batch)
                counts.finish(reading.task.place.folder_id)
                turn.on_step(IndexPhase.INDEXING, counts)
                # Whoever saved a photo just now looks for it: it waits for no batch to be full.
                is_awaited = reading.is_urgent and not ahead.is_urgent
                if is_awaited or batch.is_due(batch_size) or turn.is_held():
                    self._flush(batch, counts, turn, ahead)
                    turn.wait(cancel)
                    batch = Batch()
        finally:
            ahead.leave(at_once=cancel.is_cancelled)
        self._flush(batch, counts, turn, ahead)
        return is_whole

    def _announced(self, block: Sequence[FileTask]) -> Iterator[tuple[FileTask, bytes | None]]:
        """Notes files in the journal; yields them and what each is thought to hold."""
        self._journal.begin(block)
        hashes = self._store.hashes_at([task.place for task in block])
        complete = self._store.complete(self._encoder.space, list(hashes.values()))
        for task in block:
            expected = hashes.get(task.place)
            yield task, expected if expected in complete else None

    def _submit(self, task: FileTask, expected: bytes | None, is_urgent: bool) -> ReadFuture:
        path, wanted = Path(os.fsdecode(task.path)), self._encoder.image_input
        if expected is not None:
            return self._decoder.submit_again(path, wanted, expected, is_urgent=is_urgent)
        reading: ReadFuture = self._decoder.submit(  # type: ignore[assignment]
            path, wanted, is_urgent=is_urgent, previews=self._fidelity.previews
        )
        return reading

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

    def _collect(self, reading: Reading, batch: Batch) -> None:
        try:
            batch.take(reading.task, reading.future.result())
        except DecodeError as error:
            if error.reason.code is FailureCode.VANISHED:
                log.info("a file went away")  # whoever looks next finds out where to
                return
            batch.fail(PhotoFailure(reading.task.place, error.stamp, error.stage, error.reason))
        except CancelledError:
            log.info("a read was cancelled")

    def _flush(self, batch: Batch, counts: RunCounts, turn: Turn, ahead: ReadAhead) -> None:
        batch.leave_out(turn.is_gone)
        if not batch.photos and not batch.failures:
            return
        photos = {
            photo.content_hash: photo
            for _, photo in batch.photos
            if isinstance(photo, DecodedPhoto)
        }
        stored = self._store.has_vectors(self._encoder.space, list(photos))
        fresh = [photo for key, photo in photos.items() if key not in stored]
        if fresh and not counts.encoded:
            # Seconds, where the model was not in use.
            turn.on_step(IndexPhase.LOADING_MODEL, counts)
        vectors = self._encode([photo.crop for photo in fresh])
        self._compare(fresh, vectors)
        by_hash = {photo.content_hash: vector for photo, vector in zip(fresh, vectors, strict=True)}
        files = []
        for task, photo in batch.photos:
            outcome = by_hash.get(photo.content_hash)
            if isinstance(outcome, FailureReason):
                key = self._encoder.space.key
                failure = PhotoFailure(task.place, photo.stamp, Stage.ENCODE, outcome, key)
                batch.failures.append(failure)
                outcome = None
            files.append(
                IndexedFile(
                    task.place,
                    photo.stamp,
                    photo.content_hash,
                    photo.facts,
                    photo.thumbnail if isinstance(photo, DecodedPhoto) else None,
                    outcome,
                    photo.traits,
                    photo.whole_hash,
                )
            )
        written = self._store.write(self._encoder.space, IndexBatch(files, batch.failures))
        counts.encoded += sum(not isinstance(vector, FailureReason) for vector in vectors)
        counts.fail(failure.place.folder_id for failure in batch.failures)
        counts.added += written.added
        self._on_written(written)
        done = [file.place for file in files] + [failure.place for failure in batch.failures]
        self._journal.end(place for place in done if not ahead.holds(place))  # read anew
        turn.on_failed(batch.failures)
        turn.on_step(IndexPhase.INDEXING, counts)

    def _compare(
        self, photos: Sequence[DecodedPhoto], vectors: Sequence[Vectors | FailureReason]
    ) -> None:
        """Has it judged how well previews stand for their pictures, whose vectors these are."""
        of_pictures = {
            photo.content_hash: vector
            for photo, vector in zip(photos, vectors, strict=True)
            if not isinstance(vector, FailureReason)
        }
        due = self._fidelity.due(photo for photo in photos if photo.content_hash in of_pictures)
        of_previews = self._encode([preview.crop for _, preview in due])
        for (photo, preview), vector in zip(due, of_previews, strict=True):
            picture, cosine = of_pictures[photo.content_hash], 0.0
            if not isinstance(vector, FailureReason):
                cosine = float(np.dot(picture, vector))
            self._fidelity.judge(preview.kind, cosine)

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
