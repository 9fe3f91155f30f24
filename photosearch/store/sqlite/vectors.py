"""The two tables of a space's vectors.

`vector_<id>` holds each vector as float16: the truth, from which everything else can be made
again. `vec0_<id>` holds the same vectors as int8 in a sqlite-vec table, which finds the nearest
ones; it is never the only copy. Called by `photos`, `purge` and `search` with a connection whose
transaction the caller owns, on any thread.

Three things sqlite-vec 0.1.9 does otherwise than an ordinary table:

- A stored int8 vector cannot be updated, and INSERT OR REPLACE fails: delete, then insert.
- A failed insert leaves half a row behind. `Database.transaction` rolls the whole transaction
  back on any error, so that no half row is ever committed. (A savepoint in between would hide a
  full disk: SQLite has rolled everything back already, and releasing the savepoint then fails
  with an error of its own.)
- ALTER TABLE ... RENAME destroys the table: it is only ever dropped and made anew.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import apsw
import numpy as np
import numpy.typing as npt

from photosearch.core.ports import Vectors
from photosearch.errors import StoreError
from photosearch.store.sqlite.faults import vector_table

#: An int8's largest step, used on both sides of zero.
_INT8_MAX = 127
#: A unit vector's components have a standard deviation of about 1/sqrt(dim). The int8 range covers
#: sixteen times that, 0.71 at 512 dimensions: in the synthetic library every cosine is then within
#: 0.01 and the exact first 50 are among the first 400, also where two components hold half of each
#: vector, as in some CLIP towers. (With eight such components are clipped: cosines are 0.2 off and
#: 4 % of the first 50 are lost; with the whole range errors reach 0.012.)
_INT8_SIGMAS = 16.0
#: Rows per block of sqlite-vec. It looks for the k nearest within each block in k x block steps:
#: with its own 1024, k = 400 takes up to twice as long as k = 50; with 128 k hardly matters.
CHUNK_ROWS = 128
#: Deleted rows leave holes that sqlite-vec reads past for ever; beyond this share of blocks over
#: what the rows need, the table is made anew.
_SLACK = 1.3
#: Above this share of rows to delete, making the table anew is cheaper than deleting.
_REBUILD_SHARE = 0.3
#: How far from 1 the length of a "unit" vector may be; encoders that compute in bfloat16 and
#: normalise there miss by some 0.002.
_UNIT_TOLERANCE = 0.01
#: Rows converted at a time: 8 MB of float32 at 512 dimensions.
BLOCK_ROWS = 4096


@dataclass(frozen=True, slots=True)
class StoredSpace:
    """What the vector tables need to know of their space.

    Attributes:
        id: Its number, part of the tables' names.
        dim: Length of a vector.
        int8_scale: Factor from a component to its int8.
    """

    id: int
    dim: int
    int8_scale: float


def int8_scale(dim: int) -> float:
    """The factor from a component of a unit vector to its int8."""
    return _INT8_MAX / min(1.0, _INT8_SIGMAS / math.sqrt(dim))


def create_tables(connection: apsw.Connection, space_id: int, dim: int) -> None:
    """Makes the pair of tables of a new space."""
    connection.execute(
        f"CREATE TABLE vector_{space_id} ("
        " content_id INTEGER PRIMARY KEY REFERENCES content ON DELETE CASCADE,"
        f" vec BLOB NOT NULL CHECK (length(vec) = {2 * dim})) STRICT"
    )
    _create_vec0(connection, space_id, dim)


def drop_tables(connection: apsw.Connection, space: StoredSpace) -> int:
    """Drops the pair of tables of a space; returns how many vectors they held."""
    vector_count: int = connection.execute(f"SELECT count(*) FROM vector_{space.id}").get
    with vector_table():
        connection.execute(f"DROP TABLE vec0_{space.id}")
    connection.execute(f"DROP TABLE vector_{space.id}")
    return vector_count


def check(vector: npt.NDArray[np.generic], dim: int) -> None:
    """Refuses what is no unit vector of a space.

    Raises:
        StoreError: Wrong type, shape or length, or not finite.
    """
    if vector.dtype != np.float32 or vector.shape != (dim,):
        raise StoreError(
            f"A vector must be float32 ({dim},), not {vector.dtype} {vector.shape}.",
        )
    length = float(np.linalg.norm(vector))
    if not abs(length - 1.0) <= _UNIT_TOLERANCE:  # also true for NaN and infinity
        raise StoreError(f"A vector must have unit length, not {length}.")


def put(connection: apsw.Connection, space: StoredSpace, vectors: Mapping[int, Vectors]) -> None:
    """Stores vectors by content id in both tables, in place of those that are there.

    Raises:
        StoreError: A vector is none of this space.
    """
    for vector in vectors.values():
        check(vector, space.dim)
    halves = {content_id: vector.astype(np.float16) for content_id, vector in vectors.items()}
    connection.executemany(
        f"INSERT INTO vector_{space.id} (content_id, vec) VALUES (?, ?)"
        " ON CONFLICT (content_id) DO UPDATE SET vec = excluded.vec",
        [(content_id, half.tobytes()) for content_id, half in halves.items()],
    )
    _delete_vec0(connection, space, list(halves))
    _insert_vec0(connection, space, list(halves), list(halves.values()))


def remove(connection: apsw.Connection, space: StoredSpace, content_ids: Sequence[int]) -> None:
    """Drops contents' vectors from both tables; unknown ids are passed over."""
    row_count = connection.execute(f"SELECT count(*) FROM vec0_{space.id}_rowids").get
    connection.executemany(
        f"DELETE FROM vector_{space.id} WHERE content_id = ?", [(key,) for key in content_ids]
    )
    if len(content_ids) > _REBUILD_SHARE * row_count:
        rebuild_vec0(connection, space)
        return
    _delete_vec0(connection, space, content_ids)
    chunk_count, row_count = connection.execute(
        f"SELECT (SELECT count(*) FROM vec0_{space.id}_chunks),"
        f" (SELECT count(*) FROM vec0_{space.id}_rowids)"
    ).get
    if chunk_count > 1 + _SLACK * row_count / CHUNK_ROWS:
        rebuild_vec0(connection, space)


