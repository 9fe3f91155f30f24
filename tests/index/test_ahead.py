"""What was saved just now goes before all that is read ahead."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, cast

import pytest

from photosearch.core.cancel import CancelToken
from photosearch.core.decoded import DecodedPhoto, SamePhoto
from photosearch.core.photo import FilePlace
from photosearch.core.space import EmbeddingSpace
from photosearch.core.stored import IndexBatch, WriteCounts
from photosearch.embed.fake import FakeEncoder
from photosearch.index import pipeline
from photosearch.index.ahead import BLOCK, ReadAhead, ReadFuture, Reading
from photosearch.index.found import FileTask
from photosearch.index.journal import Journal
from photosearch.index.pipeline import Pipeline
from photosearch.index.places import Places
from photosearch.index.run import RunCounts, Turn
from photosearch.store.open import open_store
from tests.conftest import MakePicture
from tests.decoding import InlineDecoder


def task(name: str) -> FileTask:
    return FileTask(FilePlace(1, name.encode()), name.encode())


class Hands:
    """Decoders that read a file when a test says so, and what they were given.

    Attributes:
        done: What happened, in its order.
        urgent: Given out when asked for files that go first, once.
    """

    def __init__(self, *names: str) -> None:
        self.done: list[str] = []
        self.urgent: list[str] = []
        self._futures: dict[str, list[ReadFuture]] = {}
        self.ahead = ReadAhead(map(task, names), self._asked, self._announced, self._submit)

    def read(self, *names: str) -> None:
        for name in names:
            for future in self._futures[name]:
                if not future.done():
                    future.set_result(cast(SamePhoto, None))

    def taken(self) -> str | None:
        """The name of what is given back next, marked with what is said of it."""
        reading: Reading | None = self.ahead.take(0.0)
        if reading is None:
            return None
        marks = "!" * reading.is_urgent + "?" * reading.is_outdated
        return reading.task.place.rel_path.decode() + marks

    def is_cancelled(self, name: str) -> bool:
        return self._futures[name][-1].cancelled()

    def _asked(self) -> list[FileTask]:
        names, self.urgent = self.urgent, []
        return [task(name) for name in names]

    def _announced(self, block: Sequence[FileTask]) -> Iterable[tuple[FileTask, None]]:
        self.done.append(f"announce {len(block)}")
        return [(each, None) for each in block]

    def _submit(self, each: FileTask, _expected: bytes | None, is_urgent: bool) -> ReadFuture:
        name = each.place.rel_path.decode()
        self.done.append(name + "!" * is_urgent)
        future: Future[DecodedPhoto | SamePhoto] = Future()
        self._futures.setdefault(name, []).append(future)
        return future


class HeldDecoder(InlineDecoder):
    """Reads a file of one name only once it is let go."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._held: list[tuple[Future[DecodedPhoto], Future[DecodedPhoto]]] = []

    def submit(self, source: Path | bytes, *args: Any, **options: Any) -> Future[DecodedPhoto]:
        found = super().submit(source, *args, **options)
        if not isinstance(source, Path) or source.name != self._name:
            return found
        held: Future[DecodedPhoto] = Future()
        self._held.append((held, found))
        return held

    def let_go(self) -> None:
        while self._held:
            held, found = self._held.pop()
            held.set_result(found.result())


def test_what_is_urgent_overtakes_what_is_read_ahead() -> None:
    hands = Hands("a", "b", "c", "d")
    hands.ahead.fill(3)
    hands.urgent = ["x", "y"]
    hands.ahead.fill(3)
    assert hands.done == ["announce 4", "a", "b", "c", "announce 2", "x!", "y!"]
    hands.read("a", "b", "c", "x", "y")
    assert (hands.taken(), hands.ahead.is_urgent) == ("x!", True)
    assert (hands.taken(), hands.ahead.is_urgent) == ("y!", False)
    assert [hands.taken() for _ in range(3)] == ["a", "b", "c"]
    hands.ahead.fill(3)
    assert hands.taken() is None
    hands.read("d")
    assert hands.taken() == "d"
    hands.ahead.fill(3)
    assert hands.ahead.is_empty


