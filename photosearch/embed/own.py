"""Models that the catalogue does not know: what is known of one, and where imported ones lie.

A model in a folder of the user's is described by `folder`. What `photosearch models export` makes
of it carries that description, so that another machine can use the converted form without the
folder: it is kept in `models/own/<name>/` there, and the model's id is `own/<name>`. Its weights
keep their name, and so does its space: what one machine learnt, the other need not learn again.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from photosearch import paths
from photosearch.core.space import EmbeddingSpace, ImageInput, Resampling, Resize, space_key
from photosearch.embed.spec import Layout, ModelSpec, TowerKind, TowerSpec
from photosearch.errors import ModelError

#: Begins the id of an imported model, and names the directory that they lie in.
PREFIX = "own/"
#: In the directory of each, and in what is exported.
DESCRIPTION_FILE = "photosearch-model.json"
_FORMAT = 1
#: File names are made of it, and those may have 255 bytes.
_LONGEST_NAME = 40
_WEIGHTS = "folder-"
_NOT_PLAIN = re.compile(r"[^\w.+-]+")
_REVISION = re.compile("[0-9a-f]{16}")
#: Where the files of an imported model would lie: what came was converted before.
_NO_FILES = ".never-came"


@dataclass(frozen=True, slots=True)
class Description:
    """What is known of a model that the catalogue does not list.

    Attributes:
        name: What file names are made of.
        layout: How its files lie, or lay.
        dim: Length of a vector.
        image_revision: Names all that its pictures' vectors depend on.
        text_revision: Names all that its texts' vectors depend on.
        image_input: The crop that it expects.
        mean: Of each colour, see `TowerSpec`.
        std: Of each colour, see `TowerSpec`.
        max_tokens: Longer texts are cut.
        pads_to_max: Every text is padded, see `TowerSpec`.
    """

    name: str
    layout: Layout
    dim: int
    image_revision: str
    text_revision: str
    image_input: ImageInput
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    max_tokens: int
    pads_to_max: bool

    def spec(self, model_id: str, shown_name: str, about: str, path: Path) -> ModelSpec:
        """Returns the model.

        Args:
            model_id: Its id.
            shown_name: What people call it.
            about: Where it came from.
            path: Where its files lie, absolute.
        """
        image = TowerSpec(
            id=f"{self.name}-images",
            kind=TowerKind.IMAGE,
            layout=self.layout,
            repo=self.name,
            revision=self.image_revision,
            weights=f"{_WEIGHTS}{self.image_revision}@2",
            dim=self.dim,
            image_input=self.image_input,
            mean=self.mean,
            std=self.std,
            path=path,
        )
        text = TowerSpec(
            id=f"{self.name}-texts",
            kind=TowerKind.TEXT,
            layout=self.layout,
            repo=self.name,
            revision=self.text_revision,
            weights=f"{_WEIGHTS}{self.text_revision}-texts@2",
            dim=self.dim,
            max_tokens=self.max_tokens,
            pads_to_max=self.pads_to_max,
            path=path,
        )
        space = EmbeddingSpace(space_key(image.weights), self.dim, image.id, (text.id,))
        return ModelSpec(model_id, shown_name, "", "", space, image, (text,), about)

    @classmethod
    def of_spec(cls, spec: ModelSpec) -> Self:
        """Returns what `spec` was made of."""
        (text,) = spec.texts
        return cls(
            name=spec.image.repo,
            layout=spec.image.layout,
            dim=spec.image.dim,
            image_revision=spec.image.revision,
            text_revision=text.revision,
            image_input=spec.image_input,
            mean=spec.image.mean,
            std=spec.image.std,
            max_tokens=text.max_tokens,
            pads_to_max=text.pads_to_max,
        )

    def as_json(self) -> str:
        """Returns it as a file holds it."""
        taken = self.image_input
        values = {
            "format": _FORMAT,
            "name": self.name,
            "layout": self.layout,
            "dim": self.dim,
            "image_revision": self.image_revision,
            "text_revision": self.text_revision,
            "input_px": taken.size_px,
            "resize": taken.resize,
            "resampling": taken.resampling,
            "mean": self.mean,
            "std": self.std,
            "max_tokens": self.max_tokens,
            "pads_to_max": self.pads_to_max,
        }
        return json.dumps(values, indent=1)

    @classmethod
    def of_json(cls, values: Mapping[str, Any]) -> Self:
        """Reads a file from elsewhere: what becomes a file name here is looked at closely.

        Raises:
            ValueError: A value cannot be, or the file is of a later version.
            KeyError: One is missing.
            TypeError: One is of another kind.
        """
        name, revisions = values["name"], (values["image_revision"], values["text_revision"])
        if values["format"] != _FORMAT or name != plain_name(name):
            raise ValueError(f"format {values['format']}, name {name!r}")
        if not all(_REVISION.fullmatch(revision) for revision in revisions):
            raise ValueError(f"revisions {revisions}")
        return cls(
            name=name,
            layout=Layout(values["layout"]),
            dim=int(values["dim"]),
            image_revision=revisions[0],
            text_revision=revisions[1],
            image_input=ImageInput(
                int(values["input_px"]),
                Resize(values["resize"]),
                Resampling(values["resampling"]),
            ),
            mean=three(values["mean"]),
            std=three(values["std"]),
            max_tokens=int(values["max_tokens"]),
            pads_to_max=bool(values["pads_to_max"]),
        )


def plain_name(text: str) -> str:
    """Returns a name that every file system takes, as near to some text as can be."""
    return _NOT_PLAIN.sub("-", text)[:_LONGEST_NAME].strip(".-") or "model"


def three(values: list[float]) -> tuple[float, float, float]:
    """Returns a value for each colour."""
    red, green, blue = map(float, values)
    return red, green, blue


def is_portable(spec: ModelSpec) -> bool:
    """Whether a model needs its description to be known on another machine."""
    return spec.image.weights.startswith(_WEIGHTS)


def is_imported(spec: ModelSpec) -> bool:
    """Whether only the converted form of a model ever came to this machine."""
    path = spec.image.path
    return path is not None and path.name == _NO_FILES


def id_of_path(path: Path) -> str:
    """Returns the id of the model of the user's whose towers have a path."""
    return f"{PREFIX}{path.parent.name}" if path.name == _NO_FILES else str(path)