def rebuild_vec0(connection: apsw.Connection, space: StoredSpace) -> None:
    """Makes a space's int8 table anew from its float16 rows."""
    with vector_table():
        connection.execute(f"DROP TABLE vec0_{space.id}")
    _create_vec0(connection, space.id, space.dim)
    for ids, halves in blocks(connection, space, only_placed=False):
        _insert_vec0(connection, space, ids.tolist(), list(halves))


def has(connection: apsw.Connection, space: StoredSpace, hashes: Sequence[bytes]) -> set[bytes]:
    """Which of these contents, named by their hashes, have a vector."""
    rows = connection.execute(
        "SELECT content.hash FROM json_each(?) JOIN content ON content.hash = unhex(value)"
        f" WHERE EXISTS (SELECT 1 FROM vector_{space.id} WHERE content_id = content.id)",
        (json.dumps([value.hex() for value in hashes]),),
    )
    return {found for (found,) in rows}


def read(
    connection: apsw.Connection,
    space: StoredSpace,
    content_ids: Sequence[int],
    *,
    only_placed: bool = True,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float16]]:
    """The vectors of those contents that have one.

    Args:
        connection: Where to read.
        space: Which vectors.
        content_ids: Which contents, each named once.
        only_placed: Leave out contents that lie in no file; costs one more look at each.

    Returns:
        Ids int64 (n,) and float16 (n, dim), in any order.
    """
    condition = " JOIN content ON content.id = content_id WHERE file_count > 0"
    rows = connection.execute(
        "SELECT content_id, vec FROM json_each(?)"
        f" JOIN vector_{space.id} ON content_id = value{condition if only_placed else ''}",
        (json.dumps([int(content_id) for content_id in content_ids]),),
    )
    return _arrays(list(rows), space.dim)


