"""What `models check` does: compares a model with its rounded form on the user's own photos.

Both forms see the same pictures, batch by batch in turns, so that whatever else the machine does
meanwhile slows both alike.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from photosearch import paths
from photosearch.cli import output
from photosearch.cli.bar import progress_bar
from photosearch.cli.bytes_bar import size_text
from photosearch.cli.progress import speed
from photosearch.core.cancel import CancelToken
from photosearch.core.photo import Folder
from photosearch.core.ports import Crops, DecodeError, Vectors
from photosearch.core.space import ImageInput
from photosearch.embed import inventory, neighbours, originals, packs
from photosearch.embed.encoder import ModelEncoder
from photosearch.embed.neighbours import Agreement, Verdict
from photosearch.embed.spec import ModelSpec, Precision
from photosearch.errors import UsageError
from photosearch.images.decoders import DecoderPool
from photosearch.index.places import check_readable
from photosearch.index.rules import ScanRules
from photosearch.index.scan import scan

_BATCH_SIZE = 32
_WORDS = {
    Verdict.NEARLY_THE_SAME: "int8 finds nearly the same photos",
    Verdict.MOSTLY_THE_SAME: "int8 finds mostly the same photos",
    Verdict.OTHERS: "int8 finds other photos: better stay with fp32",
}


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a model, as it was measured.

    Attributes:
        spec: The model in this precision.
        device: Where it computed, for people.
        photos_per_s: The image tower alone, without reading files.
        disk_bytes: Its image tower's converted form; its own files where it has none.
    """

    spec: ModelSpec
    device: str
    photos_per_s: float
    disk_bytes: int


@dataclass(frozen=True, slots=True)
class Check:
    """What was found.

    Attributes:
        exact: The model as trained.
        rounded: The model in eight bits.
        agreement: How near the vectors of one are to those of the other.
        unread_count: Photos that could not be read; they do not count.
    """

    exact: Form
    rounded: Form
    agreement: Agreement
    unread_count: int


def check(spec: ModelSpec, directory: Path, count: int) -> Check:
    """Compares both forms of a model; makes the rounded one where it is missing.

    Args:
        spec: The model.
        directory: The user's photos, also in subfolders.
        count: How many of them at most, spread evenly from the newest to the oldest.

    Raises:
        UsageError: The folder cannot be read, or holds too few photos.
        ModelError: The model is not here, or cannot be computed or rounded.
    """
    exact, rounded = (_Timed(spec.at(precision)) for precision in Precision)
    inventory.require_usable(exact.spec, paths.models_dir())
    found = _spread(directory, count)
    reader = _Reader(found, spec.image_input)
    try:
        with progress_bar() as bar:
            task = bar.add_task("Preparing the model", total=None)
            for crops in reader.batches():
                for form in (exact, rounded):
                    form.encode(crops)
                bar.update(task, description="Comparing", total=len(found))
                bar.advance(task, len(crops))
        _require_enough(directory, len(exact.vectors()))
        agreement = neighbours.agreement(rounded.vectors(), exact.vectors())
        return Check(exact.form(), rounded.form(), agreement, reader.unread_count)
    finally:
        exact.close()
        rounded.close()


class _Timed:
    """An encoder that counts the seconds, and keeps the vectors."""

    def __init__(self, spec: ModelSpec) -> None:
        self.spec = spec
        self._encoder = ModelEncoder(spec, paths.models_dir())
        self._rows: list[Vectors] = []
        self._elapsed_s = 0.0

    def encode(self, crops: Crops) -> None:
        if not self._rows:
            self._encoder.encode_images(crops)  # loads it, or even converts it first
        started_s = time.perf_counter()
        self._rows.append(self._encoder.encode_images(crops))
        self._elapsed_s += time.perf_counter() - started_s

    def vectors(self) -> Vectors:
        return np.concatenate([np.empty((0, self.spec.space.dim), np.float32), *self._rows])

    def form(self) -> Form:
        models_dir = paths.models_dir()
        pack = packs.find_pack(self.spec.image, models_dir)
        place = pack.directory if pack else self.spec.image.directory(models_dir)
        return Form(
            self.spec,
            self._encoder.device_label,
            len(self.vectors()) / self._elapsed_s,
            originals.size_bytes(place),
        )

    def close(self) -> None:
        self._encoder.close()


