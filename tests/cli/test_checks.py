"""What `doctor` says, of machines that only pretend."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from photosearch.cli.checks import Check, run_checks
from photosearch.settings import LIBRARY_FILE, LibrarySettings

ABSENT = "clip-ViT-B-32-multilingual-v1"


@pytest.fixture
def probes(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What each probe says when it fails; one without an entry succeeds."""
    said: dict[str, str] = {}

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        error = said.get(command[-1], "")
        return subprocess.CompletedProcess(command, int(bool(error)), "fine", error)

    monkeypatch.setattr(subprocess, "run", run)
    return said


def checked(library: Path) -> dict[str, Check]:
    return {check.name: check for check in run_checks(library)}


@pytest.mark.usefixtures("probes")
def test_a_model_that_is_not_here_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOTOSEARCH_MODELS", str(tmp_path / "models"))
    assert checked(tmp_path)["Model"].is_ok, "the sample comes along"
    LibrarySettings(model=ABSENT).save(tmp_path / LIBRARY_FILE)
    check = checked(tmp_path)["Model"]
    assert not check.is_ok
    assert "is not on this machine" in check.detail
    assert f"photosearch models download {ABSENT}" in check.hint


def test_what_to_do_about_qt_depends_on_how_the_program_came_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, probes: dict[str, str]
) -> None:
    probes["window"] = "ImportError: libEGL.so.1: cannot open shared object file"
    assert "make setup" in checked(tmp_path)["Window"].hint
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    check = checked(tmp_path)["Window"]
    assert check.detail == probes["window"]
    assert "apt install libegl1" in check.hint
    monkeypatch.setattr(sys, "platform", "win32")
    assert checked(tmp_path)["Window"].hint == "Install Photosearch again."


@pytest.mark.usefixtures("probes")
def test_settings_that_mean_nothing_are_told(tmp_path: Path) -> None:
    assert checked(tmp_path)["Settings"].is_ok
    (tmp_path / LIBRARY_FILE).write_text("excludes = []\n", encoding="utf-8")
    check = checked(tmp_path)["Settings"]
    assert not check.is_ok
    assert '"exclude" may be meant' in check.detail
    (tmp_path / LIBRARY_FILE).write_text('exclude = "foo"\n', encoding="utf-8")
    assert checked(tmp_path)["Settings"].hint.endswith('exclude = ["foo"].')
