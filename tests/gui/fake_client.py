"""An engine client without an engine: same surface, answers at once or when the test lets it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QColor, QImage, QImageWriter

from photosearch.core.events import IndexProgress
from photosearch.core.failure import FailureCode, FailureReason, PhotoFailure, Stage
from photosearch.core.photo import (
    CaptureTime,
    FilePlace,
    FileStamp,
    Folder,
    GonePhoto,
    Photo,
    PhotoFacts,
)
from photosearch.core.query import Query, Reading
from photosearch.core.result import SearchResult
from photosearch.core.space import EmbeddingSpace
from photosearch.core.status import Filling, FolderWatch, LibraryStatus, StoreCounts
from photosearch.core.userdata import NOTHING_SAID, UserChange, UserData, Vocabulary
from photosearch.engine.client import ConnectionChanged, ConnectionLost
from photosearch.errors import Cancelled, PhotoSearchError, QueryError
from photosearch.gui.edits import changed
from tests.results import result_of

FOLDER = Folder(1, Path("/photos"), photo_count=0)
SPACE = EmbeddingSpace("fake@1+p1", 8, "fake", ("fake",))
MAX_TEXT_LENGTH = 1_000
FIRST_DAY = datetime(2021, 2, 14, 10, 32)


def jpeg(colour: str = "#4080c0", width_px: int = 64, height_px: int = 48) -> bytes:
    image = QImage(width_px, height_px, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    encoded = QByteArray()
    buffer = QBuffer(encoded)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"jpeg")).write(image)
    buffer.close()
    return bytes(encoded.data())


def photo(photo_id: int, path: Path | None = None, folder_id: int = 1) -> Photo:
    taken = CaptureTime(FIRST_DAY + timedelta(days=photo_id), None, "exif")
    return Photo(
        id=photo_id,
        folder_id=folder_id,
        path=path or Path(f"/photos/photo {photo_id}.jpg"),
        stamp=FileStamp(1000, 0),
        content_hash=photo_id.to_bytes(16, "big"),
        facts=PhotoFacts("JPEG", 64, 48, taken),
    )


def failure(name: str = "broken.jpg", code: FailureCode = FailureCode.TRUNCATED) -> PhotoFailure:
    return PhotoFailure(
        FilePlace(1, name.encode()),
        None,
        Stage.DECODE,
        FailureReason(code),
        path=Path("/photos") / name,
    )


@dataclass
class Gate:
    """Holds one search until the test opens it."""

    entered: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)
    is_cancelled: bool = False


class FakeClient:
    """Photos 1..n, newest first is n..1; a text finds `results[text]`, else the first ten.

    Of an answer, as many photos come as the query's limit allows.
    """

    def __init__(self, photo_count: int = 0) -> None:
        self.photo_ids_answer = np.arange(photo_count, 0, -1, dtype=np.int64)
        self.folders_answer: list[Folder] = [FOLDER] if photo_count else []
        self.results: dict[str, Sequence[int]] = {}
        self.fields: dict[str, dict[str, Any]] = {}  # of the results, see `result_of`
        self.user: dict[int, UserData] = {}
        self.vocabulary_answer = Vocabulary()
        self.changes: list[tuple[tuple[int, ...], UserChange]] = []
        self.gates: dict[str, Gate] = {}
        self.errors: dict[str, PhotoSearchError] = {}
        self.paths: dict[int, Path] = {}
        self.reading = Reading.AUTO
        self.without_thumbnail: set[int] = set()
        self.thumbnail = jpeg()
        self.progress: IndexProgress | None = None
        self.failures_answer: list[PhotoFailure] = []
        self.retried: list[list[Path] | None] = []
        self.watching: tuple[FolderWatch, ...] = ()
        self.gone_answer: list[GonePhoto] = []
        self.gone_count = 0  # of those that are not listed
        self.is_paused = False
        self.photo_answers: dict[int, Photo] = {}
        self.copies: dict[int, list[Path]] = {}
        self.model_id = "fake"
        self.model_note = ""
        self.model_trouble = ""
        self.filling: Filling | None = None
        self.space = SPACE
        self.searches: list[Query] = []
        self.thumbnail_calls: list[list[int]] = []
        self.photo_calls: list[list[int]] = []
        self.added: list[Path] = []
        self.used: list[str] = []
        self.calls: list[str] = []
        self.is_closed = False
        self._listeners: list[Callable[[object], None]] = []
        self._newest: Gate | None = None
        self._lock = threading.Lock()

    # What tests do

    def tell(self, event: object) -> None:
        """Sends an event the way the client does: on a thread of its own."""
        thread = threading.Thread(target=lambda: [tell(event) for tell in self._listeners])
        thread.start()
        thread.join()

    def lose(self) -> None:
        self.tell(ConnectionChanged(False))

    def come_back(self) -> None:
        self.tell(ConnectionChanged(True))

    def give_up(self, error: PhotoSearchError) -> None:
        for call in ("status", "photo_ids", "thumbnails"):
            self.errors[call] = error
        self.tell(ConnectionLost(error))

    def hold(self, text: str) -> Gate:
        self.gates[text] = Gate()
        return self.gates[text]

    def texts(self) -> list[str]:
        return [query.text for query in self.searches if query.text]

    @property
    def thumbnail_ids(self) -> set[int]:
        return {photo_id for call in self.thumbnail_calls for photo_id in call}

    # The client's surface

    def subscribe(self, listener: Callable[[object], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def status(self) -> LibraryStatus:
        self.calls.append("status")
        self._raise("status")
        count = len(self.photo_ids_answer)
        return LibraryStatus(
            path=Path("/library"),
            counts=StoreCounts(count, count, count, len(self.failures_answer)),
            folders=tuple(self.folders_answer),
            space=self.space,
            model_id=self.model_id,
            model_name="Fake model",
            model_note=self.model_note,
            device="CPU, 2 threads",
            indexing=self.progress,
            filling=self.filling,
            model_trouble=self.model_trouble,
            watching=self.watching,
            gone_count=self.gone_count + len(self.gone_answer),
            is_paused=self.is_paused,
        )

    def add_folder(self, path: Path) -> Folder:
        self._raise("add_folder")
        self.added.append(path)
        folder = Folder(len(self.folders_answer) + 1, path)
        self.folders_answer.append(folder)
        return folder

    def remove_folder(self, path: Path) -> None:
        self.folders_answer = [known for known in self.folders_answer if known.path != path]

    def folders(self) -> list[Folder]:
        return list(self.folders_answer)

    def start_index(self, paths: Sequence[Path] | None = None) -> int:
        self.calls.append("start_index")
        return 1

    def stop_index(self, ticket: int | None = None) -> None:
        self.calls.append("stop_index")

    def pause_index(self) -> None:
        self.is_paused = True

    def resume_index(self) -> None:
        self.is_paused = False

    def index_anyway(self) -> None:
        self.calls.append("index_anyway")

    def retry_failures(self, paths: Sequence[Path] | None = None) -> int:
        self.retried.append(None if paths is None else list(paths))
        return 1

    def gone(self) -> list[GonePhoto]:
        return list(self.gone_answer)

    def forget_gone(self) -> int:
        count = len(self.gone_answer)
        self.gone_answer = []
        return count

    def paths_of(self, photo_id: int) -> list[Path]:
        return self.copies[photo_id]

    def search(self, query: Query) -> SearchResult:
        text = query.text
        with self._lock:
            self.searches.append(query)
            gate = self.gates.get(text, Gate())
            if self._newest is not None and self._newest is not gate:
                self._newest.is_cancelled = True
                self._newest.opened.set()
            self._newest = gate
        gate.entered.set()
        if text in self.gates:
            assert gate.opened.wait(10)
        if gate.is_cancelled:
            raise Cancelled("A newer search came.")
        self._raise(text)
        if len(text) > MAX_TEXT_LENGTH:
            raise QueryError(
                f"The search text is {len(text):,} characters long; "
                f"at most {MAX_TEXT_LENGTH:,} are understood.",
                "Say it in a sentence.",
            )
        ids = np.array(self.results.get(text, self.photo_ids_answer[:10]), np.int64)
        reading = self.reading
        if reading is not Reading.AUTO and query.reading is not Reading.AUTO:
            reading = query.reading
        fields = {"searched_count": len(self.photo_ids_answer), "reading": reading}
        return cut(result_of(query, ids, **(fields | self.fields.get(text, {}))))

    def photo_ids(self) -> npt.NDArray[np.int64]:
        self._raise("photo_ids")
        return self.photo_ids_answer.copy()

    def photos(self, ids: Sequence[int]) -> list[Photo]:
        self.photo_calls.append(list(ids))
        found = [
            self.photo_answers.get(photo_id) or photo(photo_id, self.paths.get(photo_id))
            for photo_id in ids
        ]
        return [replace(it, user=self.user.get(it.id, NOTHING_SAID)) for it in found]

    def change_photos(self, ids: Sequence[int], change: UserChange) -> int:
        self._raise("change_photos")
        self.changes.append((tuple(ids), change))
        for photo_id in ids:
            self.user[photo_id] = changed(self.user.get(photo_id, NOTHING_SAID), change)
        return len(ids)

    def vocabulary(self) -> Vocabulary:
        return self.vocabulary_answer

    def thumbnails(self, ids: Sequence[int]) -> dict[int, bytes]:
        self.thumbnail_calls.append(list(ids))
        self._raise("thumbnails")
        return {
            photo_id: self.thumbnail for photo_id in ids if photo_id not in self.without_thumbnail
        }

    def failures(self) -> list[PhotoFailure]:
        return list(self.failures_answer)

    def use_model(self, model_id: str, at_once: bool = False) -> None:
        self._raise("use_model")
        self.used.append(model_id)
        self.filling = None if model_id == self.model_id else Filling(model_id, "Other", 3, 7)

    def close(self) -> None:
        self.is_closed = True
        for gate in self.gates.values():
            gate.opened.set()

    def _raise(self, call: str) -> None:
        if call in self.errors:
            raise self.errors[call]


def cut(result: SearchResult) -> SearchResult:
    """What comes of an answer under its query's limit."""
    limit = result.query.limit
    names = ("ids", "scores", "confidences", "bands", "whys", "burst_counts")
    return replace(result, **{name: getattr(result, name)[:limit] for name in names})


def sample(client: FakeClient) -> FakeClient:
    """The client with the sample model."""
    client.space = replace(SPACE, is_sample=True)
    client.model_note = (
        "Sample model: understands the sample album's kind of picture only, not photos"
    )
    return client
