"""Which previews are trusted: by what was measured, and only as long as it holds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.core.decoded import DecodedPhoto
from photosearch.core.photo import FileStamp, PhotoFacts
from photosearch.core.preview import COMPARED_ONE_IN, PreviewCrop, PreviewKind, is_compared
from photosearch.index.fidelity import LEAST_COSINE, TRIAL_COUNT, Fidelity

PHONE = PreviewKind("HEIF", 512, 384)
CAMERA = PreviewKind("HEIF", 1620, 1080)
ALWAYS, USUAL = b"\0" * 16, b"\0\0\0\1" + b"\0" * 12


def photo(kind: PreviewKind | None, content_hash: bytes = USUAL) -> DecodedPhoto:
    crop = np.zeros((2, 2, 3), np.uint8)
    preview = None if kind is None else PreviewCrop(kind, crop)
    facts = PhotoFacts("HEIF", 4000, 3000)
    return DecodedPhoto(FileStamp(1, 1), content_hash, crop, b"", facts, preview=preview)


def trusting(*kinds: PreviewKind) -> Fidelity:
    fidelity = Fidelity()
    for kind in kinds * TRIAL_COUNT:
        fidelity.judge(kind, 1.0)
    return fidelity


def test_a_kind_is_trusted_when_enough_agree() -> None:
    fidelity = Fidelity()
    for _ in range(TRIAL_COUNT):
        assert not fidelity.previews.trusted
        fidelity.judge(PHONE, LEAST_COSINE)
    assert fidelity.previews.trusted == {PHONE}
    assert not fidelity.previews.refused


@pytest.mark.parametrize("cosine", [0.9899, 0.0, -1.0, float("nan")])
def test_one_that_falls_short_is_enough_to_refuse_for_good(cosine: float) -> None:
    for agreed in range(TRIAL_COUNT + 1):
        fidelity = Fidelity()
        for _ in range(agreed):
            fidelity.judge(PHONE, 0.999)
        fidelity.judge(PHONE, cosine)
        for _ in range(2 * TRIAL_COUNT):
            fidelity.judge(PHONE, 1.0)
        assert fidelity.previews.refused == {PHONE}
        assert not fidelity.previews.trusted
        assert fidelity.due([photo(PHONE, ALWAYS)]) == []


def test_kinds_are_judged_apart() -> None:
    fidelity = trusting(PHONE)
    fidelity.judge(CAMERA, 0.5)
    assert fidelity.previews.trusted == {PHONE}
    assert fidelity.previews.refused == {CAMERA}


def test_what_decoders_were_told_does_not_change_under_them() -> None:
    fidelity = Fidelity()
    told = fidelity.previews
    fidelity.judge(PHONE, 0.5)
    assert told.refused == frozenset()


def test_no_more_are_compared_than_the_trial_lacks() -> None:
    fidelity = Fidelity()
    photos = [photo(None), *(photo(PHONE) for _ in range(20)), *(photo(CAMERA) for _ in range(3))]
    due = [preview.kind for _, preview in fidelity.due(photos)]
    assert due == [PHONE] * TRIAL_COUNT + [CAMERA] * 3
    fidelity.judge(PHONE, 1.0)
    due = [preview.kind for _, preview in fidelity.due(photos)]
    assert due == [PHONE] * (TRIAL_COUNT - 1) + [CAMERA] * 3


def test_of_a_trusted_kind_some_still_are_compared() -> None:
    fidelity = trusting(PHONE)
    spared, compared = photo(PHONE), photo(PHONE, ALWAYS)
    assert [each for each, _ in fidelity.due([spared, compared])] == [compared]
    assert fidelity.previews.stands_for_picture(PHONE, USUAL)
    assert not fidelity.previews.stands_for_picture(PHONE, ALWAYS)
    assert not fidelity.previews.stands_for_picture(CAMERA, USUAL)


def test_about_one_in_so_many_is_compared() -> None:
    rng = np.random.default_rng(5)
    hashes = [rng.bytes(16) for _ in range(200 * COMPARED_ONE_IN)]
    assert 150 < sum(map(is_compared, hashes)) < 250


@given(st.lists(st.tuples(st.sampled_from([PHONE, CAMERA]), st.floats(0.98, 1.0)), max_size=60))
def test_no_kind_is_both_and_none_is_trusted_untried(
    judged: list[tuple[PreviewKind, float]],
) -> None:
    fidelity = Fidelity()
    for kind, cosine in judged:
        fidelity.judge(kind, cosine)
    trusted, refused = fidelity.previews.trusted, fidelity.previews.refused
    assert not trusted & refused
    for kind in (PHONE, CAMERA):
        cosines = [cosine for each, cosine in judged if each == kind]
        assert (kind in refused) == any(cosine < LEAST_COSINE for cosine in cosines)
        assert (kind in trusted) == (len(cosines) >= TRIAL_COUNT and kind not in refused)