def test_what_is_urgent_and_slow_does_not_hold_up_the_others() -> None:
    hands = Hands("a", "b")
    hands.urgent = ["x"]
    hands.ahead.fill(2)
    assert hands.taken() is None
    hands.read("a")
    assert hands.taken() == "a"
    hands.read("x", "b")
    assert [hands.taken(), hands.taken()] == ["x!", "b"]


def test_what_was_read_before_a_file_changed_does_not_count() -> None:
    hands = Hands("a", "b")
    hands.ahead.fill(2)
    hands.read("a", "b")
    hands.urgent = ["b"]
    hands.ahead.fill(2)
    hands.read("b")
    assert [hands.taken() for _ in range(3)] == ["b!", "a", "b?"]


def test_what_goes_first_and_changes_once_more_does_not_count_either() -> None:
    hands = Hands("a")
    hands.urgent = ["b"]
    hands.ahead.fill(2)
    hands.read("a", "b")
    hands.urgent = ["b"]
    hands.ahead.fill(2)
    hands.read("b")
    assert [hands.taken() for _ in range(3)] == ["b!?", "b!", "a"]


def test_a_file_that_was_half_written_when_it_was_read_is_sound_once_it_is_whole(
    tmp_path: Path, make_picture: MakePicture
) -> None:
    store, encoder = open_store(tmp_path / "library"), FakeEncoder()
    root = tmp_path / "photos"
    whole = make_picture(root / "new.png", (9, 9, 90)).read_bytes()
    (root / "new.png").write_bytes(whole[: len(whole) // 2])
    make_picture(root / "slow.png", (90, 9, 9))
    store.ensure_space(encoder.space)
    folder, places = store.add_folder(root), Places(store)
    decoder = HeldDecoder("slow.png")
    asked: list[int] = []

    def task_of(rel_path: bytes) -> FileTask:
        return places.task(FilePlace(folder.id, rel_path))

    def urgent() -> list[FileTask]:
        asked.append(1)
        if len(asked) == 3:  # the half is in the batch, which waits for the slow one
            (root / "new.png").write_bytes(whole)
            return [task_of(b"new.png")]
        if len(asked) > 3:
            decoder.let_go()
        return []

    taking_in = Pipeline(store, encoder, decoder, Journal(None), lambda _written: None)
    turn = Turn(lambda _phase, _counts: None, urgent)
    tasks = [task_of(b"new.png"), task_of(b"slow.png")]
    assert taking_in.run(tasks, RunCounts(), CancelToken(), turn)
    assert store.failures() == []
    ids = store.photos_at([root / "new.png", root / "slow.png"])
    assert [photo.copy_count for photo in store.photos(list(ids.values()))] == [1, 1]
    store.close()


def test_files_are_announced_in_blocks_before_the_first_is_touched() -> None:
    hands = Hands(*(str(number) for number in range(BLOCK + 1)))
    hands.ahead.fill(BLOCK)
    assert hands.done[:2] == [f"announce {BLOCK}", "0"]
    assert len(hands.done) == 1 + BLOCK
    hands.ahead.fill(BLOCK + 1)
    assert hands.done[-2:] == ["announce 1", str(BLOCK)]


@pytest.mark.parametrize("at_once", [True, False])
def test_what_is_left_is_given_up(at_once: bool) -> None:
    names = [str(number) for number in range(20)]
    hands = Hands(*names)
    hands.ahead.fill(20)
    hands.ahead.leave(at_once=at_once)
    assert hands.is_cancelled("0") is at_once, "what is being read may be"
    assert hands.is_cancelled("19")


def test_a_photo_that_is_saved_during_a_long_run_is_stored_next(
    tmp_path: Path, make_picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, encoder = open_store(tmp_path / "library"), FakeEncoder()
    root = tmp_path / "photos"
    names = [f"{number}.png" for number in range(4 * encoder.batch_size)]
    for number, name in enumerate([*names, "new.png"]):
        make_picture(root / name, (number, 9, 90), size_px=(12, 12))
    store.ensure_space(encoder.space)
    folder, places = store.add_folder(root), Places(store)
    written: list[list[str]] = []
    really_write: Callable[[EmbeddingSpace, IndexBatch], WriteCounts] = store.write

    def write(space: EmbeddingSpace, batch: IndexBatch) -> WriteCounts:
        written.append([os.fsdecode(file.place.rel_path) for file in batch.files])
        return really_write(space, batch)

    def urgent() -> list[FileTask]:
        is_time = len(written) == 1
        return [places.task(FilePlace(folder.id, b"new.png"))] if is_time else []

    monkeypatch.setattr(store, "write", write)
    taking_in = Pipeline(store, encoder, InlineDecoder(), Journal(None), lambda _written: None)
    tasks = [places.task(FilePlace(folder.id, name.encode())) for name in names]
    turn = Turn(lambda _phase, _counts: None, urgent)
    assert taking_in.run(tasks, RunCounts(), CancelToken(), turn)
    size = encoder.batch_size
    assert written[:3] == [names[:size], ["new.png"], names[size : 2 * size]]
    assert list(chain(*written)) == [*names[:size], "new.png", *names[size:]]
    store.close()


class Noted(Journal):
    """Remembers what is noted, in its order."""

    def __init__(self, *suspects: bytes) -> None:
        super().__init__(None)
        self._names = suspects
        self.notes: list[tuple[str, list[str]]] = []

    def is_suspect(self, task: FileTask) -> bool:
        return task.place.rel_path in self._names

    def begin(self, tasks: Iterable[FileTask]) -> None:
        self.notes.append(("begin", [os.fsdecode(task.place.rel_path) for task in tasks]))

    def end(self, places: Iterable[FilePlace]) -> None:
        self.notes.append(("end", [os.fsdecode(place.rel_path) for place in places]))


@dataclass
class Saving:
    """Reads photos one of which is saved anew meanwhile."""

    tmp_path: Path
    decoder: InlineDecoder
    journal: Noted

    def run(self, names: Sequence[str], urgent: Callable[[Callable[[str], FileTask]], Any]) -> None:
        store, encoder = open_store(self.tmp_path / "library"), FakeEncoder()
        store.ensure_space(encoder.space)
        folder, places = store.add_folder(self.tmp_path / "photos"), Places(store)

        def task_of(name: str) -> FileTask:
            return places.task(FilePlace(folder.id, name.encode()))

        taking = Pipeline(store, encoder, self.decoder, self.journal, lambda _written: None)
        turn = Turn(lambda _phase, _counts: None, lambda: urgent(task_of))
        assert taking.run([task_of(name) for name in names], RunCounts(), CancelToken(), turn)
        store.close()


def test_what_is_read_anew_stays_in_flight_when_what_was_read_before_is_stored(
    tmp_path: Path, make_picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "_LOOK_EVERY_S", 0.01)
    names = ["new.png", *(f"{number}.png" for number in range(FakeEncoder().batch_size))]
    for number, name in enumerate(names):
        make_picture(tmp_path / "photos" / name, (number, 9, 90), size_px=(12, 12))
    journal, decoder = Noted(), HeldDecoder("new.png")
    asked: list[int] = []

    def ended() -> list[list[str]]:
        return [names for what, names in journal.notes if what == "end"]

    def urgent(task_of: Callable[[str], FileTask]) -> list[FileTask]:
        asked.append(1)
        if len(asked) == 3:  # what was read before is in the batch
            return [task_of("new.png")]
        if len(asked) == 2 or ended():
            decoder.let_go()
        return []

    Saving(tmp_path, decoder, journal).run(names, urgent)
    first, *others = ended()
    assert set(first) < set(names[1:])
    assert list(chain(*others)).count("new.png") == 1


def test_a_suspect_that_was_saved_just_now_is_read_alone(
    tmp_path: Path, make_picture: MakePicture
) -> None:
    for number, name in enumerate(("a.png", "b.png", "c.png")):
        make_picture(tmp_path / "photos" / name, (number, 9, 90))
    journal = Noted(b"b.png")
    answers = iter([["b.png", "c.png"]])

    def urgent(task_of: Callable[[str], FileTask]) -> list[FileTask]:
        return [task_of(name) for name in next(answers, [])]

    Saving(tmp_path, InlineDecoder(), journal).run(["a.png"], urgent)
    begun = [names for what, names in journal.notes if what == "begin"]
    assert begun == [["c.png"], ["a.png"], ["b.png"]]
    assert journal.notes[-2:] == [("begin", ["b.png"]), ("end", ["b.png"])]
