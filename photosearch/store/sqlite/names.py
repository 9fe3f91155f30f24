"""Photos by the words in their names, folders, tags, captions and albums.

Called by `store.SqliteStore` and `batches` on any thread, inside their transactions and reads.
`photo_fts` holds no text, only where each word stands; its rows follow from the other tables and
are made anew whenever one of those changes.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import apsw
import numpy as np
import numpy.typing as npt

from photosearch.core.result import Why
from photosearch.core.store import NamedPhotos
from photosearch.store.sqlite import words
from photosearch.store.sqlite.rows import display_path

#: What each column of `photo_fts` says of why a photo was found, and how much a word in it counts,
#: the most first: a tag was given on purpose, a folder holds a thousand photos.
_COLUMNS = (
    ("tag", Why.TAG, 4.0),
    ("album", Why.ALBUM, 3.0),
    ("caption", Why.CAPTION, 2.0),
    ("name", Why.NAME, 1.5),
    ("folder", Why.FOLDER, 1.0),
)
#: As they stand in the table.
_TABLE_ORDER = ("name", "folder", "tag", "caption", "album")
_WEIGHTS = ", ".join(
    str(next(weight for column, _, weight in _COLUMNS if column == name)) for name in _TABLE_ORDER
)
#: Beyond, how often a word stands in a name says nothing any more, and costs 1 ms per 1,000 photos.
_RANKED_MAX = 2000
#: Contents whose words are made anew at a time.
_BLOCK = 1000

_PUT = (
    "INSERT OR REPLACE INTO photo_fts (rowid, name, folder, tag, caption, album)"
    " VALUES (?, ?, ?, ?, ?, ?)"
)


def refresh(connection: apsw.Connection, content_ids: Iterable[int]) -> None:
    """Makes the words of contents anew; takes those out that lie in no file.

    Args:
        connection: Inside a transaction.
        content_ids: Unknown ones are taken out, too.
    """
    every = sorted(content_ids)
    for start in range(0, len(every), _BLOCK):
        ids = every[start : start + _BLOCK]
        asked = (json.dumps(ids),)
        paths = defaultdict(list)
        for content_id, root, rel_path in connection.execute(
            "SELECT content_id, folder.path, rel_path FROM json_each(?)"
            " JOIN file ON content_id = value JOIN folder ON folder.id = folder_id",
            asked,
        ):
            paths[content_id].append((root_name(root), display_path(rel_path)))
        captions = dict(
            connection.execute(
                "SELECT content.id, caption FROM json_each(?) JOIN content ON content.id = value"
                " WHERE caption IS NOT NULL",
                asked,
            )
        )
        tags, albums = _said(connection, "tag", ids), _said(connection, "album", ids)
        connection.executemany(
            "DELETE FROM photo_fts WHERE rowid = ?", [(key,) for key in ids if key not in paths]
        )
        connection.executemany(
            _PUT,
            [
                (
                    key,
                    *words.of_paths(places),
                    words.joined(tags[key]),
                    words.searchable(captions.get(key, "")),
                    words.joined(albums[key]),
                )
                for key, places in paths.items()
            ],
        )


def forget(connection: apsw.Connection, content_ids: Iterable[int]) -> None:
    """Takes contents out."""
    connection.executemany("DELETE FROM photo_fts WHERE rowid = ?", [(key,) for key in content_ids])


def root_name(folder_path: bytes) -> str:
    """What a watched folder is called, from its path."""
    return display_path(os.fsencode(Path(os.fsdecode(folder_path)).name))


def find(
    connection: apsw.Connection,
    wanted: Sequence[str],
    passing: npt.NDArray[np.bool_] | None = None,
) -> NamedPhotos:
    """Finds the photos that say all the words, whichever of their columns says each.

    Words of one letter and numbers must stand whole; the others may go on ("rom" finds "Rome").
    Words of one letter alone find nothing: they stand in every other name by chance.

    Args:
        connection: Where to read.
        wanted: Single words or phrases.
        passing: bool by photo id, the photos to choose from; all where None.
    """
    phrases = [phrase for phrase in map(_phrase, wanted) if phrase is not None]
    if not phrases or not any(map(_says_something, wanted)):
        return _nothing()
    all_words = " AND ".join(phrases)
    # Most sentences have a word that stands nowhere; whole words are the quickest to look for.
    if len(phrases) > 1:
        for asked in (*sorted(phrases, key=lambda phrase: phrase.endswith("*")), all_words):
            if not _is_anywhere(connection, asked):
                return _nothing()
    ids_by_why: list[npt.NDArray[np.int64]] = []
    for column, _, _ in _COLUMNS:
        some_here = " OR ".join(f"{column} : {phrase}" for phrase in phrases)
        # A single word need not be looked for twice.
        asked = some_here if len(phrases) == 1 else f"({some_here}) AND ({all_words})"
        ids = _row_ids(connection, asked)
        if passing is not None:
            ids = ids[ids < len(passing)]
            ids = ids[passing[ids]]
        ids_by_why.append(ids)
    # Arrays by photo id: at a million photos far quicker than sorting ids.
    size = 1 + max(int(ids.max(initial=0)) for ids in ids_by_why)
    whys, places = np.zeros(size, np.uint8), np.full(size, len(_COLUMNS), np.uint8)
    for place in reversed(range(len(_COLUMNS))):
        whys[ids_by_why[place]] |= np.uint8(_COLUMNS[place][1])
        places[ids_by_why[place]] = place
    found = np.flatnonzero(whys)[::-1]
    if len(found) <= _RANKED_MAX:
        ranks = _ranks(connection, all_words, found)
        order = np.argsort(ranks, kind="stable")
    else:
        order = np.argsort(places[found], kind="stable")
    return NamedPhotos(found[order], whys[found[order]])


def _phrase(word: str) -> str | None:
    """One word or phrase in FTS5's language, with nothing in it that FTS5 would understand."""
    text = words.searchable(words.without_suffix(word))
    parts = words.split(text)
    if not parts:
        return None
    last = parts[-1]
    may_go_on = len(last) > 1 and not last.isdigit() and not words.is_unspaced(last)
    return _quoted(text) + (" *" if may_go_on else "")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', " ") + '"'


