"""How the scores of a space become confidences, kept beside the space.

Called by `store.SqliteStore` on any thread, inside its transactions and reads.
"""

from __future__ import annotations

import apsw

from photosearch.core.space import EmbeddingSpace
from photosearch.store.sqlite import spaces


def read(connection: apsw.Connection, space: EmbeddingSpace) -> str | None:
    """What `write` kept; None where there is nothing.

    Raises:
        StoreError: The space exists with another dim.
    """
    stored = spaces.find(connection, space)
    if stored is None:
        return None
    kept: str | None = connection.execute(
        "SELECT calibration FROM space WHERE id = ?", (stored.id,)
    ).get
    return kept


def write(connection: apsw.Connection, space: EmbeddingSpace, text: str) -> None:
    """Keeps it in place of what was there.

    Raises:
        StoreError: The space was never ensured, or exists with another dim.
    """
    stored = spaces.get(connection, space)
    connection.execute("UPDATE space SET calibration = ? WHERE id = ?", (text, stored.id))
