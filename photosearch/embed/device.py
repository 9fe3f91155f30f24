"""Chooses where a model computes. Imports torch: never called in the window's process."""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True, slots=True)
class Device:
    """Where a model computes.

    Attributes:
        name: torch's name: "cuda", "mps" or "cpu".
        label: For people, e.g. "CPU, 2 threads".
    """

    name: str
    label: str


def choose() -> Device:
    """Returns the fastest device of this machine."""
    if torch.cuda.is_available():
        return Device("cuda", f"GPU, {torch.cuda.get_device_name()}")
    if torch.backends.mps.is_available():
        return Device("mps", "GPU, Apple")
    threads = torch.get_num_threads()
    return Device("cpu", f"CPU, {threads} thread{'s' if threads != 1 else ''}")
