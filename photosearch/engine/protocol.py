"""The messages between an engine and its clients, and their bytes.

A message is a length, a JSON header and binary attachments; it travels in one `send_bytes`. The
order of things: the client says `Hello`, the engine `Welcome` at once and `Ready` (or
`OpenFailed`) once the library is open. Then `Call`s are answered by a `Reply` or `Failed` each, in
any order, with `Event`s in between.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import Any

from photosearch import errors
from photosearch.core.events import LibraryEvent
from photosearch.engine.calls import CallShape, call_shape
from photosearch.engine.codec import codec_for
from photosearch.engine.scalars import Attachments, Json, malformed
from photosearch.errors import EngineError, PhotoSearchError

#: Raise it with every change of a message, call or type that travels. The shape of `Hello` and
#: `Welcome` must stay for ever: versions are compared by them.
PROTOCOL_VERSION = 7
#: Far above what a call needs (8 MB of thumbnails, a million ids), far below what hurts.
MAX_MESSAGE_BYTES = 256 * 1024 * 1024

_HEADER_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """An error on its way to another process.

    Attributes:
        name: Name of its class.
        message: What is wrong.
        hint: What the user can do.
    """

    name: str
    message: str
    hint: str

    @classmethod
    def of(cls, error: PhotoSearchError) -> ErrorInfo:
        """Returns what travels of an error."""
        return cls(type(error).__name__, error.message, error.hint)

    def to_error(self) -> PhotoSearchError:
        """Returns the error again; of a class that is not ours, an `EngineError`."""
        kind = vars(errors).get(self.name)
        if not (isinstance(kind, type) and issubclass(kind, PhotoSearchError)):
            kind = EngineError
        return kind(self.message, self.hint)


@dataclass(frozen=True, slots=True)
class Hello:
    """A client's first message.

    Attributes:
        version: Its `PROTOCOL_VERSION`.
        warm: It will search soon: load what a query needs.
    """

    version: int
    warm: bool


@dataclass(frozen=True, slots=True)
class Welcome:
    """The engine's first message; a version that differs from the client's is also its last."""

    version: int


@dataclass(frozen=True, slots=True)
class Ready:
    """The library is open."""


@dataclass(frozen=True, slots=True)
class OpenFailed:
    """The library cannot be opened; the engine is about to end."""

    error: ErrorInfo


@dataclass(frozen=True, slots=True)
class Call:
    """A call of one of `LibraryCalls`.

    Attributes:
        id: The client's number for it, repeated in the answer.
        method: Its name.
        args: Its arguments, all of them, by position.
    """

    id: int
    method: str
    args: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a call returned."""

    id: int
    method: str
    value: Any


@dataclass(frozen=True, slots=True)
class Failed:
    """What a call raised."""

    id: int
    error: ErrorInfo


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened in the library."""

    event: LibraryEvent


_Plain = Hello | Welcome | Ready | OpenFailed | Failed | Event
Message = _Plain | Call | Reply


def _shape(method: str) -> CallShape:
    shape = call_shape(method)
    if shape is None:
        raise malformed("known call")
    return shape


def pack(message: Message) -> bytes:
    """Returns a message's bytes.

    Raises:
        EngineError: It holds a value that may not travel, or is too long.
    """
    attachments: list[bytes] = []
    body: Json
    if isinstance(message, Call):
        codecs = _shape(message.method).args
        if len(codecs) != len(message.args):
            raise EngineError(f"{message.method} takes {len(codecs)} arguments.")
        pairs = zip(codecs, message.args, strict=True)
        args: Json = [codec.encode(value, attachments) for codec, value in pairs]
        body = ["Call", message.id, message.method, args]
    elif isinstance(message, Reply):
        value = _shape(message.method).result.encode(message.value, attachments)
        body = ["Reply", message.id, message.method, value]
    else:
        body = codec_for(_Plain).encode(message, attachments)
    header = json.dumps([[len(piece) for piece in attachments], body], separators=(",", ":"))
    data = b"".join([_HEADER_LENGTH.pack(len(header)), header.encode("ascii"), *attachments])
    if len(data) > MAX_MESSAGE_BYTES:
        raise EngineError(
            f"A message of {len(data):,} bytes is too long for the engine's socket.",
            "Ask for less at a time.",
        )
    return data


def unpack(data: bytes) -> Message:
    """Returns the message that bytes hold.

    Raises:
        EngineError: They hold none.
    """
    body, attachments = _take_apart(data)
    if type(body) is not list or not body:
        raise malformed("message")
    match body:
        case ["Call", int(id_), str(method), list(args)]:
            codecs = _shape(method).args
            if len(codecs) != len(args):
                raise malformed("matching arguments")
            pairs = zip(codecs, args, strict=True)
            return Call(id_, method, tuple(codec.decode(arg, attachments) for codec, arg in pairs))
        case ["Reply", int(id_), str(method), value]:
            return Reply(id_, method, _shape(method).result.decode(value, attachments))
    message: Message = codec_for(_Plain).decode(body, attachments)
    return message


def _take_apart(data: bytes) -> tuple[Json, Attachments]:
    """Splits a message into its JSON body and its attachments, trusting no length in it."""
    if len(data) < _HEADER_LENGTH.size or len(data) > MAX_MESSAGE_BYTES:
        raise malformed("header")
    start = _HEADER_LENGTH.size + _HEADER_LENGTH.unpack_from(data)[0]
    if start > len(data):
        raise malformed("header")
    try:
        header = json.loads(data[_HEADER_LENGTH.size : start])
    except (ValueError, RecursionError) as error:
        raise malformed("header") from error
    match header:
        case [list(sizes), body] if all(type(size) is int and size >= 0 for size in sizes):
            if start + sum(sizes) != len(data):
                raise malformed("attachments of the lengths it names")
        case _:
            raise malformed("header")
    view = memoryview(data)
    attachments = []
    for size in sizes:
        attachments.append(view[start : start + size])
        start += size
    return body, attachments
