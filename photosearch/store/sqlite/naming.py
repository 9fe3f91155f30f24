"""Finds photos by the words in their names, folders, tags, captions, albums, people and places.

Called by `store.SqliteStore` on any thread, inside its reads. Works on `photo_fts`, which `names`
fills. A word may stand in most of a million names: whatever is done for all photos that say it is
done once, and no more of them than anybody looks at are ranked.
"""

from __future__ import annotations

from collections.abc import Sequence

import apsw
import numpy as np
import numpy.typing as npt

from photosearch.core.result import Why
from photosearch.core.store import NAMED_MAX
from photosearch.core.stored import NamedPhotos
from photosearch.store.sqlite import words
from photosearch.store.sqlite.folding import fold

#: What each column of `photo_fts` says of why a photo was found, and how much a word in it counts,
#: the most first: a tag was given on purpose, a folder holds a thousand photos.
_COLUMNS = (
    ("person", Why.PERSON, 4.0),
    ("tag", Why.TAG, 4.0),
    ("album", Why.ALBUM, 3.0),
    ("caption", Why.CAPTION, 2.0),
    ("name", Why.NAME, 1.5),
    ("place", Why.PLACE, 1.0),
    ("folder", Why.FOLDER, 1.0),
)
#: As they stand in the table.
_TABLE_ORDER = ("name", "folder", "tag", "caption", "album", "person", "place")
_WEIGHTS = ", ".join(
    str(next(weight for column, _, weight in _COLUMNS if column == name)) for name in _TABLE_ORDER
)
#: Beyond, how often a word stands in a name says nothing any more, and costs 1 ms per 1,000 photos.
_RANKED_MAX = 2000
#: To rank, FTS5 goes through every photo that says a word: not for words that more photos say.
_COMMON_FROM = 20_000
#: Where such a word is looked for among more photos than these, one reason for each is enough.
_SLOW_IDS = 100_000
_SEARCH_ORDER = ("person", "tag", "album", "name", "folder", "place", "caption")
#: Columns that hold few different names, and where these stand.
_LABELS = {
    "person": "SELECT name FROM person",
    "tag": "SELECT name FROM tag",
    "album": "SELECT name FROM album",
    "place": "SELECT name FROM vocabulary WHERE kind = 'place'",
}
#: Those that somebody gave on purpose.
_GIVEN = ("person", "tag", "album")
#: Ids that are read first where a filter lets few through; then four times as many, and so on.
_FIRST_IDS = 32_768
#: Fewer letters begin too many words ("bu").
_BEGINNING_CHARS_MIN = 3
_LAST_ID = 2**63 - 1


def find(
    connection: apsw.Connection,
    wanted: Sequence[str],
    passing: npt.NDArray[np.bool_] | None = None,
    most: int | None = NAMED_MAX,
) -> NamedPhotos:
    """Finds the photos that say all the words, whichever of their columns says each.

    Only where no photo says them whole, words may go on ("rom" finds "Rome"): those of three
    letters or more, and no numbers. Words of one letter alone find nothing: they stand in every
    other name by chance.

    Args:
        connection: Where to read.
        wanted: Single words or phrases.
        passing: bool by photo id, the photos to choose from; all where None.
        most: No more than so many, those tagged so or put in such an album and those that were
            taken in last; all where None.
    """
    whole = [phrase for phrase in map(_whole, wanted) if phrase]
    if not whole or not any(map(_says_something, wanted)):
        return _nothing()
    found = _said_by(connection, whole, passing, most)
    begun = [_begun(word) for word in wanted if _whole(word)]
    if len(found.ids) or begun == whole:
        return found
    # Most sentences have a word that stands nowhere; whole words are the quickest to look for.
    for phrase in sorted(begun, key=lambda phrase: phrase.endswith("*")):
        if not _is_said(connection, phrase):
            return _nothing()
    return _said_by(connection, begun, passing, most)


