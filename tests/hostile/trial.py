"""Takes files through the decoder pool and judges what comes back.

A file may be a photo or a `DecodeError` with a true reason. Everything else is a fault of ours:
another exception, a future that never ends, a photo that holds nonsense.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar
from zlib import crc32

from photosearch.core.decoded import DecodedPhoto, ListedPhoto
from photosearch.core.failure import FailureCode, Stage
from photosearch.core.ports import DecodeError, Decoder
from photosearch.core.preview import PreviewKind, Previews
from photosearch.core.space import ImageInput

INPUT = ImageInput(32)
#: On top of the pool's own limit, before a file is said to hang: a child has to be started, too.
GRACE_S = 45.0
#: Files under way at once, for each child. Listings go to a child by the dozen.
_AHEAD = 4
_LISTED_AHEAD = 48

#: The system itself remembers the most that a process had; only those that end between are missed.
_LOOK_EVERY_S = 0.5

#: The preview in our own HEIF file (`sound`).
_TRUSTED = Previews(trusted=frozenset({PreviewKind("HEIF", 384, 256)}))

_FILE_STAGES = frozenset({Stage.READ, Stage.DECODE})
_JPEG = b"\xff\xd8\xff"

_Item = TypeVar("_Item")


@dataclass(frozen=True)
class Outcome(Generic[_Item]):
    """What became of one file.

    Attributes:
        item: Whose it is, as it was handed in.
        code: Why it failed; None where it gave a photo.
        detail: The reason's sentence.
        elapsed_s: From handing in to the end, the wait for a child included.
        fault: What of it can never be right; "" where nothing is.
    """

    item: _Item
    code: FailureCode | None
    detail: str
    elapsed_s: float
    fault: str = ""


@dataclass(frozen=True)
class _Waiting(Generic[_Item]):
    item: _Item
    path: Path
    future: Future[DecodedPhoto] | Future[ListedPhoto]
    started_s: float


def decoded(
    pool: Decoder,
    files: Iterable[tuple[_Item, Path]],
    limit_s: float,
    child_count: int,
) -> Iterator[Outcome[_Item]]:
    """Reads files in whole, in order; of about half of them, by their names, previews are trusted.

    Args:
        pool: Reads them.
        files: Something to know each by, and where it is.
        limit_s: The pool's own limit for one file, in seconds.
        child_count: How many it reads at once.
    """
    ahead = _AHEAD * child_count

    def submit(path: Path) -> Future[DecodedPhoto]:
        is_trusted = crc32(os.fsencode(path.name)) % 2
        return pool.submit(path, INPUT, previews=_TRUSTED if is_trusted else Previews())

    return _through(submit, files, limit_s, ahead)


def listed(
    pool: Decoder,
    files: Iterable[tuple[_Item, Path]],
    limit_s: float,
    child_count: int,
) -> Iterator[Outcome[_Item]]:
    """Reads headers only, in order; arguments as for `decoded`."""
    return _through(pool.submit_listing, files, limit_s, _LISTED_AHEAD * child_count)


def _through(
    submit: Callable[[Path], Future[DecodedPhoto] | Future[ListedPhoto]],
    files: Iterable[tuple[_Item, Path]],
    limit_s: float,
    ahead: int,
) -> Iterator[Outcome[_Item]]:
    waiting: deque[_Waiting[_Item]] = deque()
    for item, path in files:
        waiting.append(_Waiting(item, path, submit(path), time.monotonic()))
        if len(waiting) >= ahead:
            yield _ended(waiting.popleft(), limit_s)
    while waiting:
        yield _ended(waiting.popleft(), limit_s)


def _ended(file: _Waiting[_Item], limit_s: float) -> Outcome[_Item]:
    code: FailureCode | None = None
    detail = fault = ""
    try:
        # One file ahead of it may take its whole time.
        result = file.future.result(_AHEAD * limit_s + GRACE_S)
    except DecodeError as error:
        code, detail = error.reason.code, str(error)
        fault = _fault_of(error, file.path)
    except FutureTimeoutError:
        fault = "it hangs: the future has not ended"
    except BaseException as error:  # noqa: BLE001 - that is what is looked for
        fault = f"a wrong exception: {error!r}"
    else:
        fault = _fault_in(result)
    return Outcome(file.item, code, detail, time.monotonic() - file.started_s, fault)


def _fault_of(error: DecodeError, path: Path) -> str:
    values = [str(value) for value in error.reason.args.values()]
    if "?" in str(error) and not any("?" in value for value in values):
        return f"a sentence with gaps: {error}"
    if error.stage not in _FILE_STAGES:
        return f"no stage of a file: {error.stage}"
    if error.reason.code is FailureCode.DAMAGED and error.stamp is None and os.path.isfile(path):  # noqa: PTH113 - or it is too long
        # Only the last net of all gives no stamp: an exception that nobody foresaw.
        return f"an exception that was not foreseen: {error}"
    return ""


def _fault_in(photo: DecodedPhoto | ListedPhoto) -> str:
    facts = photo.facts
    if isinstance(photo, DecodedPhoto):
        side_px = INPUT.size_px
        if photo.crop.shape != (side_px, side_px, 3) or photo.crop.dtype != "uint8":
            return f"a crop of {photo.crop.shape} {photo.crop.dtype}"
        if not photo.thumbnail.startswith(_JPEG):
            return "a thumbnail that is none"
        if facts.width_px < 1 or facts.height_px < 1:
            return f"a picture of {facts.width_px} x {facts.height_px}"
        if not photo.content_hash:
            return "a content without a name"
    elif photo.thumbnail is not None and not photo.thumbnail.startswith(_JPEG):
        return "a listed thumbnail that is none"
    return ""


class MemoryWatch:
    """Looks now and then how much memory our children take, while others work."""

    def __init__(self) -> None:
        self.peak_bytes = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="memory-watch")

    def _watch(self) -> None:
        while not self._stop.wait(_LOOK_EVERY_S):
            self.peak_bytes = max([self.peak_bytes, *map(peak_bytes_of, children())])

    def __enter__(self) -> MemoryWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def children(parent: int | None = None) -> list[int]:
    """The processes that a process has started, this one where None."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z" and int(fields[1]) == (parent or os.getpid()):
            found.append(int(path.parent.name))
    return found


def peak_bytes_of(pid: int) -> int:
    """The most memory that a process had at once so far; 0 where it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)


def is_tracker(pid: int) -> bool:
    """Whether a process is multiprocessing's own tracker, which stays until we end; or gone."""
    try:
        return b"resource_tracker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return True


@contextmanager
def temporary_files_in(directory: Path) -> Iterator[None]:
    """Lets this process and its children put their temporary files there."""
    directory.mkdir(exist_ok=True)
    before = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(directory)
    try:
        yield
    finally:
        if before is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before
