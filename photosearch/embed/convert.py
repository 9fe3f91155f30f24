"""Converts towers to ONNX in a process that ends with it: the engine never imports torch for that.

A conversion counts only where the converted tower gives the torch tower's vectors. What is rounded
to eight bits is made from the pack that is not, and must stay near it.
"""

from __future__ import annotations

import logging
import multiprocessing
import shutil
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pebble import ProcessExpired, ProcessPool

from photosearch.children import end_with_parent
from photosearch.core.cancel import CancelToken
from photosearch.embed import convert_lock, damage, originals, packs
from photosearch.embed.packs import NETWORK_FILE, TOKENIZER_FILE, WEIGHTS_FILE
from photosearch.embed.spec import Precision, TowerKind, TowerSpec
from photosearch.errors import ModelError, ModelMissingError

if TYPE_CHECKING:
    from photosearch.embed.loaders.loaded import LoadedTower
    from photosearch.embed.towers import Tower

log = logging.getLogger(__name__)

#: Between the vectors of the torch tower and the converted one, centred.
LEAST_COSINE = 0.9995
#: The same after rounding to eight bits. Sound ones keep 0.92 or more; whether that is enough for
#: somebody's photos is not decided here, but by `photosearch models check`.
LEAST_INT8_COSINE = 0.8
_OPSET = 18
#: The largest tower takes a few minutes on an old machine.
_TIME_LIMIT_S = 1800.0


class ConversionError(ModelError):
    """A tower cannot be converted; torch can still run it."""


def convert(
    towers: Sequence[TowerSpec],
    models_dir: Path,
    *,
    is_again: bool = False,
    cancel: CancelToken | None = None,
) -> None:
    """Makes the packs that are missing, in a child process. One at a time on a machine.

    Args:
        towers: Their files are present.
        models_dir: Where fetched models are kept.
        is_again: Make those too that are here; each is replaced when the new one is finished.
        cancel: Kills the child, whatever it is at.

    Raises:
        Cancelled: It is no longer wanted.
        ConversionError: A tower cannot be converted, or its vectors changed by it.
        ModelMissingError: A tower's files are missing or damaged, or the disk is full.
    """
    cancel = cancel or CancelToken()
    try:
        models_dir.mkdir(parents=True, exist_ok=True)
        with convert_lock.locked(models_dir, cancel):
            missing = [
                tower for tower in towers if is_again or packs.find_pack(tower, models_dir) is None
            ]
            if missing:
                originals.sweep(models_dir)
                _in_child(missing, models_dir, cancel)
    except OSError as error:
        is_full = error.errno in originals.NO_SPACE
        raise ModelMissingError(
            f"The model cannot be prepared in {models_dir}: {error.strerror or error}.",
            "Free some disk space."
            if is_full
            else "Check the directory's permissions, or keep the models elsewhere: "
            "PHOTOSEARCH_MODELS.",
        ) from error


def _in_child(towers: Sequence[TowerSpec], models_dir: Path, cancel: CancelToken) -> None:
    pool = ProcessPool(
        max_workers=1,
        initializer=end_with_parent,
        context=multiprocessing.get_context("spawn"),
    )
    try:
        future = pool.schedule(_convert_all, args=(towers, models_dir), timeout=_TIME_LIMIT_S)
        while not wait([future], convert_lock.LOOK_S).done:
            cancel.raise_if_cancelled()
        future.result()
    except (ProcessExpired, TimeoutError, CancelledError) as error:
        raise ConversionError(f"The model could not be converted: {error}.") from error
    finally:
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()


def _convert_all(towers: Sequence[TowerSpec], models_dir: Path) -> None:
    """The child's work: a tower that cannot be converted keeps no other from it."""
    failed: ConversionError | None = None
    for tower in towers:
        try:
            convert_here(tower, models_dir)
        except ConversionError as error:
            log.warning("%s", error.message)
            failed = failed or error
    if failed is not None:
        raise failed


def convert_here(tower: TowerSpec, models_dir: Path) -> packs.Pack:
    """Converts a tower in this process. Loads torch, except to round a pack that is here.

    Raises:
        ConversionError: It cannot be converted, or its vectors changed by it.
        ModelMissingError: The tower's files are missing or damaged.
        OSError: The disk refuses.
    """
    if tower.precision is Precision.INT8:
        return _round(tower, models_dir)
    import torch

    from photosearch.embed import loaders
    from photosearch.embed.torch_runner import TorchRunner
    from photosearch.embed.towers import Tower

    loaded = loaders.load(tower, tower.directory(models_dir))
    reference = Tower(TorchRunner(loaded.module, "cpu", torch.float32), loaded.tokenizer)
    make = _Making(reference, lambda draft: _export(tower, loaded, draft), LEAST_COSINE)
    return _make_pack(tower, models_dir, make)