def _said_by(
    connection: apsw.Connection,
    phrases: Sequence[str],
    passing: npt.NDArray[np.bool_] | None,
    most: int | None,
) -> NamedPhotos:
    """The photos that say all of some phrases, best first."""
    all_words, some_words = " AND ".join(phrases), " OR ".join(phrases)
    last = _last_ids(connection, all_words, passing, most)
    if not len(last):
        return _nothing()
    is_cut = len(last) == most
    lowest, highest = int(last[-1]), int(last[0])
    is_common = any(_is_said(connection, phrase, beyond=_COMMON_FROM) for phrase in phrases)
    is_slow = is_common and highest - lowest > _SLOW_IDS
    ids_by_why = {name: np.empty(0, np.int64) for name, _, _ in _COLUMNS}
    for column in _SEARCH_ORDER:
        # A single word need not be looked for twice.
        asked = f"{column} : ({some_words})"
        asked = asked if len(phrases) == 1 else f"({asked}) AND ({all_words})"
        if column in _LABELS and not _labels_say(connection, column, phrases):
            continue
        if column in _GIVEN:
            # What was said on purpose is found however many others there are.
            since = 0 if is_cut else lowest
            ids_by_why[column] = _last_ids(connection, asked, passing, most, since)
        elif not is_slow or not np.isin(last, np.concatenate(list(ids_by_why.values()))).all():
            ids = _row_ids(connection, asked, lowest, highest)
            ids_by_why[column] = ids[np.isin(ids, last, assume_unique=True)]
    # Arrays by photo id: at a million photos far quicker than sorting ids.
    size = 1 + max(int(ids.max(initial=0)) for ids in ids_by_why.values())
    whys, places = np.zeros(size, np.uint8), np.full(size, len(_COLUMNS), np.uint8)
    for place, (column, why, _) in reversed([*enumerate(_COLUMNS)]):
        whys[ids_by_why[column]] |= np.uint8(why)
        places[ids_by_why[column]] = place
    found = np.flatnonzero(whys)[::-1]
    if len(found) <= _RANKED_MAX and not is_common:
        order = np.argsort(_ranks(connection, all_words, found), kind="stable")
    else:
        order = np.argsort(places[found], kind="stable")
    found = found[order][:most]
    return NamedPhotos(found, whys[found])


def _last_ids(
    connection: apsw.Connection,
    asked: str,
    passing: npt.NDArray[np.bool_] | None,
    most: int | None,
    lowest: int = 0,
) -> npt.NDArray[np.int64]:
    """The photos that say something, the highest ids first, `most` at most: int64 (n,)."""
    if passing is None:
        return _row_ids(connection, asked, lowest, _LAST_ID, most)
    found: list[npt.NDArray[np.int64]] = []
    count, above, step = 0, len(passing), _FIRST_IDS
    while above > lowest and (most is None or count < most):
        below = max(lowest, above - step)
        ids = _row_ids(connection, asked, below, above - 1)
        found.append(ids[passing[ids]])
        count += len(found[-1])
        above, step = below, step * 4
    return np.concatenate([np.empty(0, np.int64), *found])[:most]


def _whole(word: str) -> str | None:
    """One word or phrase in FTS5's language, with nothing in it that FTS5 would understand."""
    text = words.searchable(words.without_suffix(word))
    return _quoted(text) if words.split(text) else None


def _begun(word: str) -> str:
    """The same, which may go on where its last word may."""
    text = words.searchable(words.without_suffix(word))
    last = words.split(text)[-1]
    is_long = len(last) >= _BEGINNING_CHARS_MIN
    may_go_on = is_long and not last.isdigit() and not words.is_unspaced(last)
    return _quoted(text) + (" *" if may_go_on else "")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', " ") + '"'


def _says_something(word: str) -> bool:
    return any(
        len(part) > 1 or words.is_unspaced(part) for part in words.split(words.searchable(word))
    )


def _is_said(connection: apsw.Connection, asked: str, *, beyond: int = 0) -> bool:
    """Whether more than so many photos say something."""
    found = connection.execute(
        "SELECT 1 FROM photo_fts WHERE photo_fts MATCH ? LIMIT 1 OFFSET ?", (asked, beyond)
    ).get
    return found is not None


def _labels_say(connection: apsw.Connection, kind: str, phrases: Sequence[str]) -> bool:
    """Whether the name of a tag, an album, a person or a place may say one of the phrases.

    There are few of them, where FTS5 would go through all photos that say a word anywhere.
    """
    sought = [_plain(phrase) for phrase in phrases]
    return any(
        text in name
        for (label,) in connection.execute(_LABELS[kind])
        for name in [_plain(label)]
        for text in sought
    )


def _plain(text: str) -> str:
    return fold(" ".join(words.split(words.searchable(text))))


def _row_ids(
    connection: apsw.Connection, asked: str, lowest: int, highest: int, most: int | None = None
) -> npt.NDArray[np.int64]:
    """Ids between two, both included, the highest first: int64 (n,)."""
    # Upwards, FTS5 stops at the highest id; downwards it goes on to the next hit, however far.
    said = "SELECT rowid FROM photo_fts WHERE photo_fts MATCH ? AND rowid BETWEEN ? AND ?"
    bound: tuple[object, ...] = (asked, lowest, highest)
    if most is not None:
        said, bound = f"{said} ORDER BY rowid DESC LIMIT ?", (*bound, most)
    # As one text: row by row, apsw takes three times as long.
    text = connection.execute(f"SELECT group_concat(rowid, ' ') FROM ({said})", bound).get
    ids = np.empty(0, np.int64) if text is None else np.fromstring(text, np.int64, sep=" ")
    return ids[::-1] if most is None else ids


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


def _nothing() -> NamedPhotos:
    return NamedPhotos(np.empty(0, np.int64), np.empty(0, np.uint8))
