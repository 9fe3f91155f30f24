"""The reference set: pictures of which it is known what they show, and what that is called.

Every space is calibrated on it (`calibrate`): the pictures of the sample album with their truth,
and the names of things in many languages. Pictures that are in one library only would make a
background of what happens to be common there.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from photosearch import resources
from photosearch.core.ports import Crops
from photosearch.core.space import ImageInput

#: Of each thing so many pictures: a background must not hold much of what is asked for.
PICTURES_OF_A_THING = 2
#: A full-size model sees about ten pictures a second.
PICTURES_MAX = 200


@dataclass(frozen=True, slots=True)
class ReferencePicture:
    """A picture of the reference set.

    Attributes:
        path: The file.
        things: What it shows, by key.
        place: Where it was painted.
    """

    path: Path
    things: frozenset[str]
    place: str


@dataclass(frozen=True, slots=True)
class Reference:
    """The reference set.

    Attributes:
        pictures: Thinned, so that nothing is in more than a few of them.
        names: What each thing is called: English first, then some other languages.
        relatives: Things so much like a thing that a picture of them counts neither for nor
            against it.
        neutral: English words for things of all kinds.
    """

    pictures: tuple[ReferencePicture, ...]
    names: dict[str, tuple[str, ...]]
    relatives: dict[str, frozenset[str]]
    neutral: tuple[str, ...]


def load() -> Reference:
    """Reads the shipped reference set; the pictures stay files."""
    words = json.loads(resources.calibration_words().read_text(encoding="utf-8"))
    names = {key: tuple(own) for key, own in words["names"].items()}
    relatives = {key: frozenset(words["relatives"].get(key, ())) for key in names}
    return Reference(tuple(_thinned(album())), names, relatives, tuple(words["neutral"]))


def album() -> list[ReferencePicture]:
    """All pictures of the sample album, without near-repetitions."""
    folder = resources.sample_pictures()
    truth = json.loads((folder.parent / "truth.json").read_text(encoding="utf-8"))
    return [
        ReferencePicture(folder / entry["file"], frozenset(entry["concepts"]), entry["place"])
        for entry in truth["pictures"]
        if entry["burst"] is None and entry["twin_of"] is None
    ]


def _thinned(pictures: Sequence[ReferencePicture]) -> list[ReferencePicture]:
    """Keeps few pictures of each thing, those of one thing first: they say most."""
    shown: Counter[str] = Counter()
    kept: list[ReferencePicture] = []
    # Mixed, so that what is left out is not all from the album's end.
    order = np.random.default_rng(1).permutation(len(pictures))
    for picture in sorted((pictures[n] for n in order), key=lambda p: len(p.things)):
        if picture.things and all(shown[key] < PICTURES_OF_A_THING for key in picture.things):
            shown.update(picture.things)
            kept.append(picture)
    return kept[:PICTURES_MAX]


def crops(
    pictures: Sequence[ReferencePicture], image_input: ImageInput, batch: int
) -> Iterator[Crops]:
    """Decodes the pictures: uint8 (<= batch, size_px, size_px, 3), in order.

    Raises:
        DecodeError: A file is missing or damaged.
    """
    # Pillow is not wanted in the engine where a calibration was kept.
    from photosearch.images.decode import decode

    for first in range(0, len(pictures), batch):
        yield np.stack([decode(p.path, image_input).crop for p in pictures[first : first + batch]])
