"""Previews in place of pictures, in the whole of indexing: what is stored, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from photosearch.core.decoded import DecodedPhoto
from photosearch.core.ports import Crops, Vectors
from photosearch.core.preview import PreviewCrop, PreviewKind, Previews, is_compared
from photosearch.core.query import Box
from photosearch.core.space import ImageInput
from photosearch.embed import inventory
from photosearch.embed.fake import FakeEncoder
from photosearch.errors import ModelError
from photosearch.index.fidelity import TRIAL_COUNT
from tests.decoding import InlineDecoder
from tests.test_library import Opened

COUNT = 60
BATCH = 4
#: Photos that are decoded before it is known what became of a batch.
AHEAD = 3 * BATCH
KIND = PreviewKind("HEIF", 512, 384)

Crop = npt.NDArray[np.uint8]


class SmallBatches(FakeEncoder):
    """Fails at what is all black."""

    @property
    def batch_size(self) -> int:
        return BATCH

    def encode_images(self, crops: Crops) -> Vectors:
        if not crops.any(axis=(1, 2, 3)).all():
            raise ModelError("The model does not like black.")
        return super().encode_images(crops)


class PreviewDecoder(InlineDecoder):
    """Every file has a preview: nearly the picture, but from a certain file on something else."""

    def __init__(self) -> None:
        super().__init__()
        self.good_count = COUNT
        self.is_black = False
        self.told: list[Previews] = []
        #: What each photo is by its picture and by its preview, by hash.
        self.by_picture: dict[bytes, Crop] = {}
        self.by_preview: dict[bytes, Crop] = {}

    def submit(
        self,
        source: Path | bytes,
        image_input: ImageInput,
        part: Box | None = None,
        *,
        is_urgent: bool = False,
        previews: Previews | None = None,
    ) -> Future[DecodedPhoto]:
        future = super().submit(source, image_input, part, is_urgent=is_urgent)
        if previews is None:
            return future
        photo = future.result()
        small = self._preview_of(photo.crop, is_good=len(self.told) < self.good_count)
        self.told.append(previews)
        done: Future[DecodedPhoto] = Future()
        if previews.stands_for_picture(KIND, photo.content_hash):
            self.by_preview[photo.content_hash] = small
            done.set_result(replace(photo, crop=small))
        else:
            self.by_picture[photo.content_hash] = photo.crop
            is_refused = KIND in previews.refused
            preview = None if is_refused else PreviewCrop(KIND, small)
            done.set_result(replace(photo, preview=preview))
        return done

    def _preview_of(self, crop: Crop, *, is_good: bool) -> Crop:
        if self.is_black:
            return np.zeros_like(crop)
        if not is_good:
            return crop[::-1, ::-1]
        brighter = crop.copy()
        brighter[:8, :8] = np.minimum(crop[:8, :8].astype(int) + 15, 255)
        return brighter


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    monkeypatch.setattr("photosearch.core.preview.COMPARED_ONE_IN", 4)
    decoder = PreviewDecoder()
    monkeypatch.setattr("tests.test_library.InlineDecoder", lambda: decoder)
    opened = Opened(tmp_path / "library", SmallBatches())
    yield opened
    opened.library.close()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Pictures of 16 colours each."""
    root = tmp_path / "photos"
    root.mkdir()
    rng = np.random.default_rng(3)
    for number in range(COUNT):
        tiny = Image.fromarray(rng.integers(0, 256, (4, 4, 3), np.uint8))
        tiny.resize((32, 32), Image.Resampling.NEAREST).save(root / f"{number}.png")
    return root


def decoder_of(opened: Opened) -> PreviewDecoder:
    assert isinstance(opened.decoder, PreviewDecoder)
    return opened.decoder


def assert_stored(opened: Opened) -> None:
    """Every vector is of the picture where that was decoded, else of the preview."""
    decoder = decoder_of(opened)
    photos = opened.library.photos(opened.library.photo_ids().tolist())
    assert len(photos) == COUNT
    assert not decoder.by_picture.keys() & decoder.by_preview.keys()
    for photo in photos:
        crop = (decoder.by_picture | decoder.by_preview)[photo.content_hash]
        vector = opened.store.vector(opened.encoder.space, photo.id)
        assert vector is not None
        np.testing.assert_allclose(vector, FakeEncoder().encode_images(crop[None])[0], atol=2e-3)


def test_previews_that_prove_good_spare_the_decoding(opened: Opened, photos: Path) -> None:
    opened.index(photos)
    decoder = decoder_of(opened)
    assert opened.library.failures() == []
    assert decoder.told[0] == Previews()
    assert decoder.told[-1] == Previews(trusted=frozenset({KIND}))
    first_told = decoder.told.index(decoder.told[-1])
    assert TRIAL_COUNT <= first_told <= TRIAL_COUNT + AHEAD
    spared = list(decoder.by_preview)
    assert len(spared) >= (COUNT - first_told) // 2
    assert not any(is_compared(each) for each in spared)
    assert len(decoder.by_picture) > first_told, "some still are compared"
    assert_stored(opened)
    assert COUNT + TRIAL_COUNT < opened.encoder.image_count < COUNT + len(decoder.by_picture)


def test_previews_that_prove_bad_cost_a_batch_and_no_more(opened: Opened, photos: Path) -> None:
    decoder = decoder_of(opened)
    decoder.good_count = 0
    opened.index(photos)
    assert opened.library.failures() == []
    assert decoder.told[-1] == Previews(refused=frozenset({KIND}))
    assert decoder.told.index(decoder.told[-1]) <= AHEAD
    assert not decoder.by_preview
    assert_stored(opened)
    assert COUNT < opened.encoder.image_count <= COUNT + BATCH


def test_trust_ends_with_the_first_that_is_not_as_it_should_be(
    opened: Opened, photos: Path
) -> None:
    decoder = decoder_of(opened)
    decoder.good_count = COUNT // 2
    opened.index(photos)
    trusted, refused = Previews(frozenset({KIND})), Previews(refused=frozenset({KIND}))
    assert trusted in decoder.told
    assert decoder.told[-1] == refused
    assert decoder.told.index(refused) > decoder.told.index(trusted)
    assert_stored(opened)


def test_previews_that_the_model_fails_at_are_refused(opened: Opened, photos: Path) -> None:
    decoder_of(opened).is_black = True
    opened.index(photos)
    assert opened.library.failures() == []
    assert decoder_of(opened).told[-1] == Previews(refused=frozenset({KIND}))
    assert_stored(opened)


def test_another_model_is_another_matter(
    opened: Opened, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inventory, "require_usable", lambda *_: None)
    opened.index(photos)
    decoder_of(opened).told.clear()
    opened.library.use_model("clip-ViT-B-32-multilingual-v1", at_once=True)
    opened.wait_for_run(opened.library.start_index())
    assert decoder_of(opened).told[0] == Previews()
