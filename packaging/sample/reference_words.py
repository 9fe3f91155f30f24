"""Writes `resources/calibration/words.json`: what the album's things are called, and neutral words.

`build.py calibration` calls it. The application calibrates each model with them: see
`photosearch/search/reference.py`.
"""

from __future__ import annotations

import json
from pathlib import Path

from calibration_kit import relatives
from corpus import Corpus

#: English for every thing, and one of the others beside it in turn: the offsets of many languages
#: for the price of two.
LANGUAGES = "de fr es it pt ru ja zh-cn ar hi tr ko pl nl sv id".split()  # noqa: SIM905
OTHERS_EACH = 3
#: Every so many of the things lends its English name to the neutral words.
NEUTRAL_STEP = 2


def write_reference_words(target: Path, truth: Path, corpus: Corpus) -> None:
    """Write the file.

    Args:
        target: The JSON file.
        truth: The album's `truth.json`.
        corpus: For the things' names.
    """
    entries = json.loads(truth.read_text(encoding="utf-8"))["pictures"]
    in_album = {key for entry in entries for key in entry["concepts"]}
    index = {key: n for n, key in enumerate(corpus.keys)}
    english = corpus.words["en"].names
    names = {}
    for turn, key in enumerate(sorted(in_album & index.keys(), key=index.__getitem__)):
        others = [LANGUAGES[(turn + n) % len(LANGUAGES)] for n in range(OTHERS_EACH)]
        asked = [corpus.words[language].names.get(index[key]) for language in ("en", *others)]
        names[key] = list(dict.fromkeys(name for name in asked if name))
    neutral = [
        english[n] for n in range(0, len(corpus.concepts.things), NEUTRAL_STEP) if n in english
    ]
    kin = relatives(corpus)
    own = {
        key: sorted(corpus.keys[n] for n in kin[index[key]] if corpus.keys[n] in names)
        for key in names
    }
    related = {key: keys for key, keys in own.items() if keys}
    text = json.dumps(
        {"names": names, "relatives": related, "neutral": neutral}, ensure_ascii=False, indent=0
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text + "\n", encoding="utf-8")
