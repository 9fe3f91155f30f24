"""A client that says what a test wants, in place of an engine's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from photosearch.core.events import IndexFinished
from photosearch.core.failure import PhotoFailure
from photosearch.core.photo import Folder, GonePhoto
from photosearch.core.status import LibraryStatus, StoreCounts
from photosearch.engine.client import ClientEvent

STATUS = LibraryStatus(
    path=Path("/library"),
    counts=StoreCounts(photo_count=10),
    folders=(Folder(1, Path("/here"), photo_count=7), Folder(2, Path("/usb"), is_online=False)),
    space=None,
    model_id="sample",
    model_name="Sample model",
    model_note="",
    device="",
    indexing=None,
)


class FakeClient:
    """Notes what it is asked; each run tells `events` and then ends.

    Args:
        status: How the library is doing.
        failures: What could not be taken in; a run makes what is left of it `failures_after`.
    """

    def __init__(
        self, status: LibraryStatus = STATUS, failures: Sequence[PhotoFailure] = ()
    ) -> None:
        self.now = status
        self.known_failures = list(failures)
        self.failures_after: list[PhotoFailure] = []
        self.known_gone: list[GonePhoto] = []
        self.events: list[ClientEvent] = []
        self.calls: list[tuple[object, ...]] = []
        self._tell: Callable[[ClientEvent], None] = lambda _: None

    def subscribe(self, tell: Callable[[ClientEvent], None]) -> Callable[[], None]:
        self._tell = tell
        return lambda: None

    def status(self) -> LibraryStatus:
        return self.now

    def start_index(self, folders: Sequence[Path] | None = None) -> int:
        return self._run("start_index", folders)

    def retry_failures(self, paths: Sequence[Path] | None = None) -> int:
        self.known_failures = self.failures_after
        return self._run("retry_failures", paths)

    def failures(self) -> list[PhotoFailure]:
        return self.known_failures

    def gone(self) -> list[GonePhoto]:
        return self.known_gone

    def forget_gone(self) -> int:
        self.calls.append(("forget_gone",))
        return len(self.known_gone)

    def remove_folder(self, path: Path) -> None:
        self.calls.append(("remove_folder", path))

    def pause_index(self) -> None:
        self.calls.append(("pause_index",))

    def resume_index(self) -> None:
        self.calls.append(("resume_index",))

    def stop_index(self, ticket: int | None = None) -> None:
        self.calls.append(("stop_index", ticket))

    def index_anyway(self) -> None:
        self.calls.append(("index_anyway",))

    def close(self) -> None:
        pass

    def _run(self, name: str, what: object) -> int:
        self.calls.append((name, what))
        for event in self.events:
            self._tell(event)
        self._tell(IndexFinished(1, 3, 2, 0, 0, 1.0, was_stopped=False))
        return 1
