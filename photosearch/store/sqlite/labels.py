"""What files say of photos in names: keywords and people.

Called by `contents`, `names` and `photos` on any thread, inside their transactions and reads.
Keywords share the table of tags with what the user says, so that one filter finds both; who says
what is told apart by the table that joins them with contents.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence

import apsw

from photosearch.core.photo import PhotoFacts
from photosearch.core.userdata import NAME_CHARS_MAX
from photosearch.store.sqlite import words
from photosearch.store.sqlite.rows import text

#: The table that joins names with contents, the table of the names, and their column.
_KEYWORD = ("content_keyword", "tag", "tag_id")
_PERSON = ("content_person", "person", "person_id")


def put(connection: apsw.Connection, content_id: int, facts: PhotoFacts) -> bool:
    """Makes a content's keywords and people what its file says; whether any are others now."""
    has_others = _put(connection, content_id, _KEYWORD, facts.keywords)
    return _put(connection, content_id, _PERSON, facts.people) or has_others


def keywords(connection: apsw.Connection, ids: Sequence[int]) -> defaultdict[int, list[str]]:
    """What files are tagged with, in alphabetical order, by content id."""
    return _of(connection, ids, _KEYWORD)


def people(connection: apsw.Connection, ids: Sequence[int]) -> defaultdict[int, list[str]]:
    """Who is named, in alphabetical order, by content id."""
    return _of(connection, ids, _PERSON)


def drop_unused(connection: apsw.Connection) -> None:
    """Forgets the people that no photo names any more."""
    connection.execute(
        "DELETE FROM person WHERE NOT EXISTS"
        " (SELECT 1 FROM content_person WHERE person_id = person.id)"
    )


def _put(
    connection: apsw.Connection,
    content_id: int,
    kind: tuple[str, str, str],
    names: Iterable[str],
) -> bool:
    joint, table, column = kind
    known = {
        key
        for (key,) in connection.execute(
            f"SELECT {column} FROM {joint} WHERE content_id = ?", (content_id,)
        )
    }
    if not names and not known:  # as of most photos
        return False
    said: set[int] = {
        connection.execute(
            f"INSERT INTO {table} (name, key) VALUES (?, ?)"
            " ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING id",
            (name, words.key(name)),
        ).get
        for name in map(_tidy, names)
        if name
    }
    connection.executemany(
        f"DELETE FROM {joint} WHERE content_id = ? AND {column} = ?",
        [(content_id, key) for key in known - said],
    )
    connection.executemany(
        f"INSERT INTO {joint} (content_id, {column}) VALUES (?, ?)",
        [(content_id, key) for key in said - known],
    )
    return said != known


def _tidy(name: str) -> str:
    """A name as it is kept; files hold whatever some program wrote into them."""
    return " ".join(text(name).replace("\0", " ").split())[:NAME_CHARS_MAX].strip()


def _of(
    connection: apsw.Connection, ids: Sequence[int], kind: tuple[str, str, str]
) -> defaultdict[int, list[str]]:
    joint, table, column = kind
    found = defaultdict(list)
    for content_id, name in connection.execute(
        f"SELECT content_id, name FROM json_each(?) JOIN {joint} ON content_id = value"
        f" JOIN {table} ON {table}.id = {column} ORDER BY {table}.key",
        (json.dumps([int(key) for key in set(ids)]),),
    ):
        found[content_id].append(name)
    return found
