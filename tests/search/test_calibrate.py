from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photosearch.core.cancel import CancelToken
from photosearch.core.ports import Vectors
from photosearch.core.query import Query, Reading
from photosearch.core.space import EmbeddingSpace
from photosearch.embed import catalogue
from photosearch.embed.encoder import ModelEncoder
from photosearch.embed.fake import FakeEncoder
from photosearch.errors import Cancelled, ModelError
from photosearch.search import calibrate, reference
from photosearch.search.answer import by_filters
from photosearch.search.calibrate import (
    POSSIBLE_FROM,
    STRONG_FROM,
    Calibrator,
    Judge,
    Scale,
    evidence,
    nothing_stands_out,
    strong_from,
)
from photosearch.search.calibration import Calibration, calibrated, read_calibration, written
from photosearch.search.concepts import Concept, Look
from photosearch.search.examples import QueryKind
from photosearch.search.logistic import fitted
from photosearch.search.own_library import shift_of
from photosearch.search.plan import Plan
from tests.search.array_store import ArrayStore

pytestmark = pytest.mark.model
BANDS = pytest.mark.parametrize("kind", list(QueryKind))


class KeptText:
    """Keeps one calibration, and is what calibration needs of a store."""

    def __init__(self, sample: Vectors | None = None) -> None:
        self.text: str | None = None
        self.sample = np.empty((0, 1), np.float32) if sample is None else sample

    def read(self, space: EmbeddingSpace) -> str | None:
        return self.text

    def keep(self, space: EmbeddingSpace, text: str) -> None:
        self.text = text

    def sample_vectors(self, space: EmbeddingSpace, count: int) -> Vectors:
        return self.sample[:count] if len(self.sample) else np.empty((0, space.dim), np.float32)


def calibrator_of(encoder: object, kept: KeptText) -> Calibrator:
    return Calibrator(encoder, kept, kept)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def encoder(models_dir: Path) -> Iterator[ModelEncoder]:
    encoder = ModelEncoder(catalogue.find("sample"), models_dir)
    yield encoder
    encoder.close()


@pytest.fixture(scope="module")
def calibration(encoder: ModelEncoder) -> Calibration:
    return calibrated(encoder)


@pytest.fixture
def calibrator(encoder: ModelEncoder, calibration: Calibration) -> Calibrator:
    store = KeptText()
    store.text = written(calibration, encoder.space)
    return calibrator_of(encoder, store)


@pytest.fixture(scope="module")
def album(encoder: ModelEncoder) -> tuple[list[set[str]], Vectors]:
    """Pictures that the reference set does not hold, and what they show."""
    known = {picture.path for picture in reference.load().pictures}
    others = [picture for picture in reference.album() if picture.path not in known]
    batches = reference.crops(others, encoder.image_input, 32)
    vectors = np.concatenate([encoder.encode_images(crops) for crops in batches])
    return [{*picture.things, picture.place} for picture in others], vectors


def of_text(encoder: ModelEncoder, calibrator: Calibrator, text: str) -> tuple[Vectors, Judge]:
    direction = encoder.encode_texts([text])[0]
    return direction, calibrator.judge(direction, QueryKind.TEXT, text)


@pytest.mark.parametrize("word", ["dog", "Hund", "犬", "개"])
def test_a_library_of_one_thing_is_mostly_strong(
    encoder: ModelEncoder,
    calibration: Calibration,
    album: tuple[list[set[str]], Vectors],
    word: str,
) -> None:
    shown, vectors = album
    dogs = [n for n, things in enumerate(shown) if "🐕" in things and len(things) == 2]
    others = [n for n, things in enumerate(shown) if not things & {"🐕", "🐩", "🐺", "🦊", "🐈"}]
    for share in (0.2, 0.7, 0.95):
        count = round(1000 * share)
        picked = [*np.resize(dogs, count), *np.resize(others, 1000 - count)]
        # The library itself refines the calibration, which must not unsay what it is full of.
        kept = KeptText(vectors[np.random.default_rng(6).permutation(picked)])
        kept.text = written(calibration, encoder.space)
        direction, judge = of_text(encoder, calibrator_of(encoder, kept), word)
        sure = judge.confidence(vectors[picked] @ direction)
        strong = sure >= strong_from(sure, 1000)
        assert strong.mean() == pytest.approx(share, abs=0.15 * share + 0.01)
        assert not nothing_stands_out(sure, 1000)


