"""What reading a file gives: by its header alone, in whole, or again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from photosearch.core.photo import NO_TRAITS, FileStamp, FileTraits, PhotoFacts
from photosearch.core.preview import PreviewCrop

if TYPE_CHECKING:  # short commands speak of files and hold no pixels
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class ListedPhoto:
    """What a file's header alone gives, no pixel decoded.

    Attributes:
        stamp: Size and time of the very bytes that were read.
        facts: What the header says.
        thumbnail: JPEG bytes, upright, of the picture that the file carries for this; None where
            it carries none.
        traits: What else is known of the file.
    """

    stamp: FileStamp
    facts: PhotoFacts
    thumbnail: bytes | None
    traits: FileTraits


@dataclass(frozen=True, slots=True)
class DecodedPhoto:
    """All that one reading of a file gives.

    Attributes:
        stamp: Size and time of the very bytes that were read.
        content_hash: 16 bytes that name the content: the picture's data, metadata left out where
            the format allows.
        crop: uint8 (size_px, size_px, 3), upright sRGB, ready for an encoder's normalisation.
        thumbnail: JPEG bytes, upright.
        facts: What the header says.
        traits: What else is known of the file.
        whole_hash: 16 bytes that name the whole file, metadata included: how earlier programs
            named contents.
        preview: What the encoder would see by the preview that the file carries; only where that
            is to be compared with `crop`, which then is of the picture itself.
    """

    stamp: FileStamp
    content_hash: bytes
    crop: npt.NDArray[np.uint8]
    thumbnail: bytes
    facts: PhotoFacts
    traits: FileTraits = NO_TRAITS
    whole_hash: bytes = b""
    preview: PreviewCrop | None = None


@dataclass(frozen=True, slots=True)
class SamePhoto:
    """A file that was read and holds the content that was expected: nothing was decoded.

    Attributes:
        stamp: Size and time of the very bytes that were read.
        content_hash: As expected.
        facts: What the header says now.
        traits: What else is known of the file.
        whole_hash: As in `DecodedPhoto`.
    """

    stamp: FileStamp
    content_hash: bytes
    facts: PhotoFacts
    traits: FileTraits
    whole_hash: bytes
