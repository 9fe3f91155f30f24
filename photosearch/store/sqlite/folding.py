"""When two texts are the same to whoever looks for one: case, accents, blanks around aside.

Used by `filters`. SQLite only picks what may match, quickly; Python decides.
"""

from __future__ import annotations

import re
import unicodedata

#: SQLite refuses longer patterns; no name of a file is as long.
_PATTERN_MAX = 1000
#: Suffixes and formats that mean the same to people.
_SAME_TYPES = (
    frozenset({"jpg", "jpeg", "jpe", "jfif", "jif"}),
    frozenset({"tif", "tiff"}),
    frozenset({"heic", "heif", "heics", "heifs", "hif"}),
    frozenset({"jp2", "j2k", "jpf", "jpx", "jpeg2000"}),
)
_RAW_TYPES = frozenset(
    {
        *("dng", "cr2", "cr3", "crw", "nef", "nrw", "arw", "srf", "sr2", "raf", "orf", "rw2"),
        *("raw", "pef", "srw", "x3f", "erf", "kdc", "dcr", "mrw", "mef", "mos", "iiq", "3fr"),
        *("fff", "rwl", "gpr"),
    }
)


def fold(text: str) -> str:
    """A text without case, accents and blanks around it."""
    if text.isascii():
        return text.strip().lower()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).strip()


def same_types(name: str) -> frozenset[str]:
    """What people mean by the name of a format or a suffix, folded and without its dot."""
    if name == "raw":
        return _RAW_TYPES
    return next((same for same in _SAME_TYPES if name in same), frozenset({name}))


def may_hold(column: str, text: str) -> tuple[str, tuple[str, ...]]:
    """A condition in SQL that every text that holds another one, once folded, meets.

    Args:
        column: What to compare.
        text: What is looked for, folded.

    Returns:
        The condition and what to bind in it.
    """
    return _may_match(column, _escaped(text), is_ascii=text.isascii())


class NamePattern:
    """Part of a file's name; with `*` (anything) or `?` (one character), all of it.

    Args:
        text: The pattern, folded.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._pattern = None
        if "*" in text or "?" in text:
            parts = {"*": ".*", "?": "."}
            # Several in a row say what one says, and cost the square of the time.
            letters = re.sub(r"\*+", "*", text)
            self._pattern = re.compile(
                "".join(parts.get(letter, re.escape(letter)) for letter in letters), re.DOTALL
            )

    def matches(self, name: str) -> bool:
        """Whether a folded name is meant."""
        if self._pattern is None:
            return self._text in name
        return self._pattern.fullmatch(name) is not None

    def may_match(self, column: str) -> tuple[str, tuple[str, ...]]:
        """A condition in SQL that every path with such a name meets, and what to bind in it."""
        pattern = _escaped(self._text).replace("*", "%").replace("?", "_")
        return _may_match(column, pattern, is_ascii=self._text.isascii())


def _may_match(column: str, pattern: str, *, is_ascii: bool) -> tuple[str, tuple[str, ...]]:
    # What is no plain ASCII may become anything when it is folded.
    is_other = f"{column} GLOB '*[^ -~]*'"
    if not is_ascii:
        return is_other, ()
    if len(pattern) > _PATTERN_MAX:
        return "true", ()
    return f"({column} LIKE ? ESCAPE '\\' OR {is_other})", (f"%{pattern}%",)


def _escaped(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)
