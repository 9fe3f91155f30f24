"""Reads the `vec0` table of a space block by block, for scanning it in memory or from the disk.

Called by `resident` and `search` on any thread, inside one read.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import apsw
import numpy as np
import numpy.typing as npt

from photosearch.store.sqlite import vectors
from photosearch.store.sqlite.dots import Int8Rows
from photosearch.store.sqlite.vectors import StoredSpace

Ids = npt.NDArray[np.int64]


def placed_blocks(
    connection: apsw.Connection, space: StoredSpace
) -> Iterator[tuple[Ids, Int8Rows]]:
    """The int8 vectors of all photos that lie in a file.

    Yields:
        Ids int64 (n,) and int8 (n, dim), in the table's order.
    """
    rows = connection.execute("SELECT id FROM content WHERE file_count = 0")
    unplaced = np.fromiter((row[0] for row in rows), np.int64)
    for ids, found in every_block(connection, space):
        if not len(unplaced):
            yield ids, found
            continue
        is_placed = ~np.isin(ids, unplaced)
        yield ids[is_placed], found[is_placed]


def every_block(connection: apsw.Connection, space: StoredSpace) -> Iterator[tuple[Ids, Int8Rows]]:
    """All int8 vectors of a space as sqlite-vec keeps them, those without a file included.

    Reads its own tables (shadow tables: https://www.sqlite.org/vtab.html#xshadowname), whose
    form has been the same since its first release: a tenth of the time that the rows take.

    Yields:
        Ids int64 (n,) and int8 (n, dim), in the table's order.
    """
    cursor = connection.execute(
        f"SELECT validity, rowids, vectors FROM vec0_{space.id}_chunks"
        f" JOIN vec0_{space.id}_vector_chunks00 AS v ON v.rowid = chunk_id"
    )
    while chunks := list(itertools.islice(cursor, vectors.BLOCK_ROWS // vectors.CHUNK_ROWS)):
        validity, rowids, rows = (b"".join(column) for column in zip(*chunks, strict=True))
        bits = np.unpackbits(np.frombuffer(validity, np.uint8), bitorder="little")
        # Most blocks are full: nothing is copied out of those.
        is_valid = slice(None) if bits.all() else bits.astype(np.bool_)
        yield (
            np.frombuffer(rowids, np.int64)[is_valid],
            np.frombuffer(rows, np.int8).reshape(-1, space.dim)[is_valid],
        )
