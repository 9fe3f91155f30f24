"""The pool of decoder processes: a hostile file costs itself only, never the engine.

`index` and `library` hold one `DecoderPool` and call it from any thread.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from photosearch.core.decoded import DecodedPhoto, ListedPhoto, SamePhoto
from photosearch.core.photo import FileStamp
from photosearch.core.preview import Previews
from photosearch.core.query import Box
from photosearch.core.space import ImageInput
from photosearch.images.child import run_again, run_decode
from photosearch.images.decode import decode as decode_picture
from photosearch.images.listing import list_photo
from photosearch.images.listings import ListFunction, Listings
from photosearch.images.source import stamp_of
from photosearch.images.taskpool import TaskPool

#: Slowest sound picture seen (a 250 MP PNG) takes a sixth of it.
TIME_LIMIT_S = 60.0

#: Tasks per child before a fresh one takes over: bounds what codecs leak, costs 1 ms each.
TASKS_PER_CHILD = 500

DecodeFunction = Callable[..., DecodedPhoto]


class DecoderPool:
    """Reads files in killable children; a `core.ports.Decoder`.

    Args:
        child_count: How many files are read at once; one per usable core by default.
        time_limit_s: What one file may take before its child is killed.
        tasks_per_child: Files after which a child makes place for a fresh one.
        decode: What the children run: a module's function, for tests.
        list_photo: Likewise.
    """

    def __init__(
        self,
        child_count: int | None = None,
        *,
        time_limit_s: float = TIME_LIMIT_S,
        tasks_per_child: int = TASKS_PER_CHILD,
        decode: DecodeFunction = decode_picture,
        list_photo: ListFunction = list_photo,
    ) -> None:
        child_count = child_count or _usable_cores()
        self._time_limit_s = time_limit_s
        self._decode = decode
        self._tasks = TaskPool(child_count, tasks_per_child)
        self._listings = Listings(self._tasks, child_count, time_limit_s, list_photo)

    def submit(
        self,
        source: Path | bytes,
        image_input: ImageInput,
        part: Box | None = None,
        *,
        is_urgent: bool = False,
        previews: Previews | None = None,
    ) -> Future[DecodedPhoto]:
        """Starts reading a picture. The first call starts the children (0.3 s).

        Args:
            source: Path of a file, or the encoded bytes of a picture that has none.
            image_input: The crop that the encoder wants.
            part: What the crop is of; the whole picture where None.
            is_urgent: It is read before all that waits.
            previews: Which previews stand for their pictures; none where None.

        Returns:
            A future that gives the photo, or raises `DecodeError` (`CancelledError` once it or the
            pool was cancelled). A running file whose future is cancelled is killed.

        Raises:
            RuntimeError: The pool is closed.
        """
        args = (self._decode, source, image_input, part, previews)
        return self._tasks.run(
            run_decode, args, _stamp(source), self._time_limit_s, is_urgent=is_urgent
        )

    def submit_again(
        self, path: Path, image_input: ImageInput, expected: bytes, *, is_urgent: bool = False
    ) -> Future[DecodedPhoto | SamePhoto]:
        """Starts reading a file that is thought to hold a content of which all is known.

        Args:
            path: The file.
            image_input: The crop that is wanted of another content.
            expected: Hash of the content; the one by which earlier programs named it holds too.
            is_urgent: It is read before all that waits.

        Returns:
            A future that gives a `SamePhoto` where nothing had to be decoded, else the photo, or
            raises as that of `submit`.

        Raises:
            RuntimeError: The pool is closed.
        """
        args = (path, image_input, expected)
        return self._tasks.run(
            run_again, args, _stamp(path), self._time_limit_s, is_urgent=is_urgent
        )

    def submit_listing(self, path: Path) -> Future[ListedPhoto]:
        """Starts reading what a file's header says: no pixels, at most 256 KB.

        Returns:
            A future that gives what was found, or raises as that of `submit`. Cancelling it while
            it runs leaves it running: it is a matter of milliseconds.

        Raises:
            RuntimeError: The pool is closed.
        """
        return self._listings.submit(path)

    def limit(self, child_count: int) -> None:
        """Sets how many files are read at once from now on, at most as many as at first.

        What runs already ends first.
        """
        self._tasks.limit(child_count)

    def release(self) -> bool:
        """Ends the children and frees their memory; the next file starts them again (0.3 s).

        Returns:
            False, and nothing is done, where files are being read.
        """
        return self._tasks.release()

    def close(self) -> None:
        """Cancels what is not finished and ends the children. Calling it twice is harmless."""
        self._listings.close()
        self._tasks.close()


def _stamp(source: Path | bytes) -> FileStamp | None:
    """Returns the stamp for failures whose child cannot tell any more.

    From before the reading, and never by a thread of the pool's, which a dead network share would
    stop.
    """
    if isinstance(source, bytes):
        return FileStamp(len(source), 0)
    try:
        return stamp_of(source.stat())
    except (OSError, ValueError):
        return None


def _usable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
