from __future__ import annotations

import contextlib
import json
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photosearch import errors
from photosearch.engine import protocol
from photosearch.engine.protocol import (
    Call,
    ErrorInfo,
    Failed,
    Hello,
    OpenFailed,
    Ready,
    Reply,
    Welcome,
    pack,
    unpack,
)
from photosearch.errors import EngineError, PhotoSearchError
from tests.engine.fake_library import fake_photo

OURS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, PhotoSearchError)
]
SAMPLE = pack(Reply(1, "photos", [fake_photo(1), fake_photo(2)]))


@pytest.mark.parametrize("kind", OURS)
def test_errors_keep_class_message_and_hint(kind: type[PhotoSearchError]) -> None:
    sent = Failed(3, ErrorInfo.of(kind("What \udcff went wrong", "Do this")))
    got = unpack(pack(sent))
    assert got == sent
    assert isinstance(got, Failed)
    error = got.error.to_error()
    assert type(error) is kind
    assert (error.message, error.hint) == ("What \udcff went wrong", "Do this")


@pytest.mark.parametrize("name", ["ValueError", "SystemExit", "annotations", "", "__doc__"])
def test_an_unknown_class_of_error_becomes_an_engine_error(name: str) -> None:
    error = ErrorInfo(name, "m", "h").to_error()
    assert type(error) is EngineError
    assert error.message == "m"


@pytest.mark.parametrize(
    "message",
    [
        Hello(1, warm=True),
        Welcome(1),
        Ready(),
        OpenFailed(ErrorInfo("EngineError", "m", "h")),
        Call(1, "photos", ([1, 2],)),
    ],
)
def test_messages_come_back(message: protocol.Message) -> None:
    assert unpack(pack(message)) == message


def test_the_greeting_looks_the_same_in_every_version() -> None:
    assert pack(Hello(7, warm=False))[4:] == b'[[],["Hello",[7,false]]]'
    assert pack(Welcome(7))[4:] == b'[[],["Welcome",[7]]]'


def test_a_message_that_is_too_long_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MAX_MESSAGE_BYTES", 1000)
    with pytest.raises(EngineError, match="too long"):
        pack(Reply(1, "thumbnails", {1: bytes(1000)}))


def test_unknown_calls_and_wrong_arguments_are_refused() -> None:
    for method in ("close", "subscribe", "__class__", "warm_up"):
        with pytest.raises(EngineError):
            pack(Call(1, method, ()))
    with pytest.raises(EngineError):
        pack(Call(1, "photos", ()))
    with pytest.raises(EngineError):
        pack(Reply(1, "photo_ids", np.arange(3.0)))


def frame(header: object, rest: bytes = b"") -> bytes:
    text = json.dumps(header).encode()
    return struct.pack(">I", len(text)) + text + rest


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0\0",
        b"\xff\xff\xff\xff",
        struct.pack(">I", 3) + b"abc",
        struct.pack(">I", 200_000) + b"[" * 200_000,
        frame({}),
        frame([[], None]),
        frame([[5], ["Ready", []]]),
        frame([[-1], ["Ready", []]], b""),
        frame([[10**30], ["Ready", []]]),
        frame([[True], ["Ready", []]], b"x"),
        frame([[], ["Ready", []]], b"more than was named"),
        frame([[], ["Call", 1, "close", []]]),
        frame([[], ["Call", 1, "photos", []]]),
        frame([[], ["Call", "1", "status", []]]),
        frame([[], ["Call", 1, "thumbnails", [["x"]]]]),
        frame([[], ["Reply", 1, "photo_ids", [7, 3]]]),
        frame([[], ["Goodbye", []]]),
    ],
)
def test_malformed_messages_are_refused(data: bytes) -> None:
    with pytest.raises(EngineError):
        unpack(data)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_noise_is_refused(data: bytes) -> None:
    with pytest.raises(EngineError):
        unpack(data)


@settings(max_examples=500, deadline=None)
@given(st.integers(0, len(SAMPLE) - 1), st.binary(min_size=0, max_size=4))
def test_a_damaged_message_gives_a_message_or_an_engine_error(at: int, patch: bytes) -> None:
    with contextlib.suppress(EngineError):
        unpack(SAMPLE[:at] + patch + SAMPLE[at + 1 :])