@pytest.mark.parametrize("word", ["violin", "accordion", "Zahnbürste", "サックス", "метла"])
def test_what_is_not_there_is_said(
    encoder: ModelEncoder, calibrator: Calibrator, album: tuple[list[set[str]], Vectors], word: str
) -> None:
    shown, vectors = album
    tables = np.array([n for n, things in enumerate(shown) if "snow" in things or "sea" in things])
    direction, judge = of_text(encoder, calibrator, word)
    assert nothing_stands_out(judge.confidence(vectors[tables] @ direction), len(tables))


def test_a_list_without_something_hides_hardly_anything_else(
    encoder: ModelEncoder, calibrator: Calibrator, album: tuple[list[set[str]], Vectors]
) -> None:
    """By the truth of the sample album: 133 of 344 go, and 63 of 23,769 wrongly."""
    shown, vectors = album
    store, known = ArrayStore(vectors, 0.0), reference.load()
    right = there = wrong = others = 0
    for key, names in known.names.items():
        shows = np.array([key in things for things in shown])
        is_other = ~np.array([bool(things & {key, *known.relatives[key]}) for things in shown])
        if not shows.any():
            continue
        direction, judge = of_text(encoder, calibrator, names[0])
        unwanted = Concept((Look(direction, judge),), is_wanted=False)
        query = Query(text=f"-{names[0]}")
        left = by_filters(store, encoder.space, Plan(), (unwanted,), query).ids  # type: ignore[arg-type]
        is_gone = ~np.isin(store.ids, left)
        right, there = right + int((is_gone & shows).sum()), there + int(shows.sum())
        wrong, others = wrong + int((is_gone & is_other).sum()), others + int(is_other.sum())
    assert there > 300
    assert right > there / 3
    assert wrong < 0.004 * others


@pytest.mark.parametrize("word", ["people", "Menschen", "person", "car"])
def test_a_list_without_what_the_model_hardly_knows_is_nearly_whole(
    encoder: ModelEncoder, calibrator: Calibrator, album: tuple[list[set[str]], Vectors], word: str
) -> None:
    store = ArrayStore(album[1], 0.0)
    direction, judge = of_text(encoder, calibrator, word)
    unwanted = Concept((Look(direction, judge),), is_wanted=False)
    found = by_filters(store, encoder.space, Plan(), (unwanted,), Query())  # type: ignore[arg-type]
    assert found.total_count > 0.98 * len(store.ids)


@BANDS
def test_more_likeness_is_never_less_sure(
    encoder: ModelEncoder, calibrator: Calibrator, kind: QueryKind
) -> None:
    judge = calibrator.judge(encoder.encode_texts(["a dog in the snow"])[0], kind)
    sure = judge.confidence(np.linspace(-1, 1, 201, dtype=np.float32))
    assert sure.dtype == np.float32
    assert np.all(np.diff(sure) >= 0)
    assert 0 <= sure[0] < POSSIBLE_FROM < STRONG_FROM < sure[-1] <= 1


@given(st.floats(0.5, 60), st.floats(-30, 10), st.floats(0.01, 0.99))
def test_the_score_of_a_confidence_gives_that_confidence(
    slope: float, offset: float, confidence: float
) -> None:
    judge = Judge(slope, offset)
    score = np.array([judge.score_at(confidence)])
    assert judge.confidence(score)[0] == pytest.approx(confidence, abs=1e-4)


def test_pictures_need_a_higher_cosine_than_words(
    encoder: ModelEncoder, calibrator: Calibrator, album: tuple[list[set[str]], Vectors]
) -> None:
    shown, vectors = album
    at = next(n for n, things in enumerate(shown) if "🐕" in things)
    word = of_text(encoder, calibrator, "dog")[1]
    picture = calibrator.judge(vectors[at], QueryKind.PICTURE)
    assert picture.score_at(STRONG_FROM) > word.score_at(STRONG_FROM) + 0.05


