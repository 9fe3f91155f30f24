"""Makes a model of a folder on disk: what sentence-transformers or transformers wrote there.

Everything is read from the folder's JSON files; nothing is loaded. Called by the catalogue for ids
that are paths; any thread.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photosearch.core.space import ImageInput, Resampling, Resize
from photosearch.embed import fingerprint, own
from photosearch.embed.own import Description, three
from photosearch.embed.spec import TRANSFORMERS_TYPES, Layout, ModelSpec
from photosearch.errors import ModelError

_HINT = (
    "Choose a folder that holds a CLIP or SigLIP model, "
    "as sentence-transformers or transformers saves it."
)
_CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
_CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
_HALVES = (0.5, 0.5, 0.5)
#: By Pillow's numbers, which processors' files have.
_RESAMPLING = {2: Resampling.BILINEAR, 3: Resampling.BICUBIC}
#: What a layer after the network computes with.
_DENSE = ("in_features", "out_features", "bias", "activation_function")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Files:
    """What is read of a folder: its layout, and the JSON of the network in it.

    `layers` are what follows the network, as far as it changes vectors.
    """

    layout: Layout
    config: Json
    processor: Json
    dim: int
    layers: tuple[Json, ...] = ()


def spec_of_folder(path: Path) -> ModelSpec:
    """Reads what a model is from the files in its folder.

    Args:
        path: Absolute.

    Returns:
        A model whose id is the path. Its image tower is named by a hash of all weights and of what
        prepares pictures: what changes there makes another space, and nothing else does.

    Raises:
        ModelError: The folder holds no such model, or its files cannot be read.
    """
    try:
        if (path / own.DESCRIPTION_FILE).is_file():
            return own.at(path)
        files = _read(path)
        return _described(path, files).spec(str(path), path.name, f"From {path}.", path)
    except ModelError:
        raise
    except OSError as error:
        raise ModelError(f"The folder {path} cannot be read: {error}.", _HINT) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"The model in {path} is not understood: {error!r}.", _HINT) from error


def _read(path: Path) -> _Files:
    if (path / "modules.json").is_file():
        return _read_modules(path)
    if (path / "config.json").is_file():
        config = _json(path / "config.json")
        _check_type(path, config)
        return _Files(Layout.TRANSFORMERS, config, _processor(path), _own_dim(config))
    what = "holds no model" if path.is_dir() else "is no folder"
    raise ModelError(f"{path} {what}.", _HINT)


def _read_modules(path: Path) -> _Files:
    modules = json.loads((path / "modules.json").read_text(encoding="utf-8"))
    for module in modules:
        # sentence-transformers imports whatever is named here.
        if not module["type"].startswith("sentence_transformers."):
            raise ModelError(f"The model in {path} has a part {module['type']}, unknown here.")
    first = path / modules[0]["path"]
    config = _json(first / "config.json")
    _check_type(path, config)
    dim = _own_dim(config)
    layers = []
    for module in modules[1:]:
        kind = module["type"].rpartition(".")[2]
        layer = {"type": kind}
        if kind == "Dense":
            said = _json(path / module["path"] / "config.json")
            dim = int(said["out_features"])
            layer |= {name: said[name] for name in _DENSE if name in said}
        layers.append(layer)
    return _Files(Layout.SENTENCE_TRANSFORMERS, config, _processor(first), dim, tuple(layers))


def _check_type(path: Path, config: Json) -> None:
    kind = config.get("model_type", "an unknown type")
    if kind not in TRANSFORMERS_TYPES:
        raise ModelError(
            f"The model in {path} is of the type {kind}, which does not read both pictures "
            "and texts in a way that is known here.",
            _HINT,
        )


def _own_dim(config: Json) -> int:
    """Length of a vector; files leave out what transformers takes for granted."""
    if config["model_type"] == "siglip":
        return int(config.get("vision_config", {}).get("hidden_size", 768))
    return int(config.get("projection_dim", 512))


def _processor(directory: Path) -> Json:
    """Reads how pictures are prepared, from the older file or the newer one."""
    if (directory / "preprocessor_config.json").is_file():
        return _json(directory / "preprocessor_config.json")
    if (directory / "processor_config.json").is_file():
        processor: Json = _json(directory / "processor_config.json").get("image_processor", {})
        return processor
    return {}


def _json(path: Path) -> Json:
    value = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(value, dict):
        raise TypeError(f"{path.name} holds no object")
    return value


def _described(path: Path, files: _Files) -> Description:
    is_siglip = files.config["model_type"] == "siglip"
    text_config = files.config.get("text_config", {})
    image_input = _image_input(files, is_siglip=is_siglip)
    mean = three(files.processor.get("image_mean", _HALVES if is_siglip else _CLIP_MEAN))
    std = three(files.processor.get("image_std", _HALVES if is_siglip else _CLIP_STD))
    weights = fingerprint.weights(path)
    if not weights:
        raise ModelError(f"{path} holds no weights.", _HINT)
    of_images = (
        weights,
        files.config["model_type"],
        files.dim,
        fingerprint.vision(files.config),
        files.layers,
        (image_input.size_px, image_input.resize, image_input.resampling, mean, std),
    )
    return Description(
        name=own.plain_name(path.name),
        layout=files.layout,
        dim=files.dim,
        image_revision=fingerprint.of_values(*of_images),
        # A text tower is made anew for whatever may matter to it: that costs a minute, no photos.
        text_revision=fingerprint.of_values(weights, fingerprint.others(path)),
        image_input=image_input,
        mean=mean,
        std=std,
        max_tokens=int(text_config.get("max_position_embeddings", 64 if is_siglip else 77)),
        pads_to_max=is_siglip,
    )


def _image_input(files: _Files, *, is_siglip: bool) -> ImageInput:
    """What the network sees is in its own configuration; how it is cut, in its processor's."""
    size_px = int(files.config.get("vision_config", {}).get("image_size", 224))
    crops = files.processor.get("do_center_crop", not is_siglip)
    return ImageInput(
        size_px,
        Resize.CENTRE_CROP if crops else Resize.SQUASH,
        _RESAMPLING[files.processor.get("resample", 3)],
    )
