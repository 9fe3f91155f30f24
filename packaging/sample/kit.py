"""The measuring kit: pictures and strings that training never saw, small enough to commit.

`build.py kit` writes it to `tests/data/recall`; `tests/benchmarks/sample.py` reads it on any
machine, without the font and without CLDR.
"""

from __future__ import annotations

import gzip
import json
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
from corpus import PHRASE_LANGUAGE, UNSEEN_TOML, Corpus, phrase_is_held
from names import DEFAULT_LANGUAGES, folded
from phrases import misspelt
from PIL import Image
from places import KIT_SEED
from scenes import Item, compose
from stems import known_stems, stems

#: Side of a picture in the kit's sheets, and how many are in a row.
TILE_PX, COLUMNS = 96, 30
WEBP_QUALITY = 86
#: Painted larger and shrunk, as the album's pictures are on their way into the model.
PAINTED_PX = 288
SCENES_EACH = 5
TYPO_LANGUAGES = (
    "en",
    "de",
    "fr",
    "es",
    "it",
    "pt",
    "nl",
    "sv",
    "fi",
    "pl",
    "cs",
    "ru",
    "uk",
    "tr",
    "hu",
    "el",
)
TYPOS_EACH, PHRASES_EACH, HELD_MAX = 60, 60, 3000
#: Smallest and largest height of a thing in the gallery, as a share of the picture.
HEIGHT_RANGE = (0.46, 0.8)


