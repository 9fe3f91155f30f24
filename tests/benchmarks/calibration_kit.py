"""The calibration benchmark's material: pictures, texts, and libraries re-sampled from them."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from photosearch.core.ports import Encoder, Vectors
from tests.benchmarks.sample import KIT as RECALL_KIT
from tests.benchmarks.sample import cut_sheet, load_strings

KIT = Path(__file__).resolve().parents[1] / "data" / "calibration"
#: Photos of each library.
LIBRARY_COUNT = 1000
Numbers = npt.NDArray[np.int64]


def is_reported(key: str) -> bool:
    """Say whether figures of a thing, or of a pair, are reported.

    The other half is what constants of the product are chosen on (`--tuning`). Fixed before any of
    the constants was chosen anew, and never to be changed.

    Args:
        key: The thing's, or a pair's keys one after the other.
    """
    return hashlib.sha256(key.encode()).digest()[0] % 2 == 1


@dataclass(frozen=True, slots=True)
class Material:
    """What is asked, and of what pictures.

    Attributes:
        album: float32 (n, dim), an album drawn by the sample album's plan with another seed.
        shown: What each picture of the album shows, by number of the thing.
        renderings: Of each thing that is in no album float32 (6, dim): three drawings, and the
            same mirrored.
        relatives: The close relatives of each thing.
        names: Language to thing to its name's vector; of one half of the things.
    """

    album: Vectors
    shown: list[set[int]]
    renderings: dict[int, Vectors]
    relatives: list[set[int]]
    names: dict[str, dict[int, Vectors]]


def load_kit() -> dict[str, Any]:
    """Read what the kit's pictures show."""
    with gzip.open(KIT / "kit.json.gz", "rt", encoding="utf-8") as lines:
        kit: dict[str, Any] = json.load(lines)
    return kit


def encoded(encoder: Encoder, sheet: Path, count: int, *, mirrored: bool = False) -> Vectors:
    """Encode a sheet's pictures: float32 (count, dim)."""
    tiles = np.stack([np.asarray(tile) for tile in cut_sheet(sheet, count, 96, 30)])
    if mirrored:
        tiles = np.ascontiguousarray(tiles[:, :, ::-1])
    batch = encoder.batch_size
    return np.concatenate(
        [encoder.encode_images(tiles[first : first + batch]) for first in range(0, count, batch)]
    )


def load_material(
    encoder: Encoder, languages: tuple[str, ...], *, is_tuning: bool = False
) -> Material:
    """Encode everything.

    Args:
        encoder: The model.
        languages: In which to ask.
        is_tuning: Ask for the half of the things that constants are chosen on.
    """
    kit, asked = load_kit(), load_strings()
    number = {key: n for n, key in enumerate(asked["concepts"])}
    of_thing = np.array([number[shown[0]] for shown in kit["things"]])
    things, gallery = (
        [encoded(encoder, sheet, count, mirrored=mirrored) for mirrored in (False, True)]
        for sheet, count in (
            (KIT / "things.webp", len(kit["things"])),
            (RECALL_KIT / "gallery.webp", len(asked["concepts"])),
        )
    )
    renderings = {
        int(thing): np.concatenate(
            [*(side[of_thing == thing] for side in things), *(side[[thing]] for side in gallery)]
        )
        for thing in np.unique(of_thing)
    }
    names = {}
    for language in languages:
        own = asked["names"][language]["names"]
        known = {
            thing: own[str(thing)]
            for thing in renderings
            if str(thing) in own and is_reported(asked["concepts"][thing]) != is_tuning
        }
        vectors = encoder.encode_texts(list(known.values()))
        names[language] = dict(zip(known, vectors, strict=True))
    return Material(
        encoded(encoder, KIT / "album.webp", len(kit["album"])),
        [{number[key] for key in shown if key in number} for shown in kit["album"]],
        renderings,
        [set(own) for own in kit["relatives"]],
        names,
    )


def drawn(material: Material, thing: int, shares: tuple[float, ...]) -> list[tuple[Numbers, int]]:
    """Draw libraries in which a thing makes up each share, and two in which it is not.

    Returns:
        Numbers of the pictures, int64 (LIBRARY_COUNT,), the thing's own renderings first; and how
        many of them are its own. Renderings are counted from 0, the album's pictures after them.
        The last but one library is without the thing's close relatives.
    """
    rng = np.random.default_rng([1, thing])
    own = len(material.renderings[thing])
    is_kin = np.array([bool(s & material.relatives[thing]) for s in material.shown])
    everything, strangers = np.arange(len(is_kin)), np.flatnonzero(~is_kin)
    found = []
    for share, others in (
        *((share, everything) for share in shares),
        (0.0, strangers),
        (0.0, everything),
    ):
        count = round(share * LIBRARY_COUNT)
        picked = rng.choice(own, count) if count else np.empty(0, np.int64)
        rest = rng.choice(others, LIBRARY_COUNT - count) + own
        found.append((np.concatenate([picked, rest]), count))
    return found
