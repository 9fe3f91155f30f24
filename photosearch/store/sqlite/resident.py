"""The eight-bit vectors of a space in memory: a copy for scanning, never the truth.

`derived.Derived` loads it from the space's `vec0` table and keeps it up to date after each
committed write. One thread changes it at a time; any number of threads read it meanwhile, each
from the `View` that it took. Photos that lose their last file leave a hole behind, which they fill
again when they come back; when there are many, the rows are moved together.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import apsw
import numpy as np
import numpy.typing as npt

from photosearch.store.sqlite import int8_table, vectors
from photosearch.store.sqlite.dots import Int8Rows
from photosearch.store.sqlite.vectors import StoredSpace

Ids = npt.NDArray[np.int64]
_Array = TypeVar("_Array", bound=npt.NDArray[Any])

#: Rows of one piece of the matrix: 32 MB at 512 dimensions. It grows piece by piece, so that
#: nothing is ever copied to make room; what is not used yet costs address space only.
PIECE_ROWS = 65536
#: Holes are read like rows. Beyond this share of them the rows are moved together.
_HOLES_MAX = 0.2
#: Fewer holes than this are never worth it.
_HOLES_MIN = 4096


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The matrix as it was at one moment.

    Attributes:
        pieces: int8 (PIECE_ROWS, dim) each.
        ids: int64 (n,), whose row it is.
        is_live: bool (n,), False for holes.
        hole_count: How many holes there are.
        position_of: int32, by photo id: where its row is, -1 for none.
    """

    pieces: tuple[Int8Rows, ...]
    ids: Ids
    is_live: npt.NDArray[np.bool_]
    hole_count: int
    position_of: npt.NDArray[np.int32]

    @property
    def live_count(self) -> int:
        """Photos in it."""
        return len(self.ids) - self.hole_count

    def positions(self, ids: Ids) -> Ids:
        """Where photos' rows are: int64 (n,), -1 for those without one."""
        places = np.full(len(ids), -1, np.int64)
        is_within = (ids >= 0) & (ids < len(self.position_of))
        places[is_within] = self.position_of[ids[is_within]]
        # A row that is newer than this view is not in it.
        places[places >= len(self.ids)] = -1
        has_row = places >= 0
        places[has_row] = np.where(self.is_live[places[has_row]], places[has_row], -1)
        return places

    def rows(self, positions: Ids) -> Int8Rows:
        """Copies of rows: int8 (n, dim)."""
        gathered = np.empty((len(positions), self.pieces[0].shape[1]), np.int8)
        numbers, places = np.divmod(positions, PIECE_ROWS)
        for number in np.unique(numbers).tolist():
            is_here = numbers == number
            gathered[is_here] = self.pieces[number][places[is_here]]
        return gathered


