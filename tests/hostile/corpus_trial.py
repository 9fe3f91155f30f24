"""Takes the corpus through a pool, and says what came out other than it may.

Used by `test_corpus`, and by `fuzz --corpus` for the whole of it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

from photosearch.core.ports import Decoder
from tests.hostile import trial
from tests.hostile.corpus import BROKEN, Case

#: A sound file stands between so many others.
_SOUND_EVERY = 50


def troubles(
    pool: Decoder, cases: Sequence[Case], limit_s: float, child_count: int, *, is_listing: bool
) -> list[str]:
    """Reads all files, and between them, again and again, those that nothing is wrong with.

    Args:
        pool: Reads them.
        cases: What, with what may come of each.
        limit_s: The pool's limit for one file, in seconds.
        child_count: How many it reads at once.
        is_listing: Read headers only.

    Returns:
        What is not as it may be, in sentences.
    """
    through = trial.listed if is_listing else trial.decoded
    found = []
    for outcome in through(pool, _with_sound(cases), limit_s, child_count):
        case = outcome.item
        # Of a picture that is broken behind its header, the header says nothing wrong.
        is_right = (
            case.may_succeed or (is_listing and bool(case.codes & BROKEN))
            if outcome.code is None
            else outcome.code in case.codes
        )
        if outcome.fault or not is_right:
            found.append(f"{case.name}: {outcome.code} {outcome.detail} {outcome.fault}")
    return found


def _with_sound(cases: Sequence[Case]) -> Iterator[tuple[Case, Path]]:
    sound = itertools.cycle(case for case in cases if case.name.startswith("sound "))
    for number, case in enumerate(cases):
        if number % _SOUND_EVERY == 0:
            good = next(sound)
            yield good, good.path
        yield case, case.path
