"""Readies a tower for its device: from its pack by ONNX Runtime, else from its files by torch."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from photosearch.embed import device as devices
from photosearch.embed import packs
from photosearch.embed.convert import ConversionError, convert
from photosearch.embed.device import Compute, Device
from photosearch.embed.onnx_runner import OnnxRunner
from photosearch.embed.runners import Runner
from photosearch.embed.spec import Precision, TowerKind, TowerSpec
from photosearch.embed.tokens import read_tokenizer
from photosearch.embed.towers import Tower
from photosearch.errors import ModelMissingError

log = logging.getLogger(__name__)

#: A query is one short text: what takes the time is reading the weights, and two cores read them
#: nearly twice as fast as one where memory is slow.
_TEXT_THREADS = 2


def open_tower(
    spec: TowerSpec, towers: Sequence[TowerSpec], models_dir: Path, device: Device | None
) -> tuple[Tower, Device]:
    """Readies a tower, converting the model's towers first where that was never done.

    Texts are always the CPU's: one query is too little for a GPU. So are towers of eight bits,
    whose vectors nothing else gives.

    Args:
        spec: The tower.
        towers: All of its model: one child converts them together.
        models_dir: Where fetched models are kept.
        device: Where to compute pictures; None chooses.

    Returns:
        The tower, and where it computes.

    Raises:
        ModelMissingError: Its files are missing or damaged, or memory ran out.
    """
    if spec.kind is TowerKind.TEXT:
        device = devices.cpu() if device is None or not device.is_cpu else device
    elif spec.precision is Precision.INT8:
        device = devices.cpu("int8 is for the CPU")
    device = device or devices.choose()
    pack = packs.find_pack(spec, models_dir)
    if (
        device.compute is Compute.TORCH
        and not device.is_cpu
        and pack
        and not has_files(spec, models_dir)
    ):
        device = devices.cpu("only the model's pack for the CPU is here")
    if device.compute is Compute.ONNX and pack is None:
        try:
            convert(_present(towers, models_dir) or [spec], models_dir)
        except ConversionError as error:
            if spec.precision is Precision.INT8:
                raise ModelMissingError(error.message, "Use the model without int8.") from error
            log.warning("torch goes on with %s: %s", spec.id, error.message)
            device = devices.cpu_by_torch("the model cannot be converted")
        pack = packs.find_pack(spec, models_dir)
    if device.compute is Compute.ONNX and pack is not None:
        is_text = spec.kind is TowerKind.TEXT
        threads = min(_TEXT_THREADS, devices.cores()) if is_text else devices.cores()
        runner: Runner = OnnxRunner(pack.network, threads, device.name, is_urgent=is_text)
        tokenizer = read_tokenizer(pack.tokenizer) if spec.kind is TowerKind.TEXT else None
        return Tower(runner, tokenizer), device
    from photosearch.embed import loaders
    from photosearch.embed.torch_runner import TorchRunner

    loaded = loaders.load(spec, spec.directory(models_dir))
    return Tower(TorchRunner(loaded.module, device.name), loaded.tokenizer), device


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
