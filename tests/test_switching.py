"""Another model: the present one answers until the chosen one knows every photo."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from photosearch.core.events import IndexFinished, ModelChanged, WorkerError
from photosearch.core.failure import FailureCode, FailureReason, PhotoFailure, Stage
from photosearch.core.photo import FilePlace
from photosearch.core.ports import Crops, Vectors
from photosearch.core.query import Reading, TextTerm
from photosearch.core.status import Filling
from photosearch.core.stored import IndexBatch
from photosearch.embed import inventory
from photosearch.embed.fake import FakeEncoder
from photosearch.errors import Cancelled, ModelMissingError
from photosearch.settings import LIBRARY_FILE, LibrarySettings
from tests.conftest import MakePicture
from tests.test_library import Opened

OTHER = "clip-ViT-B-32-multilingual-v1"
#: Pictures that a model is tried on before it answers.
PROBES = 1


@pytest.fixture
def photos(tmp_path: Path, make_picture: MakePicture) -> Path:
    root = tmp_path / "photos"
    for number in range(8):
        make_picture(root / f"{number}.jpg", (230, 10, 10 + number))
    return root


@pytest.fixture
def opened(tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    monkeypatch.setattr(inventory, "require_usable", lambda *_: None)
    opened = Opened(tmp_path / "library")
    opened.index(photos)
    yield opened
    opened.library.close()


def settings_of(opened: Opened) -> tuple[str, str]:
    settings = LibrarySettings.load(opened.library.status().path / LIBRARY_FILE)
    return settings.model, settings.answering


def test_the_present_model_answers_until_the_chosen_one_knows_every_photo(
    opened: Opened, tmp_path: Path, photos: Path
) -> None:
    shutil.move(photos, tmp_path / "away")  # so that nothing can be filled yet
    opened.library.use_model(OTHER)
    opened.wait_for_run(1)
    status = opened.library.status()
    assert status.filling == Filling(OTHER, "CLIP ViT-B/32 multilingual", 0, 8, 8)
    assert status.space == opened.encoder.space
    assert status.counts.vector_count == 8
    assert len(opened.found(TextTerm("red"))) == 8
    assert settings_of(opened) == (OTHER, "sample")
    shutil.move(tmp_path / "away", photos)
    opened.wait_for_run(opened.library.start_index())
    status = opened.library.status()
    assert status.filling is None
    assert status.space == opened.others[OTHER].space
    assert any(isinstance(event, ModelChanged) for event in opened.seen)
    assert len(opened.found(TextTerm("red"))) == 8
    assert settings_of(opened) == (OTHER, "")


def test_back_again_loses_no_photo_and_no_vector(opened: Opened) -> None:
    opened.library.use_model(OTHER)
    opened.wait_for_run(opened.library.start_index())
    assert opened.others[OTHER].image_count == 8 + PROBES
    opened.library.use_model("sample")
    run = opened.wait_for_run(opened.library.start_index())
    assert run.encoded == 0
    assert opened.encoder.image_count == 8 + PROBES
    status = opened.library.status()
    assert status.space == opened.encoder.space
    assert status.filling is None
    assert len(opened.store.missing_vectors(opened.others[OTHER].space)) == 0


def test_a_change_of_mind_amid_the_filling_goes_back_at_once(
    opened: Opened, tmp_path: Path, photos: Path
) -> None:
    shutil.move(photos, tmp_path / "away")
    opened.library.use_model(OTHER)
    opened.library.use_model("sample")
    assert opened.library.status().filling is None
    assert settings_of(opened) == ("sample", "")
    assert len(opened.found(TextTerm("red"))) == 8


def test_who_cannot_wait_gets_what_there_is(opened: Opened, tmp_path: Path, photos: Path) -> None:
    shutil.move(photos, tmp_path / "away")
    opened.library.use_model(OTHER, at_once=True)
    assert opened.library.status().space == opened.others[OTHER].space
    assert opened.found(TextTerm("red")) == []


def test_the_filling_goes_on_after_a_restart(opened: Opened, tmp_path: Path, photos: Path) -> None:
    shutil.move(photos, tmp_path / "away")
    opened.library.use_model(OTHER)
    opened.wait_for_run(1)
    opened.library.close()
    shutil.move(tmp_path / "away", photos)
    again = Opened(tmp_path / "library")
    try:
        assert again.library.status().space == opened.encoder.space
        again.wait_for_run(again.library.start_index())
        assert again.library.status().space == opened.others[OTHER].space
    finally:
        again.library.close()


class Missing(FakeEncoder):
    def encode_images(self, crops: object) -> None:  # type: ignore[override]
        raise ModelMissingError("There is no whole model.", "Fetch it.")


def test_a_model_that_cannot_be_loaded_leaves_the_present_one_serving(opened: Opened) -> None:
    opened.others[OTHER] = Missing("other")
    opened.library.use_model(OTHER)
    opened.wait_for_run(opened.library.start_index())
    assert WorkerError("There is no whole model.", "Fetch it.", is_about_model=True) in opened.seen
    assert len(opened.found(TextTerm("red"))) == 8
    assert isinstance(opened.seen[-1], IndexFinished)
    said = "CLIP ViT-B/32 multilingual cannot be used: There is no whole model."
    assert opened.library.status().model_trouble == said
    opened.library.use_model("sample")
    assert opened.library.status().model_trouble == ""


def test_a_photo_that_the_chosen_model_refuses_holds_nothing_up(
    opened: Opened, photos: Path, make_picture: MakePicture
) -> None:
    make_picture(photos / "white.jpg", (255, 255, 255))
    opened.others[OTHER] = FakeEncoder("other", refuse_over_mean=200.0)
    opened.library.use_model(OTHER)
    opened.wait_for_run(opened.library.start_index())
    assert opened.library.status().space == opened.others[OTHER].space


def test_a_model_that_fails_at_every_picture_fails_itself_and_recovers(opened: Opened) -> None:
    damaged = opened.others[OTHER] = FakeEncoder("other", refuse_over_mean=-1.0)
    opened.library.use_model(OTHER)
    opened.wait_for_run(opened.library.start_index())
    (error,) = {event for event in opened.seen if isinstance(event, WorkerError)}
    assert error.message.startswith("The model fake is damaged")
    assert error.hint == "photosearch models verify fake --repair"
    assert opened.library.failures() == []
    assert opened.library.status().space == opened.encoder.space
    assert len(opened.found(TextTerm("red"))) == 8
    damaged._refuse_over_mean = 256.0  # repaired
    opened.wait_for_run(opened.library.start_index())
    assert opened.library.status().space == damaged.space
    assert len(opened.found(TextTerm("red"))) == 8


def test_a_model_that_knows_no_photo_at_all_never_takes_over(opened: Opened) -> None:
    other = opened.others[OTHER] = FakeEncoder("other", refuse_over_mean=200.0)
    opened.store.ensure_space(other.space)
    for folder in opened.library.folders():
        failures = [
            PhotoFailure(
                FilePlace(folder.id, rel_path),
                known.stamp,
                Stage.ENCODE,
                FailureReason(FailureCode.ENCODE_FAILED),
                space_key=other.space.key,
            )
            for rel_path, known in opened.store.known_files(folder.id, other.space).items()
        ]
        opened.store.write(other.space, IndexBatch(failures=failures))
    assert len(opened.store.missing_vectors(other.space)) == 0
    opened.library.use_model(OTHER)
    opened.wait_for_run(opened.library.start_index())
    assert opened.library.status().space == opened.encoder.space
    assert len(opened.found(TextTerm("red"))) == 8


class Speechless(FakeEncoder):
    is_damaged = True

    def encode_texts(self, texts: Sequence[str], reading: Reading = Reading.AUTO) -> Vectors:
        if self.is_damaged:
            raise ModelMissingError("The text half is cut.", "Repair it.")
        return super().encode_texts(texts, reading)


def test_a_model_that_reads_no_texts_never_takes_over_and_says_so_once(opened: Opened) -> None:
    other = opened.others[OTHER] = Speechless("other")
    opened.library.use_model(OTHER)
    for _ in range(3):
        opened.wait_for_run(opened.library.start_index())
    assert opened.seen.count(WorkerError("The text half is cut.", "Repair it.")) == 1
    assert opened.library.status().space == opened.encoder.space
    assert settings_of(opened) == (OTHER, "sample")
    assert len(opened.found(TextTerm("red"))) == 8
    other.is_damaged = False
    opened.wait_for_run(opened.library.start_index())
    assert opened.library.status().space == other.space


def away(tmp_path: Path, model: str, answering: str = "") -> Opened:
    """A library whose settings name these models."""
    LibrarySettings(model, answering).save(tmp_path / "library" / LIBRARY_FILE)
    return Opened(tmp_path / "library")


@pytest.mark.parametrize("is_folder", [True, False])
def test_a_chosen_model_that_is_away_leaves_the_library_open_with_the_sample(
    opened: Opened, tmp_path: Path, is_folder: bool
) -> None:
    opened.library.close()
    model = str(tmp_path / "usb" / "mine") if is_folder else "of-a-later-version"
    again = away(tmp_path, model)
    try:
        status = again.library.status()
        assert status.model_trouble.startswith(f"The model {model} cannot be found: ")
        assert status.model_trouble.endswith("Sample model answers until then.")
        assert (status.model_id, status.filling) == ("sample", None)
        again.wait_for_run(again.library.start_index())
        assert len(again.found(TextTerm("red"))) == 8
        assert settings_of(again) == (model, ""), "the disk may come back"

        again.library.use_model(OTHER)
        assert again.library.status().model_trouble == ""
        again.wait_for_run(again.library.start_index())
        assert again.library.status().model_id == OTHER
        assert settings_of(again) == (OTHER, "")
    finally:
        again.library.close()


def test_the_model_that_answers_goes_on_while_the_chosen_one_is_away(
    opened: Opened, tmp_path: Path
) -> None:
    opened.library.use_model(OTHER)
    opened.wait_for_run(opened.library.start_index())
    opened.library.close()
    again = away(tmp_path, "of-a-later-version", OTHER)
    try:
        status = again.library.status()
        assert status.model_id == OTHER
        assert status.model_trouble.endswith("CLIP ViT-B/32 multilingual answers until then.")
        again.wait_for_run(again.library.start_index())
        assert settings_of(again) == ("of-a-later-version", OTHER)
    finally:
        again.library.close()


def test_the_chosen_model_answers_where_the_former_one_is_away(
    opened: Opened, tmp_path: Path
) -> None:
    opened.library.close()
    again = away(tmp_path, "sample", "of-a-later-version")
    try:
        status = again.library.status()
        assert (status.model_id, status.filling) == ("sample", None)
        assert "of-a-later-version cannot be found" in status.model_trouble
        again.library.use_model("sample")
        assert again.library.status().model_trouble == ""
        assert settings_of(again) == ("sample", "")
    finally:
        again.library.close()


def test_the_rounded_form_of_a_model_is_a_change_like_any_other(opened: Opened) -> None:
    rounded = "sample+int8"
    opened.others[rounded] = FakeEncoder("sample-int8")
    opened.library.use_model(rounded)
    opened.wait_for_run(opened.library.start_index())
    assert settings_of(opened) == (rounded, "")
    assert opened.others[rounded].image_count == 8 + PROBES
    assert len(opened.found(TextTerm("red"))) == 8
    assert len(opened.store.missing_vectors(opened.encoder.space)) == 0, "the exact ones stay"


class ConvertingEncoder(FakeEncoder):
    """Is being converted until it is closed."""

    def __init__(self) -> None:
        super().__init__("converting")
        self.is_asked, self.is_closed = threading.Event(), threading.Event()

    def encode_images(self, crops: Crops) -> Vectors:
        self.is_asked.set()
        self.is_closed.wait()
        raise Cancelled("The work was stopped.")

    def close(self) -> None:
        self.is_closed.set()


def test_a_conversion_keeps_nobody_from_changing_his_mind(opened: Opened) -> None:
    converting = opened.others[OTHER] = ConvertingEncoder()
    opened.library.use_model(OTHER)
    assert converting.is_asked.wait(10)
    opened.library.use_model("sample")
    assert converting.is_closed.is_set()
    opened.wait_for_run(opened.library.start_index())
    assert settings_of(opened) == ("sample", "")


def test_a_library_closes_amid_a_conversion(opened: Opened) -> None:
    converting = opened.others[OTHER] = ConvertingEncoder()
    opened.library.use_model(OTHER)
    assert converting.is_asked.wait(10)
    opened.library.close()  # would hang
    assert converting.is_closed.is_set()
