"""Keeps how scores of a space become confidences, beside the models: the same for every library.

That of the sample model comes along. What is kept can be made anew at any time
(`search.calibration`), so a file that cannot be read or written costs some seconds and nothing
else. Any thread.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from pathlib import Path

from photosearch import resources
from photosearch.core.space import EmbeddingSpace

log = logging.getLogger(__name__)

DIRECTORY = "calibrations"
_NAME_LENGTH = 16


class KeptCalibrations:
    """Implements `core.ports.Calibrations` with a file for each space.

    Args:
        models_dir: Where the models are.
    """

    def __init__(self, models_dir: Path) -> None:
        self._directory = models_dir / DIRECTORY

    def read(self, space: EmbeddingSpace) -> str | None:
        """What was kept of a space; None where there is nothing."""
        shipped = resources.calibrations() / self._path(space).name
        for path in (self._path(space), shipped):
            try:
                return path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                continue
        return None

    def keep(self, space: EmbeddingSpace, text: str) -> None:
        """Keeps a text in place of what was there."""
        path = self._path(space)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Several libraries may do this at once: whoever reads finds a whole file.
            handle, draft = tempfile.mkstemp(dir=path.parent, suffix=".part")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(draft).replace(path)
        except OSError as error:
            log.warning("the calibration of %s cannot be kept: %s", space.key, error)

    def _path(self, space: EmbeddingSpace) -> Path:
        name = hashlib.sha256(space.key.encode("utf-8")).hexdigest()[:_NAME_LENGTH]
        return self._directory / f"{name}.json"
