"""Turns values into JSON plus binary attachments and back, driven by type hints. Never pickle.

A hint decides what may travel: nothing is looked up by a name that the other side sent, and a
value that does not fit its hint is refused on the way out as well as on the way in. Numbers and
text go into the JSON; bytes, paths and arrays become attachments that the JSON names by index.
Used by `protocol` in both processes, on any thread.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from photosearch.engine.scalars import (
    SCALARS,
    Attachments,
    Codec,
    Json,
    cannot_send,
    enum_codec,
    malformed,
)
from photosearch.errors import EngineError


@cache
def codec_for(hint: Any) -> Codec:
    """Returns the codec of a type.

    Args:
        hint: None, bool, int, float, str, bytes, `Path`, `datetime`, a `StrEnum`, a dataclass, an
            array with its dtype, or a list, sequence, tuple, dict or union of such.

    Raises:
        EngineError: Values of this type may not travel.
    """
    if hint in SCALARS:
        return SCALARS[hint]
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _union(args)
    if origin is list or (isinstance(origin, type) and issubclass(Sequence, origin)):
        return _sequence(codec_for(args[0]), list)
    if origin is tuple and len(args) == 2 and args[1] is Ellipsis:
        return _sequence(codec_for(args[0]), tuple)
    if origin is dict:
        return _dict(codec_for(args[0]), codec_for(args[1]))
    if getattr(origin, "__name__", "") == "ndarray":
        from photosearch.engine.arrays import array_codec

        return array_codec(typing.get_args(args[1])[0])
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return enum_codec(hint)
    if isinstance(hint, type) and is_dataclass(hint):
        return _dataclass(hint)
    raise EngineError(f"Values of type {hint} may not travel to or from the engine.")


def _sequence(item: Codec, kind: type[list[Any]] | type[tuple[Any, ...]]) -> Codec:
    def encode(value: Any, attachments: list[bytes]) -> Json:
        if not isinstance(value, (list, tuple)):
            raise cannot_send(value, kind.__name__)
        return [item.encode(element, attachments) for element in value]

    def decode(tree: Json, attachments: Attachments) -> Any:
        if type(tree) is not list:
            raise malformed(kind.__name__)
        return kind(item.decode(element, attachments) for element in tree)

    return Codec(encode, decode)


def _dict(key: Codec, item: Codec) -> Codec:
    def encode(value: Any, attachments: list[bytes]) -> Json:
        if not isinstance(value, dict):
            raise cannot_send(value, "dict")
        pairs = value.items()
        return [[key.encode(k, attachments), item.encode(v, attachments)] for k, v in pairs]

    def decode(tree: Json, attachments: Attachments) -> Any:
        if type(tree) is not list:
            raise malformed("dict")
        decoded = {}
        for pair in tree:
            if type(pair) is not list or len(pair) != 2:
                raise malformed("dict")
            decoded[key.decode(pair[0], attachments)] = item.decode(pair[1], attachments)
        return decoded

    return Codec(encode, decode)


def _union(members: tuple[Any, ...]) -> Codec:
    """None travels as null, the only other member as it is, one of several with its name."""
    codecs = {member.__name__: codec_for(member) for member in members if member is not type(None)}
    allows_none = type(None) in members
    only = next(iter(codecs.values())) if len(codecs) == 1 else None

    def encode(value: Any, attachments: list[bytes]) -> Json:
        if value is None and allows_none:
            return None
        if only is not None:
            return only.encode(value, attachments)
        name = type(value).__name__
        if name not in codecs:
            raise cannot_send(value, " or ".join(codecs))
        return [name, codecs[name].encode(value, attachments)]

    def decode(tree: Json, attachments: Attachments) -> Any:
        if tree is None and allows_none:
            return None
        if only is not None:
            return only.decode(tree, attachments)
        if type(tree) is not list or len(tree) != 2 or type(tree[0]) is not str:
            raise malformed(" or ".join(codecs))
        codec = codecs.get(tree[0])
        if codec is None:
            raise malformed(" or ".join(codecs))
        return codec.decode(tree[1], attachments)

    return Codec(encode, decode)


def _dataclass(kind: type[Any]) -> Codec:
    hints = typing.get_type_hints(kind)
    parts = [(field.name, codec_for(hints[field.name])) for field in fields(kind)]

    def encode(value: Any, attachments: list[bytes]) -> Json:
        if type(value) is not kind:
            raise cannot_send(value, kind.__name__)
        return [codec.encode(getattr(value, name), attachments) for name, codec in parts]

    def decode(tree: Json, attachments: Attachments) -> Any:
        if type(tree) is not list or len(tree) != len(parts):
            raise malformed(kind.__name__)
        pieces = zip(parts, tree, strict=True)
        return kind(*[codec.decode(piece, attachments) for (_, codec), piece in pieces])

    return Codec(encode, decode)
