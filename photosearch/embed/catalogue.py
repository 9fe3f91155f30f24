"""Which models there are: reads `resources/models.toml` into values. Nothing is loaded here.

Called by the library when it opens and by the command line's listing; any thread.
"""

from __future__ import annotations

import contextlib
import tomllib
from pathlib import Path
from typing import Any

from photosearch import resources
from photosearch.core.space import EmbeddingSpace, ImageInput, Resampling, Resize, space_key
from photosearch.embed import own
from photosearch.embed.folder import spec_of_folder
from photosearch.embed.spec import (
    INT8_SUFFIX,
    Layout,
    ModelSpec,
    Precision,
    RemoteFile,
    TowerKind,
    TowerSpec,
)
from photosearch.errors import ModelError


def load(path: Path | None = None) -> dict[str, ModelSpec]:
    """Reads the catalogue.

    Args:
        path: The file; the shipped one where None.

    Returns:
        Models by id, in the file's order.

    Raises:
        ModelError: The file is missing, is no TOML or lacks a value.
    """
    path = path or resources.models_file()
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        entries = {entry["id"]: entry for entry in tables["tower"]}
        towers = {name: _tower(_whole(entry, entries)) for name, entry in entries.items()}
        specs = [_model(entry, towers) for entry in tables["model"]]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"The catalogue of models {path} cannot be read: {error}.") from error
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"The catalogue of models {path} lacks or mistakes {error}.") from error
    return {spec.id: spec for spec in specs}


def find(model_id: str) -> ModelSpec:
    """Returns a model of the shipped catalogue, an imported one, or one in a folder of the user's.

    Args:
        model_id: Its id, or the absolute path of its folder; with "+int8" at its end the same
            model with an image tower that is rounded to eight bits.

    Raises:
        ModelError: There is none of this id, or no model in this folder.
    """
    is_folder = Path(model_id).is_absolute()
    if model_id.endswith(INT8_SUFFIX) and not (is_folder and Path(model_id).is_dir()):
        return find(model_id.removesuffix(INT8_SUFFIX)).at(Precision.INT8)
    if is_folder:
        return spec_of_folder(Path(model_id))
    if (imported := own.find(model_id)) is not None:
        return imported
    models = load()
    try:
        return models[model_id]
    except KeyError:
        raise ModelError(
            f'There is no model "{model_id}".',
            f"Known models: {', '.join(models)}; or the whole path of a folder with a model.",
        ) from None


def known() -> list[ModelSpec]:
    """Returns the models of the shipped catalogue, and those imported ones that it lacks.

    Raises:
        ModelError: The catalogue cannot be read.
    """
    found = list(load().values())
    for model_id in own.every():
        with contextlib.suppress(ModelError):  # whoever uses it is told
            found.append(find(model_id))
    return found


def _model(entry: dict[str, Any], towers: dict[str, TowerSpec]) -> ModelSpec:
    image = towers[entry["image"]]
    texts = tuple(towers[name] for name in entry["texts"])
    if any(text.dim != image.dim for text in texts):
        raise ValueError(f"the dim of {entry['id']}")
    space = EmbeddingSpace(
        key=space_key(image.weights),
        dim=image.dim,
        image_model=image.id,
        text_models=tuple(text.id for text in texts),
        logit_scale=float(entry["logit_scale"]),
        is_sample=bool(entry.get("is_sample", False)),
    )
    return ModelSpec(
        id=entry["id"],
        name=entry["name"],
        note=entry.get("note", ""),
        licence=entry["licence"],
        space=space,
        image=image,
        texts=texts,
        about=entry.get("about", ""),
    )


def _whole(entry: dict[str, Any], entries: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Returns an entry with the values of the one it is `like` where it has none of its own."""
    if "like" not in entry:
        return entry
    return _whole(entries[entry["like"]], entries) | entry


def _tower(entry: dict[str, Any]) -> TowerSpec:
    kind = TowerKind(entry["kind"])
    of_kind: dict[str, Any]
    if kind is TowerKind.IMAGE:
        of_kind = {
            "image_input": ImageInput(
                int(entry["input_px"]),
                Resize(entry["resize"]),
                Resampling(entry.get("resampling", Resampling.BICUBIC)),
            ),
            "mean": _three(entry["mean"]),
            "std": _three(entry["std"]),
        }
    else:
        of_kind = {
            "max_tokens": int(entry["max_tokens"]),
            "pads_to_max": bool(entry.get("pads_to_max", False)),
            "languages": tuple(entry["languages"]),
            "weak_languages": tuple(entry.get("weak_languages", ())),
        }
    return TowerSpec(
        id=entry["id"],
        kind=kind,
        layout=Layout(entry["layout"]),
        repo=entry["repo"],
        revision=entry["revision"],
        weights=entry["weights"],
        dim=int(entry["dim"]),
        files=tuple(_file(file) for file in entry.get("files", ())),
        path=Path(entry["path"]) if "path" in entry else None,
        **of_kind,
    )


def _file(entry: str | dict[str, Any]) -> RemoteFile:
    if isinstance(entry, str):
        return RemoteFile(entry)
    return RemoteFile(
        entry["path"],
        int(entry.get("bytes", 0)),
        entry.get("sha256", ""),
        entry.get("url", ""),
    )


def _three(values: list[float]) -> tuple[float, float, float]:
    red, green, blue = map(float, values)
    return red, green, blue
