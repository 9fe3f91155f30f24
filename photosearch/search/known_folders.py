"""Refuses the names of disks and folders that the library does not know. Search threads.

"Nothing lies on that disk alone" is what somebody acts upon who is about to wipe it: a slip of the
pen must never say so.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from photosearch.core.filters import AllOf, AnyOf, Filter, Not, TextField, TextIs
from photosearch.core.store import Store
from photosearch.errors import QueryError
from photosearch.search.one_line import one_line
from photosearch.search.understanding.words import flat

#: So many names are offered in place of an unknown one.
_OFFERED_MAX = 3
#: More directories than this are not compared with it.
_COMPARED_MAX = 20_000


def require_known(where: Filter, store: Store) -> None:
    """Refuses `only-on:` with a name that no directory bears.

    Args:
        where: What was asked.
        store: Whose watched folders and directories with photos are known.

    Raises:
        QueryError: Neither a watched folder nor a directory with photos is called so.
    """
    for name in dict.fromkeys(_asked(where)):
        if not _is_watched(name, store) and not len(store.matching(TextIs(TextField.FOLDER, name))):
            raise QueryError(
                f"No disk or folder of the library is called “{one_line(name)}”.",
                _hint(name, store),
            )


def _asked(where: Filter) -> Iterator[str]:
    match where:
        case TextIs(TextField.ONLY_ON, name):
            yield name
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from _asked(part)
        case Not(part):
            yield from _asked(part)


def _is_watched(name: str, store: Store) -> bool:
    """Tells whether a watched folder is, or lies in, a directory of this name."""
    sought = f"/{'/'.join(_steps(name))}/"
    return any(sought in f"/{'/'.join(_steps(str(known.path)))}/" for known in store.folders())


def _steps(path: str) -> list[str]:
    return [step for step in re.split(r"[/\\]+", flat(path)) if step.strip()]


def _hint(name: str, store: Store) -> str:
    watched = [known.path.name or str(known.path) for known in store.folders()]
    names = list(dict.fromkeys([*watched, *store.vocabulary().folders[:_COMPARED_MAX]]))
    by_letters: dict[str, list[str]] = {}
    for known in names:
        by_letters.setdefault(_letters(known), []).append(known)
    # Of "2021/Rome", the last step is what was meant to be found.
    asked = _letters(re.split(r"[/\\]", name)[-1]) or _letters(name)
    near = difflib.get_close_matches(asked, by_letters, _OFFERED_MAX)
    offered = [known for letters in near for known in by_letters[letters]][:_OFFERED_MAX]
    if offered:
        return f"Did you mean {' or '.join(map(_quoted, offered))}?"
    if watched:
        return f"The watched folders are {', '.join(map(_quoted, watched[: 2 * _OFFERED_MAX]))}."
    return "The library watches no folder yet."


def _letters(name: str) -> str:
    """A name without case, accents and what stands between words: "Disk A" is DiskA."""
    return re.sub(r"[\W_]+", "", flat(name)) or flat(name)


def _quoted(name: str) -> str:
    return f"“{one_line(name)}”"
