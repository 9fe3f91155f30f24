"""Rounding a model to eight bits: compared on the user's own photos first, then chosen."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from photosearch import resources
from photosearch.cli.main import main
from photosearch.settings import LIBRARY_FILE, LibrarySettings

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def run(library: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command; returns its exit status, what it printed, and its messages."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        status = main(["--library", str(library), "models", *map(str, arguments)])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Fifty-five photos of a user, three of them copies and one damaged."""
    directory = tmp_path / "photos"
    directory.mkdir()
    pictures = sorted(resources.sample_pictures().rglob("*.jpg"))
    for number, picture in enumerate(pictures[:: len(pictures) // 51][:51]):
        shutil.copyfile(picture, directory / f"{number}.jpg")
    for number in range(3):
        shutil.copyfile(directory / f"{number}.jpg", directory / f"copy of {number}.jpg")
    (directory / "damaged.jpg").write_bytes(b"no picture")
    return directory


@pytest.mark.model
def test_both_forms_are_compared_on_the_users_photos_and_one_is_chosen(
    run: Run, photos: Path, library: Path
) -> None:
    status, printed, messages = run("check", "sample", "--photos", photos, "--json")
    assert status == 0, messages
    found = json.loads(printed)
    assert (found["photo_count"], found["unread_count"]) == (51, 1)
    assert 0.8 < found["overlap_at_10"] <= 1.0
    assert found["centred_min"] < found["centred_mean"] < 0.99999, "they are no copies"
    assert found["int8"]["disk_bytes"] < found["fp32"]["disk_bytes"] / 2
    assert found["int8"]["photos_per_s"] > 0
    status, printed, _ = run("check", "--photos", photos)  # the library's model is the sample
    assert status == 0
    assert "compared on 51 photos; 1 could not be read" in printed
    assert "int8 finds" in printed
    assert "95% of the 10 nearest" in printed
    status, printed, messages = run("use", "sample", "--precision", "int8", "--json")
    assert status == 0, messages
    assert json.loads(printed) == {"model": "sample+int8", "missing_count": 0}
    assert LibrarySettings.load(library / LIBRARY_FILE).model == "sample+int8"


def test_too_few_photos_say_nothing(run: Run, photos: Path) -> None:
    for number in range(10):
        (photos / f"{number}.jpg").unlink()
    status, _, messages = run("check", "sample", "--photos", photos)
    assert status == 2
    assert "45 different photos" in messages
    status, _, messages = run("check", "sample", "--photos", photos, "--count", "9")
    assert status == 2
    assert "--count 9 is too few" in messages


def test_a_folder_that_is_not_there_is_said(run: Run, tmp_path: Path) -> None:
    status, _, messages = run("check", "sample", "--photos", tmp_path / "nowhere")
    assert status == 2
    assert "nowhere does not exist" in messages


def test_a_model_that_is_not_here_is_said(
    run: Run, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOTOSEARCH_MODELS", str(tmp_path / "no models"))
    status, _, messages = run("check", "clip-ViT-B-32-multilingual-v1", "--photos", photos)
    assert status == 4
    assert "photosearch models download clip-ViT-B-32-multilingual-v1" in messages


def test_the_exact_form_is_compared_with_nothing(run: Run, photos: Path) -> None:
    status, _, messages = run("check", "sample", "--photos", photos, "--precision", "fp32")
    assert status == 2
    assert "fp32 is what others are compared with" in messages


def test_a_model_stays_while_the_library_uses_its_rounded_form(run: Run, library: Path) -> None:
    LibrarySettings(model="clip-ViT-B-32+int8").save(library / LIBRARY_FILE)
    status, _, messages = run("remove", "clip-ViT-B-32")
    assert status == 2
    assert "The library uses" in messages
