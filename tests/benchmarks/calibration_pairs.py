"""Two things at once, and one without another: how combined confidences find them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from photosearch.core.ports import Encoder, Vectors
from photosearch.core.vectors import unit_length
from photosearch.search.calibrate import Calibrator
from photosearch.search.combine import EXCLUDED_SHARE, together
from photosearch.search.examples import QueryKind
from tests.benchmarks.calibration_kit import Material, encoded, is_reported, load_kit
from tests.benchmarks.sample import KIT, load_strings

#: What the painted places are called.
PHRASES = Path(__file__).resolve().parents[2] / "packaging" / "sample" / "phrases.toml"
#: Candidates of which the best are looked at closely, as a share of the library: it is small.
_CANDIDATES_SHARE = 0.25
_SHARES = (0.0, 0.25, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Pairs:
    """What was measured.

    Attributes:
        count: Queries of two things, and as many of one without the other.
        and_precision5: Of the first five, those that show both, ordered by `together`.
        sum_precision5: The same, ordered by the plain sum of the directions.
        gone20: Queries where nothing excluded is among the first 20.
        sum_gone20: The same, ordered by the difference of the directions.
        kept5: Of the first five, those that show the wanted and not the excluded.
        sum_kept5: The same, ordered by the difference.
        shares: How much of the excluded is taken away in the search for candidates, to the part
            of the right photos that are candidates.
    """

    count: int
    and_precision5: float
    sum_precision5: float
    gone20: float
    sum_gone20: float
    kept5: float
    sum_kept5: float
    shares: dict[float, float]


def measure_pairs(
    encoder: Encoder,
    calibrator: Calibrator,
    material: Material,
    languages: tuple[str, ...],
    *,
    is_tuning: bool = False,
) -> Pairs:
    """Ask for pairs of the scenes, in a library of the scenes and the second album.

    Args:
        encoder: The model.
        calibrator: Judges the queries.
        material: The second album.
        languages: In which to ask.
        is_tuning: Ask for the half of the pairs that constants are chosen on.
    """
    asked = load_strings()
    places = tomllib.loads(PHRASES.read_text(encoding="utf-8"))
    shown = [set(s) for s in (*asked["scenes"], *load_kit()["album"])]
    scenes = encoded(encoder, KIT / "scenes.webp", len(asked["scenes"]))
    photos = np.concatenate([scenes, material.album])
    found: dict[str, list[float]] = {}
    for language in languages:
        for pair in sorted({tuple(s) for s in asked["scenes"]}):
            if is_reported("".join(pair)) == is_tuning:
                continue
            words = [_word(asked, places, language, key) for key in pair]
            if None in words:
                continue
            directions = encoder.encode_texts([word for word in words if word])
            judges = [calibrator.judge(d, QueryKind.TEXT) for d in directions]
            sure = np.stack(
                [j.confidence(photos @ d) for j, d in zip(judges, directions, strict=True)], axis=1
            )
            holds = np.array([[key in things for key in pair] for things in shown])
            for name, value in _one(photos, directions, sure, holds).items():
                found.setdefault(name, []).append(value)
    mean = {name: float(np.mean(values)) for name, values in found.items()}
    shares = {share: mean.pop(f"share {share}") for share in _SHARES}
    return Pairs(len(found["and_precision5"]), shares=shares, **mean)


def _one(photos: Vectors, directions: Vectors, sure: Vectors, holds: Any) -> dict[str, float]:
    first, second = directions
    both, without = holds.all(axis=1), holds[:, 0] & ~holds[:, 1]
    wanted = _best(together(sure, np.array([1, 1], np.float32)), 5)
    summed = _best(photos @ (first + second), 5)
    veto = together(sure, np.array([1, -1], np.float32))
    # The ranking looks closely at the best of a scan only.
    candidates = round(_CANDIDATES_SHARE * len(photos))
    near = _best(photos @ unit_length(first - EXCLUDED_SHARE * second), candidates)
    left = near[_best(veto[near], 20)]
    difference = _best(photos @ (first - second), 20)
    measured = {
        "and_precision5": float(both[wanted].mean()),
        "sum_precision5": float(both[summed].mean()),
        "gone20": float(not holds[left, 1].any()),
        "sum_gone20": float(not holds[difference, 1].any()),
        "kept5": float(without[left[:5]].mean()),
        "sum_kept5": float(without[difference[:5]].mean()),
    }
    for share in _SHARES:
        near = _best(photos @ unit_length(first - share * second), candidates)
        measured[f"share {share}"] = float(without[near].sum() / max(1, without.sum()))
    return measured


def _best(scores: Vectors, count: int) -> Any:
    return np.argsort(-scores, kind="stable")[:count]


def _word(asked: dict[str, Any], places: dict[str, Any], language: str, key: str) -> str | None:
    if key in asked["concepts"]:
        name: str | None = asked["names"][language]["names"].get(str(asked["concepts"].index(key)))
        return name
    table = places.get(language) or places.get(language.split("-")[0])
    return str(table[key]).split("|")[0].split(",")[0].strip() if table else None
