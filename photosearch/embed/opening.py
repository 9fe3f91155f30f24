"""Readies a tower for its device: from its pack by ONNX Runtime, else from its files by torch."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from photosearch.core.cancel import CancelToken
from photosearch.embed import damage, packs
from photosearch.embed import device as devices
from photosearch.embed.batch_size import DEFAULT_BATCH_SIZE, LARGEST_BATCH_SIZE
from photosearch.embed.convert import ConversionError, convert
from photosearch.embed.device import Compute, Device
from photosearch.embed.onnx_runner import OnnxRunner
from photosearch.embed.packs import Pack
from photosearch.embed.runners import Runner
from photosearch.embed.spec import Precision, TowerKind, TowerSpec
from photosearch.embed.tokens import read_tokenizer
from photosearch.embed.towers import Tower
from photosearch.errors import ModelError, ModelMissingError

log = logging.getLogger(__name__)

#: A query is one short text: what takes the time is reading the weights, and two cores read them
#: nearly twice as fast as one where memory is slow.
_TEXT_THREADS = 2


def open_tower(
    spec: TowerSpec,
    towers: Sequence[TowerSpec],
    models_dir: Path,
    device: Device | None,
    cancel: CancelToken | None = None,
    threads: int = 0,
) -> tuple[Tower, Device]:
    """Readies a tower, converting the model's towers first where that was never done.

    Where a GPU cannot be used, the CPU is. Texts are the CPU's anyway: one query is too little for
    a GPU. So are towers of eight bits, whose vectors nothing else gives.

    Args:
        spec: The tower.
        towers: All of its model: one child converts them together.
        models_dir: Where fetched models are kept.
        device: Where to compute; None chooses.
        cancel: Ends a conversion at once.
        threads: Most that compute on the CPU; 0 for one per core.

    Returns:
        The tower, and where it computes.

    Raises:
        Cancelled: It is no longer wanted.
        ModelMissingError: Its files are missing or damaged.
        ModelMemoryError: There is not enough memory.
    """
    if spec.kind is TowerKind.TEXT:
        device = device or devices.cpu()
    elif spec.precision is Precision.INT8:
        device = devices.cpu("int8 is for the CPU")
    device = device or devices.choose()
    if device.is_cpu:
        return _open_on(device, spec, towers, models_dir, cancel, threads)
    if device.compute is Compute.TORCH and not has_files(spec, models_dir):
        why = "only the model's pack for the CPU is here"
    else:
        try:
            return _open_on(device, spec, towers, models_dir, cancel, threads)
        except ModelError as error:
            log.warning("%s goes to the CPU: %s", spec.id, error.message)
            why = f"{device.label} cannot be used: {error.message.rstrip('.')}"
    return _open_on(devices.cpu(why), spec, towers, models_dir, cancel, threads)


def _open_on(
    device: Device,
    spec: TowerSpec,
    towers: Sequence[TowerSpec],
    models_dir: Path,
    cancel: CancelToken | None,
    threads: int,
) -> tuple[Tower, Device]:
    if device.compute is Compute.ONNX:
        try:
            pack = _pack(spec, towers, models_dir, cancel)
        except ConversionError as error:
            if spec.precision is Precision.INT8:
                raise ModelMissingError(error.message, "Use the model without int8.") from error
            log.warning("torch goes on with %s: %s", spec.id, error.message)
            device = devices.cpu_by_torch("the model cannot be converted")
        else:
            is_text = spec.kind is TowerKind.TEXT
            count = min(threads, devices.cores()) if threads else devices.cores()
            if threads and device.is_cpu:
                device = replace(device, label=devices.cpu_label(count))
            if is_text:
                count = min(_TEXT_THREADS, count)
            try:
                runner: Runner = OnnxRunner(pack.network, count, device.name, is_urgent=is_text)
                tokenizer = read_tokenizer(pack.tokenizer) if is_text else None
            except ModelMissingError as error:
                raise damage.named(error, spec, pack) from error
            return Tower(runner, tokenizer, _largest_batch(device)), device
    from photosearch.embed import loaders
    from photosearch.embed.torch_runner import TorchRunner

    loaded = loaders.load(spec, spec.directory(models_dir))
    runner = TorchRunner(loaded.module, device.name)
    return Tower(runner, loaded.tokenizer, _largest_batch(device)), device


def _largest_batch(device: Device) -> int:
    return DEFAULT_BATCH_SIZE if device.is_cpu else LARGEST_BATCH_SIZE


def _pack(
    spec: TowerSpec,
    towers: Sequence[TowerSpec],
    models_dir: Path,
    cancel: CancelToken | None,
) -> Pack:
    """Returns a tower's pack, making it where there is none.

    Raises:
        Cancelled: It is no longer wanted.
        ConversionError: It cannot be made.
        ModelMissingError: Its files are missing or damaged, or the disk is full.
    """
    if pack := packs.find_pack(spec, models_dir):
        return pack
    present = _present(towers, models_dir)
    try:
        convert(present if spec in present else [spec], models_dir, cancel=cancel)
    except ConversionError:
        # Perhaps it was another one of them that could not.
        if packs.find_pack(spec, models_dir) is None:
            raise
    pack = packs.find_pack(spec, models_dir)
    assert pack is not None
    return pack


def has_files(spec: TowerSpec, models_dir: Path) -> bool:
    """Whether a tower's own files are all here, whole or not."""
    directory = spec.directory(models_dir)
    return directory.is_dir() and all((directory / file.path).is_file() for file in spec.files)


def _present(towers: Sequence[TowerSpec], models_dir: Path) -> list[TowerSpec]:
    """Those of the towers whose files are here, or the pack that theirs is made from."""
    return [
        tower
        for tower in towers
        if has_files(tower, models_dir) or not packs.needs_originals(tower, models_dir)
    ]
