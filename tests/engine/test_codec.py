from __future__ import annotations

import dataclasses
import math
import os
import types
import typing
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from photosearch.core.decoded import DecodedPhoto
from photosearch.core.events import IndexFinished, LibraryEvent
from photosearch.core.photo import FileStamp
from photosearch.core.query import TextTerm
from photosearch.core.result import SearchResult
from photosearch.engine.calls import CALLS, LibraryCalls
from photosearch.engine.codec import codec_for
from photosearch.engine.protocol import Call, Event, Reply, pack, unpack
from photosearch.errors import EngineError

#: As `os.fsdecode` gives them: any text, and bytes that are none.
TEXTS = st.text() | st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape"))
SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    type(None): st.none(),
    bool: st.booleans(),
    int: st.integers(),
    float: st.floats(allow_nan=False),
    str: TEXTS,
    bytes: st.binary(),
    Path: st.binary().filter(lambda raw: b"\0" not in raw).map(lambda raw: Path(os.fsdecode(raw))),
    datetime: st.datetimes(),
}


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a type, made from nothing but its hint."""
    if hint in SIMPLE:
        return SIMPLE[hint]
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return st.one_of(*map(values, args))
    if origin in (list, Sequence):
        return st.lists(values(args[0]), max_size=3)
    if origin is tuple:
        return st.lists(values(args[0]), max_size=3).map(tuple)
    if origin is dict:
        return st.dictionaries(values(args[0]), values(args[1]), max_size=3)
    if origin is np.ndarray:
        dtype = typing.get_args(args[1])[0]
        elements = {"allow_nan": False} if dtype is np.float32 else {}
        return hnp.arrays(dtype, hnp.array_shapes(min_dims=0, min_side=0), elements=elements)
    if issubclass(hint, StrEnum):
        return st.sampled_from(hint)
    hints = typing.get_type_hints(hint)
    fields = [values(hints[field.name]) for field in dataclasses.fields(hint)]
    return st.builds(lambda *parts: hint(*parts), *fields)


def same(a: Any, b: Any) -> bool:
    """Equality that also holds the types, and looks into arrays."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b) and a.shape == b.shape
    if dataclasses.is_dataclass(a):
        return all(same(getattr(a, f.name), getattr(b, f.name)) for f in dataclasses.fields(a))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b)


def hints_of(method: str) -> dict[str, Any]:
    names = {"np": np, "npt": npt, "SearchResult": SearchResult}
    return typing.get_type_hints(getattr(LibraryCalls, method), localns=names)


METHODS = sorted(CALLS)


def test_every_method_of_the_protocol_can_travel() -> None:
    assert len(METHODS) == 25
    assert "search" in METHODS


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_results_come_back_as_they_were(method: str, data: st.DataObject) -> None:
    value = data.draw(values(hints_of(method)["return"]))
    message = unpack(pack(Reply(5, method, value)))
    assert isinstance(message, Reply)
    assert (message.id, message.method) == (5, method)
    assert same(message.value, value)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_arguments_come_back_as_they_were(method: str, data: st.DataObject) -> None:
    hints = hints_of(method)
    del hints["return"]
    args = tuple(data.draw(values(hint)) for hint in hints.values())
    message = unpack(pack(Call(6, method, args)))
    assert isinstance(message, Call)
    assert same(message.args, args)


@settings(max_examples=100, deadline=None)
@given(event=values(LibraryEvent))
def test_events_come_back_as_they_were(event: LibraryEvent) -> None:
    message = unpack(pack(Event(event)))
    assert isinstance(message, Event)
    assert same(message.event, event)


def round_trip(hint: Any, value: Any) -> Any:
    attachments: list[bytes] = []
    codec = codec_for(hint)
    return codec.decode(codec.encode(value, attachments), attachments)


def test_numpy_numbers_become_plain_ones() -> None:
    stamp = round_trip(FileStamp, FileStamp(np.int64(3), 4))  # type: ignore[arg-type]
    assert type(stamp.size_bytes) is int
    assert round_trip(float, np.float32(0.5)) == 0.5
    assert round_trip(bool, np.True_) is True
    assert type(round_trip(float, 3)) is float


def test_odd_floats_travel() -> None:
    assert round_trip(float, math.inf) == math.inf
    assert math.isnan(round_trip(float, math.nan))


def test_an_array_that_came_can_be_written() -> None:
    hint = hints_of("photo_ids")["return"]
    array = round_trip(hint, np.arange(6, dtype=np.int64)[::-2])
    array.sort()
    assert array.tolist() == [1, 3, 5]


@pytest.mark.parametrize(
    ("hint", "value"),
    [
        (int, True),
        (int, 1.5),
        (float, "1"),
        (str, b"x"),
        (bytes, "x"),
        (Path, "/a"),
        (list[int], "123"),
        (dict[int, bytes], [(1, b"")]),
        (FileStamp, TextTerm("x")),
        (LibraryEvent, FileStamp(1, 1)),
        (FileStamp, FileStamp("1", 1)),  # type: ignore[arg-type]
        (hints_of("photo_ids")["return"], np.arange(3, dtype=np.int32)),
    ],
)
def test_what_does_not_fit_its_hint_does_not_travel(hint: Any, value: Any) -> None:
    with pytest.raises(EngineError):
        codec_for(hint).encode(value, [])


@pytest.mark.parametrize(
    ("hint", "tree"),
    [
        (int, True),
        (int, 1.0),
        (float, 1),
        (bytes, 1),
        (bytes, -1),
        (bytes, "x"),
        (datetime, "yesterday"),
        (list[int], 5),
        (dict[str, int], [["a"]]),
        (FileStamp, [1]),
        (FileStamp, [1, 2, 3]),
        (FileStamp, {"size_bytes": 1}),
        (LibraryEvent, ["FileStamp", [1, 2]]),
        (LibraryEvent, ["IndexFinished", []]),
        (LibraryEvent, None),
        (hints_of("photo_ids")["return"], [0, 3]),
        (hints_of("photo_ids")["return"], [0, -1, -1]),
        (hints_of("photo_ids")["return"], [0, *[1] * 100]),
        (hints_of("photo_ids")["return"], []),
    ],
)
def test_malformed_trees_are_refused(hint: Any, tree: Any) -> None:
    with pytest.raises(EngineError):
        codec_for(hint).decode(tree, [b"8 bytes."])


@pytest.mark.parametrize("hint", [object, set[int], complex, tuple[int, str], typing.Any])
def test_other_types_may_not_travel(hint: Any) -> None:
    with pytest.raises(EngineError):
        codec_for(hint)


def test_types_outside_the_signatures_do_not_travel() -> None:
    assert dataclasses.is_dataclass(DecodedPhoto)
    with pytest.raises(EngineError):
        pack(Event(DecodedPhoto))  # type: ignore[arg-type]
    assert dataclasses.is_dataclass(IndexFinished)
