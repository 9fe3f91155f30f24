"""What is told of a run, above all while its model is readied."""

from __future__ import annotations

from pathlib import Path

import pytest

from photosearch.cli.progress import described
from photosearch.core.events import FolderOffline, IndexPhase, IndexProgress
from photosearch.core.ports import Crops, Vectors
from photosearch.embed.fake import FakeEncoder
from photosearch.index.progress import ProgressMeter
from tests.conftest import MakePicture
from tests.test_library import Opened


class SlowToReady(FakeEncoder):
    """Notes what the library says of itself while the tower is readied, at its first pictures."""

    opened: Opened
    seen: IndexProgress | None = None

    def encode_images(self, crops: Crops) -> Vectors:
        self.seen = self.seen or self.opened.library.status().indexing
        return super().encode_images(crops)


def test_a_model_that_is_readied_is_told_before_it_takes_its_time(
    tmp_path: Path, make_picture: MakePicture
) -> None:
    for number in range(3):
        make_picture(tmp_path / "photos" / f"{number}.png", (60 * number, 0, 20))
    encoder = SlowToReady()
    encoder.opened = opened = Opened(tmp_path / "library", encoder)
    opened.wait_for_run(opened.library.start_index([tmp_path / "photos"]))
    assert encoder.seen is not None
    assert encoder.seen.phase is IndexPhase.LOADING_MODEL
    assert (encoder.seen.photos_per_s, encoder.seen.eta_s) == (0.0, None)
    opened.library.close()


def test_nobody_is_told_of_a_look_at_a_folder_that_is_away(
    tmp_path: Path, make_picture: MakePicture
) -> None:
    folder = tmp_path / "photos"
    make_picture(folder / "one.png", (60, 0, 20))
    opened = Opened(tmp_path / "library")
    opened.index(folder)
    folder.rename(tmp_path / "away")
    opened.seen.clear()
    opened.wait_for_run(opened.library.start_index())
    assert FolderOffline(folder) in opened.seen
    assert not [event for event in opened.seen if isinstance(event, IndexProgress)]
    assert opened.library.status().counts.photo_count == 1
    opened.library.close()


def test_nothing_is_guessed_while_no_photo_is_taken_in() -> None:
    told: list[IndexProgress] = []
    clock = iter(range(1000))
    meter = ProgressMeter(told.append, lambda: float(next(clock)))
    for done in range(0, 64, 4):
        meter.report(IndexPhase.INDEXING, done, 744, 0)
    meter.report(IndexPhase.LOADING_MODEL, 64, 744, 0)
    indexing, loading = told[-2:]
    assert indexing.eta_s is not None
    assert (loading.photos_per_s, loading.eta_s) == (0.0, None)


@pytest.mark.parametrize(
    ("phase", "total", "text"),
    [
        (IndexPhase.SCANNING, 0, "Looking through the folders"),
        (IndexPhase.LISTING, 744, "Step 1 of 2: dates and places 1 of 744"),
        (IndexPhase.LOADING_MODEL, 744, "Preparing the model, once…"),
        (IndexPhase.INDEXING, 0, "Indexing"),
        (IndexPhase.INDEXING, 1744, "Indexing 1 of 1,744"),
    ],
)
def test_a_run_in_words(phase: IndexPhase, total: int, text: str) -> None:
    assert described(IndexProgress(phase, 1, total, 0, 0.0, None)) == text
