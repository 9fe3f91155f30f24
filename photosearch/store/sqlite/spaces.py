"""Embedding spaces: one row and one pair of vector tables each.

Called by `store.SqliteStore` on any thread, inside its transactions and reads.
"""

from __future__ import annotations

import json

import apsw

from photosearch.core.space import EmbeddingSpace
from photosearch.errors import StoreError
from photosearch.store.sqlite import vectors
from photosearch.store.sqlite.vectors import StoredSpace

#: sqlite-vec takes no longer vectors.
_DIM_LIMIT = 8192


def ensure(connection: apsw.Connection, space: EmbeddingSpace) -> None:
    """Makes a space's row and tables where they are missing, and notes changed names.

    Raises:
        StoreError: The space exists with another dim, or its dim is out of range.
    """
    known = find(connection, space)
    if known is not None:
        connection.execute(
            "UPDATE space SET image_model = ?, text_models = ?, logit_scale = ?, is_sample = ?"
            " WHERE id = ?",
            (*_described(space), known.id),
        )
        return
    if not 1 <= space.dim <= _DIM_LIMIT:
        raise StoreError(
            f"The model {space.image_model} makes vectors of {space.dim} numbers; 1 to "
            f"{_DIM_LIMIT} can be stored.",
            "Choose another model.",
        )
    connection.execute(
        "INSERT INTO space (image_model, text_models, logit_scale, is_sample, key, dim, int8_scale)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*_described(space), space.key, space.dim, vectors.int8_scale(space.dim)),
    )
    vectors.create_tables(connection, connection.last_insert_rowid(), space.dim)


def is_current(connection: apsw.Connection, space: EmbeddingSpace) -> bool:
    """Whether `ensure` would change nothing.

    Raises:
        StoreError: The space exists with another dim.
    """
    if find(connection, space) is None:
        return False
    row = connection.execute(
        "SELECT image_model, text_models, logit_scale, is_sample FROM space WHERE key = ?",
        (space.key,),
    ).fetchone()
    return row == _described(space)


def find(connection: apsw.Connection, space: EmbeddingSpace) -> StoredSpace | None:
    """A space as it is stored; None before its first `ensure`.

    Raises:
        StoreError: The space exists with another dim.
    """
    row = connection.execute(
        "SELECT id, dim, int8_scale FROM space WHERE key = ?", (space.key,)
    ).fetchone()
    if row is None:
        return None
    stored = StoredSpace(*row)
    if stored.dim != space.dim:
        raise StoreError(
            f"The model {space.image_model} makes vectors of {space.dim} numbers, but the library "
            f"holds vectors of {stored.dim} under the same name ({space.key}).",
            "The model's files may be mixed up; download or import the model again.",
        )
    return stored


def get(connection: apsw.Connection, space: EmbeddingSpace) -> StoredSpace:
    """A space as it is stored.

    Raises:
        StoreError: It was never ensured, or exists with another dim.
    """
    stored = find(connection, space)
    if stored is None:
        raise StoreError(f"The library has no room for vectors of {space.key} yet.")
    return stored


def drop(connection: apsw.Connection, space: EmbeddingSpace) -> int:
    """Drops a space's row, tables and failures; returns how many vectors it had.

    Raises:
        StoreError: The space exists with another dim.
    """
    stored = find(connection, space)
    if stored is None:
        return 0
    vector_count = vectors.drop_tables(connection, stored)
    connection.execute("DELETE FROM failure WHERE space_id = ?", (stored.id,))
    connection.execute("DELETE FROM space WHERE id = ?", (stored.id,))
    return vector_count


def every(connection: apsw.Connection) -> list[StoredSpace]:
    """All spaces."""
    rows = connection.execute("SELECT id, dim, int8_scale FROM space ORDER BY id")
    return [StoredSpace(*row) for row in rows]


def _described(space: EmbeddingSpace) -> tuple[str, str, float, int]:
    return (
        space.image_model,
        json.dumps(space.text_models),
        float(space.logit_scale),
        int(space.is_sample),
    )
