"""While reading photos waits, all goes on that costs no reading."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from photosearch.core.decoded import DecodedPhoto
from photosearch.core.events import FolderOffline, IndexFinished, IndexProgress, Waiting
from photosearch.core.failure import FailureCode, FailureReason, Stage
from photosearch.core.photo import FileId, FilePlace, FileStamp, FileTraits, PhotoFacts
from photosearch.core.ports import DecodeError
from photosearch.core.stored import IndexBatch, ListedFile, WriteCounts
from photosearch.core.userdata import UserChange
from photosearch.index import meanwhile, queue, reconcile, retries, worker
from photosearch.index.found import FileTask
from photosearch.index.run import Run
from tests.conftest import MakePicture
from tests.processes import wait_until
from tests.test_library import Opened

PATIENCE_S = 30.0
#: So many new files that their headers are read first.
MANY = 20


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    monkeypatch.setattr(queue, "SETTLE_S", 0.1)
    monkeypatch.setattr(meanwhile, "EVERY_S", 0.05)
    monkeypatch.setattr(worker, "_LOOK_EVERY_S", 0.05)
    opened = Opened(tmp_path / "library")
    yield opened
    opened.library.close()


@pytest.fixture
def photos(tmp_path: Path, make_picture: MakePicture, opened: Opened) -> Path:
    """A folder of the library with a few photos."""
    root = tmp_path / "photos"
    for number in range(5):
        make_picture(root / f"{number}.png", (50 * number, 9, 90))
    opened.index(root)
    return root


def places(opened: Opened) -> set[str]:
    """The names of all files that the library knows."""
    photos = opened.library.photos(opened.library.photo_ids().tolist())
    return {path.name for photo in photos for path in opened.store.paths_of(photo.id)}


def until_places_are(opened: Opened, *names: str) -> None:
    wait_until(lambda: places(opened) == set(names), PATIENCE_S)


def understood(opened: Opened) -> int:
    return opened.store.counts(opened.encoder.space).vector_count


def until_waiting(opened: Opened) -> None:
    while True:
        event = opened.next_event()
        if isinstance(event, IndexProgress) and event.waiting is Waiting.PAUSED:
            return


def pause_with_something_to_read(opened: Opened, make_picture: MakePicture, path: Path) -> None:
    """Has a run wait for a photo that it may not read."""
    opened.library.pause_index()
    make_picture(path, (1, 2, 3))
    until_waiting(opened)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> set[bytes]:
    """The names of all files that runs are to read before all others."""
    names: set[bytes] = set()
    really_hurry = Run.hurry

    def hurry(run: Run, tasks: Sequence[FileTask]) -> None:
        really_hurry(run, tasks)
        names.update(task.place.rel_path for task in tasks)

    monkeypatch.setattr(Run, "hurry", hurry)
    return names


def is_joined(opened: Opened, rel_path: bytes) -> bool:
    """Whether a file is raw data that belongs to a photo."""
    (folder,) = opened.library.folders()
    known = opened.store.known_files(folder.id, opened.encoder.space)
    return rel_path in known and known[rel_path].is_companion


def reads(opened: Opened) -> tuple[int, int]:
    return opened.decoder.read_count, opened.decoder.listed_count


def test_what_moves_or_goes_while_a_run_waits_is_followed(
    opened: Opened, photos: Path, make_picture: MakePicture
) -> None:
    (kept_id,) = opened.store.photos_at([photos / "1.png"]).values()
    opened.library.change_photos([kept_id], UserChange(rating=4))
    before = reads(opened)
    pause_with_something_to_read(opened, make_picture, photos / "new.png")
    (photos / "1.png").rename(photos / "renamed.png")
    until_places_are(opened, "0.png", "renamed.png", "2.png", "3.png", "4.png")
    assert opened.store.photos_at([photos / "renamed.png"]) == {photos / "renamed.png": kept_id}
    (photos / "2.png").unlink()
    until_places_are(opened, "0.png", "renamed.png", "3.png", "4.png")
    assert opened.store.gone_count() == 1
    (photos / "sub").mkdir()
    (photos / "3.png").rename(photos / "sub" / "3.png")
    (photos / "sub").rename(photos / "other")
    moved = photos / "other" / "3.png"
    wait_until(lambda: moved in opened.store.photos_at([moved]), PATIENCE_S)
    assert reads(opened) == before
    indexing = opened.library.status().indexing
    assert indexing is not None
    assert indexing.waiting is Waiting.PAUSED

    opened.library.resume_index()
    until_places_are(opened, "0.png", "renamed.png", "3.png", "4.png", "new.png")
    wait_until(lambda: understood(opened) == 5, PATIENCE_S)
    (photo,) = opened.library.photos([kept_id])
    assert photo.user.rating == 4


def test_what_is_noticed_while_a_run_waits_is_read_when_it_goes_on(
    opened: Opened, photos: Path, make_picture: MakePicture
) -> None:
    pause_with_something_to_read(opened, make_picture, photos / "first.png")
    for name in ("gone.png", "stays.png", "renamed.png"):
        make_picture(photos / name, (9, 230, len(name)))
    taken = [path for path in photos.iterdir() if path.stem.isalpha()]
    looker = opened.library._tending._worker._queue
    wait_until(lambda: len(taken) == 4 and looker.is_empty(), PATIENCE_S)
    (photos / "gone.png").unlink()
    (photos / "renamed.png").rename(photos / "last.png")
    wait_until(looker.is_empty, PATIENCE_S)
    opened.library._tending._gate.resume()  # alone: without the scan that looks for all there is
    names = [f"{number}.png" for number in range(5)]
    until_places_are(opened, *names, "first.png", "stays.png", "last.png")
    assert opened.library.failures() == []


def test_a_photo_of_which_the_header_alone_was_read_is_followed_too(
    opened: Opened, photos: Path, make_picture: MakePicture
) -> None:
    pause_with_something_to_read(opened, make_picture, photos / "new.png")
    path, later = make_picture(photos / "listed.png", (9, 99, 9)), photos / "later.png"
    (folder,) = opened.library.folders()
    place, found = FilePlace(folder.id, b"listed.png"), path.stat()
    stamp = FileStamp(found.st_size, found.st_mtime_ns)
    traits = FileTraits(FileId(found.st_dev, found.st_ino), b"quick hash")
    listed = ListedFile(place, stamp, PhotoFacts("PNG", 64, 48), None, traits)
    opened.store.write(opened.encoder.space, IndexBatch(listed=[listed]))
    (listed_id,) = opened.store.photos_at([path]).values()
    opened.library.change_photos([listed_id], UserChange(rating=5))
    path.rename(later)
    wait_until(lambda: opened.store.photos_at([later]) == {later: listed_id}, PATIENCE_S)
    assert opened.store.gone_count() == 0
    opened.library.resume_index()
    wait_until(lambda: understood(opened) == 7, PATIENCE_S)
    (photo,) = opened.library.photos([listed_id])
    assert (photo.path, photo.user.rating) == (later, 5)
    assert opened.library.failures() == []


def test_a_folder_that_goes_and_comes_back_while_a_run_waits_is_marked(
    opened: Opened, photos: Path, make_picture: MakePicture
) -> None:
    pause_with_something_to_read(opened, make_picture, photos / "new.png")
    away = photos.with_name("away")
    photos.rename(away)
    wait_until(lambda: not opened.library.folders()[0].is_online, PATIENCE_S)
    assert len(places(opened)) == 5
    (away / "1.png").rename(away / "renamed.png")
    away.rename(photos)
    wait_until(lambda: opened.library.folders()[0].is_online, PATIENCE_S)
    until_places_are(opened, "0.png", "renamed.png", "2.png", "3.png", "4.png")
    while not opened.events.empty():
        opened.next_event()
    assert FolderOffline(photos) in opened.seen
    assert not [each for each in opened.seen[-1:] if isinstance(each, IndexFinished)]


def test_raw_data_goes_to_its_photo_while_a_run_waits(
    opened: Opened, photos: Path, make_picture: MakePicture
) -> None:
    before = reads(opened)
    pause_with_something_to_read(opened, make_picture, photos / "new.png")
    (photos / "1.cr2").write_bytes(b"raw data, which nobody reads")

    wait_until(lambda: is_joined(opened, b"1.cr2"), PATIENCE_S)
    assert len(places(opened)) == 5
    assert reads(opened) == before


def test_what_is_noticed_while_a_run_waits_outlives_its_end(
    opened: Opened, photos: Path, make_picture: MakePicture, hurried: set[bytes]
) -> None:
    pause_with_something_to_read(opened, make_picture, photos / "first.png")
    make_picture(photos / "second.png", (9, 230, 7))
    (photos / "second.cr2").write_bytes(b"raw data, which nobody reads")
    wait_until(lambda: b"second.png" in hurried, PATIENCE_S)
    opened.library.stop_index()
    while not isinstance(opened.next_event(), IndexFinished):
        pass
    opened.library._tending._gate.resume()  # alone, as where the battery was to be spared
    wait_until(lambda: understood(opened) == 6, PATIENCE_S)
    names = [f"{number}.png" for number in range(5)]
    until_places_are(opened, *names, "second.png")
    wait_until(lambda: is_joined(opened, b"second.cr2"), PATIENCE_S)


def test_what_is_noticed_in_a_folder_that_leaves_is_not_handed_back(
    opened: Opened, photos: Path, make_picture: MakePicture, hurried: set[bytes]
) -> None:
    pause_with_something_to_read(opened, make_picture, photos / "first.png")
    make_picture(photos / "second.png", (9, 230, 7))
    wait_until(lambda: b"second.png" in hurried, PATIENCE_S)
    opened.library.remove_folder(photos)
    assert opened.library._tending._worker._queue.is_empty()


def test_raw_data_whose_photo_waits_is_not_asked_about_again(
    opened: Opened, photos: Path, make_picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []
    really_ask = opened.library._store.hashes_at

    def hashes_at(wanted: Sequence[FilePlace]) -> dict[FilePlace, bytes]:
        asked.extend(place.rel_path for place in wanted)
        return really_ask(wanted)

    monkeypatch.setattr(opened.library._store, "hashes_at", hashes_at)
    opened.library.pause_index()
    (photos / "new.cr2").write_bytes(b"raw data, which nobody reads")
    make_picture(photos / "new.png", (1, 2, 3))
    until_waiting(opened)
    (photos / "0.cr2").write_bytes(b"raw data, which nobody reads")
    wait_until(lambda: is_joined(opened, b"0.cr2"), PATIENCE_S)
    assert {b"new.png", b"0.png"} <= set(asked)
    asked.clear()
    (photos / "2.cr2").write_bytes(b"raw data, which nobody reads")
    wait_until(lambda: is_joined(opened, b"2.cr2"), PATIENCE_S)
    assert set(asked) == {b"2.png"}
    (photos / "1.png").rename(photos / "moved.png")
    (photos / "moved.cr2").write_bytes(b"raw data, which nobody reads")
    wait_until(lambda: is_joined(opened, b"moved.cr2"), PATIENCE_S)
    opened.library.resume_index()
    wait_until(lambda: is_joined(opened, b"new.cr2"), PATIENCE_S)


def test_no_header_is_read_and_no_request_is_done_before_it_may(
    opened: Opened, photos: Path, make_picture: MakePicture, tmp_path: Path
) -> None:
    before = reads(opened)
    opened.library.pause_index()
    for number in range(MANY):
        make_picture(tmp_path / "more" / f"n{number}.png", (9, number, 200))
    opened.library.add_folder(tmp_path / "more")
    opened.library.start_index()
    until_waiting(opened)
    (photos / "1.png").unlink()
    ticket = opened.library.start_index()
    until_places_are(opened, "0.png", "2.png", "3.png", "4.png")
    assert reads(opened) == before
    while not opened.events.empty():
        event = opened.next_event()
        assert not isinstance(event, IndexFinished)
    opened.library.resume_index()
    assert not opened.wait_for_run(ticket).was_stopped
    assert len(places(opened)) == 4 + MANY


def test_a_great_import_while_a_run_waits_is_listed_first_when_it_goes_on(
    opened: Opened, photos: Path, make_picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "_RUN_OF_ITS_OWN", MANY)
    pause_with_something_to_read(opened, make_picture, photos / "new.png")
    listed_count = opened.decoder.listed_count
    for number in range(2 * MANY):
        make_picture(photos / "import" / f"i{number}.png", (9, number, 200))
    wait_until(opened.library._tending._worker._queue.is_empty, PATIENCE_S)
    assert opened.decoder.listed_count == listed_count
    opened.library._tending._gate.resume()
    wait_until(lambda: understood(opened) == 6 + 2 * MANY, PATIENCE_S)
    assert opened.decoder.listed_count >= listed_count + 2 * MANY


def test_a_library_without_its_folders_is_closed_at_once_though_a_run_waits(
    opened: Opened, photos: Path, make_picture: MakePicture
) -> None:
    pause_with_something_to_read(opened, make_picture, photos / "new.png")
    shutil.rmtree(photos)
    wait_until(lambda: not opened.library.folders()[0].is_online, PATIENCE_S)
    opened.library.close()
    assert not opened.library._tending._worker._thread.is_alive()


def test_a_photo_that_is_away_for_a_moment_only_stays(
    opened: Opened, photos: Path, make_picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (kept_id,) = opened.store.photos_at([photos / "1.png"]).values()
    away = photos.with_name("away.png")
    monkeypatch.setattr(queue, "SETTLE_S", 2 * PATIENCE_S)  # the scan is to find what is different
    (photos / "1.png").rename(away)
    for number in range(MANY):
        make_picture(photos / f"n{number}.png", (9, number, 200))
    really_list = reconcile.list_files
    looker = opened.library._tending._worker._queue

    def list_files(tasks: Any, *args: Any) -> None:
        *others, on_batch = args

        def on_later_batch(*done: Any) -> None:
            while not looker.is_empty():  # as in a listing of minutes, which has many batches
                on_batch([], WriteCounts())
                time.sleep(0.05)
            on_batch(*done)

        if not away.exists():
            return really_list(tasks, *args)
        away.rename(photos / "1.png")
        monkeypatch.setattr(queue, "SETTLE_S", 0.1)
        wait_until(lambda: not looker.is_empty(), PATIENCE_S)
        return really_list(tasks, *others, on_later_batch)

    monkeypatch.setattr(reconcile, "list_files", list_files)
    opened.index(photos)
    assert opened.store.photos_at([photos / "1.png"]) == {photos / "1.png": kept_id}
    assert opened.store.gone_count() == 0


def test_what_fails_is_tried_again_in_the_same_run(
    opened: Opened, photos: Path, make_picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "RETRY_AFTER_S", (0.1, 0.1, 0.1))
    pause_with_something_to_read(opened, make_picture, photos / "new.png")
    make_picture(photos / "held.png", (77, 7, 7))
    wait_until(opened.library._tending._worker._queue.is_empty, PATIENCE_S)
    really_submit = opened.decoder.submit
    tries: list[float] = []
    is_tried_again = threading.Event()

    def submit(source: Path | bytes, *args: Any, **options: Any) -> Future[DecodedPhoto]:
        if source != photos / "held.png":
            # The run lasts for as long as its other file is not read.
            return _later(is_tried_again, really_submit(source, *args, **options))
        tries.append(time.monotonic())
        if len(tries) > 1:
            is_tried_again.set()
            return really_submit(source, *args, **options)
        info = source.stat()
        failed: Future[DecodedPhoto] = Future()
        reason = FailureReason(FailureCode.NO_PERMISSION)
        stamp = FileStamp(info.st_size, info.st_mtime_ns)
        failed.set_exception(DecodeError(Stage.READ, reason, stamp))
        return failed

    monkeypatch.setattr(opened.decoder, "submit", submit)
    opened.library._tending._gate.resume()
    wait_until(is_tried_again.is_set, PATIENCE_S)
    wait_until(lambda: understood(opened) == 7, PATIENCE_S)
    assert opened.library.failures() == []


def _later(event: threading.Event, found: Future[DecodedPhoto]) -> Future[DecodedPhoto]:
    """Gives what was found once something has happened."""
    later: Future[DecodedPhoto] = Future()

    def give() -> None:
        event.wait(PATIENCE_S)
        later.set_result(found.result())

    threading.Thread(target=give, daemon=True).start()
    return later
