"""Says what a score is worth: cosines become a confidence, 0..1. Search threads.

A cosine of 0.3 is a find for one query and noise for another; it differs between models, languages
and kinds of query. So each query is held against a background that is the same for every library
(`background`), and a regression fitted once for each space on pictures with known content
(`calibration`) says how much more it takes. What is common in a library never counts against
itself.

A confidence of c says: where the best of a thousand photos that have nothing to do with it and a
photo that shows it are met equally often, c of the photos with this score show it. Among more
photos the best stranger comes nearer; `evidence` and `strong_from` allow for that.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from dataclasses import dataclass

import numpy as np

from photosearch.core.cancel import CancelToken
from photosearch.core.ports import Calibrations, DecodeError, Encoder, Vectors
from photosearch.core.store import Store
from photosearch.errors import PhotoSearchError
from photosearch.search.calibration import Calibration, calibrated, read_calibration, written
from photosearch.search.examples import QueryKind
from photosearch.search.logistic import sigmoid
from photosearch.search.own_library import SAMPLE_COUNT, Shift, rough_judgement, shift_of

log = logging.getLogger(__name__)

#: Edges of the bands, in confidence; that of the strong one for a few finds in a small library.
STRONG_FROM, POSSIBLE_FROM = 0.35, 0.1
#: The strong band reaches no lower, however many finds there are.
_STRONG_LOWEST = 0.05
#: Photos of the library that confidences are made for; what was fitted had the second number.
LIBRARY_COUNT, _FITTED_COUNT = 1000, 100
#: The odds of the best of n unrelated photos grow by this power of n. By Markov's inequality it is
#: at most 1 for odds that are likelihood ratios; measured in `resources/sample/CALIBRATION.md`.
STRANGERS_POWER = 0.7
#: Odds of something being there, below which nothing stands out: as many as leave nine of ten
#: things that are there alone, on the half of the things that constants are chosen on.
_STANDS_OUT_ODDS = 0.62
#: n finds count (1 + n / 15)^2 times as much as one: a few more may be shots of one scene, which
#: err together, but strangers become fewer fast further down.
_FURTHER_FINDS, _FURTHER_POWER = 15, 2.0
#: A find stands apart from the photo so many places further down, by these odds more than the best
#: stranger does. Shots of one scene rarely fill so many places; among few photos, of which the
#: second number is looked down one place for each so many, they would end amid the strangers.
_APART_PLACES, _APART_EACH, _APART_ODDS = 10, 100, 3.0
#: Photos with lower odds are all alike strangers: a veto, too, puts them there.
_STRANGER_ODDS = 0.001
#: So many of the best photos are looked at.
_HEAD = 400
#: From so many finds among a thousand photos on the strong band begins lower: of twice as many
#: twice as many may be strangers.
_MANY_FINDS = 5
#: Confidences nearer to 0 and 1 than this are none that a score gives.
_LEAST = 1e-12
#: How long the first query waits for a calibration before it is judged roughly.
_PATIENCE_S = 2.0
#: How often a small library is looked at again.
_LOOK_AGAIN_S = 10.0


@dataclass(frozen=True, slots=True)
class Judge:
    """What the scores of one query are worth.

    Attributes:
        slope: Log odds per unit of cosine, above 0.
        offset: Log odds at a cosine of 0.
        is_rough: Made without a calibration: good for an order, not for saying that there is none.
    """

    slope: float
    offset: float
    is_rough: bool = False

    def confidence(self, scores: Vectors) -> Vectors:
        """Returns how sure photos show it, float32 0..1, for cosines of the same shape."""
        return sigmoid(np.asarray(scores, np.float64) * self.slope + self.offset)

    def log_odds(self, score: float) -> float:
        """Returns the log odds that a photo with this cosine shows it."""
        return float(score) * self.slope + self.offset

    def score_at(self, confidence: float) -> float:
        """Returns the cosine at which a confidence is reached; far out for 0 and 1, but finite."""
        bounded = min(max(confidence, _LEAST), 1.0 - _LEAST)
        return (math.log(bounded / (1.0 - bounded)) - self.offset) / self.slope


def evidence(confidences: Vectors, compared_count: int) -> float:
    """Returns the odds that anything among photos is what was asked for.

    Either so many of them fit that strangers would be fewer; or the best one stands apart from
    those further down, which a stranger rarely does, however near strangers come in this library.

    Args:
        confidences: float32 (n,), of the best photos (some hundred are enough), or of all.
        compared_count: Among how many they are the best.
    """
    odds = _best_odds(confidences)[:_HEAD]
    if not len(odds):
        return 0.0
    further = np.arange(len(odds)) / max(1.0, compared_count / LIBRARY_COUNT)
    strangers = np.maximum(1.0, compared_count / LIBRARY_COUNT / np.arange(1, len(odds) + 1))
    finds = (1.0 + further / _FURTHER_FINDS) ** _FURTHER_POWER / strangers**STRANGERS_POWER
    many = float((odds * finds).max())
    places = min(_APART_PLACES, compared_count // _APART_EACH, len(odds) - 1)
    other = max(float(odds[places]), _STRANGER_ODDS)
    apart = float(odds[0]) / other * float(odds[0]) / _APART_ODDS / _excess(compared_count)
    return math.hypot(many, apart)


def nothing_stands_out(confidences: Vectors, compared_count: int) -> bool:
    """Says whether the best photos look like the best of as many unrelated ones.

    Args:
        confidences: float32 (n,), of the best photos (some hundred are enough), or of all.
        compared_count: Among how many they are the best.
    """
    return evidence(confidences, compared_count) < _STANDS_OUT_ODDS


def strong_from(confidences: Vectors, compared_count: int, each: int = 1) -> float:
    """Returns where the strong band begins: STRONG_FROM for a few finds among a thousand photos.

    Strangers are expected above every edge, the more, the larger the library and the lower the
    edge. So it is higher for one find in a million photos; and lower where there are so many finds
    that the strangers among them hardly count: a thing in most photos is strong in most of them.

    Args:
        confidences: float32 (n,), of the best photos, in any order, or of a sample of all.
        compared_count: How many were compared.
        each: For how many photos each of a sample stands.
    """
    odds = _best_odds(confidences)
    strangers = max(1.0, compared_count / LIBRARY_COUNT) / (each * np.arange(1, len(odds) + 1))
    wanted = STRONG_FROM / (1.0 - STRONG_FROM)
    lowest = _STRONG_LOWEST / (1.0 - _STRONG_LOWEST)
    few = np.clip(strangers * _MANY_FINDS, lowest / wanted, 1.0)
    needed = wanted * np.where(strangers > 1.0, strangers**STRANGERS_POWER, few)
    enough = np.flatnonzero(odds >= needed)
    edge = float(needed[enough[-1]]) if len(enough) else wanted * _excess(compared_count)
    return edge / (1.0 + edge)


@dataclass(frozen=True, slots=True)
class Scale:
    """How confidences are shown in one answer: so that the strong band always begins alike.

    A find among many of its kind is one more likely than a single one, and a single one in a
    million photos less. `strong_from` says so by moving the edge; shown, the edge stays and the
    odds move, so that a number means the same in each answer.

    Attributes:
        factor: On the odds.
    """

    factor: float = 1.0

    @classmethod
    def of(cls, strong: float) -> Scale:
        """Makes the scale on which a confidence, above 0 and below 1, becomes STRONG_FROM."""
        return cls(_odds(STRONG_FROM) / _odds(strong))

    def shown(self, confidences: Vectors) -> Vectors:
        """Returns confidences as they are shown, float32 of the same shape; NaN stays."""
        scaled = np.asarray(confidences, np.float64) * self.factor
        moved: Vectors = (scaled / (1.0 - confidences + scaled)).astype(np.float32)
        return moved

    def judged(self, shown: float) -> float:
        """Returns the confidence that is shown as this one."""
        return shown / (shown + self.factor * (1.0 - shown))


def _odds(confidence: float) -> float:
    return confidence / (1.0 - confidence)


def _best_odds(confidences: Vectors) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    best = np.sort(np.asarray(confidences, np.float64))[::-1]
    return best / np.maximum(1.0 - best, 1e-9)


def _excess(compared_count: int) -> float:
    """How much nearer the best stranger comes than in the library that confidences are for."""
    return float(max(1.0, compared_count / LIBRARY_COUNT) ** STRANGERS_POWER)


class Calibrator:
    """Judges queries in one space.

    The first query of a space waits for its calibration, some seconds with a small model; with a
    large one, after `_PATIENCE_S`, it is judged by the library's own photos until that is done.

    Args:
        encoder: The model.
        store: Where the library's vectors are.
        kept: Where calibrations are kept.
    """

    def __init__(self, encoder: Encoder, store: Store, kept: Calibrations) -> None:
        self._encoder = encoder
        self._store = store
        self._kept = kept
        self._lock = threading.Lock()
        self._cancel = CancelToken()
        self._worker: threading.Thread | None = None
        self._calibration: Calibration | None = None
        #: By kind: of how large a sample, when it was taken, and what it says.
        self._shifts: dict[QueryKind, tuple[int, float, Shift]] = {}

    def judge(self, direction: Vectors, kind: QueryKind, text: str = "") -> Judge:
        """Returns what scores of a query are worth.

        Args:
            direction: float32 (dim,), unit length.
            kind: What it was made of.
            text: What was typed, for the log.

        Raises:
            StoreError: The database failed.
        """
        calibration = self._calibration or self._wait()
        if calibration is None:
            sample = self._store.sample_vectors(self._encoder.space, SAMPLE_COUNT)
            return Judge(*rough_judgement(sample @ direction), is_rough=True)
        slope, offset = calibration.judgement(kind, direction)
        offset -= STRANGERS_POWER * math.log(LIBRARY_COUNT / _FITTED_COUNT)
        shift = self._shift(kind, calibration)
        log.debug("%s %r: %.2f at 0, %.2f per cosine, %s", kind, text, offset, slope, shift)
        return Judge(slope * shift.scale, offset + slope * shift.offset)

    def prepare(self) -> None:
        """Calibrates the space where that was not done yet, on this thread.

        Raises:
            Cancelled: It was closed meanwhile.
            ModelError: The model failed.
            StoreError: The database failed.
            DecodeError: A picture of the reference set is missing or damaged.
        """
        with self._lock:
            if self._calibration is not None:
                return
            space = self._encoder.space
            found = read_calibration(self._kept.read(space), space)
            if found is None:
                found = calibrated(self._encoder, self._cancel)
                self._kept.keep(space, written(found, space))
            self._calibration = found

    def close(self) -> None:
        """Gives up a calibration that is under way, and waits until it has ended."""
        self._cancel.cancel()
        if self._worker is not None:
            self._worker.join()

    def _wait(self) -> Calibration | None:
        if self._worker is None and not self._cancel.is_cancelled:
            self._worker = threading.Thread(target=self._work, name="calibrate", daemon=True)
            self._worker.start()
            self._worker.join(_PATIENCE_S)
        return self._calibration

    def _work(self) -> None:
        try:
            self.prepare()
        except (PhotoSearchError, DecodeError) as error:
            log.warning("not calibrated, scores are judged roughly: %s", error)

    def _shift(self, kind: QueryKind, calibration: Calibration) -> Shift:
        """How this library differs from the reference set; looked at once a session.

        A library that has just begun says little yet, so it is looked at now and then until it has
        grown.
        """
        now_s = time.monotonic()
        count, looked_s, shift = self._shifts.get(kind, (0, -math.inf, Shift()))
        if count < SAMPLE_COUNT and now_s > looked_s + _LOOK_AGAIN_S:
            sample = self._store.sample_vectors(self._encoder.space, SAMPLE_COUNT)
            if len(sample) != count:
                background = calibration.background
                asked = background.pictures if kind is QueryKind.PICTURE else background.neutral
                shift = shift_of(asked, background.pictures, sample)
            self._shifts[kind] = (len(sample), now_s, shift)
        return shift
