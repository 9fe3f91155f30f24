"""How text becomes the words that SQLite's full text search keeps and looks for.

Used by `names` when it writes and when it asks, and by the migration that made the table: both
sides must split alike. Whoever changes this refills `photo_fts` in a new migration.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

#: Scripts that set no blanks between words, and Korean, whose words carry their particles: each
#: character is a word of its own there, and what is looked for is a phrase.
_UNSPACED = re.compile(
    "["
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Burmese, Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"  # kana and what stands among them
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Chinese characters
    "\uac00-\ud7a3"  # Korean
    "]"
)
#: Neither letters nor digits (nor private characters, which SQLite takes for letters).
_NO_WORD = re.compile(r"[^\w\ue000-\uf8ff]|_")
#: How the names of photos end, for those who type a whole name: every photo's says so.
_SUFFIX = re.compile(
    r"\.(jpe?g|jpe|jfif|png|gif|webp|bmp|tiff?|hei[cf]s?|hif|avif|jxl|jp2|dng|raw|cr[23w]|nef|arw"
    r"|orf|rw2|raf|pef|srw)$",
    re.IGNORECASE,
)


def searchable(text: str) -> str:
    """Text as the index holds it: one spelling of each character, small, unspaced scripts spaced.

    Lone surrogates, the traces of bytes that are no text, become "?", and NULs, at which SQLite
    would stop, blanks.
    """
    if text.isascii():  # most names are; the rest changes nothing of them
        return text.replace("\0", " ").lower()
    whole = text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
    plain = unicodedata.normalize("NFKC", whole)
    return _UNSPACED.sub(r" \g<0> ", plain.casefold())


def split(searchable_text: str) -> list[str]:
    """The words of a text that `searchable` made: what SQLite's tokeniser takes for words."""
    return _NO_WORD.sub(" ", searchable_text).split()


def is_unspaced(text: str) -> bool:
    """Whether it holds a character that is a word of its own."""
    return _UNSPACED.search(text) is not None


def without_suffix(name: str) -> str:
    """What may be a file's name without ".jpg" and the like."""
    return _SUFFIX.sub("", name)


def of_paths(paths: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """The words in the names and in the folders of one photo's files, each said once.

    Args:
        paths: Of each file, the name of the watched folder and the path below it.

    Returns:
        Names, then folders; both ready for the index.
    """
    names: dict[str, None] = {}
    folders: dict[str, None] = {}
    for root, rel_path in paths:
        *directories, name = rel_path.split("/")
        names[searchable(name.rpartition(".")[0] or name)] = None
        folders.update(dict.fromkeys(searchable(part) for part in (root, *directories)))
    # The slash keeps a phrase from running on from one name into the next.
    return " / ".join(names), " / ".join(folders)


def joined(parts: Iterable[str]) -> str:
    """Tags or albums, ready for the index."""
    return " / ".join(searchable(part) for part in parts)


def key(name: str) -> str:
    """By what a tag or an album is known: names that differ in case or spelling only are one."""
    return unicodedata.normalize("NFKC", name).casefold()


def camera(make: str | None, model: str | None) -> str:
    """A camera's name; many makers write their own into the model, too."""
    if make and model and not model.casefold().startswith(make.casefold()):
        return f"{make} {model}"
    return model or make or ""