def _says_something(word: str) -> bool:
    return any(
        len(part) > 1 or words.is_unspaced(part) for part in words.split(words.searchable(word))
    )


def _is_anywhere(connection: apsw.Connection, asked: str) -> bool:
    found = connection.execute(
        "SELECT 1 FROM photo_fts WHERE photo_fts MATCH ? LIMIT 1", (asked,)
    ).get
    return found is not None


def _row_ids(connection: apsw.Connection, asked: str) -> npt.NDArray[np.int64]:
    # As one text: row by row, apsw takes three times as long.
    text = connection.execute(
        "SELECT group_concat(rowid, ' ') FROM photo_fts WHERE photo_fts MATCH ?", (asked,)
    ).get
    return np.empty(0, np.int64) if text is None else np.fromstring(text, np.int64, sep=" ")


def _ranks(
    connection: apsw.Connection, asked: str, found: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """The rank of each photo found: float64 (n,), lower is better."""
    if not len(found):
        return np.empty(0)
    rows = connection.execute(
        f"SELECT rowid, bm25(photo_fts, {_WEIGHTS}) FROM photo_fts"
        " WHERE photo_fts MATCH ? AND rowid BETWEEN ? AND ?",
        (asked, int(found.min()), int(found.max())),
    )
    ranks = dict(rows)
    return np.array([ranks[photo_id] for photo_id in found.tolist()])


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


def _nothing() -> NamedPhotos:
    return NamedPhotos(np.empty(0, np.int64), np.empty(0, np.uint8))