def test_the_calibration_is_kept_and_not_made_twice(
    encoder: ModelEncoder, calibration: Calibration
) -> None:
    direction = encoder.encode_texts(["dog"])[0]
    store = KeptText()
    first = calibrator_of(encoder, store)
    first.prepare()
    assert store.text is not None
    again = calibrator_of(Mute(encoder.space), store)
    ours, theirs = (c.judge(direction, QueryKind.TEXT) for c in (first, again))
    assert ours.score_at(0.5) == pytest.approx(theirs.score_at(0.5), abs=1e-3)


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"version": 1}', '{"version": 99}'])
def test_a_damaged_calibration_counts_as_none(encoder: ModelEncoder, text: str | None) -> None:
    assert read_calibration(text, encoder.space) is None


def test_another_space_does_not_take_a_calibration(
    encoder: ModelEncoder, calibration: Calibration
) -> None:
    text = written(calibration, encoder.space)
    assert read_calibration(text, FakeEncoder().space) is None


def test_a_calibration_can_be_given_up(encoder: ModelEncoder) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        calibrated(encoder, cancel)


class Mute:
    """An encoder that fails."""

    def __init__(self, space: EmbeddingSpace) -> None:
        self.space = space

    def encode_texts(self, texts: Sequence[str], reading: Reading = Reading.AUTO) -> Vectors:
        raise ModelError("It is broken.")


def test_without_a_calibration_the_library_itself_is_the_background(
    encoder: ModelEncoder, album: tuple[list[set[str]], Vectors]
) -> None:
    shown, vectors = album
    calibrator = calibrator_of(Mute(encoder.space), KeptText(vectors))
    direction = encoder.encode_texts(["dog"])[0]
    sure = calibrator.judge(direction, QueryKind.TEXT).confidence(vectors @ direction)
    is_dog = np.array(["🐕" in things for things in shown])
    assert np.median(sure[is_dog]) > 5 * np.median(sure[~is_dog])
    calibrator.close()


def test_an_empty_library_is_judged(encoder: ModelEncoder) -> None:
    calibrator = calibrator_of(Mute(encoder.space), KeptText())
    judge = calibrator.judge(encoder.encode_texts(["dog"])[0], QueryKind.TEXT)
    assert 0 <= judge.confidence(np.zeros(1, np.float32))[0] <= 1
    assert nothing_stands_out(np.empty(0, np.float32), 0)
    calibrator.close()


