from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from photosearch.core.photo import FilePlace
from photosearch.index.journal import JOURNAL_FILE, Journal
from photosearch.index.scan import FileTask


@pytest.fixture
def tasks(tmp_path: Path) -> list[FileTask]:
    names = [b"a.jpg", b"caf\xe9.jpg", b"c.jpg"]
    paths = [os.path.join(os.fsencode(tmp_path), name) for name in names]  # noqa: PTH118 - bytes
    for path in paths:
        with open(path, "wb") as file:  # noqa: PTH123 - bytes
            file.write(b"x")
    pairs = zip(names, paths, strict=True)
    return [FileTask(FilePlace(1, name), path) for name, path in pairs]


def opened(tmp_path: Path) -> Journal:
    """A journal as the next engine finds it."""
    return Journal(tmp_path / JOURNAL_FILE)


def blamed(journal: Journal) -> list[FilePlace]:
    return [file.place for file in journal.blamed]


def test_an_ordinary_run_leaves_nothing(tmp_path: Path, tasks: list[FileTask]) -> None:
    journal = opened(tmp_path)
    journal.begin(tasks)
    journal.end(task.place for task in tasks)
    journal.land()
    assert not (tmp_path / JOURNAL_FILE).exists()


def test_what_was_in_flight_at_a_crash_is_suspect(tmp_path: Path, tasks: list[FileTask]) -> None:
    journal = opened(tmp_path)
    journal.begin(tasks[:1])
    journal.end([tasks[0].place])
    journal.begin(tasks[1:])
    journal = opened(tmp_path)
    assert [journal.is_suspect(task) for task in tasks] == [False, True, True]
    assert blamed(journal) == []


def test_who_was_alone_at_a_second_crash_is_to_blame(tmp_path: Path, tasks: list[FileTask]) -> None:
    opened(tmp_path).begin(tasks)
    opened(tmp_path).begin(tasks[1:2])
    journal = opened(tmp_path)
    assert blamed(journal) == [tasks[1].place]
    assert [journal.is_suspect(task) for task in tasks] == [True, False, True]
    assert blamed(opened(tmp_path)) == [tasks[1].place], "until it has been dealt with"
    journal.settle()
    assert blamed(opened(tmp_path)) == []
    journal.absolve()
    assert not (tmp_path / JOURNAL_FILE).exists()


def test_who_was_alone_at_a_first_crash_is_not(tmp_path: Path, tasks: list[FileTask]) -> None:
    opened(tmp_path).begin(tasks[:1])
    assert blamed(opened(tmp_path)) == []
    opened(tmp_path).begin(tasks[1:2])
    assert blamed(opened(tmp_path)) == []


def test_crashes_amid_batches_blame_nobody(tmp_path: Path, tasks: list[FileTask]) -> None:
    for _ in range(5):
        opened(tmp_path).begin(tasks)
    assert blamed(opened(tmp_path)) == []


def test_a_file_that_has_changed_is_another_one(tmp_path: Path, tasks: list[FileTask]) -> None:
    opened(tmp_path).begin(tasks)
    os.truncate(tasks[0].path, 7)
    journal = opened(tmp_path)
    assert not journal.is_suspect(tasks[0])
    journal.begin(tasks[:1])
    assert blamed(opened(tmp_path)) == []


def test_an_engine_that_ends_on_purpose_suspects_nobody(
    tmp_path: Path, tasks: list[FileTask]
) -> None:
    journal = opened(tmp_path)
    journal.begin(tasks)
    journal.close()
    journal.begin(tasks)  # by a thread that has not heard yet
    assert not (tmp_path / JOURNAL_FILE).exists()


def test_suspects_outlive_an_engine_that_ends_on_purpose(
    tmp_path: Path, tasks: list[FileTask]
) -> None:
    opened(tmp_path).begin(tasks)
    journal = opened(tmp_path)
    journal.begin(tasks[:1])
    journal.close()
    journal = opened(tmp_path)
    assert blamed(journal) == []
    assert journal.is_suspect(tasks[0])


@pytest.mark.parametrize(
    "junk",
    [b"", b"\xff\xfe", b"[]", b"{}", b'{"in_flight": 3}', b'{"in_flight": [[1]], "suspects": []}'],
)
def test_a_damaged_journal_is_no_obstacle(
    tmp_path: Path, tasks: list[FileTask], junk: bytes
) -> None:
    (tmp_path / JOURNAL_FILE).write_bytes(junk)
    journal = opened(tmp_path)
    assert not any(map(journal.is_suspect, tasks))
    journal.begin(tasks)
    assert json.loads((tmp_path / JOURNAL_FILE).read_bytes())["in_flight"]


def test_a_journal_that_cannot_be_written_is_done_without(tasks: list[FileTask]) -> None:
    journal = Journal(Path("/nowhere") / JOURNAL_FILE)
    journal.begin(tasks)
    journal.land()
    assert journal.blamed == []


def test_who_was_stored_just_before_the_crash_is_not_to_blame(
    tmp_path: Path, tasks: list[FileTask]
) -> None:
    opened(tmp_path).begin(tasks)
    journal = opened(tmp_path)
    journal.begin(tasks[:1])
    journal.end([tasks[0].place])
    journal = opened(tmp_path)
    assert blamed(journal) == []
    assert not journal.is_suspect(tasks[0])
