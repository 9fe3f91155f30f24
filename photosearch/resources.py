"""The files that ship with Photosearch: icons, the sample library and model, the catalogue."""

from __future__ import annotations

from pathlib import Path


def root() -> Path:
    """Returns the directory of the shipped files: in the installed package or the checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "_resources"
    return installed if installed.is_dir() else package.parent / "resources"


def icon(name: str) -> Path:
    """Returns the SVG file of an icon."""
    return root() / "icons" / f"{name}.svg"


def models_file() -> Path:
    """Returns the catalogue of models."""
    return root() / "models.toml"


def sample_pictures() -> Path:
    """Returns the folder of the sample library."""
    return root() / "sample" / "pictures"


def calibrations() -> Path:
    """Returns the directory of what is known of the shipped models' scores."""
    return root() / "calibration"


def calibration_words() -> Path:
    """Returns the file of what the things of the sample library are called."""
    return root() / "calibration" / "words.json"