class Resident:
    """A growing matrix of int8 rows, addressed by photo id.

    Args:
        dim: Length of a vector.
    """

    def __init__(self, dim: int) -> None:
        self._dim = dim
        self._pieces: list[Int8Rows] = []
        self._ids: Ids = np.empty(0, np.int64)
        self._is_live: npt.NDArray[np.bool_] = np.empty(0, np.bool_)
        self._position_of: npt.NDArray[np.int32] = np.empty(0, np.int32)
        self._count = 0
        self._hole_count = 0
        self._publish()

    @property
    def view(self) -> View:
        """The matrix as it is now. Later changes of rows show in it, later rows do not."""
        return self._view

    def put(self, ids: Ids, rows: Int8Rows) -> None:
        """Sets the rows of photos, each of which is named once.

        Args:
            ids: int64 (n,).
            rows: int8 (n, dim).

        Raises:
            MemoryError: There is no room; nothing was changed that anybody sees.
        """
        if not len(ids):
            return
        self._position_of = grown(self._position_of, int(ids.max()) + 1, -1)
        places = self._position_of[ids]
        is_known = places >= 0
        if not is_known.any():  # as when everything is read: without a copy in between
            self._append(ids, rows)
            self._publish()
            return
        for place, row in zip(places[is_known].tolist(), rows[is_known], strict=True):
            self._pieces[place // PIECE_ROWS][place % PIECE_ROWS] = row
        known = places[is_known]
        self._hole_count -= int(np.count_nonzero(~self._is_live[known]))
        self._is_live[known] = True
        self._append(ids[~is_known], rows[~is_known])
        self._publish()

    def remove(self, ids: Ids) -> None:
        """Takes photos out; those without a row are passed over."""
        found = self._view.positions(ids)
        found = found[found >= 0]
        self._is_live[found] = False
        self._hole_count += len(found)
        self._publish()
        if self._hole_count > max(_HOLES_MIN, _HOLES_MAX * self._count):
            self._compact()

    def _append(self, ids: Ids, rows: Int8Rows) -> None:
        count = self._count + len(ids)
        self._ids = grown(self._ids, count, 0)
        self._is_live = grown(self._is_live, count, fill=False)
        while len(self._pieces) * PIECE_ROWS < count:
            self._pieces.append(np.empty((PIECE_ROWS, self._dim), np.int8))
        done = 0
        while done < len(ids):
            place = (self._count + done) % PIECE_ROWS
            step = min(len(ids) - done, PIECE_ROWS - place)
            piece = self._pieces[(self._count + done) // PIECE_ROWS]
            piece[place : place + step] = rows[done : done + step]
            done += step
        self._ids[self._count : count] = ids
        self._is_live[self._count : count] = True
        self._position_of[ids] = np.arange(self._count, count, dtype=np.int32)
        self._count = count

    def _publish(self) -> None:
        count = self._count
        # Last of all, and in one step: a reader sees all of a row or nothing.
        self._view = View(
            tuple(self._pieces),
            self._ids[:count],
            self._is_live[:count],
            self._hole_count,
            self._position_of,
        )

    def _compact(self) -> None:
        """Moves the rows together in new pieces; readers keep the old ones while they need them."""
        new = Resident(self._dim)
        for number, piece in enumerate(self._pieces):
            part = slice(number * PIECE_ROWS, min((number + 1) * PIECE_ROWS, self._count))
            is_live = self._is_live[part]
            new.put(self._ids[part][is_live], piece[: len(is_live)][is_live])
        self._pieces, self._ids, self._is_live = new._pieces, new._ids, new._is_live
        self._position_of, self._count, self._hole_count = new._position_of, new._count, 0
        self._publish()


def load(connection: apsw.Connection, space: StoredSpace) -> Resident:
    """Reads the vectors of all photos that lie in a file.

    Args:
        connection: Inside one read transaction.
        space: Whose `vec0` table to read.

    Raises:
        MemoryError: They do not fit.
    """
    resident = Resident(space.dim)
    for ids, rows in int8_table.placed_blocks(connection, space):
        resident.put(ids, rows)
    return resident


def update(
    connection: apsw.Connection,
    space: StoredSpace,
    matrix: Resident,
    contents: set[int],
    rewritten: set[int],
) -> None:
    """Makes the rows of some photos what the database says of them now.

    Args:
        connection: Where to read.
        space: Whose rows.
        matrix: What to change.
        contents: Photos that may have lost their last file, or have one again.
        rewritten: Photos whose vectors may be others.

    Raises:
        MemoryError: They do not fit.
    """
    ids = np.array(sorted(contents | rewritten), np.int64)
    rows = connection.execute(
        "SELECT content.id FROM json_each(?) JOIN content ON content.id = value"
        " WHERE file_count > 0",
        (json.dumps(ids.tolist()),),
    )
    placed = {key for (key,) in rows}
    # Most changes of a photo are of what it says, and leave its vector alone.
    present = set(ids[matrix.view.positions(ids) >= 0].tolist())
    wanted = sorted((placed - present) | (placed & rewritten))
    found, halves = vectors.read(connection, space, wanted, only_placed=False)
    matrix.put(found, vectors.quantised(halves, space))
    gone = (present - placed) | (present & set(wanted)) - set(found.tolist())
    matrix.remove(np.array(sorted(gone), np.int64))


def check(connection: apsw.Connection, space: StoredSpace, resident: Resident) -> bool:
    """Whether rows, table and matrix hold the same photos with the same bytes.

    Args:
        connection: Inside one read transaction, begun when nobody writes.
        space: Which vectors.
        resident: What is in memory.
    """
    view = resident.view
    row_count = table_count = 0
    for ids, halves in vectors.blocks(connection, space, only_placed=True):
        row_count += len(ids)
        if not _holds(view, ids, vectors.quantised(halves, space)):
            return False
    for ids, rows in int8_table.placed_blocks(connection, space):
        table_count += len(ids)
        if not _holds(view, ids, rows):
            return False
    live = view.ids[view.is_live]
    return len(live) == len(np.unique(live)) == view.live_count == row_count == table_count


def grown(array: _Array, size: int, fill: float) -> _Array:
    """An array with room for `size` elements: the same one, or a longer copy."""
    if size <= len(array):
        return array
    longer = np.full(max(size, len(array) * 5 // 4, 1024), fill, array.dtype)
    longer[: len(array)] = array
    return cast(_Array, longer)


def _holds(view: View, ids: Ids, rows: Int8Rows) -> bool:
    places = view.positions(ids)
    is_each_once = len(ids) == len(np.unique(ids)) and bool(np.all(places >= 0))
    return is_each_once and (not len(ids) or np.array_equal(view.rows(places), rows))
