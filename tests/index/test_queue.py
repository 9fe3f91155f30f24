from __future__ import annotations

from photosearch.core.photo import FileEvent, FileEventKind, FilePlace, FileStamp
from photosearch.index.queue import PATIENCE_S, SETTLE_S, SettleQueue, outermost

PLACE = FilePlace(1, b"a.jpg")


class Disk:
    """What `stat` would say."""

    def __init__(self) -> None:
        self.stamps: dict[FilePlace, FileStamp] = {}
        self.is_noisy = False

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


def directory(rel_path: bytes, folder_id: int = 4) -> FileEvent:
    place = FilePlace(folder_id, rel_path)
    return FileEvent(FileEventKind.CHANGED, place, is_directory=True)


def test_a_directory_asks_for_a_scan_of_what_lies_below_it() -> None:
    queue = SettleQueue(Disk().look)
    queue.add(directory(b"new"), 0.0)
    assert not queue.take(1.0)
    assert queue.take(SETTLE_S).subtrees == {FilePlace(4, b"new")}
    assert queue.is_empty()


def test_directories_within_others_are_not_scanned_twice() -> None:
    queue = SettleQueue(Disk().look)
    for rel_path in (b"a", b"a/b", b"a b", b"a/b/c", b"ab/c", b"ab/c!", b"ab/c/d"):
        queue.add(directory(rel_path), 0.0)
    queue.add(directory(b"a/b", folder_id=5), 0.0)
    assert queue.take(SETTLE_S).subtrees == {
        FilePlace(4, b"a"),
        FilePlace(4, b"a b"),
        FilePlace(4, b"ab/c"),
        FilePlace(4, b"ab/c!"),
        FilePlace(5, b"a/b"),
    }


def test_the_folder_itself_holds_all_its_directories() -> None:
    places = [FilePlace(1, path) for path in (b"", b"!", b"a", b"-/b")]
    assert outermost(places) == {FilePlace(1, b"")}


def test_a_directory_that_is_never_still_is_scanned_all_the_same() -> None:
    queue = SettleQueue(Disk().look)
    now_s = 0.0
    while now_s < PATIENCE_S:
        queue.add(directory(b"busy"), now_s)
        assert not queue.take(now_s)
        now_s += 1.0
    queue.add(directory(b"busy"), now_s)
    assert queue.take(now_s).subtrees == {FilePlace(4, b"busy")}


def test_both_halves_of_a_rename_are_given_out_together() -> None:
    """Though a look fell between the two hints."""
    disk, new = Disk(), FilePlace(1, b"new.jpg")
    disk.stamps = {new: FileStamp(10, 1)}
    queue = SettleQueue(disk.look)
    queue.add(FileEvent(FileEventKind.REMOVED, PLACE), 0.0)
    queue.take(0.0)
    queue.add(added(new), 0.01)
    assert not queue.take(SETTLE_S)
    settled = queue.take(SETTLE_S + 0.5)
    assert (settled.present, settled.gone) == ([new], [PLACE])


def test_a_file_that_is_gone_does_not_wait_for_one_that_never_rests() -> None:
    disk, other = Disk(), FilePlace(1, b"grows.jpg")
    queue = SettleQueue(disk.look)
    queue.add(FileEvent(FileEventKind.REMOVED, PLACE), 0.0)
    queue.add(added(other), 0.0)
    gone = []
    for number in range(int(PATIENCE_S) + 1):
        disk.stamps = {other: FileStamp(number, 1)}
        gone += queue.take(float(number)).gone
    assert gone == [PLACE]


def test_a_file_that_is_found_by_its_former_name_only_is_gone() -> None:
    disk = Disk()
    new = FilePlace(1, b"A.jpg")
    disk.stamps = dict.fromkeys((PLACE, new), FileStamp(10, 1))  # upper and lower case are the same
    queue = SettleQueue(disk.look, lambda place: place == new)
    queue.add(FileEvent(FileEventKind.REMOVED, PLACE), 0.0)
    queue.add(added(new), 0.0)
    queue.take(1.0)
    settled = queue.take(SETTLE_S)
    assert (settled.present, settled.gone) == ([new], [PLACE])


def test_a_file_that_was_replaced_is_asked_for_its_name_once() -> None:
    disk = Disk()
    disk.stamps[PLACE] = FileStamp(10, 1)
    asked: list[FilePlace] = []

    def is_listed(place: FilePlace) -> bool:
        asked.append(place)
        return True

    queue = SettleQueue(disk.look, is_listed)
    queue.add(FileEvent(FileEventKind.REMOVED, PLACE), 0.0)
    queue.add(added(), 0.1)
    queue.take(1.0)
    assert queue.take(0.1 + SETTLE_S).present == [PLACE]
    assert asked == [PLACE]


def test_what_is_heard_during_a_look_is_not_lost() -> None:
    disk = Disk()
    disk.stamps[PLACE] = FileStamp(10, 1)

    def look(place: FilePlace) -> FileStamp | None:
        if disk.is_noisy:
            queue.add(added(), 5.0)
        return disk.look(place)

    queue = SettleQueue(look)
    disk.is_noisy = False
    queue.add(added(), 0.0)
    queue.take(1.0)
    disk.is_noisy = True
    assert not queue.take(5.0)
    disk.is_noisy = False
    queue.take(6.0)
    assert queue.take(5.0 + SETTLE_S).present == [PLACE]


def test_a_forgotten_folder_leaves_nothing() -> None:
    queue = SettleQueue(Disk().look)
    queue.add(added(), 0.0)
    queue.add(added(FilePlace(2, b"b.jpg")), 0.0)
    queue.forget_folder(1)
    queue.take(1.0)
    assert queue.take(SETTLE_S).gone == [FilePlace(2, b"b.jpg")]
