"""Larger libraries: how much nearer the best stranger comes the more photos there are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photosearch.search.calibrate import Calibrator
from photosearch.search.examples import QueryKind
from tests.benchmarks.calibration_kit import Material

#: Different pictures; the drawings of all other things are a few more.
SIZES = (100, 200, 400, 800, 1600, 2500)


@dataclass(frozen=True, slots=True)
class Growth:
    """How odds of strangers grow.

    Attributes:
        log_odds: Of so many strangers the best one's log odds, the mean over all queries.
        power: The power of the number of strangers that the odds grow by.
    """

    log_odds: dict[int, float]
    power: float


def measure_growth(calibrator: Calibrator, material: Material) -> Growth:
    """Ask for each thing among drawings of all others that are no close relatives."""
    found: dict[int, list[float]] = {size: [] for size in SIZES}
    for names in material.names.values():
        for thing, direction in names.items():
            judge = calibrator.judge(direction, QueryKind.TEXT)
            strangers = [
                theirs
                for other, theirs in material.renderings.items()
                if other != thing and other not in material.relatives[thing]
            ]
            scores = np.concatenate(strangers) @ direction
            scores = np.random.default_rng([2, thing]).permutation(scores)
            for size in SIZES:
                found[size].append(judge.log_odds(scores[:size].max()))
    log_odds = {size: float(np.mean(values)) for size, values in found.items()}
    slope, _ = np.polyfit(np.log(SIZES), list(log_odds.values()), 1)
    return Growth(log_odds, float(slope))
