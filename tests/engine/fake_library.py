"""A library without disk or model, and the program that serves it.

What it does follows from what it is asked, so that tests steer it from another process:
`TextTerm("raise StoreError")` raises, "wait" waits until it is cancelled, "die" ends the process.
Run as `python -m tests.engine.fake_library --library DIR [--open MODE] [--linger S]`.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

import numpy as np

from photosearch import errors, logs
from photosearch.core.cancel import CancelToken
from photosearch.core.events import (
    FolderProgress,
    FoldersChanged,
    IndexPhase,
    IndexProgress,
    Listener,
    Waiting,
)
from photosearch.core.failure import FailureCode, FailureReason, PhotoFailure, Stage
from photosearch.core.hits import Hit, Hits
from photosearch.core.photo import (
    CaptureTime,
    FilePlace,
    FileStamp,
    Folder,
    GonePhoto,
    Photo,
    PhotoFacts,
)
from photosearch.core.query import Query, TextTerm
from photosearch.core.result import SearchResult
from photosearch.core.space import EmbeddingSpace
from photosearch.core.status import FolderWatch, LibraryStatus, StoreCounts, WatchMode
from photosearch.engine.serve import serve
from tests.results import result_of

OPENED, CLOSED = "opened.txt", "closed.txt"
WARMED, RELEASED = "warmed.txt", "released.txt"
THUMBNAIL_BYTES = 40_000
ODD_NAME = os.fsdecode(b"caf\xe9 \xff 100%_.jpg")
ANYWAY = IndexProgress(
    IndexPhase.LISTING, 1, 3, 0, 0.0, None, (FolderProgress(1, 3, 1, 0),), Waiting.ON_BATTERY
)
SPACE = EmbeddingSpace("fake@1+p1", 4, "fake tower", ("fake text",))


def command(library: Path, mode: str = "ok", linger_s: float = 0.0) -> list[str]:
    """What starts an engine of a fake library."""
    program = [sys.executable, "-m", "tests.engine.fake_library", "--library", str(library)]
    return [*program, "--open", mode, "--linger", str(linger_s)]


def fake_photo(number: int) -> Photo:
    taken = CaptureTime(datetime(2024, 2, 29, 12, 0, 0, 123456), 120, "exif")
    facts = PhotoFacts("JPEG", 4000, 3000, taken, "Make", "Model", -33.9, 18.4)
    path = Path("/photos") / f"{number}-{ODD_NAME}"
    return Photo(number, 1, path, FileStamp(1000, 5), number.to_bytes(16, "big"), facts)


class FakeLibrary:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._listeners: list[Listener] = []
        self._folders: list[Folder] = []
        self._is_paused = False
        self._note(OPENED)

    @property
    def watches_in_background(self) -> bool:
        return (self.directory / "stay").exists()

    def _note(self, name: str) -> None:
        with (self.directory / name).open("a", encoding="ascii") as file:
            file.write(f"{os.getpid()}\n")

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def status(self) -> LibraryStatus:
        counts = StoreCounts(3, 4, 2, 1, {".txt": 7, "": 1}, {".mov": 2})
        progress = IndexProgress(IndexPhase.INDEXING, 1, 3, 0, 2.5, None)
        folders = tuple(self._folders)
        watching = tuple(
            FolderWatch(folder.id, WatchMode.RESCANNED, 900.0, "it is away", "Bring it.")
            for folder in folders
        )
        note = f"pid {os.getpid()}"
        return LibraryStatus(
            self.directory,
            counts,
            folders,
            SPACE,
            "fake",
            "Fake",
            note,
            "CPU",
            progress,
            watching=watching,
            gone_count=1,
            is_paused=self._is_paused,
        )

    def add_folder(self, path: Path) -> Folder:
        if path.name == "stuck":
            time.sleep(1.5)
        for folder in self._folders:
            if folder.path == path:
                return folder
        self._folders.append(Folder(len(self._folders) + 1, path))
        for listener in self._listeners:
            listener(FoldersChanged())
        return self._folders[-1]

    def remove_folder(self, path: Path) -> None:
        left = [folder for folder in self._folders if folder.path != path]
        if len(left) == len(self._folders):
            raise errors.UsageError(f"{path} is not watched.", "See the list.")
        self._folders = left

    def folders(self) -> list[Folder]:
        return self._folders

    def start_index(self, folders: Sequence[Path] | None = None) -> int:
        def run() -> None:
            for done in range(3):
                progress = IndexProgress(IndexPhase.INDEXING, done, 3, 0, 1.0, 2.0)
                for listener in self._listeners:
                    listener(progress)

        threading.Thread(target=run, daemon=True).start()
        return 7 if folders is None else len(folders)

    def stop_index(self, ticket: int | None = None) -> None:
        pass

    def pause_index(self) -> None:
        self._is_paused = True

    def resume_index(self) -> None:
        self._is_paused = False

    def index_anyway(self) -> None:
        for listener in self._listeners:
            listener(ANYWAY)

    def retry_failures(self, paths: Sequence[Path] | None = None) -> int:
        return 9 if paths is None else len(paths)

    def gone(self) -> list[GonePhoto]:
        return [GonePhoto(3, Path("/photos") / ODD_NAME, 1_700_000_000_000_000_000)]

    def forget_gone(self) -> int:
        return 1

    def paths_of(self, photo_id: int) -> list[Path]:
        return [fake_photo(photo_id).path, Path("/copy") / ODD_NAME]

    def use_model(self, model_id: str, at_once: bool = False) -> None:
        if model_id != "fake" or not at_once:
            raise errors.ModelError(f"There is no model {model_id}.", "See the list.")

    def remove_space(self, model_id: str) -> int:
        return len(model_id)

    def search(self, query: Query, cancel: CancelToken | None = None) -> SearchResult:
        assert cancel is not None
        text = query.terms[0].text if isinstance(query.terms[0], TextTerm) else ""
        if text.startswith("raise "):
            kind = vars(errors)[text.removeprefix("raise ")]
            raise kind(f"{kind.__name__} was asked for: {ODD_NAME}", "Ask for something else.")
        if text == "bug":
            raise ZeroDivisionError("a bug")
        if text == "wrong type":
            return "no result"  # type: ignore[return-value]
        if text == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if text == "die once" and not (self.directory / "died").exists():
            (self.directory / "died").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        while text == "wait":
            cancel.raise_if_cancelled()
            time.sleep(0.005)
        ids = np.arange(5, dtype=np.int64)
        return result_of(query, ids, space_key=SPACE.key, elapsed_ms=1.5)

    def find(self, query: Query, cancel: CancelToken | None = None) -> Hits:
        result = self.search(query, cancel)
        hits = [
            Hit(fake_photo(n), score, 0.5, "possible", ("image",))
            for n, score in enumerate(result.scores.tolist())
        ]
        return Hits(tuple(hits), SPACE.key, 5, 1.5, 5, model_note="note")

    def photo_ids(self) -> np.ndarray:
        return np.arange(1000, dtype=np.int64)[::-1]

    def photos(self, ids: Sequence[int]) -> list[Photo]:
        return [fake_photo(number) for number in ids]

    def thumbnails(self, ids: Sequence[int]) -> dict[int, bytes]:
        return {number: bytes([number % 251]) * THUMBNAIL_BYTES for number in ids}

    def failures(self) -> list[PhotoFailure]:
        reason = FailureReason(FailureCode.TOO_LARGE, {"width_px": 9, "limit_mp": 0.5, "x": "y"})
        place = FilePlace(1, b"\xff/bad.jpg")
        return [PhotoFailure(place, None, Stage.DECODE, reason, path=Path("/photos") / ODD_NAME)]

    def warm_up(self) -> None:
        self._note(WARMED)

    def release_texts(self) -> None:
        self._note(RELEASED)

    def close(self) -> None:
        if (self.directory / "hang").exists():
            time.sleep(30)
        self._note(CLOSED)


def open_fake(mode: str, directory: Path) -> FakeLibrary:
    match mode:
        case "corrupt":
            raise errors.CorruptStoreError("The database is damaged.", "It was kept aside.")
        case "bug":
            raise ZeroDivisionError("a bug")
        case "slow":
            time.sleep(0.5)
        case "slow corrupt":
            time.sleep(0.5)
            raise errors.CorruptStoreError("The database is damaged.", "It was kept aside.")
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
    return FakeLibrary(directory)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", type=Path)
    parser.add_argument("--open", default="ok")
    parser.add_argument("--linger", type=float, default=0.0)
    args = parser.parse_args()
    if args.open == "never":
        sys.exit("the fake engine will not start")
    if args.library.is_dir():
        logs.set_up(args.library, name="engine")
    code = serve(args.library, open_library=partial(open_fake, args.open), linger_s=args.linger)
    logging.shutdown()
    os._exit(code)
