"""What a model's vectors mean and what its image tower wants to see."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

#: Version of how pixels are prepared (orientation, crop, resampling, colour). Part of a space's
#: key: vectors made by different preparations are never mixed.
PREPROCESS_VERSION = 1


class Resize(StrEnum):
    """How a picture becomes the square that the image tower sees."""

    CENTRE_CROP = "centre_crop"  #: shortest side to the size, centre square of it (CLIP)
    SQUASH = "squash"  #: both sides to the size, whatever the aspect ratio (SigLIP)


class Resampling(StrEnum):
    """How new pixels come of old ones; both widen with the step, so that nothing flickers."""

    BICUBIC = "bicubic"  #: CLIP
    BILINEAR = "bilinear"  #: SigLIP 2


@dataclass(frozen=True, slots=True)
class ImageInput:
    """The picture that an image tower expects.

    Attributes:
        size_px: Side of the square.
        resize: How the square is made.
        resampling: How its pixels are made.
    """

    size_px: int
    resize: Resize = Resize.CENTRE_CROP
    resampling: Resampling = Resampling.BICUBIC


@dataclass(frozen=True, slots=True)
class EmbeddingSpace:
    """A space in which pictures and texts can be compared.

    Attributes:
        key: Names the image tower's weights and the preprocessing version; two towers with the same
            key give the same vectors.
        dim: Length of a vector.
        image_model: Name of the image tower, for people.
        text_models: Names of the text towers that speak into this space.
        logit_scale: Factor on the cosine before a softmax, as trained.
        is_sample: True for the sample model, which understands the sample album only.
    """

    key: str
    dim: int
    image_model: str
    text_models: tuple[str, ...]
    logit_scale: float = 100.0
    is_sample: bool = False


def space_key(weights: str, *, is_int8: bool = False) -> str:
    """Returns the key of the space that an image tower spans.

    Args:
        weights: Names the image tower's weights.
        is_int8: Rounded to eight bits: its vectors are others, and are never mixed.
    """
    return f"{weights}+p{PREPROCESS_VERSION}{'+int8' if is_int8 else ''}"
