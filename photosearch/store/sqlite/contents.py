"""Rows of `content`: what pictures are, and what their files say of them.

Called by `batches` inside its transaction. A content of which no file was read in whole yet is
*provisional*: it goes by a name that no hash of a content has, and is renamed when it is read.
"""

from __future__ import annotations

import time
from hashlib import blake2b

import apsw
import numpy as np

from photosearch.core.photo import FACTS_VERSION, FilePlace, PhotoFacts
from photosearch.store.sqlite import labels, spaces, userdata, vectors
from photosearch.store.sqlite.rows import FACTS_COLUMNS, facts_row
from photosearch.store.sqlite.rows import facts as as_facts

#: Begins the name of a provisional content, which so is longer than any hash.
_PROVISIONAL = b"?"
_INSERT = (
    f"INSERT INTO content (hash, is_read, added_ns, facts_version, {', '.join(FACTS_COLUMNS)})"
    f" VALUES (?, ?, ?, ?, {', '.join('?' * len(FACTS_COLUMNS))}) RETURNING id"
)
_UPDATE = (
    "UPDATE content SET facts_version = ?, "
    + ", ".join(f"{column} = ?" for column in FACTS_COLUMNS)
    + " WHERE id = ?"
)


def provisional_name(place: FilePlace, quick_hash: bytes) -> bytes:
    """What a content is called before a file of it is read in whole: alike where files may be."""
    if quick_hash:
        return _PROVISIONAL + quick_hash
    where = b"%d/%s" % (place.folder_id, place.rel_path)
    return _PROVISIONAL + blake2b(where, digest_size=16).digest()


def by_hash(connection: apsw.Connection, content_hash: bytes) -> int | None:
    """The content of a name; None where there is none."""
    found: int | None = connection.execute(
        "SELECT id FROM content WHERE hash = ?", (content_hash,)
    ).get
    return found


def hash_of(connection: apsw.Connection, content_id: int) -> bytes:
    """What a content is called."""
    found: bytes = connection.execute("SELECT hash FROM content WHERE id = ?", (content_id,)).get
    return found


def is_read(connection: apsw.Connection, content_id: int) -> bool:
    """Whether some file of a content was read in whole."""
    found = connection.execute("SELECT is_read FROM content WHERE id = ?", (content_id,)).get
    return bool(found)


def insert(
    connection: apsw.Connection, content_hash: bytes, facts: PhotoFacts, *, is_read: bool
) -> int:
    """Makes a content; returns its id."""
    content_id: int = connection.execute(
        _INSERT, (content_hash, is_read, time.time_ns(), FACTS_VERSION, *facts_row(facts))
    ).get
    labels.put(connection, content_id, facts)
    return content_id


def rename(connection: apsw.Connection, content_id: int, content_hash: bytes) -> None:
    """Gives a content of which a file was read in whole its name."""
    connection.execute(
        "UPDATE content SET hash = ?, is_read = 1 WHERE id = ?", (content_hash, content_id)
    )


def facts_version(connection: apsw.Connection, content_id: int) -> int:
    """By which version of the reading of headers all was found that is known of a content."""
    version: int = connection.execute(
        "SELECT facts_version FROM content WHERE id = ?", (content_id,)
    ).get
    return version


def facts_of(connection: apsw.Connection, content_id: int) -> PhotoFacts:
    """What is known of a content."""
    row = next(
        connection.execute(
            f"SELECT {', '.join(FACTS_COLUMNS)} FROM content WHERE id = ?", (content_id,)
        )
    )
    keywords, people = (of(connection, [content_id]) for of in (labels.keywords, labels.people))
    return as_facts(row, keywords[content_id], people[content_id])


def put_facts(
    connection: apsw.Connection,
    content_id: int,
    facts: PhotoFacts,
    version: int | None = None,
) -> bool:
    """Makes a content's facts what its files say; whether any are others now.

    Args:
        connection: Inside a transaction.
        content_id: Whose.
        facts: What its files say.
        version: By which version of the reading of headers all of that was found; None for this
            program's.
    """
    version = FACTS_VERSION if version is None else version
    row = facts_row(facts)
    known = next(
        connection.execute(
            f"SELECT {', '.join(FACTS_COLUMNS)} FROM content WHERE id = ?", (content_id,)
        )
    )
    # What is no number (NaN) is kept as NULL.
    is_same = all(
        new == old or (old is None and new != new) for new, old in zip(row, known, strict=True)
    )
    if not is_same or facts_version(connection, content_id) != version:
        connection.execute(_UPDATE, (version, *row, content_id))
    return labels.put(connection, content_id, facts) or not is_same


def absorb(connection: apsw.Connection, old_id: int, content_id: int) -> None:
    """Takes over all that hangs on a content that turned out to be this one.

    Its files, companions included, what the user says of it, and vectors that this one lacks. It
    is then to be erased.
    """
    userdata.merge(connection, old_id, content_id)
    connection.execute(
        "UPDATE former_companion SET content_id = ? WHERE content_id = ?", (content_id, old_id)
    )
    connection.execute("UPDATE file SET content_id = ? WHERE content_id = ?", (content_id, old_id))
    for space in spaces.every(connection):
        ids, halves = vectors.read(connection, space, [old_id, content_id], only_placed=False)
        if ids.tolist() == [old_id]:
            vectors.put(connection, space, {content_id: halves[0].astype(np.float32)})
