"""What filters ask about, in memory: an array for each fact, addressed by id; never the truth.

`derived.Derived` loads a table when a filter first needs it and reads the rows that a write touched
again; it holds a lock around both and around every reading. Addressing by id makes both simple; ids
are given out in turn and few photos ever go.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import apsw
import numpy as np
import numpy.typing as npt

from photosearch.store.sqlite.resident import grown

#: Ids read in one step: NumPy keeps the interpreter's lock while it reads their numbers.
_BLOCK_IDS = 100_000
#: Between texts that are read together; in a text it becomes a blank.
_SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a table.

    Attributes:
        expression: What to select: numbers, or texts.
        dtype: Type of its array; ignored for texts, which become numbers of distinct texts.
        missing: Value of ids without a row; also of NULL, which is for float columns only.
        text: What to keep of a text; None where the column holds numbers.
    """

    expression: str
    dtype: type[np.generic]
    missing: float = 0
    text: Callable[[str], str] | None = None

    @property
    def joined(self) -> str:
        """The SQL that makes one text of all rows: a tenth of the time that rows take."""
        if self.text is not None:
            return f"group_concat(replace({self.expression}, char(31), ' '), char(31))"
        if np.issubdtype(self.dtype, np.floating):
            return f"group_concat(coalesce({self.expression}, 'nan'))"
        return f"group_concat({self.expression})"


class _Numbers(dict[str, int]):
    """Numbers of distinct texts, in the order in which they were met."""

    def __missing__(self, text: str) -> int:
        self[text] = number = len(self)
        return number


class Table:
    """Columns of one SQL table.

    Args:
        source: What follows FROM, and WHERE with at least one condition.
        fields: The columns by name.
        is_index: An index alone answers it, which is not in the order of ids.
    """

    def __init__(self, source: str, fields: dict[str, Field], *, is_index: bool = False) -> None:
        self._fields = fields
        self._source = source
        joined = ", ".join(field.joined for field in fields.values())
        self._select = f"SELECT group_concat(id), {joined} FROM {source}"
        self._is_index = is_index
        self._numbers = {
            name: _Numbers({"": 0}) for name, field in fields.items() if field.text is not None
        }
        self._arrays: dict[str, npt.NDArray[Any]] = {
            name: np.empty(0, np.int32 if field.text is not None else field.dtype)
            for name, field in fields.items()
        }
        self.is_loaded = False

    @property
    def size(self) -> int:
        """One more than the largest id that has room."""
        return len(next(iter(self._arrays.values())))

    def load(self, connection: apsw.Connection) -> None:
        """Reads every row."""
        if self._is_index:
            self._read(connection, "")
        else:
            last = connection.execute(f"SELECT max(id) FROM {self._source}").get or 0
            for first in range(0, last + 1, _BLOCK_IDS):
                self._read(connection, "AND id >= ? AND id < ?", first, first + _BLOCK_IDS)
        self.is_loaded = True

    def update(self, connection: apsw.Connection, ids: Iterable[int]) -> None:
        """Reads some rows again; those that are gone get the missing value."""
        touched = sorted(ids)
        if not self.is_loaded or not touched:
            return
        self._grow(touched[-1] + 1)
        for name, field in self._fields.items():
            self._arrays[name][touched] = field.missing
        self._read(connection, "AND id IN (SELECT value FROM json_each(?))", json.dumps(touched))

    def array(self, name: str, size: int | None = None) -> npt.NDArray[Any]:
        """A column by id: (size,), the texts as numbers into `texts`."""
        if size is None:
            return self._arrays[name]
        self._grow(size)
        return self._arrays[name][:size]

    def texts(self, name: str) -> list[str]:
        """The distinct texts of a column, "" first."""
        return list(self._numbers[name])

    def _grow(self, size: int) -> None:
        for name, field in self._fields.items():
            self._arrays[name] = grown(self._arrays[name], size, field.missing)

    def _read(self, connection: apsw.Connection, condition: str, *bound: object) -> None:
        row = connection.execute(f"{self._select} {condition}", bound).fetchone()
        if row is None or row[0] is None:
            return
        ids = np.fromstring(row[0], np.int64, sep=",")
        self._grow(int(ids.max()) + 1)
        for (name, field), joined in zip(self._fields.items(), row[1:], strict=True):
            array = self._arrays[name]
            if field.text is None:
                # Numbers of the array's own type are read wrongly where they are small.
                wide = np.float64 if array.dtype.kind == "f" else np.int64
                array[ids] = np.fromstring(joined, wide, sep=",")
            else:
                texts = map(field.text, joined.split(_SEPARATOR))
                numbers = map(self._numbers[name].__getitem__, texts)
                array[ids] = np.fromiter(numbers, np.int32, len(ids))


