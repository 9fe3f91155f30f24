"""Previews in HEIF files: which could stand for their pictures, and that they are the same."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from photosearch.core.decoded import DecodedPhoto
from photosearch.core.failure import FailureCode
from photosearch.core.ports import DecodeError
from photosearch.core.preview import PreviewKind, Previews
from photosearch.core.query import Box
from photosearch.core.space import ImageInput, Resize
from photosearch.images.boxes import read_items, walk
from photosearch.images.decode import decode
from photosearch.images.guard import DEFAULT_LIMITS, DecodeLimits
from photosearch.images.preview import Preview, find_preview

from .samples import QUARTERS, STORED_AS, WHOLE, encoded, quarter_colours, quartered, scenery
from .test_pixels import swapping_profile

INPUT = ImageInput(64)
SIZE_PX, PREVIEW_PX = (600, 400), 390
KIND = PreviewKind("HEIF", 390, 260)
#: How the item of a preview says that it is one, of item 1.
THUMBNAIL = (b"thmb", (1,))
FAST = {"enc_params": {"preset": "ultrafast"}}
TRUSTED = Previews(trusted=frozenset({KIND}))


def with_preview(
    picture: Image.Image, *previews_px: int, orientation: int = 1, **options: object
) -> bytes:
    """A HEIF with previews of these longest sides, all turned as told."""
    turn = STORED_AS.get(orientation)
    stored = picture if turn is None else picture.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"quality": 60, "exif": exif.tobytes(), **FAST, **options}
    return encoded(stored, "HEIF", thumbnails=list(previews_px), **options)


def found_in(
    whole: bytes, size_px: int = 64, limits: DecodeLimits = DEFAULT_LIMITS
) -> Preview | None:
    return find_preview(whole, ImageInput(size_px), limits)


def both(whole: bytes) -> DecodedPhoto:
    """Decoded both ways."""
    return decode(whole, INPUT, previews=Previews())


def preview_crop(photo: DecodedPhoto) -> npt.NDArray[np.uint8]:
    assert photo.preview is not None
    return photo.preview.crop


@lru_cache
def heic() -> bytes:
    """A usual one."""
    return with_preview(scenery(*SIZE_PX), PREVIEW_PX)


@pytest.fixture
def never_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust is not checked by chance."""
    monkeypatch.setattr("photosearch.core.preview.COMPARED_ONE_IN", 1 << 33)


