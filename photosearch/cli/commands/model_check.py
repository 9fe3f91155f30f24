"""What `models verify` prints: whether files and vectors are what they were."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photosearch.cli import output
from photosearch.embed import golden
from photosearch.embed.damage import Checked
from photosearch.embed.encoder import ModelEncoder
from photosearch.embed.golden import Compared
from photosearch.embed.inventory import Holding
from photosearch.embed.spec import ModelSpec


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of a model found.

    Attributes:
        holding: What is here of it.
        checked: Its files.
        asked_vectors: Its vectors were to be compared, too.
        compared: How they differ; None where nobody asked, or nothing was ever recorded.
    """

    holding: Holding
    checked: Checked
    asked_vectors: bool = False
    compared: Compared | None = None

    @property
    def is_good(self) -> bool:
        """The model is whole and right, as far as can be told."""
        is_whole = self.holding.is_usable and not self.checked.damaged
        return is_whole and (self.compared is None or self.compared.is_same)


def compared(spec: ModelSpec, models_dir: Path) -> Compared | None:
    """Compares a model's vectors with the recorded ones; None where there are none.

    Raises:
        ModelError: The model cannot be computed, or what was recorded cannot be used.
    """
    path = golden.golden_file(spec)
    if not path.exists():
        return None
    encoder = ModelEncoder(spec, models_dir)
    try:
        return golden.compare(spec, encoder, path)
    finally:
        encoder.close()


def record(spec: ModelSpec, models_dir: Path, path: Path) -> None:
    """Records a model's vectors for later comparisons.

    Raises:
        ModelError: The model cannot be computed, or the file cannot be written.
    """
    encoder = ModelEncoder(spec, models_dir)
    try:
        golden.record(spec, encoder, path)
    finally:
        encoder.close()


def show(found: Verdict) -> None:
    """Prints a verdict for people."""
    spec, checked = found.holding.spec, found.checked
    out = output.console()
    if found.holding.comes_along and not checked.proved_count and not checked.damaged:
        out.print(f"{spec.name} is part of Photosearch; its converted form is not made yet.")
    else:
        out.print(f"{output.counted(checked.proved_count, 'file')} proved by hash.")
    if checked.unproved:
        count = output.counted(len(checked.unproved), "file")
        out.print(f"{count} whose hash nobody noted.")
    for path in checked.damaged:
        out.print(f"Damaged: {output.path_text(path)}")
    for name in found.holding.missing:
        out.print(f"Missing: {name}")
    if checked.damaged or not found.holding.is_usable:
        out.print(f"Repair: photosearch models verify {spec.id} --repair")
    elif found.asked_vectors:
        _show_vectors(spec, found.compared)


def as_json(found: Verdict) -> dict[str, Any]:
    """Returns a verdict as the command line's stable JSON."""
    return {
        "model": found.holding.spec.id,
        "is_good": found.is_good,
        "proved_count": found.checked.proved_count,
        "unproved": [output.path_json(path)["path"] for path in found.checked.unproved],
        "damaged": [output.path_json(path)["path"] for path in found.checked.damaged],
        "missing": list(found.holding.missing),
        "golden": None
        if found.compared is None
        else {
            "is_same": found.compared.is_same,
            "values_difference": round(found.compared.values, 5),
            "cosines_difference": round(found.compared.cosines, 5),
            "moved": list(found.compared.moved),
        },
    }


def _show_vectors(spec: ModelSpec, found: Compared | None) -> None:
    out = output.console()
    if found is None:
        out.print(f"There are no recorded values for {spec.name}.")
        return
    verdict = "The vectors are" if found.is_same else "The vectors are NOT"
    out.print(
        f"{verdict} the recorded ones: values differ by up to {found.values:.4f}, cosines by up "
        f"to {found.cosines:.4f}; {golden.TOLERANCE} is allowed."
    )
    for text in found.moved:
        out.print(f'Another picture is best for "{text}".')