class Columns:
    """The tables that filters ask, each read when it is first needed."""

    def __init__(self) -> None:
        self._times = _times()
        self._facts = _facts()
        self._files = _files()

    @property
    def size(self) -> int:
        """Length of the arrays by photo id."""
        return self._times.size

    @property
    def placed_count(self) -> int | None:
        """Photos that lie in a file; None before `times` was read."""
        if not self._times.is_loaded:
            return None
        return int(np.count_nonzero(self._times.array("is_placed")))

    def times(self, connection: apsw.Connection) -> Table:
        """By photo: is_placed, sort_us."""
        return _loaded(self._times, connection)

    def facts(self, connection: apsw.Connection) -> Table:
        """By photo: what is known of it."""
        return _loaded(self._facts, connection)

    def files(self, connection: apsw.Connection) -> Table:
        """By file: content, size, directory (the folder's id, "/", the path), suffix."""
        return _loaded(self._files, connection)

    def update(
        self, connection: apsw.Connection, contents: Iterable[int], files: Iterable[int]
    ) -> None:
        """Reads touched rows again, of tables that were read before."""
        touched = set(contents)
        self._times.update(connection, touched)
        self._facts.update(connection, touched)
        self._files.update(connection, files)


def _loaded(table: Table, connection: apsw.Connection) -> Table:
    if not table.is_loaded:
        table.load(connection)
    return table


def _times() -> Table:
    """When photos were taken, else their files' times; read from an index alone."""
    return Table(
        "content WHERE file_count > 0",
        {"is_placed": Field("1", np.bool_), "sort_us": Field("sort_us", np.int64)},
        is_index=True,
    )


def _facts() -> Table:
    """What is known of photos."""
    unknown = float("nan")
    return Table(
        "content WHERE file_count > 0",
        {
            "width": Field("min(width_px, 2147483647)", np.int32),
            "height": Field("min(height_px, 2147483647)", np.int32),
            "iso": Field("iso", np.float32, unknown),
            "aperture": Field("aperture", np.float32, unknown),
            "exposure": Field("exposure_s", np.float32, unknown),
            "focal": Field("focal_mm", np.float32, unknown),
            "latitude": Field("latitude_deg", np.float32, unknown),
            "longitude": Field("longitude_deg", np.float32, unknown),
            "rating": Field("coalesce(rating, file_rating, 0)", np.int8),
            "copies": Field("file_count", np.int32),
            "is_favourite": Field("is_favourite", np.bool_),
            "has_date": Field("taken_us IS NOT NULL AND taken_source IS NOT 'file'", np.bool_),
            "has_caption": Field("trim(coalesce(caption, '')) <> ''", np.bool_),
            "format": Field("format", np.int32, text=str),
            "camera": Field(
                "coalesce(camera_make, '') || ' ' || coalesce(camera_model, '')", np.int32, text=str
            ),
            "lens": Field("coalesce(lens, '')", np.int32, text=str),
        },
    )


def _files() -> Table:
    """The files of photos; a directory is written as the folder's id, a slash, the path."""
    return Table(
        "file WHERE true",
        {
            "content": Field("content_id", np.int32),
            "size": Field("size_bytes", np.int64),
            "directory": Field("folder_id || '/' || rel_path_text", np.int32, text=_parent),
            "suffix": Field("rel_path_text", np.int32, text=_suffix),
        },
    )


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _suffix(path: str) -> str:
    stem, _, suffix = path.rpartition("/")[2].rpartition(".")
    return suffix if stem else ""
