"""The calibration kit: what `tests/benchmarks/calibration.py` asks in vain and with success.

`build.py calibration` writes it to `tests/data/calibration`. Neither the album's pictures nor
the things in them take part in what is asked: calibration may learn from those.
"""

from __future__ import annotations

import gzip
import json
import re
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from album import write_album
from corpus import Corpus
from kit import COLUMNS, HEIGHT_RANGE, PAINTED_PX, TILE_PX, WEBP_QUALITY, _sheet
from names import folded
from PIL import Image, ImageOps
from places import KIT_SEED
from scenes import Item, compose

#: The album is planned with seed 20.
SECOND_ALBUM_SEED = 21
RENDERINGS_EACH = 2
#: Two things are close relatives when an English name, keyword or word of one is borne by both,
#: and by at most this many things in all: "pet" makes relatives, "animal" does not.
BEARERS_MAX = 12
SHORTEST_WORD = 3


def relatives(corpus: Corpus) -> list[list[int]]:
    """Return the close relatives of each thing, by number."""
    words = corpus.words["en"]
    bearers: dict[str, set[int]] = defaultdict(set)
    count = len(corpus.concepts.things)
    for thing in range(count):
        for text in (words.names.get(thing, ""), *words.keywords.get(thing, ())):
            for word in {folded(text), *re.findall(r"\w+", folded(text))}:
                if len(word) >= SHORTEST_WORD:
                    bearers[word].add(thing)
    found: list[set[int]] = [set() for _ in range(count)]
    for things in bearers.values():
        if len(things) <= BEARERS_MAX:
            for thing in things:
                found[thing] |= things - {thing}
    return [sorted(own) for own in found]


def second_album(
    sprites: dict[str, Image.Image], known: list[str]
) -> tuple[list[Image.Image], list[list[str]]]:
    """Paint an album by the album's plan with another seed; its fixed pictures are left out.

    Returns:
        Square pictures, and what each shows: things and the place.
    """
    pictures, shown = [], []
    with tempfile.TemporaryDirectory() as folder:
        target, truth = Path(folder) / "pictures", Path(folder) / "truth.json"
        write_album(target, truth, sprites, known, SECOND_ALBUM_SEED)
        for entry in json.loads(truth.read_text(encoding="utf-8"))["pictures"]:
            if entry["card"] is not None:
                continue
            with Image.open(target / entry["file"]) as opened:
                upright = ImageOps.exif_transpose(opened).convert("RGB")
            pictures.append(ImageOps.fit(upright, (TILE_PX, TILE_PX), Image.Resampling.BICUBIC))
            shown.append([*entry["concepts"], entry["place"]])
    return pictures, shown


def renderings(
    sprites: dict[str, Image.Image], keys: list[str], places: tuple[str, ...]
) -> tuple[list[Image.Image], list[list[str]]]:
    """Draw some things several times each, in places and at sizes that chance decides."""
    rng = np.random.default_rng(KIT_SEED + 3)
    pictures, shown = [], []
    for key in keys:
        for _ in range(RENDERINGS_EACH):
            place = places[int(rng.integers(len(places)))]
            spot = (float(rng.uniform(0.3, 0.7)), float(rng.uniform(0.4, 1)))
            item = Item(key, float(rng.uniform(*HEIGHT_RANGE)), spot=spot)
            seed = KIT_SEED + 500_000 + len(pictures)
            done = compose(place, [item], (PAINTED_PX, PAINTED_PX), seed, sprites)
            pictures.append(done.image)
            shown.append([key, place])
    return pictures, shown


def write_calibration_kit(target: Path, truth: Path, sprites: Any, corpus: Corpus) -> None:
    """Write the whole kit.

    Args:
        target: Folder to fill.
        truth: The album's `truth.json`.
        sprites: Every concept's RGBA picture.
        corpus: For the things' English words.
    """
    target.mkdir(parents=True, exist_ok=True)
    entries = json.loads(truth.read_text(encoding="utf-8"))["pictures"]
    in_album = {key for entry in entries for key in entry["concepts"]}
    others = [key for key in sprites if key not in in_album]
    album, album_shown = second_album(sprites, list(corpus.concepts.keys))
    things, things_shown = renderings(sprites, others, corpus.concepts.places)
    _sheet(album).save(target / "album.webp", quality=WEBP_QUALITY, method=6)
    _sheet(things).save(target / "things.webp", quality=WEBP_QUALITY, method=6)
    kit = {
        "tile_px": TILE_PX,
        "columns": COLUMNS,
        "album": album_shown,
        "things": things_shown,
        "relatives": relatives(corpus),
    }
    text = json.dumps(kit, ensure_ascii=False, separators=(",", ":"))
    # The time stamp is left out so that the same kit is the same file.
    (target / "kit.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
