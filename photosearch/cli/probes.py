"""What is tried in a process of its own, because what it imports may crash: `--run-probe NAME`.

`doctor` runs `window` and `compute`; `loaders` tells whether a package has all that a conversion
needs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence


def main(arguments: Sequence[str]) -> int:
    """Runs one probe and prints what it found.

    Args:
        arguments: The name of the probe.

    Returns:
        The exit status: 0; a probe that fails ends with its error.
    """
    (name,) = arguments
    print(PROBES[name]())
    return 0


def _window() -> str:
    import PySide6
    from PySide6.QtWidgets import QApplication

    QApplication([])
    return f"Qt {PySide6.__version__}"


def _compute() -> str:
    import torch

    from photosearch.embed import device

    return f"torch {torch.__version__}, {device.choose()}"


def _loaders() -> str:
    from photosearch.embed import architectures

    return ", ".join(architectures.load_all())


PROBES: dict[str, Callable[[], str]] = {
    "window": _window,
    "compute": _compute,
    "loaders": _loaders,
}