def _round(tower: TowerSpec, models_dir: Path) -> packs.Pack:
    """Makes the pack of eight bits from the tower's own, making that first where it is missing."""
    from photosearch.embed.onnx_runner import OnnxRunner
    from photosearch.embed.quantise import quantise
    from photosearch.embed.towers import Tower

    exact = tower.at(Precision.FP32)
    source = packs.find_pack(exact, models_dir) or convert_here(exact, models_dir)

    def write(draft: Path) -> None:
        try:
            quantise(source.network, draft)
        except (RuntimeError, ValueError, TypeError, AttributeError, ImportError) as error:
            raise ConversionError(f"{tower.id} cannot be rounded to int8: {error}.") from error

    try:
        exact_runner = OnnxRunner(source.network, 1)
    except ModelMissingError as error:
        raise damage.named(error, exact, source) from error
    make = _Making(Tower(exact_runner), write, LEAST_INT8_COSINE)
    return _make_pack(tower, models_dir, make)


@dataclass(frozen=True, slots=True)
class _Making:
    """How a pack is made: what it must agree with, what writes its files, and how well it must."""

    reference: Tower
    write: Callable[[Path], None]
    least_cosine: float


def _make_pack(tower: TowerSpec, models_dir: Path, making: _Making) -> packs.Pack:
    target = packs.pack_directory(tower, models_dir)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=convert_lock.DRAFT_PREFIX, dir=target.parent))
    try:
        making.write(draft)
        cosine = least_cosine(tower, making.reference, draft)
        if not cosine >= making.least_cosine:
            raise ConversionError(
                f"{tower.id} changed by its conversion: a cosine of {cosine:.5f} remained."
            )
        about: dict[str, Any] = {
            "pack_version": packs.PACK_VERSION,
            "tower": tower.id,
            "kind": tower.kind,
            "revision": tower.revision,
            "weights": tower.weights,
            "precision": tower.precision,
            "dim": tower.dim,
            "least_cosine": round(cosine, 6),
        }
        log.info("converted %s, least cosine %.6f", tower.key, cosine)
        return packs.finish_pack(draft, target, about)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _export(tower: TowerSpec, loaded: LoadedTower, directory: Path) -> None:
    """Writes the network, and the tokenizer where there is one."""
    import warnings

    import onnx
    import torch

    from photosearch.embed import probes

    inputs: tuple[Any, ...]
    if tower.kind is TowerKind.IMAGE:
        assert tower.image_input is not None
        inputs = (torch.from_numpy(probes.crops(tower.image_input.size_px)[:2]),)
        names, axes = ["crops"], {"crops": {0: "n"}}
    else:
        assert loaded.tokenizer is not None
        loaded.tokenizer.save(str(directory / TOKENIZER_FILE))
        from photosearch.embed.tokens import tokens_of

        inputs = tuple(map(torch.from_numpy, tokens_of(loaded.tokenizer, probes.TEXTS[:3])))
        names, axes = ["ids", "mask"], {"ids": {0: "n", 1: "t"}, "mask": {0: "n", 1: "t"}}
    traced = Path(tempfile.mkdtemp(dir=directory))
    try:
        with warnings.catch_warnings(), torch.no_grad():
            # Tracing warns of every branch on a shape; the comparison afterwards is the judge.
            warnings.simplefilter("ignore")
            torch.onnx.export(
                loaded.module.eval(),
                inputs,
                str(traced / NETWORK_FILE),
                input_names=names,
                output_names=["vectors"],
                dynamic_axes={**axes, "vectors": {0: "n"}},
                opset_version=_OPSET,
                dynamo=False,
            )
        onnx.save(
            onnx.load(str(traced / NETWORK_FILE)),
            str(directory / NETWORK_FILE),
            save_as_external_data=True,
            location=WEIGHTS_FILE,
        )
    except (RuntimeError, ValueError, TypeError, AttributeError, ImportError) as error:
        raise ConversionError(f"{tower.id} cannot be converted: {error}.") from error
    finally:
        shutil.rmtree(traced)


def least_cosine(tower: TowerSpec, reference: Tower, directory: Path) -> float:
    """Compares a converted network with its source on the built-in pictures or texts.

    Args:
        tower: Which tower it is.
        reference: Its source.
        directory: Where the network lies, and the tokenizer of a text tower.

    Returns:
        The least cosine of two vectors, centred.

    Raises:
        ModelError: It cannot be computed.
    """
    from photosearch.embed import probes
    from photosearch.embed.onnx_runner import OnnxRunner
    from photosearch.embed.tokens import read_tokenizer
    from photosearch.embed.towers import Tower

    runner = OnnxRunner(directory / NETWORK_FILE, 1)
    if tower.kind is TowerKind.IMAGE:
        assert tower.image_input is not None
        crops = probes.crops(tower.image_input.size_px)
        theirs, ours = reference.encode_images(crops), Tower(runner).encode_images(crops)
    else:
        converted = Tower(runner, read_tokenizer(directory / TOKENIZER_FILE))
        theirs, ours = reference.encode_texts(probes.TEXTS), converted.encode_texts(probes.TEXTS)
    return float(probes.centred_cosines(ours, theirs).min())
