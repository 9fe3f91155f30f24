"""`restore` waits for whoever uses the library, and says so."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest

from photosearch.cli.commands import backup
from photosearch.cli.main import main
from photosearch.engine.lock import LibraryLock


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    path = tmp_path / "copy.db"
    path.write_bytes(b"no library")
    return path


def restore(directory: Path, copy: Path) -> int:
    return main(["--library", str(directory), "restore", str(copy)])


def test_after_a_moment_it_says_what_it_waits_for_and_gives_up(
    tmp_path: Path,
    copy: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    seconds = itertools.count()
    looks: list[str] = []

    def look(_seconds: float) -> None:
        looks.append(capsys.readouterr().err)

    monkeypatch.setattr(LibraryLock, "take", lambda _lock, _address: False)
    monkeypatch.setattr(backup.time, "monotonic", lambda: float(next(seconds)))
    monkeypatch.setattr(backup.time, "sleep", look)
    assert restore(tmp_path / "library", copy) == 3
    assert looks[:2] == ["", ""], "most engines end before"
    assert "close the window or stop other commands" in looks[3] + looks[2]
    assert 55 <= len(looks) <= 61
    assert "in use; nothing was changed" in capsys.readouterr().err


def test_a_library_that_may_only_be_read_is_refused_before_waiting(
    tmp_path: Path,
    copy: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    library = tmp_path / "library"
    library.mkdir()
    monkeypatch.setattr(backup.os, "access", lambda _path, mode, **_options: mode != os.W_OK)
    monkeypatch.setattr(LibraryLock, "take", lambda _lock, _address: pytest.fail("it waits"))
    assert restore(library, copy) == 3
    assert "may only be read" in capsys.readouterr().err
