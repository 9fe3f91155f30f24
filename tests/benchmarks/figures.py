"""Where the figures go: `build/bench.json`, one flat object that every measurement adds to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

FILE = Path(__file__).parents[2] / "build" / "bench.json"


def record(measured: Mapping[str, float]) -> None:
    """Adds figures to the file, in place of those of the same names."""
    figures: dict[str, float] = json.loads(FILE.read_text()) if FILE.exists() else {}
    figures.update(measured)
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(dict(sorted(figures.items())), indent=2) + "\n")
