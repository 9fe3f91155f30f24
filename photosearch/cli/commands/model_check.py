"""What `models verify` prints: whether files and vectors are what they were."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from photosearch.cli import output
from photosearch.core.ports import Crops
from photosearch.embed import golden, wholeness
from photosearch.embed.damage import Checked
from photosearch.embed.encoder import ModelEncoder
from photosearch.embed.golden import Compared
from photosearch.embed.inventory import Holding, ModelState
from photosearch.embed.ranking import LEAST_RIGHT, Ranking, pictures, rank
from photosearch.embed.spec import ModelSpec
from photosearch.errors import UsageError
from photosearch.images.decoders import DecoderPool

Tried = tuple[Ranking, Compared | None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of a model found.

    Attributes:
        holding: What is here of it.
        checked: Its files.
        ranking: How it did on the built-in pictures; None where nobody asked.
        compared: How its vectors differ; None where nobody asked, or nothing was ever recorded.
    """

    holding: Holding
    checked: Checked
    ranking: Ranking | None = None
    compared: Compared | None = None

    @property
    def damaged(self) -> tuple[Path, ...]:
        """All files that are damaged, by their hashes or their sizes."""
        cut = self.holding.damaged_file
        return tuple(dict.fromkeys((*self.checked.damaged, *([cut] if cut else []))))

    @property
    def is_good(self) -> bool:
        """The model is whole and right, as far as can be told."""
        is_whole = self.holding.is_usable and not self.checked.damaged
        is_same = self.compared is None or self.compared.is_same
        return is_whole and is_same and (self.ranking is None or self.ranking.is_good)


def tried(spec: ModelSpec, models_dir: Path, recorded: Path | None) -> Tried:
    """Tries a model on built-in pictures and texts, and compares its vectors with recorded ones.

    Args:
        spec: The model.
        models_dir: Where fetched models are kept.
        recorded: What `record` wrote; what came with Photosearch, if anything did, where None.

    Raises:
        UsageError: There is no file of this name.
        ModelError: The model cannot be computed, or what was recorded cannot be used.
    """
    if recorded is not None and not recorded.is_file():
        raise UsageError(f"{recorded} does not exist.", f"To make it: {_record_command(spec)}")
    encoder = ModelEncoder(spec, models_dir)
    try:
        ranking = rank(encoder, _crops(spec))
        return ranking, golden.compare(spec, encoder, recorded or golden.golden_file(spec))
    finally:
        encoder.close()


def _crops(spec: ModelSpec) -> Crops:
    """Reads the built-in pictures as indexing does."""
    decoders = DecoderPool()
    try:
        futures = [decoders.submit(path, spec.image_input) for path in pictures()]
        return np.stack([future.result().crop for future in futures])
    finally:
        decoders.close()


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
    if found.holding.comes_along and not checked.proved_count:
        whose = "part of Photosearch" if spec.space.is_sample else "in a folder of yours"
        out.print(f"{spec.name} is {whose}; its converted form is not made yet.")
    else:
        out.print(f"{output.counted(checked.proved_count, 'file')} proved by hash.")
    if checked.unproved:
        count = output.counted(len(checked.unproved), "file")
        out.print(f"{count} whose hash nobody noted.")
    for path in found.damaged:
        out.print(f"Damaged: {output.path_text(path)}")
    here = found.holding
    if here.missing and here.packs_bytes and not here.originals_bytes:
        # Nobody who deleted the originals cares for their names.
        out.print(f"A converted form of {spec.name} is gone; download or import it again.")
    else:
        for name in here.missing:
            out.print(f"Missing: {name}")
    if found.holding.state is ModelState.ABSENT:
        out.print(f"{spec.name} is not here: photosearch models download {spec.id}")
    elif checked.damaged or not found.holding.is_usable:
        out.print(f"Repair: {wholeness.how_to_mend(found.holding.damaged_file, spec)}")
    elif found.ranking is not None:
        _show_ranking(found.ranking)
        _show_vectors(spec, found.compared)


def as_json(found: Verdict) -> dict[str, Any]:
    """Returns a verdict as the command line's stable JSON."""
    return {
        "model": found.holding.spec.id,
        "is_good": found.is_good,
        "proved_count": found.checked.proved_count,
        "unproved": [output.path_json(path)["path"] for path in found.checked.unproved],
        "damaged": [output.path_json(path)["path"] for path in found.damaged],
        "missing": list(found.holding.missing),
        "ranking": None
        if found.ranking is None
        else {
            "is_good": found.ranking.is_good,
            "picture_count": found.ranking.count,
            "right_count": found.ranking.right_count,
            "mistaken": [list(pair) for pair in found.ranking.mistaken],
        },
        "golden": None
        if found.compared is None
        else {
            "is_same": found.compared.is_same,
            "values_difference": round(found.compared.values, 5),
            "cosines_difference": round(found.compared.cosines, 5),
            "moved": list(found.compared.moved),
        },
    }


def _show_ranking(found: Ranking) -> None:
    out = output.console()
    verdict = "It understands" if found.is_good else "It does NOT understand"
    out.print(
        f"{verdict} pictures and texts: the right text came first for {found.right_count} of "
        f"{found.count} built-in pictures; {LEAST_RIGHT} are enough."
    )
    for shown, taken in found.mistaken:
        out.print(f'A picture of "{shown}" was taken for "{taken}".')
    if not found.is_good:
        out.print("Its weights are not those of a trained model, or were put together wrongly.")


def _record_command(spec: ModelSpec) -> str:
    return f"photosearch models verify {spec.id} --record FILE"


def _show_vectors(spec: ModelSpec, found: Compared | None) -> None:
    out = output.console()
    if found is None:
        out.print(f"There are no recorded values for {spec.name}: its vectors were not compared.")
        out.print(
            "To record them, on a machine where it is known to be right: "
            f"{_record_command(spec)}. To compare with them elsewhere: "
            f"photosearch models verify {spec.id} --golden --recorded FILE"
        )
        return
    verdict = "The vectors are" if found.is_same else "The vectors are NOT"
    out.print(
        f"{verdict} the recorded ones: values differ by up to {found.values:.4f}, cosines by up "
        f"to {found.cosines:.4f}; {golden.TOLERANCE} is allowed."
    )
    for text in found.moved:
        out.print(f'Another picture is best for "{text}".')
