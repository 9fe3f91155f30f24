"""Keeps the weights of a network in half the bytes, to be carried from one machine to another.

What a half holds, about three digits, is enough: vectors stay the same to four nines, which is
proved whenever it is done. ONNX Runtime computes with whole numbers on a processor, so that they
are made of the halves again once, when they are taken in. One weight at a time is in memory.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from photosearch.embed.packs import MANIFEST_FILE, NETWORK_FILE, WEIGHTS_FILE

if TYPE_CHECKING:
    from onnx import GraphProto, TensorProto

#: Between the vectors before and after, centred.
LEAST_COSINE = 0.9999
#: ONNX Runtime maps weights that begin at a page.
_PAGE_BYTES = 4096
_Change = Callable[["TensorProto", bytes], bytes]


def halve(network: Path, directory: Path) -> None:
    """Writes a network with its weights in half precision.

    Args:
        network: A pack's; is only read.
        directory: Gets the network and its weights under the names that packs have, and what else
            belongs to the pack.

    Raises:
        ValueError: The network is not one of a pack's.
        OSError: The disk refuses.
    """
    _rewrite(network, directory, _halved)


def widen(network: Path, directory: Path) -> None:
    """Writes a network of `halve` with whole weights again.

    Args:
        network: As `halve` wrote it, perhaps on another machine.
        directory: As of `halve`.

    Raises:
        ValueError: The network is damaged.
        OSError: The disk refuses.
    """
    _rewrite(network, directory, _widened)


def _rewrite(network: Path, directory: Path, change: _Change) -> None:
    import onnx
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    try:
        model = onnx.load(str(network), load_external_data=False)
    except DecodeError as error:
        raise ValueError(f"{network.name} is no network: {error}") from error
    weights = network.with_name(WEIGHTS_FILE)
    weights_bytes = weights.stat().st_size
    with weights.open("rb") as source, (directory / WEIGHTS_FILE).open("wb") as target:
        for tensor in _tensors(model.graph):
            said = {entry.key: entry.value for entry in tensor.external_data}
            if not said:
                continue
            offset, length = int(said.get("offset", 0)), int(said["length"])
            fits = length >= 0 and 0 <= offset <= weights_bytes - length
            if said.get("location") != WEIGHTS_FILE or not fits:
                raise ValueError(f"{tensor.name} lies outside of {WEIGHTS_FILE}")
            source.seek(offset)
            _write(tensor, change(tensor, source.read(length)), target)
    onnx.save(model, str(directory / NETWORK_FILE))
    for path in network.parent.iterdir():
        if path.name not in (NETWORK_FILE, WEIGHTS_FILE, MANIFEST_FILE):
            shutil.copyfile(path, directory / path.name)


def _tensors(graph: GraphProto) -> Iterator[TensorProto]:
    """All constants of a graph, those of the graphs in it too."""
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors
            for inner in (*((attribute.g,) if attribute.HasField("g") else ()), *attribute.graphs):
                yield from _tensors(inner)


def _write(tensor: TensorProto, data: bytes, target: IO[bytes]) -> None:
    target.write(bytes(-target.tell() % _PAGE_BYTES))
    place = {"location": WEIGHTS_FILE, "offset": str(target.tell()), "length": str(len(data))}
    target.write(data)
    del tensor.external_data[:]
    for key, value in place.items():
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value


def _halved(tensor: TensorProto, data: bytes) -> bytes:
    if tensor.data_type != tensor.FLOAT:
        return data
    whole = np.frombuffer(data, dtype="<f4")
    if np.abs(whole).max(initial=0.0) > np.finfo(np.float16).max:
        return data  # a mask, which is to be as far below everything as can be
    tensor.data_type = tensor.FLOAT16
    return whole.astype("<f2").tobytes()


def _widened(tensor: TensorProto, data: bytes) -> bytes:
    if tensor.data_type != tensor.FLOAT16:
        return data
    tensor.data_type = tensor.FLOAT
    return np.frombuffer(data, dtype="<f2").astype("<f4").tobytes()
