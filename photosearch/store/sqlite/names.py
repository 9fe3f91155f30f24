"""The words in the names, folders, tags, captions, albums, people and places of photos.

Called by `store.SqliteStore` and `batches` on any thread, inside their transactions.
`photo_fts` holds no text, only where each word stands; its rows follow from the other tables and
are made anew whenever one of those changes. `naming` looks photos up in it.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import apsw

from photosearch.store.sqlite import labels, words
from photosearch.store.sqlite.rows import display_path

#: Contents whose words are made anew at a time.
_BLOCK = 1000
#: Caption, names of places.
_NO_TEXTS: tuple[str, list[str]] = "", []

_PUT = (
    "INSERT OR REPLACE INTO photo_fts (rowid, name, folder, tag, caption, album, person, place)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


def refresh(connection: apsw.Connection, content_ids: Iterable[int]) -> None:
    """Makes the words of contents anew; takes those out that lie in no file.

    Args:
        connection: Inside a transaction.
        content_ids: Unknown ones are taken out, too.
    """
    roots = {
        key: root_name(path) for key, path in connection.execute("SELECT id, path FROM folder")
    }
    every = sorted(content_ids)
    for start in range(0, len(every), _BLOCK):
        ids = every[start : start + _BLOCK]
        asked = (json.dumps(ids),)
        paths = defaultdict(list)
        for content_id, folder_id, rel_path in connection.execute(
            "SELECT content_id, folder_id, rel_path FROM json_each(?)"
            " JOIN file ON content_id = value WHERE NOT is_companion",
            asked,
        ):
            paths[content_id].append((roots[folder_id], display_path(rel_path)))
        texts = {
            key: (caption or "", [part for part in parts if part])
            for key, caption, *parts in connection.execute(
                "SELECT content.id, caption, city, country FROM json_each(?)"
                " JOIN content ON content.id = value"
                " WHERE coalesce(caption, city, country) IS NOT NULL",
                asked,
            )
        }
        tags, albums = _said(connection, "tag", ids), _said(connection, "album", ids)
        keywords, people = labels.keywords(connection, ids), labels.people(connection, ids)
        connection.executemany(
            "DELETE FROM photo_fts WHERE rowid = ?", [(key,) for key in ids if key not in paths]
        )
        connection.executemany(
            _PUT,
            [
                (
                    key,
                    *words.of_paths(files),
                    words.joined(dict.fromkeys([*tags[key], *keywords[key]])),
                    words.searchable(caption),
                    words.joined(albums[key]),
                    words.joined(people[key]),
                    words.joined(places),
                )
                for key, files in paths.items()
                for caption, places in [texts.get(key, _NO_TEXTS)]
            ],
        )


def forget(connection: apsw.Connection, content_ids: Iterable[int]) -> None:
    """Takes contents out."""
    connection.executemany("DELETE FROM photo_fts WHERE rowid = ?", [(key,) for key in content_ids])


def root_name(folder_path: bytes) -> str:
    """What a watched folder is called, from its path."""
    return display_path(os.fsencode(Path(os.fsdecode(folder_path)).name))


def _said(
    connection: apsw.Connection, kind: str, content_ids: Sequence[int]
) -> defaultdict[int, list[str]]:
    """Names of tags, or of albums, by content id."""
    said = defaultdict(list)
    for content_id, name in connection.execute(
        f"SELECT content_id, name FROM json_each(?) JOIN content_{kind} ON content_id = value"
        f" JOIN {kind} ON {kind}.id = {kind}_id",
        (json.dumps(content_ids),),
    ):
        said[content_id].append(name)
    return said