def candidates(
    connection: apsw.Connection, space: StoredSpace, query: Vectors, limit: int
) -> list[int]:
    """The contents whose int8 vectors are nearest to a unit vector, those without a file included.

    Args:
        connection: Where to read.
        space: Which vectors.
        query: float32 (dim,), unit length.
        limit: At most 4096, sqlite-vec's own limit.
    """
    with vector_table():
        rows = connection.execute(
            f"SELECT content_id FROM vec0_{space.id} WHERE embedding MATCH vec_int8(?) AND k = ?",
            (quantised(query, space).tobytes(), limit),
        )
        return [content_id for (content_id,) in rows]


def blocks(
    connection: apsw.Connection, space: StoredSpace, *, only_placed: bool
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.float16]]]:
    """All vectors of a space, some thousand rows at a time.

    Args:
        connection: Where to read.
        space: Which vectors.
        only_placed: Leave out contents that lie in no file.

    Yields:
        Ids int64 (n,) and float16 (n, dim).
    """
    condition = (
        "WHERE content_id NOT IN (SELECT id FROM content WHERE file_count = 0)"
        if only_placed
        else ""
    )
    cursor = connection.execute(f"SELECT content_id, vec FROM vector_{space.id} {condition}")
    while rows := list(itertools.islice(cursor, BLOCK_ROWS)):
        yield _arrays(rows, space.dim)


def placed_ids(connection: apsw.Connection, space: StoredSpace) -> npt.NDArray[np.int64]:
    """The contents that lie in a file and have a vector."""
    rows = connection.execute(
        f"SELECT content_id FROM vector_{space.id}"
        " WHERE content_id NOT IN (SELECT id FROM content WHERE file_count = 0)"
    )
    return np.fromiter((row[0] for row in rows), np.int64)


def count(connection: apsw.Connection, space: StoredSpace) -> int:
    """How many contents that lie in a file have a vector."""
    # sqlite-vec's list of row ids is a tenth of the rows' own size, so counting there is quick.
    total: int = connection.execute(
        f"SELECT (SELECT count(*) FROM vec0_{space.id}_rowids) - (SELECT count(*) FROM content"
        f" JOIN vec0_{space.id}_rowids AS r ON r.rowid = content.id WHERE file_count = 0)"
    ).get
    return total


def quantised(vectors: npt.NDArray[np.floating], space: StoredSpace) -> npt.NDArray[np.int8]:
    """Unit vectors (..., dim) as sqlite-vec compares them."""
    steps = np.rint(vectors.astype(np.float32) * np.float32(space.int8_scale))
    clipped: npt.NDArray[np.int8] = np.clip(steps, -_INT8_MAX, _INT8_MAX).astype(np.int8)
    return clipped


def _arrays(
    rows: Sequence[tuple[int, bytes]], dim: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float16]]:
    ids = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
    halves = np.frombuffer(b"".join(row[1] for row in rows), dtype=np.float16)
    return ids, halves.reshape(len(rows), dim)


def _create_vec0(connection: apsw.Connection, space_id: int, dim: int) -> None:
    # Squared distance of unit vectors orders as their cosine does, and is the faster of the two.
    with vector_table():
        connection.execute(
            f"CREATE VIRTUAL TABLE vec0_{space_id} USING vec0("
            f"content_id INTEGER PRIMARY KEY, embedding int8[{dim}], chunk_size={CHUNK_ROWS})"
        )


def _delete_vec0(
    connection: apsw.Connection, space: StoredSpace, content_ids: Iterable[int]
) -> None:
    with vector_table():
        connection.executemany(
            f"DELETE FROM vec0_{space.id} WHERE content_id = ?", [(key,) for key in content_ids]
        )


def _insert_vec0(
    connection: apsw.Connection,
    space: StoredSpace,
    ids: Sequence[int],
    halves: Sequence[npt.NDArray[np.float16]],
) -> None:
    rows = [
        (content_id, quantised(half, space).tobytes())
        for content_id, half in zip(ids, halves, strict=True)
    ]
    with vector_table():
        connection.executemany(
            f"INSERT INTO vec0_{space.id} (content_id, embedding) VALUES (?, vec_int8(?))", rows
        )
