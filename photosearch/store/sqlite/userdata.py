"""What the user says of photos: favourite, rating, tags, albums.

Called by `store.SqliteStore`, `photos` and `batches` on any thread, inside their transactions and
reads. It hangs on the content, so that copies, moves and renames keep it; what else could lose it
is met here: a file that another program wrote anew (`carry`), two contents that turn out to be one
(`merge`), and a photo that leaves the library and comes back (`keep`, `bring_back`).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence

import apsw

from photosearch.core.userdata import NOTHING_SAID, RATING_MAX, UserChange, UserData, one_line
from photosearch.errors import UsageError
from photosearch.store.sqlite import names, words
from photosearch.store.sqlite.rows import text

#: Raw data and picture of one exposure may differ in how exactly they say when it was.
_SAME_MOMENT_US = 2_000_000
_SAYS_SOMETHING = (
    "(is_favourite OR rating IS NOT NULL"
    " OR EXISTS (SELECT 1 FROM content_tag WHERE content_id = content.id)"
    " OR EXISTS (SELECT 1 FROM content_album WHERE content_id = content.id))"
)


def checked(change: UserChange) -> UserChange:
    """A change with its names trimmed.

    Raises:
        UsageError: A rating out of range, or a tag or album without a name or with too long a one.
    """
    if change.rating is not None and not 0 <= change.rating <= RATING_MAX:
        raise UsageError(
            f"{change.rating} is no rating.", f"A photo has 1 to {RATING_MAX} stars, or 0 for none."
        )
    return UserChange(
        is_favourite=change.is_favourite,
        rating=change.rating,
        add_tags=_names("tag", change.add_tags),
        remove_tags=_names("tag", change.remove_tags),
        add_albums=_names("album", change.add_albums),
        remove_albums=_names("album", change.remove_albums),
    )


def apply(connection: apsw.Connection, ids: Sequence[int], change: UserChange) -> list[int]:
    """Changes what the user says of photos.

    Args:
        connection: Inside a transaction.
        ids: Unknown ones are passed over.
        change: As `checked` returns it.

    Returns:
        Those of the photos of which something else is said now.
    """
    asked = json.dumps([int(key) for key in set(ids)])
    known = [
        key
        for (key,) in connection.execute(
            "SELECT content.id FROM json_each(?) JOIN content ON content.id = value", (asked,)
        )
    ]
    before = of(connection, known)
    if change.is_favourite is not None:
        connection.executemany(
            "UPDATE content SET is_favourite = ? WHERE id = ?",
            [(int(change.is_favourite), key) for key in known],
        )
    if change.rating is not None:
        connection.executemany(
            "UPDATE content SET rating = ? WHERE id = ?", [(change.rating, key) for key in known]
        )
    for kind, added, removed in (
        ("tag", change.add_tags, change.remove_tags),
        ("album", change.add_albums, change.remove_albums),
    ):
        if known:
            _add(connection, kind, known, added)
            _remove(connection, kind, known, removed)
    after = of(connection, known)
    if change.add_tags or change.remove_tags or change.add_albums or change.remove_albums:
        renamed = [key for key in known if _labels(before[key]) != _labels(after[key])]
        names.refresh(connection, renamed)
        # Whoever follows what changes hears of rows with an id only: of the content's, not the
        # tag's.
        connection.executemany(
            "UPDATE content SET is_favourite = is_favourite WHERE id = ?",
            [(key,) for key in renamed],
        )
    return [key for key in known if before[key] != after[key]]


def _labels(said: UserData) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return said.tags, said.albums


def of(connection: apsw.Connection, ids: Sequence[int]) -> dict[int, UserData]:
    """What is said of contents, by id; where nothing is said, what their files say (ratings)."""
    asked = (json.dumps([int(key) for key in set(ids)]),)
    named: dict[str, defaultdict[int, list[str]]] = {}
    for kind in ("tag", "album"):
        named[kind] = defaultdict(list)
        for key, name in connection.execute(
            f"SELECT content_id, name FROM json_each(?) JOIN content_{kind} ON content_id = value"
            f" JOIN {kind} ON {kind}.id = {kind}_id ORDER BY {kind}.key",
            asked,
        ):
            named[kind][key].append(name)
    tags, albums = named["tag"], named["album"]
    said = {}
    for key, is_favourite, rating in connection.execute(
        "SELECT content.id, is_favourite, coalesce(rating, file_rating, 0)"
        " FROM json_each(?) JOIN content ON content.id = value",
        asked,
    ):
        said[key] = NOTHING_SAID
        if is_favourite or rating or key in tags or key in albums:
            said[key] = UserData(
                bool(is_favourite), rating, tuple(tags.get(key, ())), tuple(albums.get(key, ()))
            )
    return said


def carry(connection: apsw.Connection, old_id: int, new_id: int) -> None:
    """Hands on what is said of a content whose file was written anew, as by a program that tags.

    Only between what may be the same photo: taken at the same moment, or, where neither says when,
    of the same size; and only to one of which nothing is said yet.

    Args:
        connection: Inside a transaction.
        old_id: What the file held before.
        new_id: What it holds now.
    """
    may_be = connection.execute(
        f"SELECT 1 FROM content WHERE id = ? AND NOT {_SAYS_SOMETHING} AND EXISTS ("
        f" SELECT 1 FROM (SELECT * FROM content WHERE id = ? AND {_SAYS_SOMETHING}) AS old"
        "  WHERE old.taken_us IS content.taken_us AND (old.taken_us IS NOT NULL"
        "   OR (old.width_px, old.height_px) = (content.width_px, content.height_px)))",
        (new_id, old_id),
    ).get
    if may_be is None:
        return
    connection.execute(
        "UPDATE content SET (is_favourite, rating) ="
        " (SELECT is_favourite, rating FROM content WHERE id = ?) WHERE id = ?",
        (old_id, new_id),
    )
    for kind in ("tag", "album"):
        connection.execute(
            f"INSERT INTO content_{kind} SELECT ?, {kind}_id FROM content_{kind}"
            " WHERE content_id = ?",
            (new_id, old_id),
        )


def merge(connection: apsw.Connection, old_id: int, new_id: int) -> None:
    """Adds what is said of one content to what is said of another, which is the same photo.

    Nothing is lost: tags and albums of both, a favourite where either is one, and the other's
    rating where this one has none.
    """
    connection.execute(
        "UPDATE content SET is_favourite = max(is_favourite, old.favourite),"
        " rating = coalesce(rating, old.stars) FROM (SELECT is_favourite AS favourite,"
        "  rating AS stars FROM content WHERE id = ?) AS old"
        " WHERE id = ? AND (old.favourite > is_favourite OR rating IS NULL AND old.stars >= 0)",
        (old_id, new_id),
    )
    for kind in ("tag", "album"):
        connection.execute(
            f"INSERT OR IGNORE INTO content_{kind} SELECT ?, {kind}_id FROM content_{kind}"
            " WHERE content_id = ?",
            (new_id, old_id),
        )


def inherit(connection: apsw.Connection, old_id: int, new_id: int) -> None:
    """Says of a photo what is said of the one whose companion it was, which keeps it.

    Unless they were taken at different moments: then another file lies at the companion's place.
    """
    is_other = connection.execute(
        "SELECT abs(old.taken_us - new.taken_us) > ? FROM content AS old, content AS new"
        " WHERE old.id = ? AND new.id = ?",
        (_SAME_MOMENT_US, old_id, new_id),
    ).get
    if not is_other:
        merge(connection, old_id, new_id)


def keep(connection: apsw.Connection, ids: Sequence[int]) -> None:
    """Remembers what is said of contents that are about to be dropped."""
    connection.execute(
        "INSERT OR REPLACE INTO kept_user_data (hash, is_favourite, rating, tags, albums)"
        " SELECT hash, is_favourite, rating,"
        " (SELECT json_group_array(name) FROM content_tag JOIN tag ON tag.id = tag_id"
        "  WHERE content_id = content.id),"
        " (SELECT json_group_array(name) FROM content_album JOIN album ON album.id = album_id"
        "  WHERE content_id = content.id)"
        f" FROM json_each(?) JOIN content ON content.id = value WHERE {_SAYS_SOMETHING}",
        (json.dumps(list(ids)),),
    )


def bring_back(connection: apsw.Connection, content_hash: bytes, content_id: int) -> None:
    """Says of a content that comes back what was said when it was dropped.

    Where something was said of it meanwhile, that stands.
    """
    row = connection.execute(
        "DELETE FROM kept_user_data WHERE hash = ? RETURNING is_favourite, rating, tags, albums",
        (content_hash,),
    ).fetchone()
    if row is None:
        return
    is_favourite, rating, tags, albums = row
    connection.execute(
        "UPDATE content SET is_favourite = max(is_favourite, ?), rating = coalesce(rating, ?)"
        " WHERE id = ?",
        (is_favourite, rating, content_id),
    )
    _add(connection, "tag", [content_id], json.loads(tags))
    _add(connection, "album", [content_id], json.loads(albums))


def drop_unused(connection: apsw.Connection) -> None:
    """Forgets the tags and albums that no photo has any more."""
    connection.execute(
        "DELETE FROM tag WHERE NOT EXISTS (SELECT 1 FROM content_tag WHERE tag_id = tag.id)"
        " AND NOT EXISTS (SELECT 1 FROM content_keyword WHERE tag_id = tag.id)"
    )
    connection.execute(
        "DELETE FROM album WHERE NOT EXISTS (SELECT 1 FROM content_album WHERE album_id = album.id)"
    )


def _add(connection: apsw.Connection, kind: str, ids: Sequence[int], added: Sequence[str]) -> None:
    for name in added:
        named: int = connection.execute(
            f"INSERT INTO {kind} (name, key) VALUES (?, ?)"
            " ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING id",
            (name, words.key(name)),
        ).get
        connection.executemany(
            f"INSERT OR IGNORE INTO content_{kind} (content_id, {kind}_id) VALUES (?, ?)",
            [(key, named) for key in ids],
        )


def _remove(
    connection: apsw.Connection, kind: str, ids: Sequence[int], removed: Sequence[str]
) -> None:
    for name in removed:
        connection.executemany(
            f"DELETE FROM content_{kind} WHERE content_id = ?"
            f" AND {kind}_id = (SELECT id FROM {kind} WHERE key = ?)",
            [(key, words.key(name)) for key in ids],
        )
    if removed:
        drop_unused(connection)


def _names(kind: str, said: Sequence[str]) -> tuple[str, ...]:
    return tuple(one_line(kind, text(name)) for name in said)
