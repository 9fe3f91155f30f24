"""How well the sample model understands words that it knows and words that it never saw.

Reads the kit in `tests/data/recall`, written by `packaging/sample/build.py kit`: renderings, scenes
and strings kept apart from training.  `make bench` prints the tables; `--write` puts them into
`resources/sample/RECALL.md`.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
KIT = ROOT / "tests" / "data" / "recall"
MODEL = ROOT / "resources" / "sample" / "model"
REPORT = ROOT / "resources" / "sample" / "RECALL.md"
#: Languages that a quick run asks in.
QUICK_LANGUAGES = ("en", "de", "es", "ja", "ru", "zh-cn")
BARS = {
    "sample.recall5_mean": 0.80,
    "sample.recall5_min": 0.65,
    "sample.recall10_en": 0.90,
    "sample.heldout_text_recall5": 0.60,
    "sample.pair_precision5": 0.60,
}

HELD_KNOWN = "held-out names and keywords that share a stem with a known word of the thing"
HELD_NEW = "held-out names and keywords unlike any known word of the thing"

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was measured.

    Attributes:
        figures: Flat names to figures.
        languages: Code to recall@1, @5, @10 and whether it counts for the bars.
        incomplete: Codes whose names CLDR does not have.
        kinds: Kind of unseen string to (count, recall@1, recall@5).
        sentences: Language to precision@5 of two-thing sentences, with the number asked.
        phrases: Language to recall@5 of phrases.
    """

    figures: dict[str, float]
    languages: dict[str, tuple[float, float, float, bool]]
    incomplete: list[str]
    kinds: dict[str, tuple[int, float, float]]
    sentences: dict[str, tuple[int, float]]
    phrases: dict[str, float] = field(default_factory=dict)


class Encoders:
    """Both towers of the sample model, loaded as the real ones are."""

    def __init__(self, model: Path) -> None:
        """Load from disk; nothing is fetched."""
        from sentence_transformers import SentenceTransformer

        self._image = SentenceTransformer(str(model / "image"), device="cpu", local_files_only=True)
        self._text = SentenceTransformer(str(model / "text"), device="cpu", local_files_only=True)

    def images(self, pictures: list[Image.Image]) -> Vectors:
        """Return float32 (n, dim), unit length."""
        return np.asarray(
            self._image.encode(pictures, batch_size=64, normalize_embeddings=True), np.float32
        )

    def texts(self, texts: list[str]) -> Vectors:
        """Return float32 (n, dim), unit length."""
        return np.asarray(
            self._text.encode(texts, batch_size=256, normalize_embeddings=True), np.float32
        )


def load_strings(kit: Path = KIT) -> dict[str, Any]:
    """Read what the kit asks."""
    with gzip.open(kit / "strings.json.gz", "rt", encoding="utf-8") as lines:
        asked: dict[str, Any] = json.load(lines)
    return asked


