"""Writes what the sample model's scores are worth, so that nobody waits for it at the first search.

`build.py calibrated` calls it; a new sample model, or a new `search.calibration.VERSION`, wants it
made anew. Where it is out of date the program learns it by itself.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from photosearch.embed import catalogue
from photosearch.embed.calibrations import KeptCalibrations
from photosearch.embed.encoder import ModelEncoder
from photosearch.search.calibration import calibrated, written


def write_sample_calibration(target: Path) -> None:
    """Write the file.

    Args:
        target: `resources/calibration`.
    """
    with tempfile.TemporaryDirectory() as models:
        encoder = ModelEncoder(catalogue.find("sample"), Path(models))
        kept = KeptCalibrations(Path(models))
        kept.keep(encoder.space, written(calibrated(encoder), encoder.space))
        encoder.close()
        (made,) = (Path(models) / "calibrations").iterdir()
        (target / made.name).write_bytes(made.read_bytes())
