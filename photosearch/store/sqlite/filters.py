"""Decides which photos pass a filter, from the columns in memory and, for long texts, by SQL.

Called by `derived.Derived` under its lock, inside one read. A condition is decided for all photos
at once: texts among the distinct ones first.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from datetime import date
from functools import reduce
from typing import Any

import apsw
import numpy as np
import numpy.typing as npt

from photosearch.core.filters import (
    AllOf,
    AnyOf,
    Filter,
    Has,
    Near,
    Not,
    NumberField,
    NumberIn,
    TakenIn,
    TextField,
    TextIs,
    Trait,
)
from photosearch.store.sqlite import broken, whereabouts
from photosearch.store.sqlite.columns import PARTS_APART, Columns
from photosearch.store.sqlite.distance import is_near
from photosearch.store.sqlite.folding import NamePattern, fold, may_hold, same_types
from photosearch.store.sqlite.masks import Mask, between

Pixels = npt.NDArray[Any]

_DAY_US = 86_400_000_000
_HOUR_US = 3_600_000_000
#: What joins contents with each kind of name: files are tagged as well as users tag.
_JOINTS = {
    "tag": ("content_tag", "content_keyword"),
    "album": ("content_album",),
    "person": ("content_person",),
}
_EPOCH_DAY = date(1970, 1, 1).toordinal()


def passing(connection: apsw.Connection, columns: Columns, where: Filter) -> Mask:
    """Which photos that lie in a file pass a filter.

    Args:
        connection: Inside one read transaction.
        columns: Of the same database.
        where: The filter.

    Returns:
        bool, by photo id; ids beyond its end do not pass.
    """
    times = columns.times(connection)
    is_placed: Mask = times.array("is_placed")
    return is_placed & _Decision(connection, columns, times.size).mask(where)


class _Decision:
    def __init__(self, connection: apsw.Connection, columns: Columns, size: int) -> None:
        self._connection = connection
        self._columns = columns
        self._size = size

    def mask(self, where: Filter) -> Mask:
        match where:
            case AllOf(parts):
                return reduce(operator.and_, map(self.mask, parts), self._all(value=True))
            case AnyOf(parts):
                return reduce(operator.or_, map(self.mask, parts), self._all(value=False))
            case Not(part):
                return ~self.mask(part)
            case TakenIn(first, last):
                return self._taken_in(first, last)
            case Near():
                return is_near(self._fact("latitude"), self._fact("longitude"), where)
            case NumberIn(field, low, high):
                return self._number_in(field, low, high)
            case TextIs(field, text):
                return self._text_is(field, fold(text))
            case Has(trait):
                return self._has(trait)

    def _all(self, *, value: bool) -> Mask:
        return np.full(self._size, value)

    def _fact(self, name: str) -> npt.NDArray[Any]:
        return self._columns.facts(self._connection).array(name, self._size)

    def _taken_us(self) -> npt.NDArray[np.int64]:
        taken_us: npt.NDArray[np.int64] = self._columns.times(self._connection).array("sort_us")
        return taken_us

    def _taken_in(self, first: date | None, last: date | None) -> Mask:
        taken_us = self._taken_us()
        met = self._all(value=True)
        if first is not None:
            met &= taken_us >= (first.toordinal() - _EPOCH_DAY) * _DAY_US
        if last is not None:
            met &= taken_us < (last.toordinal() - _EPOCH_DAY + 1) * _DAY_US
        return met

    def _has_place(self) -> Mask:
        met: Mask = ~np.isnan(self._fact("latitude")) & ~np.isnan(self._fact("longitude"))
        return met

    def _number_in(self, field: NumberField, low: float | None, high: float | None) -> Mask:
        match field:
            case NumberField.SIZE:
                files = self._columns.files(self._connection)
                is_meant = ~files.array("is_companion")
                return self._of_files(between(files.array("size"), low, high) & is_meant)
            case NumberField.WIDTH | NumberField.HEIGHT:
                pixels = self._fact(field.value)
                return between(pixels, low, high) & between(pixels, 1, None)
            case NumberField.MEGAPIXELS:
                pixels = self._fact("width").astype(np.int64) * self._fact("height")
                return between(pixels / 1e6, low, high) & between(pixels, 1, None)
            case NumberField.MONTH:
                months = self._taken_us().view("M8[us]").astype("M8[M]").astype(np.int64)
                return between(months % 12 + 1, low, high)
            case NumberField.WEEKDAY:
                # 1970-01-01 was a Thursday.
                return between((self._taken_us() // _DAY_US + 3) % 7 + 1, low, high)
            case NumberField.HOUR:
                return between(self._taken_us() // _HOUR_US % 24, low, high)
            case NumberField.COPIES:
                return between(self._copy_counts(), low, high)
            case _:
                return between(self._fact(field.value), low, high)

    def _copy_counts(self) -> npt.NDArray[np.int32]:
        counts: npt.NDArray[np.int32] = self._fact("copies").copy()
        for photo_id, count in broken.copy_counts(self._connection).items():
            counts[photo_id : photo_id + 1] = count  # nothing where it came just now
        return counts

    def _has(self, trait: Trait) -> Mask:
        match trait:
            case Trait.GPS:
                return self._has_place()
            case Trait.DATE | Trait.CAPTION:
                return self._fact(f"has_{trait.value}").copy()
            case Trait.CAMERA | Trait.LENS:
                return self._of_texts(trait.value, lambda text: bool(fold(text)))
            case Trait.TAG | Trait.ALBUM | Trait.PERSON:
                return self._of_labels(trait.value)
            case Trait.RATING:
                return between(self._fact("rating"), 1, None)
            case Trait.FAVOURITE:
                return self._fact("is_favourite").copy()
            case Trait.OFFLINE:
                return ~self._of_files(whereabouts.reachable(self._connection, self._columns))
            case Trait.PORTRAIT:
                return self._of_shape(lambda width, height: height > width)
            case Trait.LANDSCAPE:
                return self._of_shape(lambda width, height: width > height)
            case Trait.SQUARE:
                return self._of_shape(lambda width, height: width == height)

    def _of_shape(self, is_met: Callable[[Pixels, Pixels], Mask]) -> Mask:
        width, height = self._fact("width"), self._fact("height")
        return is_met(width, height) & (width > 0) & (height > 0)

    def _text_is(self, field: TextField, text: str) -> Mask:
        if not text:
            return self._all(value=False)
        match field:
            case TextField.NAME:
                return self._names(text)
            case TextField.FOLDER:
                return self._of_files(whereabouts.below(self._connection, self._columns, text))
            case TextField.ONLY_ON:
                return self._only_on(text)
            case TextField.CAMERA | TextField.LENS:
                return self._of_texts(field.value, lambda known: text in fold(known))
            case TextField.TAG | TextField.ALBUM | TextField.PERSON:
                return self._labelled(field.value, text)
            case TextField.PLACE:
                return self._place(text)
            case TextField.CAPTION:
                condition, bound = may_hold("caption", text)
                rows = self._connection.execute(
                    f"SELECT id, caption FROM content WHERE caption <> '' AND {condition}", bound
                )
                return self._ids(key for key, caption in rows if text in fold(caption))
            case TextField.TYPE:
                return self._type(text)

    def _names(self, text: str) -> Mask:
        pattern = NamePattern(text)
        condition, bound = pattern.may_match("rel_path_text")
        rows = self._connection.execute(
            f"SELECT content_id, rel_path_text FROM file WHERE {condition}", bound
        )
        return self._ids(
            key for key, path in rows if pattern.matches(fold(path.rpartition("/")[2]))
        )

    def _only_on(self, text: str) -> Mask:
        is_there = whereabouts.below(self._connection, self._columns, text)
        is_copy = whereabouts.copies(self._connection, self._columns)
        return self._of_files(is_there & is_copy) & ~self._of_files(~is_there & is_copy)

    def _type(self, text: str) -> Mask:
        name = text.lstrip(".")
        if not name:
            return self._all(value=False)
        names = same_types(name)
        files = self._columns.files(self._connection)
        is_meant = np.array([fold(suffix) in names for suffix in files.texts("suffix")])
        by_suffix = self._of_files(is_meant[files.array("suffix")])
        return by_suffix | self._of_texts("format", lambda known: fold(known) in names)

    def _labelled(self, kind: str, text: str) -> Mask:
        rows = self._connection.execute(f"SELECT id, name FROM {kind}")
        numbers = [key for key, name in rows if fold(name) == text]
        met = self._all(value=False)
        for number in numbers:
            met |= self._of_labels(kind, f"WHERE {kind}_id = ?", number)
        return met

    def _of_labels(self, kind: str, condition: str = "", *bound: object) -> Mask:
        """Photos with any tag, album or person, or with one of them."""
        met = self._all(value=False)
        for joint in _JOINTS[kind]:
            sql = f"SELECT DISTINCT content_id FROM {joint} {condition}"
            met |= self._ids(key for (key,) in self._connection.execute(sql, bound))
        return met

    def _place(self, text: str) -> Mask:
        texts = self._columns.facts(self._connection).texts("place")
        is_meant = [any(text in fold(part) for part in known.split(PARTS_APART)) for known in texts]
        chosen: Mask = np.array(is_meant)[self._fact("place")]
        return chosen

    def _of_texts(self, name: str, is_met: Callable[[str], bool]) -> Mask:
        """Photos of which a text ("format", "camera" or "lens") meets a condition."""
        part = ("format", "camera", "lens").index(name)
        kinds = self._columns.facts(self._connection).texts("kind")
        texts = [kind.split(PARTS_APART)[part] if kind else "" for kind in kinds]
        met = np.array([bool(text) and is_met(text) for text in texts])
        chosen: Mask = met[self._fact("kind")]
        return chosen

    def _of_files(self, is_met: Mask) -> Mask:
        """Photos of which some file meets a condition: from files to photos."""
        met = self._all(value=False)
        owners = self._columns.files(self._connection).array("content")[is_met]
        met[owners[owners < self._size]] = True
        met[:1] = False  # 0 stands for no file
        return met

    def _ids(self, ids: Iterable[int]) -> Mask:
        met = self._all(value=False)
        found = np.fromiter(ids, np.int64)
        met[found[found < self._size]] = True
        return met
