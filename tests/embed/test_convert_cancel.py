"""A conversion ends at once when nobody wants it any more, and leaves nothing."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from photosearch.core.cancel import CancelToken
from photosearch.embed import catalogue, convert, convert_lock, packs
from photosearch.embed.encoder import ModelEncoder
from photosearch.embed.spec import TowerSpec
from photosearch.errors import Cancelled, PhotoSearchError

#: Far below what a hung child would take, far above what ending one does on a busy machine.
SOON_S = 30.0


def hang(_: Sequence[TowerSpec], models_dir: Path) -> None:
    """A conversion in the child that never ends."""
    draft = models_dir / "packs" / "making-hung"
    draft.mkdir(parents=True)
    (draft / "pid").write_text(str(os.getpid()), encoding="ascii")
    time.sleep(600)


@pytest.fixture
def text_pack(models_dir: Path) -> Path:
    """The sample model's text tower, converted."""
    spec = catalogue.find("sample")
    ModelEncoder(spec, models_dir).encode_texts(["a dog"])
    return packs.pack_directory(spec.texts[0], models_dir)


@pytest.fixture
def hung(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Makes conversions hang; waits for the child of one and returns its process id."""
    monkeypatch.setattr(convert, "_convert_all", hang)

    def wait_for_child() -> int:
        return wait_for(lambda: int((tmp_path / "packs/making-hung/pid").read_text("ascii")))

    return wait_for_child


def wait_for(look: Callable[[], int]) -> int:
    end_s = time.monotonic() + SOON_S
    while True:
        try:
            return look()
        except (OSError, ValueError):
            assert time.monotonic() < end_s
            time.sleep(0.05)


class Reader(threading.Thread):
    """Asks an encoder for a text; `error` is what became of it."""

    def __init__(self, encoder: ModelEncoder) -> None:
        super().__init__()
        self.encoder = encoder
        self.error: PhotoSearchError | None = None

    def run(self) -> None:
        try:
            self.encoder.encode_texts(["a dog"])
        except PhotoSearchError as error:
            self.error = error


def test_closing_an_encoder_ends_its_conversion(hung: Callable[[], int], tmp_path: Path) -> None:
    encoder = ModelEncoder(catalogue.find("sample"), tmp_path)
    reader = Reader(encoder)
    reader.start()
    child = hung()
    started_s = time.monotonic()
    encoder.release_images()
    encoder.release_texts()
    encoder.close()
    assert time.monotonic() - started_s < 1.0, "nobody waits for a conversion"
    reader.join(SOON_S)
    assert isinstance(reader.error, Cancelled)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    assert list((tmp_path / "packs").iterdir()) == []
    with pytest.raises(Cancelled):
        encoder.encode_texts(["a dog"])


def test_waiting_for_the_conversion_of_another_process_ends_too(tmp_path: Path) -> None:
    encoder = ModelEncoder(catalogue.find("sample"), tmp_path)
    with FileLock(tmp_path / "convert.lock"):
        reader = Reader(encoder)
        reader.start()
        encoder.close()
        reader.join(SOON_S)
    assert isinstance(reader.error, Cancelled)


@pytest.mark.model
def test_what_was_loaded_does_not_wait_for_the_other_towers_conversion(
    text_pack: Path, hung: Callable[[], int], tmp_path: Path
) -> None:
    spec = catalogue.find("sample")
    text = packs.pack_directory(spec.texts[0], tmp_path)
    text.parent.mkdir()
    shutil.copytree(text_pack, text)
    encoder = ModelEncoder(spec, tmp_path)
    before = encoder.encode_texts(["a dog"])

    def look() -> None:
        size_px = spec.image_input.size_px
        with pytest.raises(Cancelled):
            encoder.encode_images(np.zeros((1, size_px, size_px, 3), np.uint8))

    looker = threading.Thread(target=look)
    looker.start()
    hung()
    np.testing.assert_array_equal(encoder.encode_texts(["a dog"]), before)
    assert looker.is_alive()
    encoder.close()
    looker.join(SOON_S)
    assert not looker.is_alive()


def test_what_a_killed_conversion_left_goes_but_not_what_is_being_made(tmp_path: Path) -> None:
    draft = tmp_path / "packs" / "making-abc"
    draft.mkdir(parents=True)
    with convert_lock.locked(tmp_path, CancelToken()):
        assert not draft.exists()
        draft.mkdir()
        convert_lock.sweep(tmp_path)
        assert draft.exists(), "somebody is making it"
        (draft / "weights.bin").write_bytes(b"w")
    assert not draft.exists()
    draft.mkdir()
    convert_lock.sweep(tmp_path)
    assert not draft.exists()
