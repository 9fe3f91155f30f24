from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from photosearch.embed import catalogue
from photosearch.embed.calibrations import DIRECTORY, KeptCalibrations
from photosearch.embed.fake import FakeEncoder
from photosearch.search.calibration import read_calibration

SPACE = FakeEncoder().space


def test_each_space_has_its_own_and_the_newest_counts(tmp_path: Path) -> None:
    kept = KeptCalibrations(tmp_path / "models")
    assert kept.read(SPACE) is None
    kept.keep(SPACE, "first")
    kept.keep(SPACE, "second ☾")
    assert KeptCalibrations(tmp_path / "models").read(SPACE) == "second ☾"
    assert kept.read(replace(SPACE, key="other@1+p1")) is None
    assert len(list((tmp_path / "models" / DIRECTORY).iterdir())) == 1


def test_what_cannot_be_read_or_written_is_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "models").write_text("a file in the way")
    kept = KeptCalibrations(tmp_path / "models")
    kept.keep(SPACE, "text")
    assert kept.read(SPACE) is None
    assert "cannot be kept" in caplog.text
    (tmp_path / "models").unlink()
    kept.keep(SPACE, "text")
    (path,) = (tmp_path / "models" / DIRECTORY).iterdir()
    path.write_bytes(b"\xff\xfe")
    assert kept.read(SPACE) is None


def test_that_of_the_sample_model_comes_along_and_is_up_to_date(tmp_path: Path) -> None:
    space = catalogue.find("sample").space
    text = KeptCalibrations(tmp_path).read(space)
    assert read_calibration(text, space) is not None
    KeptCalibrations(tmp_path).keep(space, "newer")
    assert KeptCalibrations(tmp_path).read(space) == "newer"
