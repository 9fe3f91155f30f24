"""Finds the library's own cameras and lenses in plain words: "Canon", "iphone 12", "EOS 5D"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from photosearch.core.filters import TextField, TextIs
from photosearch.core.userdata import Vocabulary
from photosearch.search.understanding import words
from photosearch.search.understanding.stretch import Found, Stretch

#: Makers whose names people also use for something else to be seen.
_EVERYDAY = frozenset(
    {"apple", "google", "honor", "nothing", "sharp", "light", "red", "palm", "lg"}
)
#: Single words of a model's name that say enough by themselves.
_MODELS = frozenset({"iphone", "ipad", "gopro", "ixus", "coolpix", "cybershot", "powershot"})
_WORD = re.compile(r"\w[\w./+-]*")
_WORDS_MAX = 6


def find(stretch: Stretch, vocabulary: Vocabulary) -> None:
    """Takes the cameras and lenses out of a stretch.

    Args:
        stretch: The words.
        vocabulary: What cameras and lenses there are; no others are found.
    """
    names = _names(vocabulary.cameras, vocabulary.lenses)
    if not names:
        return
    for start, end in list(stretch.free()):
        found = list(_WORD.finditer(stretch.flat, start, end))
        for index in range(len(found)):
            for count in range(min(_WORDS_MAX, len(found) - index), 0, -1):
                first, last = found[index].start(), found[index + count - 1].end()
                where = names.get(" ".join(stretch.flat[first:last].split()))
                if where and stretch.is_free(first, last):
                    stretch.add(Found(first, last, where))
                    break


@lru_cache(maxsize=4)
def _names(cameras: tuple[str, ...], lenses: tuple[str, ...]) -> dict[str, TextIs]:
    """Returns what each way to name a camera or a lens means, by its flat form."""
    names = {
        words.flat(" ".join(lens.split())): TextIs(TextField.LENS, lens)
        for lens in lenses
        if len(lens.split()) > 1
    }
    for camera in cameras:
        for part in _parts(camera.split()):
            names.setdefault(words.flat(part), TextIs(TextField.CAMERA, part))
    return names


def _parts(said: list[str]) -> Iterator[str]:
    """Yields the parts of a camera's name by which people call it."""
    for start in range(len(said)):
        for end in range(len(said), start, -1):
            part = " ".join(said[start:end])
            flat = words.flat(part)
            is_maker = start == 0 and len(flat) > 1 and flat.isalpha() and flat not in _EVERYDAY
            if end - start > 1 or is_maker or flat in _MODELS or _is_number(flat):
                yield part


def _is_number(flat: str) -> bool:
    """Tells whether a word is a model's number: "5d", "d750", "x-t30"."""
    return re.search("[a-z]", flat) is not None and re.search("[0-9]", flat) is not None