def test_closing_ends_a_calibration_under_way(
    encoder: ModelEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = threading.Event()

    class Slow(Mute):
        def encode_texts(self, texts: Sequence[str], reading: Reading = Reading.AUTO) -> Vectors:
            started.set()
            time.sleep(0.01)
            return np.ones((len(texts), self.space.dim), np.float32)

    monkeypatch.setattr(calibrate, "_PATIENCE_S", 0.02)
    calibrator = calibrator_of(Slow(encoder.space), KeptText())
    calibrator.judge(np.ones(encoder.space.dim, np.float32), QueryKind.TEXT)
    assert started.wait(5)
    calibrator.close()
    assert not any(thread.name == "calibrate" for thread in threading.enumerate())


@given(st.lists(st.floats(0, 1, width=32), max_size=50), st.integers(1, 10**7))
def test_the_strong_edge_rises_with_the_library_only(sure: list[float], count: int) -> None:
    confidences = np.array(sure, np.float32)
    edges = [strong_from(confidences, n) for n in (count, 2 * count)]
    assert edges[0] > 0.05 - 1e-9
    assert edges[0] <= edges[1] <= 1


def test_one_find_in_a_million_needs_more_than_one_in_a_thousand() -> None:
    sure = np.array([0.7], np.float32)
    assert strong_from(sure, 1000) <= 0.7 < strong_from(sure, 1_000_000)
    assert not nothing_stands_out(sure, 1000)
    assert nothing_stands_out(sure, 1_000_000)


def test_a_thing_in_half_of_a_million_photos_is_strong_in_them() -> None:
    sample = np.concatenate([np.full(500, 0.7), np.full(500, 0.01)]).astype(np.float32)
    assert strong_from(sample, 1_000_000, each=1000) < 0.2


def test_a_library_whose_scores_lie_higher_is_brought_down() -> None:
    rng = np.random.default_rng(4)
    words, reference_set = (rng.normal(0, 0.1, (n, 16)).astype(np.float32) for n in (40, 200))
    words[:, 0] = reference_set[:, 0] = 0.5
    sample = rng.normal(0, 0.1, (300, 16)).astype(np.float32)
    sample[:, 0] = 0.7
    shift = shift_of(words, reference_set, sample)
    ours, theirs = words @ sample.T, words @ reference_set.T
    moved = shift.scale * ours + shift.offset
    assert abs(moved.mean() - theirs.mean()) < 0.01 < abs(ours.mean() - theirs.mean())


def test_a_regression_finds_what_made_its_examples() -> None:
    rng = np.random.default_rng(5)
    numbers = rng.normal(0, 1, (4000, 2))
    odds = np.exp(2 * numbers[:, 0] - numbers[:, 1] + 0.5)
    truth = rng.random(4000) < odds / (1 + odds)
    found = fitted(numbers, truth)
    assert np.allclose([*found.weights, found.bias], [2, -1, 0.5], atol=0.2)
    with pytest.raises(ValueError, match="both kinds"):
        fitted(numbers, np.ones(4000))


def test_one_photo_far_above_the_others_stands_out_and_one_among_its_like_does_not() -> None:
    strangers = np.full(400, 0.0005)
    alone = np.concatenate([[0.15], strangers]).astype(np.float32)
    crowded = np.concatenate([np.linspace(0.15, 0.1, 12), strangers]).astype(np.float32)
    assert not nothing_stands_out(alone, 1000)
    assert nothing_stands_out(crowded, 1000)


def test_many_doubtful_finds_are_evidence_together_and_in_a_larger_library_less() -> None:
    few, many = (np.full(count, 0.12, np.float32) for count in (3, 100))
    assert nothing_stands_out(few, 1000)
    assert not nothing_stands_out(many, 1000)
    assert nothing_stands_out(many, 1_000_000)


def test_vetoed_photos_make_nothing_of_what_is_left() -> None:
    vetoed = np.concatenate([[0.01], np.full(300, 1e-9)]).astype(np.float32)
    assert nothing_stands_out(vetoed, 1000)


@given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=50), st.integers(1, 10**7))
def test_evidence_is_less_the_larger_the_library(sure: list[float], count: int) -> None:
    confidences = np.array(sure, np.float32)
    found = evidence(confidences, count)
    assert 0 <= evidence(confidences, 2 * count) < math.inf
    if count >= 1000:
        assert evidence(confidences, 2 * count) <= found + 1e-9 * found


@pytest.mark.parametrize("confidence", [0.0, 1.0])
def test_no_confidence_asks_for_an_endless_score(confidence: float) -> None:
    score = Judge(20.0, -5.0).score_at(confidence)
    assert math.isfinite(score)
    assert Judge(20.0, -5.0).confidence(np.array([score]))[0] == pytest.approx(confidence)


@given(st.floats(0.01, 0.99), st.floats(0.0, 0.999))
def test_the_strong_band_is_shown_from_the_same_number_on(strong: float, sure: float) -> None:
    scale = Scale.of(strong)
    (edge,) = scale.shown(np.array([strong], np.float32))
    assert edge == pytest.approx(STRONG_FROM, abs=1e-5)
    shown = scale.shown(np.array([0.0, sure, 1.0, np.nan], np.float32))
    assert shown[0] == 0.0
    assert shown[2] == 1.0
    assert np.isnan(shown[3])
    assert scale.judged(float(shown[1])) == pytest.approx(sure, abs=1e-3)
