from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from photosearch import paths, resources
from photosearch.errors import LibraryError


def test_home_holds_everything(home: Path) -> None:
    assert paths.default_library() == home / "library"


def test_the_runtime_directory_is_private() -> None:
    directory = paths.runtime_dir()
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_a_file_in_the_way_of_the_runtime_directory_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    directory = paths.runtime_dir()
    directory.rmdir()
    directory.write_text("in the way", encoding="utf-8")
    with pytest.raises(LibraryError, match=r"cannot be used|not a directory"):
        paths.runtime_dir()


def test_what_ships_is_there() -> None:
    assert resources.models_file().is_file()
    assert resources.sample_pictures().is_dir()


@pytest.mark.parametrize("program", ["photosearch", "photosearch-gui"])
def test_a_packaged_program_starts_its_parts_by_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / program))
    assert paths.program("engine") == [str(tmp_path / "photosearch"), "--run-engine"]
    assert paths.program("cli") == [str(tmp_path / "photosearch")]
    monkeypatch.setattr(sys, "executable", str(tmp_path / f"{program}.exe"))
    assert paths.program("probe") == [str(tmp_path / "photosearch.exe"), "--run-probe"]
