"""Muon: momentum made orthogonal, for the weight matrices of the transformer.

Jordan et al. 2024, *Muon: An optimizer for hidden layers in neural networks*; roughly halves the
steps that this small tower needs compared with AdamW.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import torch
from torch import nn


def orthogonalised(matrix: torch.Tensor, steps: int = 5) -> torch.Tensor:
    """Return nearly the closest orthogonal matrix (Newton-Schulz iteration).

    Args:
        matrix: float32 (rows, columns).
        steps: Iterations; five bring all singular values near one.
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return cast(torch.Tensor, x.T if matrix.shape[0] > matrix.shape[1] else x)


class Muon(torch.optim.Optimizer):
    """Nesterov momentum, orthogonalised, with decoupled weight decay."""

    def __init__(
        self, params: Iterable[nn.Parameter], lr: float, momentum: float = 0.95, decay: float = 0.0
    ) -> None:
        """Take the matrices to train.

        Args:
            params: Two-dimensional parameters.
            lr: Learning rate; the update's root mean square is 0.2 * lr.
            momentum: Of the running gradient.
            decay: Weight decay, times lr.
        """
        super().__init__(params, {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Take one step with the gradients at hand."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(weight)
                state["momentum"].mul_(group["momentum"]).add_(weight.grad)
                update = weight.grad + group["momentum"] * state["momentum"]
                weight.mul_(1 - group["lr"] * group["decay"])
                scale = 0.2 * max(weight.shape) ** 0.5
                weight.add_(orthogonalised(update), alpha=-group["lr"] * scale)
