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
#: Stands between the texts of rows that are read as one text, and between the parts of a text.
_ROWS_APART = "\x1f"
PARTS_APART = "\x1e"
#: Stands for NULL among numbers; nothing that is measured is as small.
_NULL = -999_999_999


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a table.

    Attributes:
        expression: What to select: whole numbers, or texts.
        dtype: Type of its array; ignored for texts, which become numbers of distinct texts.
        missing: Value of ids without a row.
        text: What to keep of a text; None where the column holds numbers.
        unit: What one of the whole numbers stands for; decimal fractions take SQLite and NumPy ten
            times as long to write and read. None where the column itself is whole and never NULL.
    """

    expression: str
    dtype: type[np.generic]
    missing: float = 0
    text: Callable[[str], str] | None = None
    unit: float | None = None

    @property
    def selected(self) -> str:
        """The expression as it is read."""
        if self.unit is None:
            return self.expression
        return f"coalesce(CAST(round({self.expression} / {self.unit}) AS INTEGER), {_NULL})"


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

    def __init__(self, source: str, fields: dict[str, Field], is_index: bool) -> None:
        self._fields = fields
        self._source = source
        #: Two columns may be made of one expression.
        self._expressions = list(dict.fromkeys(field.selected for field in fields.values()))
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
        # All values of a column as one text: a quarter of the time that rows take.
        joined = ", ".join(f"group_concat({one}, char(31))" for one in self._expressions)
        sql = f"SELECT group_concat(id), {joined} FROM {self._source} {condition}"
        row = connection.execute(sql, bound).fetchone()
        if row is None or row[0] is None:
            return
        ids = np.fromstring(row[0], np.int64, sep=",")
        self._grow(int(ids.max()) + 1)
        texts: dict[str, list[str]] = {}
        for name, field in self._fields.items():
            place = self._expressions.index(field.selected)
            if field.text is None:
                numbers = np.fromstring(row[1 + place], np.int64, sep=_ROWS_APART)
                self._arrays[name][ids] = _measured(numbers, field)
                continue
            rows = texts.get(field.selected) or row[1 + place].split(_ROWS_APART)
            if len(rows) != len(ids):  # the separator stands in a text
                rows = _one_by_one(connection, field, f"{self._source} {condition}", bound)
            texts[field.selected] = rows
            known = self._numbers[name].__getitem__
            self._arrays[name][ids] = np.fromiter(
                map(known, map(field.text, rows)), np.int32, len(ids)
            )


def _measured(numbers: npt.NDArray[np.int64], field: Field) -> npt.NDArray[Any]:
    if field.unit is None:
        return numbers
    return np.where(numbers == _NULL, field.missing, numbers * field.unit)


def _one_by_one(
    connection: apsw.Connection, field: Field, source: str, bound: tuple[object, ...]
) -> list[str]:
    rows = connection.execute(f"SELECT {field.expression} FROM {source}", bound)
    return [text for (text,) in rows]


class Columns:
    """The tables that filters ask: "times", "facts" and "files", each read when it is needed."""

    def __init__(self) -> None:
        self._tables = {name: Table(*made) for name, made in _TABLES.items()}

    @property
    def placed_count(self) -> int | None:
        """Photos that lie in a file; None before `times` was read."""
        times = self._tables["times"]
        return int(np.count_nonzero(times.array("is_placed"))) if times.is_loaded else None

    def is_loaded(self, name: str) -> bool:
        """Whether a table is in memory."""
        return self._tables[name].is_loaded

    def put(self, name: str, table: Table) -> None:
        """Takes a table that `read` made."""
        self._tables[name] = table

    def times(self, connection: apsw.Connection) -> Table:
        """By photo: is_placed, sort_us."""
        return self._loaded("times", connection)

    def facts(self, connection: apsw.Connection) -> Table:
        """By photo: what is known of it."""
        return self._loaded("facts", connection)

    def files(self, connection: apsw.Connection) -> Table:
        """By file: content, size, directory (folder's id, "/", path), suffix, what kind it is."""
        return self._loaded("files", connection)

    def update(
        self, connection: apsw.Connection, contents: Iterable[int], files: Iterable[int]
    ) -> None:
        """Reads touched rows again, of tables that were read before."""
        touched = set(contents)
        for name, table in self._tables.items():
            table.update(connection, files if name == "files" else touched)

    def _loaded(self, name: str, connection: apsw.Connection) -> Table:
        table = self._tables[name]
        if not table.is_loaded:
            table.load(connection)
        return table


def read(connection: apsw.Connection, name: str) -> Table:
    """Reads a table anew, for `Columns.put`."""
    table = Table(*_TABLES[name])
    table.load(connection)
    return table


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _suffix(path: str) -> str:
    stem, _, suffix = path.rpartition("/")[2].rpartition(".")
    return suffix if stem else ""


_UNKNOWN = float("nan")
_PATH = "folder_id || '/' || rel_path_text"
#: When photos were taken, else their files' times: read from an index alone.
_TIMES = {"is_placed": Field("1", np.bool_), "sort_us": Field("sort_us", np.int64)}
#: What is known of photos.
_FACTS = {
    "width": Field("min(width_px, 2147483647)", np.int32),
    "height": Field("min(height_px, 2147483647)", np.int32),
    "iso": Field("iso", np.float32, _UNKNOWN, unit=1),
    "aperture": Field("aperture", np.float32, _UNKNOWN, unit=1e-6),
    "exposure": Field("exposure_s", np.float32, _UNKNOWN, unit=1e-12),
    "focal": Field("focal_mm", np.float32, _UNKNOWN, unit=1e-6),
    "latitude": Field("latitude_deg", np.float32, _UNKNOWN, unit=1e-6),
    "longitude": Field("longitude_deg", np.float32, _UNKNOWN, unit=1e-6),
    "rating": Field("coalesce(rating, file_rating, 0)", np.int8),
    "copies": Field("file_count", np.int32),
    "is_favourite": Field("is_favourite", np.bool_),
    "has_date": Field("taken_us IS NOT NULL AND taken_source IS NOT 'file'", np.bool_),
    "has_caption": Field("trim(coalesce(caption, '')) <> ''", np.bool_),
    # Together, since few combinations exist: format, make and model, lens.
    "kind": Field(
        "format || char(30) || coalesce(camera_make, '') || ' '"
        " || coalesce(camera_model, '') || char(30) || coalesce(lens, '')",
        np.int32,
        text=str,
    ),
    "place": Field("coalesce(city, '') || char(30) || coalesce(country, '')", np.int32, text=str),
}
#: Where photos lie; a directory is the folder's id, a slash, the path.
_FILES = {
    "content": Field("content_id", np.int32),
    "size": Field("size_bytes", np.int64),
    "directory": Field(_PATH, np.int32, text=_parent),
    "suffix": Field(_PATH, np.int32, text=_suffix),
    "is_companion": Field("is_companion", np.bool_),
    "is_link": Field("is_link", np.bool_),
}
_TABLES: dict[str, tuple[str, dict[str, Field], bool]] = {
    "times": ("content WHERE file_count > 0", _TIMES, True),
    "facts": ("content WHERE file_count > 0", _FACTS, False),
    "files": ("file WHERE true", _FILES, False),
}