class _Reader:
    """Reads photos as indexing does; copies of one picture count once."""

    def __init__(self, found: Sequence[Path], image_input: ImageInput) -> None:
        self._found = found
        self._image_input = image_input
        self.unread_count = 0

    def batches(self) -> Iterator[Crops]:
        seen: set[bytes] = set()
        decoders = DecoderPool()
        try:
            for start in range(0, len(self._found), _BATCH_SIZE):
                part = self._found[start : start + _BATCH_SIZE]
                crops = []
                for future in [decoders.submit(path, self._image_input) for path in part]:
                    try:
                        photo = future.result()
                    except DecodeError:
                        self.unread_count += 1
                        continue
                    if photo.content_hash not in seen:
                        seen.add(photo.content_hash)
                        crops.append(photo.crop)
                if crops:
                    yield np.stack(crops)
        finally:
            decoders.close()


def _spread(directory: Path, count: int) -> list[Path]:
    """Finds photos as indexing does, and takes some of them, from all times."""
    if count < neighbours.LEAST_PHOTOS:
        raise UsageError(f"--count {count} is too few: {_why_so_many()}.")
    check_readable(directory)
    tasks = scan(Folder(0, directory.absolute()), {}, CancelToken(), ScanRules()).tasks
    _require_enough(directory, len(tasks))
    chosen = np.linspace(0, len(tasks) - 1, min(count, len(tasks))).round().astype(int)
    return [Path(os.fsdecode(tasks[number].path)) for number in chosen]


def _require_enough(directory: Path, count: int) -> None:
    if count < neighbours.LEAST_PHOTOS:
        raise UsageError(
            f"{directory} holds {output.counted(count, 'different photo')} that can be read, too "
            f"few: {_why_so_many()}.",
            "Choose a folder with more of your photos.",
        )


def _why_so_many() -> str:
    return (
        f"among fewer than {neighbours.LEAST_PHOTOS} the same neighbours are found by chance alone"
    )


def show(found: Check) -> None:
    """Prints what was found for people."""
    out = output.console()
    exact, rounded, agreed = found.exact, found.rounded, found.agreement
    unread = f"; {found.unread_count:,} could not be read" if found.unread_count else ""
    photos = output.counted(agreed.photo_count, "photo")
    out.print(f"{exact.spec.name}: fp32 and int8 compared on {photos}{unread}.")
    for name, form in (("fp32", exact), ("int8", rounded)):
        out.print(
            f"  {name}  {speed(form.photos_per_s)} without reading files, "
            f"{size_text(form.disk_bytes)} on disk, {form.device}"
        )
    few, many = neighbours.FEW, neighbours.MANY
    out.print(f"  The {few} nearest neighbours of a photo in common: {agreed.few_overlap:.1%}")
    out.print(f"  The {many} nearest neighbours in common: {agreed.many_overlap:.1%}")
    out.print(f"  Cosine: mean {agreed.cosine_mean:.5f}, least {agreed.cosine_min:.5f}")
    out.print(f"  Cosine, centred: mean {agreed.centred_mean:.4f}, least {agreed.centred_min:.4f}")
    out.print(f"{_WORDS[agreed.verdict]}. {_rule()}")
    if agreed.verdict is not Verdict.OTHERS:
        out.print(f"Use it: photosearch models use {exact.spec.id} --precision int8")
    out.print(f"Delete it: photosearch models remove {rounded.spec.id}")


def as_json(found: Check) -> output.Json:
    """Returns what was found as the command line's stable JSON."""
    agreed = found.agreement
    return {
        "model": found.exact.spec.id,
        "photo_count": agreed.photo_count,
        "unread_count": found.unread_count,
        "overlap_at_5": round(agreed.few_overlap, 4),
        "overlap_at_10": round(agreed.many_overlap, 4),
        "cosine_mean": round(agreed.cosine_mean, 6),
        "cosine_min": round(agreed.cosine_min, 6),
        "centred_mean": round(agreed.centred_mean, 5),
        "centred_min": round(agreed.centred_min, 5),
        "verdict": agreed.verdict.name.lower(),
        **{
            form.spec.precision.value: {
                "photos_per_s": round(form.photos_per_s, 2),
                "disk_bytes": form.disk_bytes,
                "device": form.device,
            }
            for form in (found.exact, found.rounded)
        },
    }


def _rule() -> str:
    """The rule behind the verdict, for people."""
    nearly, mostly = Verdict.NEARLY_THE_SAME.value, Verdict.MOSTLY_THE_SAME.value
    return (
        f"(The rule: nearly the same from {nearly:.0%} of the {neighbours.MANY} nearest in "
        f"common, mostly from {mostly:.0%}.)"
    )
