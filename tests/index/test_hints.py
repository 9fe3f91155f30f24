"""What watchdog says on any system, and what becomes of it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
)

from photosearch.core.photo import FileEvent, FileEventKind, Folder
from photosearch.index.hints import HintHandler
from photosearch.index.rules import ScanRules

ADDED, CHANGED, REMOVED = FileEventKind.ADDED, FileEventKind.CHANGED, FileEventKind.REMOVED


class Heard:
    """Collects what a handler passes on."""

    def __init__(self, root: Path, rules: ScanRules | None = None) -> None:
        self.root = root
        self.events: list[FileEvent] = []
        self.root_count = 0
        folder_rules = (rules or ScanRules()).below(bytes(root))
        self.handler = HintHandler(Folder(1, root), folder_rules, self.events.append, self.on_root)

    def on_root(self) -> None:
        self.root_count += 1

    def tell(self, kind: type[FileSystemEvent], *paths: str) -> list[tuple[object, ...]]:
        self.events.clear()
        source, target = [str(self.root / path) for path in paths] + [""] * (2 - len(paths))
        self.handler.dispatch(kind(source, target))
        return [(event.kind, event.place.rel_path, event.is_directory) for event in self.events]


@pytest.fixture
def heard(tmp_path: Path) -> Heard:
    return Heard(tmp_path)


def test_files(heard: Heard) -> None:
    assert heard.tell(FileCreatedEvent, "a/1.jpg") == [(ADDED, b"a/1.jpg", False)]
    assert heard.tell(FileClosedEvent, "a/1.jpg") == [(CHANGED, b"a/1.jpg", False)]
    assert heard.tell(FileModifiedEvent, "a/1.jpg") == [(CHANGED, b"a/1.jpg", False)]
    assert heard.tell(FileDeletedEvent, "a/1.jpg") == [(REMOVED, b"a/1.jpg", False)]


def test_a_move_is_a_removal_and_an_addition(heard: Heard) -> None:
    assert heard.tell(FileMovedEvent, "1.jpg", "a/2.jpg") == [
        (REMOVED, b"1.jpg", False),
        (ADDED, b"a/2.jpg", False),
    ]
    assert heard.tell(DirMovedEvent, "a", "b/c") == [(REMOVED, b"a", True), (ADDED, b"b/c", True)]


def test_an_atomic_replacement_is_an_addition(heard: Heard) -> None:
    assert heard.tell(FileMovedEvent, "1.jpg.tmp", "1.jpg") == [(ADDED, b"1.jpg", False)]


def test_a_move_out_of_the_folder_is_a_removal(heard: Heard, tmp_path: Path) -> None:
    elsewhere = str(tmp_path.parent / "elsewhere.jpg")
    assert heard.tell(FileMovedEvent, "1.jpg", elsewhere) == [(REMOVED, b"1.jpg", False)]


def test_directories_that_are_left_out_are_not_heard_of(heard: Heard) -> None:
    assert heard.tell(DirCreatedEvent, "a/@eaDir") == []
    assert heard.tell(DirCreatedEvent, "@eaDir/a") == []
    assert heard.tell(DirMovedEvent, "a", ".Trash/a") == [(REMOVED, b"a", True)]


def test_what_belongs_to_photos_is_heard_of_and_nothing_else(heard: Heard) -> None:
    assert heard.tell(FileClosedEvent, "1.xmp") == [(CHANGED, b"1.xmp", False)]
    assert heard.tell(FileClosedEvent, "1.nef") == [(CHANGED, b"1.nef", False)]
    assert heard.tell(FileClosedEvent, "1.txt") == []
    assert heard.tell(FileClosedEvent, ".1.jpg") == []


def test_a_hidden_placeholder_stands_for_its_photo(heard: Heard) -> None:
    assert heard.tell(FileCreatedEvent, "a/.1.heic.icloud") == [(ADDED, b"a/1.heic", False)]


def test_the_folder_itself_is_told_of_apart(heard: Heard) -> None:
    assert heard.tell(DirDeletedEvent, "") == []
    assert heard.root_count == 1


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_system_may_resolve_links_and_compose_letters(tmp_path: Path) -> None:
    real = tmp_path / "r\u00e9el"
    real.mkdir()
    link = tmp_path / "li\u0065\u0301"
    link.symlink_to(real)
    heard = Heard(link)
    for spelling in (real, link, tmp_path / "li\u00e9"):
        assert heard.tell(FileClosedEvent, str(spelling / "1.jpg")) == [(CHANGED, b"1.jpg", False)]


@pytest.mark.parametrize(("platform", "is_told"), [("win32", True), ("linux", False)])
def test_windows_does_not_say_that_what_was_deleted_is_a_directory(
    heard: Heard, monkeypatch: pytest.MonkeyPatch, platform: str, is_told: bool
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert heard.tell(FileDeletedEvent, "2019") == ([(REMOVED, b"2019", True)] if is_told else [])
