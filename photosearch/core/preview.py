"""Previews that may stand for pictures: small pictures that slow files carry of themselves.

Whether a preview's vector is its picture's own depends on the camera and on the model, so it is
measured on the user's photos with the user's model: `index.fidelity` decides, and the decoders are
told with each file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # short commands speak of photos and hold no pixels
    import numpy as np
    import numpy.typing as npt

#: Of so many photos whose previews are trusted, about one is decoded in full all the same.
COMPARED_ONE_IN = 32


@dataclass(frozen=True, slots=True)
class PreviewKind:
    """Previews that are alike: what holds for some of them is thought to hold for all.

    Attributes:
        format: Of their files, as in `PhotoFacts`.
        long_px: Longer side, however the picture is turned.
        short_px: Shorter side.
    """

    format: str
    long_px: int
    short_px: int


@dataclass(frozen=True, slots=True)
class PreviewCrop:
    """What an encoder would see of a photo by its preview.

    Attributes:
        kind: Of the preview.
        crop: As `DecodedPhoto.crop`.
    """

    kind: PreviewKind
    crop: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Previews:
    """Which previews stand for their pictures; of any other kind, both are decoded and compared.

    Attributes:
        trusted: They do.
        refused: They do not.
    """

    trusted: frozenset[PreviewKind] = frozenset()
    refused: frozenset[PreviewKind] = frozenset()

    def stands_for_picture(self, kind: PreviewKind, content_hash: bytes) -> bool:
        """Whether a preview is enough, and the picture itself need not be decoded."""
        return kind in self.trusted and not is_compared(content_hash)


def is_compared(content_hash: bytes) -> bool:
    """Whether a photo is one of the few that are decoded in full, however trusted its preview is.

    By its hash: that is chance, and the same each time.
    """
    return int.from_bytes(content_hash[:4], "big") % COMPARED_ONE_IN == 0