def directory_of(spec: ModelSpec) -> Path:
    """Returns where an imported model's description lies."""
    assert spec.image.path is not None
    return spec.image.path.parent


def find(model_id: str, models_dir: Path | None = None) -> ModelSpec | None:
    """Returns an imported model, None where there is none of this id.

    Args:
        model_id: `own/<name>`.
        models_dir: Where models are kept; the usual place where None.

    Raises:
        ModelError: Its description is damaged.
    """
    name = model_id.removeprefix(PREFIX)
    if not model_id.startswith(PREFIX) or name != plain_name(name):
        return None
    directory = _own_dir(models_dir) / name
    return read(directory) if (directory / DESCRIPTION_FILE).is_file() else None


def at(directory: Path) -> ModelSpec:
    """Returns the imported model that lies in a folder.

    Raises:
        ModelError: Its description is damaged, or it was unpacked there instead of imported.
    """
    if directory.parent != _own_dir(None):
        raise ModelError(
            f"{directory} holds a model that was exported.",
            f"Import it first: photosearch models import {directory}",
        )
    return read(directory)


def read(directory: Path) -> ModelSpec:
    """Reads an imported model.

    Raises:
        ModelError: Its description is damaged.
    """
    path = directory / DESCRIPTION_FILE
    try:
        description = Description.of_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} is damaged: {error!r}.", "Import the model again.") from error
    return _imported(description, directory)


def every(models_dir: Path | None = None) -> list[str]:
    """Returns the ids of all imported models."""
    found = _own_dir(models_dir).glob(f"*/{DESCRIPTION_FILE}")
    return sorted(f"{PREFIX}{path.parent.name}" for path in found)


def imported(description: Description, models_dir: Path) -> ModelSpec:
    """Returns the model that an import makes: under its name, or a longer one where that is taken.

    Args:
        description: What came.
        models_dir: Where models are kept.

    Raises:
        ModelError: Another model's description is damaged.
    """
    directory = _own_dir(models_dir) / description.name
    if (directory / DESCRIPTION_FILE).is_file():
        there = Description.of_spec(read(directory))
        if (there.image_revision, there.text_revision) != (
            description.image_revision,
            description.text_revision,
        ):
            more = f"{description.image_revision[:6]}-{description.text_revision[:6]}"
            directory = directory.with_name(f"{description.name[:26]}-{more}")
    return _imported(description, directory)


def keep(spec: ModelSpec) -> None:
    """Writes the description of a model whose converted form has come.

    Raises:
        OSError: The disk refuses.
    """
    directory = directory_of(spec)
    directory.mkdir(parents=True, exist_ok=True)
    draft = directory / f"{DESCRIPTION_FILE}.{os.getpid()}"
    draft.write_text(Description.of_spec(spec).as_json(), encoding="utf-8")
    draft.replace(directory / DESCRIPTION_FILE)


def _imported(description: Description, directory: Path) -> ModelSpec:
    about = "Brought from another machine."
    return description.spec(
        f"{PREFIX}{directory.name}", directory.name, about, directory / _NO_FILES
    )


def _own_dir(models_dir: Path | None) -> Path:
    return (models_dir or paths.models_dir()) / PREFIX.strip("/")
