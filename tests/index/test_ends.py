"""However a run ends, what was asked for and what was noticed is done in the end."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from photosearch.core.events import WorkerError
from photosearch.errors import StoreError
from photosearch.index import reconcile, worker
from photosearch.index.debts import Debts
from photosearch.index.requests import Requests
from photosearch.settings import LIBRARY_FILE
from tests.conftest import MakePicture
from tests.processes import wait_until
from tests.test_library import Opened

PATIENCE_S = 30.0


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    opened = Opened(tmp_path / "library")
    yield opened
    opened.library.close()


def understood(opened: Opened) -> int:
    return opened.store.counts(opened.encoder.space).vector_count


def test_a_run_that_nobody_wants_any_more_is_told_so_by_the_last_one() -> None:
    requests = Requests()
    first, second = requests.add([1]), requests.add([1])
    requests.take()
    assert not requests.take_back(first)
    assert requests.take_back(second)


def test_what_is_put_back_keeps_its_ticket() -> None:
    requests = Requests()
    requests.add([1])
    requests.take()
    requests.add([2])
    requests.put_back()
    taken = requests.take()
    assert (taken.ticket, taken.folder_ids) == (2, {1, 2})


def test_debts_are_due_together_and_once() -> None:
    debts = Debts(after_s=10.0)
    assert debts.remaining_s(0.0) is None
    full, wrong = WorkerError("The disk is full.", ""), WorkerError("Damaged.", "")
    assert debts.add([1], full, 0.0)
    assert debts.add([2], full, 5.0)
    assert debts.take_due(14.0) == set()
    assert debts.remaining_s(14.0) == 1.0
    assert debts.take_due(15.0) == {1, 2}
    assert debts.remaining_s(15.0) is None
    assert not debts.add([], full, 16.0), "the same was told before"
    assert debts.take_due(26.0) == {1, 2}, "what a run could not scan is owed again"
    assert debts.add([], wrong, 26.0)


def test_a_great_import_during_a_run_gets_a_run_of_its_own(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "_RUN_OF_ITS_OWN", 30)
    root = tmp_path / "photos"
    root.mkdir()
    for number in range(300):
        Image.new("RGB", (8, 8), (number % 256, number // 256, 1)).save(root / f"a{number}.png")
    opened.library.add_folder(root)
    wait_until(lambda: understood(opened) > 0, PATIENCE_S)
    for number in range(60):
        Image.new("RGB", (8, 8), (number, 1, 200)).save(root / f"b{number}.png")
    wait_until(lambda: understood(opened) == 360, PATIENCE_S)


def test_requests_that_never_stop_do_not_keep_photos_from_being_read(
    opened: Opened, tmp_path: Path, make_picture: MakePicture
) -> None:
    root = tmp_path / "photos"
    for number in range(200):
        make_picture(root / f"{number}.png", (number, 9, 90), size_px=(12, 12))
    opened.library.add_folder(root)
    give_up_at = time.monotonic() + PATIENCE_S
    while understood(opened) < 200 and time.monotonic() < give_up_at:
        opened.library.start_index()
        time.sleep(0.02)
    assert understood(opened) == 200


def test_what_came_while_the_settings_were_wrong_is_taken_in_once_they_are_right(
    opened: Opened, tmp_path: Path, make_picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened.library._tending._worker._debts, "_after_s", 1.0)
    root = tmp_path / "photos"
    make_picture(root / "first.png")
    opened.index(root)
    settings = tmp_path / "library" / LIBRARY_FILE
    settings.write_text("exclude = [")
    make_picture(root / "second.png")
    while not isinstance(event := opened.next_event(), WorkerError):
        pass
    assert LIBRARY_FILE in event.message
    settings.unlink()
    wait_until(lambda: understood(opened) == 2, PATIENCE_S)


def test_a_bug_on_the_index_thread_does_not_end_it(
    opened: Opened, tmp_path: Path, make_picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_AFTER_BUG_S", 0.1)
    with monkeypatch.context() as patched:
        patched.setattr(opened.library._tending._worker, "_is_called", lambda: 1 / 0)
        opened.library.start_index([])
        time.sleep(0.5)
    make_picture(tmp_path / "photos" / "red.png")
    assert opened.index(tmp_path / "photos").ticket > 0
    assert understood(opened) == 1


def test_a_disk_that_fails_while_folders_are_looked_up_ends_nothing(
    opened: Opened, tmp_path: Path, make_picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise StoreError("disk I/O error")

    make_picture(tmp_path / "photos" / "red.png")
    opened.index(tmp_path / "photos")
    with monkeypatch.context() as patched:
        patched.setattr(opened.store, "folders", refuse)
        opened.wait_for_run(opened.library._tending.scan([1]))
    make_picture(tmp_path / "photos" / "blue.png", (10, 10, 230))
    opened.wait_for_run(opened.library.start_index())
    assert understood(opened) == 2


def test_a_file_with_the_number_and_the_coarse_time_of_a_deleted_one_is_read(
    opened: Opened, tmp_path: Path
) -> None:
    root = tmp_path / "photos"
    root.mkdir()
    when_ns = (1_600_000_000 * 10**9, 1_600_000_000 * 10**9)
    for number in range(6):
        Image.new("RGB", (64, 64), (230, 10, number)).save(root / f"red {number}.bmp")
        os.utime(root / f"red {number}.bmp", ns=when_ns)
    opened.index(root)
    for number in range(6):
        (root / f"red {number}.bmp").unlink()
    for number in range(6):  # of the same size and time; file systems give numbers out again
        Image.new("RGB", (64, 64), (10, 10, 230 + number)).save(root / f"blue {number}.bmp")
        os.utime(root / f"blue {number}.bmp", ns=when_ns)
    run = opened.wait_for_run(opened.library.start_index())
    assert (run.moved, run.encoded) == (0, 6)


def test_a_tile_is_never_made_from_a_file_that_shows_something_else_by_now(
    opened: Opened, tmp_path: Path, make_picture: MakePicture
) -> None:
    path = make_picture(tmp_path / "photos" / "a.png")
    opened.index(tmp_path / "photos")
    opened.library.pause_index()
    (photo_id,) = opened.library.photo_ids().tolist()
    (photo,) = opened.library.photos([photo_id])
    opened.store._thumbnails.remove([photo.content_hash])
    make_picture(path, (10, 10, 230))
    opened.library.thumbnails([photo_id])
    tiles = opened.library._tending._tiles
    wait_until(lambda: photo_id in tiles._failed_s, PATIENCE_S)
    assert opened.store.thumbnails([photo_id]) == {}


def test_what_was_noticed_half_written_among_many_is_tried_again(
    opened: Opened, tmp_path: Path, make_picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photosearch.index.queue.SETTLE_S", 0.3)
    root = tmp_path / "photos"
    make_picture(root / "first.png")
    opened.index(root)
    whole = make_picture(tmp_path / "whole.jpg", size_px=(300, 200)).read_bytes()
    (tmp_path / "import").mkdir()
    for number in range(20):  # so many that their headers are read first
        make_picture(tmp_path / "import" / f"{number}.png", (number, 9, 90), size_px=(12, 12))
    (tmp_path / "import" / "half.jpg").write_bytes(whole[: len(whole) // 2])
    for path in (tmp_path / "import").iterdir():
        path.rename(root / path.name)
    wait_until(opened.library.failures, PATIENCE_S)
    wait_until(lambda: opened.library._tending._worker._reconciler.retry_in_s, PATIENCE_S)
