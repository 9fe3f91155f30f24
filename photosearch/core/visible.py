"""Names of files as they can be shown: in one line, with nothing in them that draws elsewhere.

Used by the window and the command line.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

#: As in programs; the pictures that Unicode has of them are in few fonts.
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_BYTE_END = 0x100
#: Control characters, marks that turn the direction of writing, separators of lines.
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs"})
#: Joins emoji and letters, and is part of names.
_JOINERS = frozenset("\u200c\u200d")


def visible(text: str) -> str:
    r"""Returns a text in which what is not to be seen is: a line feed as "\n"."""
    if text.isprintable():
        return text
    return "".join(_seen(sign) for sign in text)


def visible_path(path: Path) -> str:
    """Returns a path likewise."""
    return visible(str(path))


def _seen(sign: str) -> str:
    if sign in _JOINERS or unicodedata.category(sign) not in _UNSEEN:
        return sign
    code = ord(sign)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is no text, as Python carries it
        code -= 0xDC00
    return _ESCAPES.get(sign) or (f"\\x{code:02x}" if code < _BYTE_END else f"\\u{code:04x}")
