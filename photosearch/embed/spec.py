"""What a model is made of: values that the catalogue reads and everything else in here uses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from photosearch import resources
from photosearch.core.space import EmbeddingSpace, ImageInput, space_key


class TowerKind(StrEnum):
    """Which half of a model a tower is."""

    IMAGE = "image"
    TEXT = "text"


class Layout(StrEnum):
    """How a tower's files lie in its directory: names the loader that reads them."""

    SENTENCE_TRANSFORMERS = "sentence-transformers"  #: modules.json names the parts
    TRANSFORMERS = "transformers"  #: config.json of a CLIP or SigLIP model with both towers
    MULTILINGUAL_CLIP = "multilingual-clip"  #: a BERT or XLM-R and a linear layer in its own file
    OPEN_CLIP = "open-clip"  #: open_clip_config.json and one file of weights


class Precision(StrEnum):
    """The numbers that an image tower computes with. Text towers stay as they are."""

    FP32 = "fp32"  #: as trained
    INT8 = "int8"  #: weights and inputs of its matrix products rounded to eight bits; CPU only


class Carried(StrEnum):
    """The numbers in which an exported model keeps its weights."""

    FP32 = "fp32"  #: as they are
    FP16 = "fp16"  #: half the bytes; they are made whole again by the import
    INT8 = "int8"  #: the form of the model that computes with eight bits


#: Ends the id of a model whose image tower is rounded, and the names of its files.
INT8_SUFFIX = "+int8"
_INT8_NAME = ", int8"

#: Which `model_type` of a config.json the loader for `Layout.TRANSFORMERS` reads.
TRANSFORMERS_TYPES = frozenset({"clip", "siglip"})


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file that has to be fetched.

    Attributes:
        path: Below the tower's directory, as in its repository.
        size_bytes: 0 where it is not known beforehand.
        sha256: In hexadecimal, "" where it is not known beforehand.
        url: Where it lies, "" where it is the hub's.
    """

    path: str
    size_bytes: int = 0
    sha256: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class TowerSpec:
    """One half of a model.

    Attributes:
        id: What the catalogue calls it.
        kind: Pictures or texts.
        layout: How its files lie.
        repo: Its repository on the model hub, or a name of our own for what ships with us.
        revision: The version of its files, pinned.
        weights: Names the weights: towers of the same weights give the same vectors, wherever
            their files came from.
        dim: Length of a vector.
        files: What has to be fetched; empty for what ships with us or is the user's own.
        image_input: The crop it expects; image towers only.
        mean: Of each colour, 0..1, subtracted from the pixels; image towers only.
        std: Of each colour, 0..1, the pixels are divided by; image towers only.
        max_tokens: Longer texts are cut; text towers only.
        pads_to_max: Every text is padded to `max_tokens` and nothing is masked (SigLIP), instead
            of to the longest one; text towers only.
        languages: Codes of the languages whose recall was published, or else that its card names;
            text towers only.
        weak_languages: Those of them in which it finds clearly less, as far as was published.
        path: Where it lies if it is not below the fetched models: shipped, or the user's own.
        precision: What it computes with; INT8 for image towers only.
    """

    id: str
    kind: TowerKind
    layout: Layout
    repo: str
    revision: str
    weights: str
    dim: int
    files: tuple[RemoteFile, ...] = ()
    image_input: ImageInput | None = None
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    std: tuple[float, float, float] = (1.0, 1.0, 1.0)
    max_tokens: int = 0
    pads_to_max: bool = False
    languages: tuple[str, ...] = ()
    weak_languages: tuple[str, ...] = ()
    path: Path | None = None
    precision: Precision = Precision.FP32

    @property
    def key(self) -> str:
        """Names the tower in file names."""
        suffix = INT8_SUFFIX if self.precision is Precision.INT8 else ""
        return f"{self.id.replace('/', '--')}@{self.revision[:12]}{suffix}"

    def at(self, precision: Precision) -> TowerSpec:
        """Returns the same tower, computing with other numbers; text towers stay as they are."""
        return replace(self, precision=precision) if self.kind is TowerKind.IMAGE else self

    def directory(self, models_dir: Path) -> Path:
        """Returns where the tower's files lie on this machine, present or not.

        Args:
            models_dir: Where fetched models are kept.
        """
        if self.path is not None:
            return resources.root() / self.path
        return models_dir / self.repo.replace("/", "--") / self.revision


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model of the catalogue: an image tower and the text towers that speak into its space.

    Attributes:
        id: What settings and commands call it.
        name: What people call it.
        note: What the user must know of every answer that it gives, or "".
        licence: Of its weights.
        space: The space its vectors live in.
        image: The image tower.
        texts: Text towers, the preferred one first.
        about: What it is good for, in plain words, for who chooses; "" where nothing is known.
    """

    id: str
    name: str
    note: str
    licence: str
    space: EmbeddingSpace
    image: TowerSpec
    texts: tuple[TowerSpec, ...]
    about: str = ""

    @property
    def towers(self) -> tuple[TowerSpec, ...]:
        """All of them, the image tower first."""
        return (self.image, *self.texts)

    @property
    def image_input(self) -> ImageInput:
        """The crop that the image tower expects."""
        assert self.image.image_input is not None
        return self.image.image_input

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages that one of its text towers is known to read."""
        return tuple(dict.fromkeys(code for text in self.texts for code in text.languages))

    @property
    def precision(self) -> Precision:
        """What its image tower computes with."""
        return self.image.precision

    def at(self, precision: Precision) -> ModelSpec:
        """Returns the same model, its image tower computing with other numbers.

        That is a model of its own: it has another id, and its vectors live in another space.
        """
        if precision is self.precision:
            return self
        is_int8 = precision is Precision.INT8
        return replace(
            self,
            id=f"{self.id}{INT8_SUFFIX}" if is_int8 else self.id.removesuffix(INT8_SUFFIX),
            name=f"{self.name}{_INT8_NAME}" if is_int8 else self.name.removesuffix(_INT8_NAME),
            space=replace(self.space, key=space_key(self.image.weights, is_int8=is_int8)),
            image=self.image.at(precision),
        )
