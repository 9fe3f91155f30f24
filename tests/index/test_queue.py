from __future__ import annotations

from photosearch.core.photo import FileEvent, FileEventKind, FilePlace, FileStamp
from photosearch.index.queue import SETTLE_S, SettleQueue

PLACE = FilePlace(1, b"a.jpg")


class Disk:
    """What `stat` would say."""

    def __init__(self) -> None:
        self.stamps: dict[FilePlace, FileStamp] = {}

    def look(self, place: FilePlace) -> FileStamp | None:
        return self.stamps.get(place)


def added(place: FilePlace = PLACE) -> FileEvent:
    return FileEvent(FileEventKind.ADDED, place)


def test_a_file_that_keeps_still_settles() -> None:
    disk = Disk()
    disk.stamps[PLACE] = FileStamp(10, 1)
    queue = SettleQueue(disk.look)
    queue.add(added(), 0.0)
    assert not queue.take(0.5)
    assert queue.take(SETTLE_S).present == [PLACE]
    assert queue.is_empty()


def test_a_file_that_grows_waits() -> None:
    disk = Disk()
    queue = SettleQueue(disk.look)
    queue.add(added(), 0.0)
    for step in range(10):
        disk.stamps[PLACE] = FileStamp(step, step)
        assert not queue.take(SETTLE_S + step)
    assert queue.take(100.0).present == [PLACE]


def test_one_look_is_not_enough_however_late() -> None:
    disk = Disk()
    disk.stamps[PLACE] = FileStamp(10, 1)
    queue = SettleQueue(disk.look)
    queue.add(added(), 0.0)
    assert not queue.take(60.0)
    assert queue.take(60.5).present == [PLACE]


def test_repeats_are_merged_and_start_the_wait_again() -> None:
    disk = Disk()
    disk.stamps[PLACE] = FileStamp(10, 1)
    queue = SettleQueue(disk.look)
    for now_s in (0.0, 0.5, 1.0, 1.5):
        queue.add(added(), now_s)
    queue.take(1.6)
    assert not queue.take(SETTLE_S)
    assert queue.take(1.5 + SETTLE_S).present == [PLACE]
    assert not queue.take(100.0)


def test_a_file_that_is_gone_is_said_to_be() -> None:
    queue = SettleQueue(Disk().look)
    queue.add(FileEvent(FileEventKind.REMOVED, PLACE), 0.0)
    queue.take(0.5)
    assert queue.take(SETTLE_S).gone == [PLACE]


def test_a_directory_asks_for_a_scan_of_its_folder() -> None:
    queue = SettleQueue(Disk().look)
    queue.add(FileEvent(FileEventKind.CHANGED, FilePlace(4, b"new"), is_directory=True), 0.0)
    assert not queue.take(1.0)
    assert queue.take(SETTLE_S).folder_ids == {4}


def test_a_forgotten_folder_leaves_nothing() -> None:
    queue = SettleQueue(Disk().look)
    queue.add(added(), 0.0)
    queue.add(added(FilePlace(2, b"b.jpg")), 0.0)
    queue.forget_folder(1)
    queue.take(1.0)
    assert queue.take(SETTLE_S).gone == [FilePlace(2, b"b.jpg")]