def difference(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> float:
    return float(np.abs(one.astype(float) - other.astype(float)).mean())


def test_the_largest_is_found() -> None:
    found = found_in(with_preview(scenery(*SIZE_PX), 384, PREVIEW_PX, 386))
    assert found is not None
    assert found.kind == KIND
    assert found.picture_px == SIZE_PX
    loaded = found.load()
    assert loaded is not None
    assert loaded.size == (390, 260)


@pytest.mark.parametrize(
    "whole",
    [
        b"",
        b"\0\0\0\x18ftypheic",
        encoded(scenery(96, 64), "JPEG"),
        encoded(scenery(*SIZE_PX), "HEIF"),
        encoded(scenery(96, 64), "AVIF"),
    ],
)
def test_where_there_is_none_there_is_none(whole: bytes) -> None:
    assert found_in(whole) is None


def test_nothing_is_enlarged_that_would_show() -> None:
    whole = heic()
    assert found_in(whole, 260) is not None
    assert found_in(whole, 261) is None, "for the encoder"
    assert found_in(with_preview(scenery(*SIZE_PX), 350), 64) is None, "for the tile"
    assert found_in(with_preview(scenery(1200, 900), 320), 224) is not None, "as phones make them"
    wide = with_preview(scenery(1200, 300), 520)
    assert found_in(wide) is None, "for the tile of a panorama"


def test_one_of_another_shape_is_of_something_else() -> None:
    whole = heic()
    at = whole.rindex(b"ispe") + 8
    assert whole[at : at + 8] == (390).to_bytes(4, "big") + (260).to_bytes(4, "big")
    for width_px, height_px in ((390, 292), (390, 264), (260, 390)):
        other = width_px.to_bytes(4, "big") + height_px.to_bytes(4, "big")
        assert found_in(whole[:at] + other + whole[at + 8 :]) is None


def test_one_that_is_not_of_the_size_that_is_said_is_broken() -> None:
    whole = heic()
    at = whole.rindex(b"ispe") + 8
    other = (420).to_bytes(4, "big") + (280).to_bytes(4, "big")
    found = found_in(whole[:at] + other + whole[at + 8 :])
    assert found is None or found.load() is None


def test_limits_hold_for_the_picture() -> None:
    whole = with_preview(scenery(1200, 900), 400)
    assert found_in(whole, limits=DecodeLimits(megapixels=2)) is not None
    assert found_in(whole, limits=DecodeLimits(megapixels=1)) is None


@pytest.mark.parametrize("orientation", range(1, 9))
def test_both_crops_are_upright(orientation: int) -> None:
    whole = with_preview(quartered(*SIZE_PX), PREVIEW_PX, orientation=orientation)
    photo = decode(whole, WHOLE, previews=Previews())
    assert photo.preview is not None
    assert photo.preview.kind == KIND, "whatever its turn"
    assert quarter_colours(photo.crop) == QUARTERS
    assert quarter_colours(photo.preview.crop) == QUARTERS


def test_a_turn_that_only_the_exif_tells_counts_for_neither() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    whole = encoded(quartered(*SIZE_PX), "HEIF", thumbnails=[PREVIEW_PX], exif=exif)
    assert b"irot" not in whole
    photo = decode(whole, WHOLE, previews=Previews())
    assert quarter_colours(preview_crop(photo)) == quarter_colours(photo.crop) == QUARTERS


def test_a_preview_has_the_colours_of_its_picture() -> None:
    """pillow_heif writes the profile with the picture only."""
    whole = with_preview(scenery(*SIZE_PX), PREVIEW_PX, icc_profile=swapping_profile())
    photo, plain = both(whole), both(heic())
    assert difference(photo.crop, plain.crop) > 10, "the profile does something"
    assert difference(preview_crop(photo), photo.crop) < 3


@pytest.mark.parametrize("mode", ["L", "RGBA"])
def test_other_modes_give_the_same(mode: str) -> None:
    picture = scenery(*SIZE_PX).convert(mode)
    if mode == "RGBA":
        picture.paste((0, 0, 0, 0), (0, 0, 300, 200))
    photo = both(with_preview(picture, PREVIEW_PX))
    assert difference(preview_crop(photo), photo.crop) < 3


@pytest.mark.parametrize("resize", list(Resize))
@pytest.mark.parametrize("size", [(601, 400), (403, 602)])
def test_both_crops_show_the_same(size: tuple[int, int], resize: Resize) -> None:
    whole = with_preview(scenery(*size), 400)
    photo = decode(whole, ImageInput(64, resize), previews=Previews())
    assert difference(preview_crop(photo), photo.crop) < 5


def test_what_is_not_known_is_decoded_in_full() -> None:
    whole = heic()
    photo, plain = both(whole), decode(whole, INPUT)
    assert photo.preview is not None
    assert plain.preview is None
    assert np.array_equal(photo.crop, plain.crop)
    assert photo.thumbnail == plain.thumbnail
    assert (photo.facts, photo.content_hash) == (plain.facts, plain.content_hash)


def test_a_trusted_preview_spares_the_decoding(
    never_compared: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = decode(heic(), INPUT)
    monkeypatch.setattr("photosearch.images.decode.open_image", None)
    spared = decode(heic(), INPUT, previews=TRUSTED)
    assert spared.preview is None, "there is nothing to compare it with"
    assert spared.content_hash == photo.content_hash
    assert spared.whole_hash == photo.whole_hash
    assert spared.facts == photo.facts
    assert not np.array_equal(spared.crop, photo.crop)
    assert difference(spared.crop, photo.crop) < 3
    assert Image.open(io.BytesIO(spared.thumbnail)).size == (384, 256)


def test_some_are_compared_however_trusted_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photosearch.core.preview.COMPARED_ONE_IN", 1)
    compared = decode(heic(), INPUT, previews=TRUSTED)
    assert compared.preview is not None
    assert np.array_equal(compared.crop, decode(heic(), INPUT).crop)


def test_a_refused_preview_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = heic()
    monkeypatch.setattr(Preview, "load", None)
    photo = decode(whole, INPUT, previews=Previews(refused=frozenset({KIND})))
    assert photo.preview is None


def test_parts_are_of_the_picture(never_compared: None) -> None:
    whole = heic()
    part = Box(0.25, 0.25, 0.75, 0.75)
    photo = decode(whole, INPUT, part=part, previews=TRUSTED)
    assert photo.preview is None
    assert np.array_equal(photo.crop, decode(whole, INPUT, part=part).crop)


def test_a_broken_preview_costs_nothing_but_itself() -> None:
    whole = heic()
    meta = next(box for box in walk(whole, 0, len(whole)) if box.kind == b"meta")
    items = read_items(whole, meta)
    (item,) = [item for item in items.by_number.values() if item.references[:1] == [THUMBNAIL]]
    ((start, length),) = item.extents
    broken = whole[:start] + bytes(length) + whole[start + length :]
    for previews in (Previews(), TRUSTED):
        photo = decode(broken, INPUT, previews=previews)
        assert photo.preview is None
        assert np.array_equal(photo.crop, decode(broken, INPUT).crop)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: bytes(len(data)),
        lambda data: random.Random(1).randbytes(len(data)),
        lambda data: data[: len(data) // 2] + bytes(64) + data[len(data) // 2 + 64 :],
        lambda data: b"\xff" * 8 + data[8:],
    ],
    ids=["zeros", "rubbish", "a zeroed block", "lengths"],
)
def test_a_picture_that_does_not_look_whole_is_decoded_in_full(
    damage: Callable[[bytes], bytes],
) -> None:
    whole = heic()
    (meta,) = (box for box in walk(whole, 0, len(whole)) if box.kind == b"meta")
    items = read_items(whole, meta)
    ((at, length),) = items.by_number[items.primary].extents
    spoilt = damage(whole[at : at + length])
    assert len(spoilt) == length
    assert found_in(whole[:at] + spoilt + whole[at + length :]) is None


def test_a_file_that_is_cut_short_is_decoded_in_full(never_compared: None) -> None:
    whole = heic()
    assert decode(whole, INPUT, previews=TRUSTED).preview is None
    for length in range(len(whole) // 2, len(whole), len(whole) // 16):
        assert found_in(whole[:length]) is None
    with pytest.raises(DecodeError) as raised:
        decode(whole[: len(whole) // 2], INPUT, previews=TRUSTED)
    assert raised.value.reason.code is FailureCode.TRUNCATED
