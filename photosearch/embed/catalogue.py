"""Which models there are: reads `resources/models.toml` into values. Nothing is loaded here.

Called by the library when it opens and by the command line's listing; any thread.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photosearch import resources
from photosearch.core.space import EmbeddingSpace, ImageInput, Resize, space_key
from photosearch.errors import ModelError


@dataclass(frozen=True, slots=True)
class TowerSpec:
    """One tower of a model.

    Attributes:
        name: Its repository on the model hub, or a name of our own for what ships with us.
        revision: The version of its weights.
        bundled_path: Where it lies below the shipped resources, None where it has to be fetched.
    """

    name: str
    revision: str
    bundled_path: str | None = None

    def directory(self, models_dir: Path) -> Path:
        """Returns where the tower's files lie on this machine, present or not.

        Args:
            models_dir: Where fetched models are kept.
        """
        if self.bundled_path is not None:
            return resources.root() / self.bundled_path
        return models_dir / self.name.replace("/", "--") / self.revision


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model of the catalogue.

    Attributes:
        id: What settings call it.
        name: What people call it.
        note: What the user must know of it, or "".
        space: The space its vectors live in.
        image_input: The crop its image tower expects.
        image: The image tower.
        texts: Text towers, the preferred one first.
    """

    id: str
    name: str
    note: str
    space: EmbeddingSpace
    image_input: ImageInput
    image: TowerSpec
    texts: tuple[TowerSpec, ...]


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
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["model"]
        specs = [_model(entry) for entry in entries]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"The catalogue of models {path} cannot be read: {error}.") from error
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"The catalogue of models {path} lacks or mistakes {error}.") from error
    return {spec.id: spec for spec in specs}


def find(model_id: str) -> ModelSpec:
    """Returns a model of the shipped catalogue.

    Raises:
        ModelError: There is none of this id.
    """
    models = load()
    try:
        return models[model_id]
    except KeyError:
        raise ModelError(
            f'There is no model "{model_id}".', f"Known models: {', '.join(models)}."
        ) from None


def _model(entry: dict[str, Any]) -> ModelSpec:
    image = _tower(entry["image"])
    texts = tuple(_tower(text) for text in entry["text"])
    space = EmbeddingSpace(
        key=space_key(image.name, image.revision),
        dim=int(entry["dim"]),
        image_model=image.name,
        text_models=tuple(text.name for text in texts),
        logit_scale=float(entry["logit_scale"]),
        is_sample=bool(entry.get("is_sample", False)),
    )
    return ModelSpec(
        id=entry["id"],
        name=entry["name"],
        note=entry["note"],
        space=space,
        image_input=ImageInput(int(entry["input_px"]), Resize(entry["resize"])),
        image=image,
        texts=texts,
    )


def _tower(entry: dict[str, str]) -> TowerSpec:
    return TowerSpec(entry["name"], entry["revision"], entry.get("path"))
