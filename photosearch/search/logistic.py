"""Logistic regression by Newton's method: how a few numbers become a probability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from photosearch.core.ports import Vectors

_STEPS = 30
#: Pull of the weights towards zero, in examples: with hundreds of them it only keeps sums finite.
_RIDGE = 1.0
#: Beyond this a probability is 0 or 1 in float32.
_LOGIT_MAX = 30.0


@dataclass(frozen=True, slots=True)
class Logistic:
    """Weights of a fitted regression.

    Attributes:
        weights: One of each number.
        bias: What is added.
    """

    weights: tuple[float, ...]
    bias: float


def sigmoid(logits: npt.ArrayLike) -> Vectors:
    """Returns the probabilities of log odds, float32 of the same shape."""
    bounded = np.clip(np.asarray(logits, np.float64), -_LOGIT_MAX, _LOGIT_MAX)
    probabilities: Vectors = (1 / (1 + np.exp(-bounded))).astype(np.float32)
    return probabilities


def fitted(
    numbers: npt.ArrayLike, is_true: npt.ArrayLike, shares: npt.ArrayLike | None = None
) -> Logistic:
    """Fits a regression.

    Args:
        numbers: float (n, m), examples.
        is_true: bool (n,), what they are.
        shares: float (n,), how much each example counts; all alike where None.

    Raises:
        ValueError: All examples are of one kind.
    """
    raw, truth = np.asarray(numbers, np.float64), np.asarray(is_true, np.float64)
    counts = np.ones(len(raw)) if shares is None else np.asarray(shares, np.float64)
    if truth.min() == truth.max():
        raise ValueError("examples of both kinds are needed")
    mean, spread = raw.mean(axis=0), np.maximum(raw.std(axis=0), 1e-9)
    columns = np.column_stack([(raw - mean) / spread, np.ones(len(raw))])
    pull = np.diag([_RIDGE] * raw.shape[1] + [0.0])
    solution = np.zeros(columns.shape[1])
    for _ in range(_STEPS):
        likely = sigmoid(columns @ solution).astype(np.float64)
        slope = columns.T @ (counts * (truth - likely)) - pull @ solution
        curve = (columns * (counts * likely * (1 - likely))[:, None]).T @ columns + pull
        step = np.linalg.solve(curve + 1e-9 * np.eye(len(curve)), slope)
        solution = solution + step
        if np.abs(step).max() < 1e-6:
            break
    weights = solution[:-1] / spread
    return Logistic(tuple(float(w) for w in weights), float(solution[-1] - weights @ mean))