def _sheet(pictures: list[Image.Image]) -> Image.Image:
    rows = -(-len(pictures) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * TILE_PX, rows * TILE_PX))
    for number, picture in enumerate(pictures):
        tile = picture.resize((TILE_PX, TILE_PX), Image.Resampling.BICUBIC)
        sheet.paste(tile, (number % COLUMNS * TILE_PX, number // COLUMNS * TILE_PX))
    return sheet


def gallery(sprites: dict[str, Image.Image], places: tuple[str, ...]) -> list[Image.Image]:
    """Render every thing once, in a place and at a size that chance decides."""
    rng = np.random.default_rng(KIT_SEED)
    pictures = []
    for number, key in enumerate(sprites):
        place = places[int(rng.integers(len(places)))]
        spot = (float(rng.uniform(0.3, 0.7)), float(rng.uniform(0.4, 1)))
        item = Item(key, float(rng.uniform(*HEIGHT_RANGE)), spot=spot)
        size = (PAINTED_PX, PAINTED_PX)
        pictures.append(compose(place, [item], size, KIT_SEED + number, sprites).image)
    return pictures


def scenes(sprites: dict[str, Image.Image]) -> tuple[list[Image.Image], list[list[str]]]:
    """Compose every pair of `unseen.toml`, several times each.

    Returns:
        The pictures, and what each shows: two things, or a thing and a place.
    """
    pairs = tomllib.loads(UNSEEN_TOML.read_text(encoding="utf-8"))["pairs"]
    rng = np.random.default_rng(KIT_SEED + 1)
    plan: list[tuple[str, list[str], list[str]]] = []
    for thing in pairs["things"]:
        plan += [(place, [thing], [thing, place]) for place in pairs["places"]]
    plan += [("meadow", list(two), list(two)) for two in pairs["two"]]
    pictures, shown = [], []
    for number, (place, things, both) in enumerate(plan):
        for again in range(SCENES_EACH):
            items = [Item(key, float(rng.uniform(0.5, 0.72))) for key in things]
            where = (
                ("meadow", "room", "city", "beach", "table")[again] if len(things) > 1 else place
            )
            seed = KIT_SEED + 10_000 + number * SCENES_EACH + again
            done = compose(where, items, (PAINTED_PX, PAINTED_PX), seed, sprites)
            pictures.append(done.image)
            shown.append(both)
    return pictures, shown


def strings(corpus: Corpus) -> dict[str, Any]:
    """Gather what is asked: names, held-out words, bent words, typos, phrases and sentences."""
    rng = np.random.default_rng(KIT_SEED + 2)
    unseen = tomllib.loads(UNSEEN_TOML.read_text(encoding="utf-8"))
    things = len(corpus.concepts.things)
    names = {
        language: {
            "complete": words.complete(things),
            "default": language in DEFAULT_LANGUAGES,
            "names": {str(c): n for c, n in sorted(words.names.items())},
        }
        for language, words in corpus.words.items()
    }
    known = known_stems(
        (text, target.classes) for text, target in zip(corpus.strings, corpus.targets, strict=True)
    )
    held = []
    for text in sorted(corpus.held_names | corpus.held_keywords):
        owners = corpus.name_owners.get(text, set()) | corpus.keyword_owners.get(text, set())
        related = any(stems(text) & known.get(owner, set()) for owner in owners)
        held.append([text, sorted(owners), related])
    kept = rng.permutation(len(held))[:HELD_MAX]
    typos, phrases = [], []
    for language in TYPO_LANGUAGES:
        pool = [(n, c) for c, n in corpus.words[language].names.items() if len(n) >= 5]
        for at in rng.permutation(len(pool))[: 3 * TYPOS_EACH]:
            name, concept = pool[int(at)]
            wrong = misspelt(folded(name), rng)
            if wrong not in corpus.name_owners and wrong not in corpus.keyword_owners:
                typos.append([language, wrong, concept])
    for language, table in corpus.phrases.items():
        codes = [k for k, v in PHRASE_LANGUAGE.items() if v == language] or [language]
        words = corpus.words[language if language in corpus.words else codes[0]]
        pool = [
            (template.format(name), concept)
            for concept, name in words.names.items()
            for template in table.single
            if phrase_is_held(template, corpus.keys[concept])
        ]
        for at in rng.permutation(len(pool))[:PHRASES_EACH]:
            phrases.append([language, *pool[int(at)]])
    index = corpus.index
    return {
        "concepts": list(corpus.keys[:things]),
        "names": names,
        "held": [held[int(at)] for at in sorted(kept)],
        "typos": typos,
        "phrases": phrases,
        "inflections": [[la, t, index[k]] for la, t, k in unseen["inflections"]["list"]],
        "sentences": [
            row
            for row in unseen["sentences"]["list"]
            if _has_scenes(row[2], row[3], unseen["pairs"])
        ],
    }


def _has_scenes(first: str, second: str, pairs: dict[str, Any]) -> bool:
    grid = first in pairs["things"] and second in pairs["places"]
    return grid or [first, second] in pairs["two"]


def write_kit(target: Path, sprites: dict[str, Image.Image], corpus: Corpus) -> None:
    """Write the whole kit.

    Args:
        target: Folder to fill.
        sprites: Every concept's RGBA picture.
        corpus: The training text, for what it leaves out.
    """
    target.mkdir(parents=True, exist_ok=True)
    pictures = gallery(sprites, corpus.concepts.places)
    _sheet(pictures).save(target / "gallery.webp", quality=WEBP_QUALITY, method=6)
    composed, shown = scenes(sprites)
    _sheet(composed).save(target / "scenes.webp", quality=WEBP_QUALITY, method=6)
    write_strings(target, corpus, shown)


def write_strings(target: Path, corpus: Corpus, shown: list[list[str]]) -> None:
    """Write the kit's strings.

    Args:
        target: The kit's folder.
        corpus: The training text.
        shown: What each of the kit's scenes shows.
    """
    asked = strings(corpus) | {"scenes": shown, "tile_px": TILE_PX, "columns": COLUMNS}
    text = json.dumps(asked, ensure_ascii=False, separators=(",", ":"))
    # The time stamp is left out so that the same kit is the same file.
    (target / "strings.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def write_gallery_array(kit: Path, count: int, path: Path) -> None:
    """Write the gallery's pixels for `image_tower.gallery_recall`.

    Args:
        kit: The kit's folder.
        count: Pictures in the gallery.
        path: The .npz to write.
    """
    with Image.open(kit / "gallery.webp") as opened:
        sheet = np.asarray(opened.convert("RGB"))
    corners = [(n // COLUMNS * TILE_PX, n % COLUMNS * TILE_PX) for n in range(count)]
    pixels = np.stack([sheet[y : y + TILE_PX, x : x + TILE_PX] for y, x in corners])
    np.savez(path, pixels=pixels, concept=np.arange(count))


def kit_words(folder: Path) -> list[str]:
    """Return every single word that a kit asks for and that training must not see."""
    with gzip.open(folder / "strings.json.gz", "rt", encoding="utf-8") as lines:
        asked: dict[str, Any] = json.load(lines)
    rows = [*asked["inflections"], *asked["typos"]]
    return [text for _, text, _ in rows] + [text for text, *_ in asked["held"]]