def cut_sheet(path: Path, count: int, tile_px: int, columns: int) -> list[Image.Image]:
    """Cut a sheet into its pictures.

    Args:
        path: The sheet.
        count: How many pictures it holds.
        tile_px: Side of each.
        columns: Pictures in a row.
    """
    with Image.open(path) as opened:
        sheet = opened.convert("RGB")
    boxes = ((n % columns * tile_px, n // columns * tile_px) for n in range(count))
    return [sheet.crop((x, y, x + tile_px, y + tile_px)) for x, y in boxes]


def ranks(queries: Vectors, gallery: Vectors, right: list[set[int]]) -> npt.NDArray[np.int64]:
    """Return the best position, from 0, at which a right picture stands for each query."""
    order = np.argsort(-(queries @ gallery.T), axis=1)
    positions = np.empty_like(order)
    np.put_along_axis(positions, order, np.arange(order.shape[1])[None, :], axis=1)
    return np.array([positions[n, sorted(r)].min() for n, r in enumerate(right)], np.int64)


def _names(
    asked: dict[str, Any], encoders: Encoders, gallery: Vectors, quick: bool
) -> tuple[dict[str, tuple[float, float, float, bool]], list[str]]:
    languages, incomplete = {}, []
    for code, entry in asked["names"].items():
        if not entry["complete"]:
            incomplete.append(code)
            continue
        if quick and code not in QUICK_LANGUAGES:
            continue
        bearers: dict[str, set[int]] = defaultdict(set)
        for concept, name in entry["names"].items():
            bearers[name.casefold()].add(int(concept))
        names = list(entry["names"].values())
        found = ranks(encoders.texts(names), gallery, [bearers[n.casefold()] for n in names])
        at = [float((found < k).mean()) for k in (1, 5, 10)]
        languages[code] = (at[0], at[1], at[2], bool(entry["default"]))
    return languages, incomplete


def _unseen(
    asked: dict[str, Any], encoders: Encoders, gallery: Vectors, quick: bool
) -> tuple[dict[str, tuple[int, float, float]], dict[str, float]]:
    step = 8 if quick else 1
    groups: dict[str, list[tuple[str, set[int]]]] = {
        HELD_KNOWN: [(t, set(own)) for t, own, known in asked["held"] if known][::step],
        HELD_NEW: [(t, set(own)) for t, own, known in asked["held"] if not known][::step],
        "plurals and case endings": [(t, {c}) for _, t, c in asked["inflections"]],
        "one-letter typos": [(t, {c}) for _, t, c in asked["typos"]][::step],
        "short phrases": [(t, {c}) for _, t, c in asked["phrases"]][::step],
    }
    kinds = {}
    for kind, rows in groups.items():
        found = ranks(encoders.texts([t for t, _ in rows]), gallery, [r for _, r in rows])
        kinds[kind] = (len(rows), float((found < 1).mean()), float((found < 5).mean()))
    by_language: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for code, text, concept in asked["phrases"][::step]:
        by_language[code].append((text, concept))
    phrases = {}
    for code, asked_rows in by_language.items():
        found = ranks(
            encoders.texts([t for t, _ in asked_rows]), gallery, [{c} for _, c in asked_rows]
        )
        phrases[code] = float((found < 5).mean())
    return kinds, phrases


def _sentences(
    asked: dict[str, Any], encoders: Encoders, scenes: Vectors
) -> dict[str, tuple[int, float]]:
    scores: dict[str, list[float]] = defaultdict(list)
    rows = asked["sentences"]
    queries = encoders.texts([row[1] for row in rows])
    for (code, _, first, second), query in zip(rows, queries, strict=True):
        best = np.argsort(-(scenes @ query))[:5]
        scores[code].append(
            float(np.mean([{first, second} <= set(asked["scenes"][n]) for n in best]))
        )
    return {code: (len(values), float(np.mean(values))) for code, values in scores.items()}


def measure(model: Path = MODEL, kit: Path = KIT, quick: bool = False) -> Report:
    """Measure everything.

    Args:
        model: Folder with `image` and `text`.
        kit: The kit's folder.
        quick: Ask in six languages and an eighth of the unseen strings.
    """
    asked = load_strings(kit)
    sheet = (asked["tile_px"], asked["columns"])
    encoders = Encoders(model)
    gallery = encoders.images(cut_sheet(kit / "gallery.webp", len(asked["concepts"]), *sheet))
    scenes = encoders.images(cut_sheet(kit / "scenes.webp", len(asked["scenes"]), *sheet))
    languages, incomplete = _names(asked, encoders, gallery, quick)
    kinds, phrases = _unseen(asked, encoders, gallery, quick)
    sentences = _sentences(asked, encoders, scenes)
    barred = np.array([row[:3] for row in languages.values() if row[3]])
    held = [kinds[kind] for kind in (HELD_KNOWN, HELD_NEW)]
    heldout = sum(c * r for c, _, r in held) / sum(c for c, _, _ in held)
    endings_typos_phrases = [kinds[kind][2] for kind in list(kinds)[2:]]
    asked_count = sum(count for count, _ in sentences.values())
    figures = {
        "sample.recall1_mean": float(barred[:, 0].mean()),
        "sample.recall5_mean": float(barred[:, 1].mean()),
        "sample.recall5_min": float(barred[:, 1].min()),
        "sample.recall10_en": languages["en"][2],
        "sample.heldout_words_recall5": heldout,
        "sample.heldout_related_recall5": kinds[HELD_KNOWN][2],
        "sample.inflection_recall5": kinds["plurals and case endings"][2],
        "sample.typo_recall5": kinds["one-letter typos"][2],
        "sample.phrases_recall5": kinds["short phrases"][2],
        "sample.heldout_text_recall5": float(np.mean([heldout, *endings_typos_phrases])),
        "sample.pair_precision5": sum(c * p for c, p in sentences.values()) / asked_count,
    }
    return Report(figures, languages, incomplete, kinds, sentences, phrases)


def markdown(report: Report) -> str:
    """Return the report as the text of RECALL.md."""
    asked = load_strings()
    lines = [
        "# What the sample model finds",
        "",
        "Measured by `tests/benchmarks/sample.py --write` on pictures it never saw: one rendering",
        f"of each of {len(asked['concepts'])} everyday things in a painted place, and"
        f" {len(asked['scenes'])} composed scenes.",
        "A picture counts as right when it shows a thing that bears exactly the name asked for,",
        "in that language.",
        "",
        "| figure | measured | bar |",
        "|---|---|---|",
    ]
    for name, value in report.figures.items():
        bar = f"{BARS[name]:.2f}" if name in BARS else ""
        lines.append(f"| {name} | {value:.3f} | {bar} |")
    lines += [
        "",
        "## By name, in each language",
        "",
        "Bars hold for the default model's languages; those marked * are not on its list. Names",
        f"incomplete in CLDR, so not measured: {', '.join(report.incomplete) or 'none'}.",
        "",
        "| language | recall@1 | recall@5 | recall@10 |",
        "|---|---|---|---|",
    ]
    for code, (at1, at5, at10, barred) in sorted(report.languages.items()):
        lines.append(f"| {code}{'' if barred else ' *'} | {at1:.3f} | {at5:.3f} | {at10:.3f} |")
    lines += [
        "",
        "## Strings it never saw",
        "",
        "| kind | asked | recall@1 | recall@5 |",
        "|---|---|---|---|",
    ]
    for kind, (count, at1, at5) in report.kinds.items():
        lines.append(f"| {kind} | {count} | {at1:.3f} | {at5:.3f} |")
    lines += [
        "",
        "`sample.heldout_text_recall5` is the mean over four kinds: held-out words (the first two",
        "rows, by count), endings, typos and phrases.",
        "",
        "Short phrases by language, recall@5: "
        + ", ".join(f"{code} {value:.2f}" for code, value in sorted(report.phrases.items()))
        + ".",
    ]
    lines += [
        "",
        "## Sentences of two things",
        "",
        "Precision@5 on the composed scenes: the share of the first five that hold both.",
        "",
        "| language | asked | precision@5 |",
        "|---|---|---|",
    ]
    for code, (count, precision) in sorted(report.sentences.items()):
        lines.append(f"| {code} | {count} | {precision:.3f} |")
    return "\n".join(lines) + "\n"


def run(quick: bool = False) -> dict[str, float]:
    """Measure, print the tables and return the figures by flat name.

    Args:
        quick: Ask in six languages and an eighth of the unseen strings.
    """
    report = measure(quick=quick)
    print(markdown(report))
    return report.figures


def main() -> None:
    """Print the tables, and with `--write` put them into RECALL.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="six languages only")
    parser.add_argument("--write", action="store_true", help=f"write {REPORT.name}")
    options = parser.parse_args()
    report = measure(quick=options.quick)
    text = markdown(report)
    print(text)
    if options.write:
        REPORT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
