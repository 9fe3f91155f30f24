"""Finds folders, tags and albums that are called after somebody or some place. Pure."""

from __future__ import annotations

import re

from photosearch.core.filters import TextField, TextIs
from photosearch.core.userdata import Vocabulary
from photosearch.search.understanding import words

#: More folders than these are not asked about one by one.
_MOST = 50
_ASIAN = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]+")


def called(typed: str, vocabulary: Vocabulary) -> list[TextIs]:
    """Returns what asks for each folder, tag and album of whose name a name is part.

    Args:
        typed: The name.
        vocabulary: What folders, tags and albums there are.
    """
    flat = words.flat(" ".join(typed.split()))
    pattern = re.escape(flat) if _ASIAN.fullmatch(flat) else rf"(?<!\w){re.escape(flat)}(?!\w)"
    lists = (
        (TextField.FOLDER, vocabulary.folders),
        (TextField.TAG, vocabulary.tags),
        (TextField.ALBUM, vocabulary.albums),
    )
    found = [
        TextIs(field, name)
        for field, names in lists
        for name in names
        if re.search(pattern, words.flat(name))
    ]
    return found[:_MOST]
