"""Names of files as they can be shown: in one line, with nothing in them that draws elsewhere."""

from __future__ import annotations

import unicodedata
from pathlib import Path

#: Below these, control characters have pictures of their own: line feed is U+240A.
_PICTURED_END = 0x20
_PICTURES_START = 0x2400
_DELETE, _DELETE_PICTURE = 0x7F, "\u2421"
#: Control characters, marks that turn the direction of writing, separators of lines.
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs"})
#: Joins emoji and letters, and is part of names.
_JOINERS = frozenset("\u200c\u200d")


def visible(text: str) -> str:
    """Returns a text in which what is not to be seen is: a line feed as "␊"."""
    if text.isprintable():
        return text
    return "".join(_seen(sign) for sign in text)


def visible_path(path: Path) -> str:
    """Returns a path likewise."""
    return visible(str(path))


def _seen(sign: str) -> str:
    code = ord(sign)
    if code < _PICTURED_END:
        return chr(_PICTURES_START + code)
    if code == _DELETE:
        return _DELETE_PICTURE
    if sign in _JOINERS or unicodedata.category(sign) not in _UNSEEN:
        return sign
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is no text, as Python carries it
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}"
