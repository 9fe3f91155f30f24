"""How single values travel: text, numbers, bytes, paths, times, enumerations.

The leaves that `codec` puts together. What does not fit is refused in both directions.
"""

from __future__ import annotations

import numbers
import operator
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from photosearch.errors import EngineError

#: What `json` reads and writes.
Json = None | bool | int | float | str | list["Json"]
#: Pieces of a message that are not JSON.
Attachments = Sequence[bytes | memoryview]


@dataclass(frozen=True, slots=True)
class Codec:
    """How values of one type travel.

    Attributes:
        encode: Value and the list that takes attachments -> JSON. Raises `EngineError` where the
            value is not of this type.
        decode: JSON and the attachments -> value. Raises `EngineError` where it is malformed.
    """

    encode: Callable[[Any, list[bytes]], Json]
    decode: Callable[[Json, Attachments], Any]


def cannot_send(value: object, wanted: str) -> EngineError:
    """Returns the error for a value that does not fit its type hint."""
    return EngineError(f"A value of type {type(value).__name__} cannot travel as {wanted}.")


def malformed(wanted: str) -> EngineError:
    """Returns the error for a message that does not hold what it should."""
    return EngineError(f"A malformed message came through the engine's socket: no {wanted}.")


def _plain(kind: type[Any], wanted: str, foreign: type | None = None) -> Codec:
    """JSON's own types; `foreign` is another type that becomes `kind` on the way out."""

    def encode(value: Any, _attachments: list[bytes]) -> Json:
        if type(value) is kind:
            return value  # type: ignore[no-any-return]
        if foreign is not None and isinstance(value, foreign):
            return kind(value)  # type: ignore[no-any-return]
        raise cannot_send(value, wanted)

    def decode(tree: Json, _attachments: Attachments) -> Any:
        if type(tree) is not kind:
            raise malformed(wanted)
        return tree

    return Codec(encode, decode)


def _truth() -> Codec:
    def encode(value: Any, _attachments: list[bytes]) -> Json:
        # NumPy's own: both have this name, and no `numbers` class stands for them.
        if type(value).__name__ not in {"bool", "bool_"}:
            raise cannot_send(value, "truth value")
        return bool(value)

    return Codec(encode, _plain(bool, "truth value").decode)


def _integer() -> Codec:
    def encode(value: Any, _attachments: list[bytes]) -> Json:
        if isinstance(value, bool) or not isinstance(value, numbers.Integral):
            raise cannot_send(value, "whole number")
        return operator.index(value)

    return Codec(encode, _plain(int, "whole number").decode)


def _real() -> Codec:
    def encode(value: Any, _attachments: list[bytes]) -> Json:
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise cannot_send(value, "number")
        return float(value)

    return Codec(encode, _plain(float, "number").decode)


def attach(piece: bytes, attachments: list[bytes]) -> int:
    """Adds an attachment and returns its index."""
    attachments.append(piece)
    return len(attachments) - 1


def attached(tree: Json, attachments: Attachments) -> bytes | memoryview:
    """Returns the attachment that an index in the JSON names.

    Raises:
        EngineError: There is none.
    """
    if type(tree) is not int or not 0 <= tree < len(attachments):
        raise malformed("attachment")
    return attachments[tree]


def _binary() -> Codec:
    def encode(value: Any, attachments: list[bytes]) -> Json:
        if not isinstance(value, bytes):
            raise cannot_send(value, "bytes")
        return attach(value, attachments)

    def decode(tree: Json, attachments: Attachments) -> Any:
        return bytes(attached(tree, attachments))

    return Codec(encode, decode)


def _path() -> Codec:
    def encode(value: Any, attachments: list[bytes]) -> Json:
        if not isinstance(value, Path):
            raise cannot_send(value, "path")
        return attach(os.fsencode(value), attachments)

    def decode(tree: Json, attachments: Attachments) -> Any:
        try:
            return Path(os.fsdecode(bytes(attached(tree, attachments))))
        except UnicodeDecodeError as error:
            raise malformed("path") from error

    return Codec(encode, decode)


def _datetime() -> Codec:
    def encode(value: Any, _attachments: list[bytes]) -> Json:
        if not isinstance(value, datetime):
            raise cannot_send(value, "time")
        return value.isoformat()

    def decode(tree: Json, _attachments: Attachments) -> Any:
        if type(tree) is not str:
            raise malformed("time")
        try:
            return datetime.fromisoformat(tree)
        except ValueError as error:
            raise malformed("time") from error

    return Codec(encode, decode)


def enum_codec(kind: type[StrEnum]) -> Codec:
    """Returns the codec of an enumeration: its value travels."""

    def encode(value: Any, _attachments: list[bytes]) -> Json:
        if not isinstance(value, kind):
            raise cannot_send(value, kind.__name__)
        return value.value

    def decode(tree: Json, _attachments: Attachments) -> Any:
        if type(tree) is not str:
            raise malformed(kind.__name__)
        try:
            return kind(tree)
        except ValueError as error:
            raise malformed(kind.__name__) from error

    return Codec(encode, decode)


#: By type hint. `np.str_` and `StrEnum` are text, NumPy's numbers are numbers (`numbers` knows them
#: without loading NumPy).
SCALARS: dict[Any, Codec] = {
    None: _plain(type(None), "nothing"),
    type(None): _plain(type(None), "nothing"),
    bool: _truth(),
    int: _integer(),
    float: _real(),
    str: _plain(str, "text", str),
    bytes: _binary(),
    Path: _path(),
    datetime: _datetime(),
}
