"""Whether the vector of an embedded preview is as good as that of its picture: measured.

`pipeline` holds one for the space that it fills and tells the decoders what it found so far. Of
each kind of preview the first few photos are decoded both ways, and both are encoded. A kind whose
vectors agree is trusted, and spares the decoding from then on, but for a few photos that still are
compared. A kind that falls below the bar once is refused until the engine starts anew, or fills
another space. Index thread.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable

from photosearch.core.decoded import DecodedPhoto
from photosearch.core.preview import PreviewCrop, PreviewKind, Previews, is_compared

log = logging.getLogger(__name__)

#: Photos that must agree before a kind is trusted.
TRIAL_COUNT = 8
#: Least cosine between a preview's vector and its picture's.
LEAST_COSINE = 0.99


class Fidelity:
    """What was found out about the kinds of previews, for one space."""

    def __init__(self) -> None:
        self._previews = Previews()
        self._agreed = Counter[PreviewKind]()

    @property
    def previews(self) -> Previews:
        """Which kinds stand for their pictures."""
        return self._previews

    def due(self, photos: Iterable[DecodedPhoto]) -> list[tuple[DecodedPhoto, PreviewCrop]]:
        """Picks the photos whose previews are to be compared with them.

        More may have been decoded both ways than are needed: decoders read ahead.
        """
        picked = []
        lacking = Counter[PreviewKind]()
        for photo in photos:
            preview = photo.preview
            if preview is None or preview.kind in self._previews.refused:
                continue
            if preview.kind in self._previews.trusted:
                is_due = is_compared(photo.content_hash)
            else:
                lacking[preview.kind] += 1
                is_due = self._agreed[preview.kind] + lacking[preview.kind] <= TRIAL_COUNT
            if is_due:
                picked.append((photo, preview))
        return picked

    def judge(self, kind: PreviewKind, cosine: float) -> None:
        """Takes a comparison into account.

        Args:
            kind: Of the preview.
            cosine: Between its vector and that of its picture, decoded in full; whatever is not
                a number of at least `LEAST_COSINE` refuses the kind.
        """
        trusted, refused = self._previews.trusted, self._previews.refused
        if kind in refused:
            return
        if not cosine >= LEAST_COSINE:
            self._previews = Previews(trusted - {kind}, refused | {kind})
            log.info("%s is refused: a cosine of %.4f", _named(kind), cosine)
            return
        self._agreed[kind] += 1
        if kind not in trusted and self._agreed[kind] >= TRIAL_COUNT:
            self._previews = Previews(trusted | {kind}, refused)
            log.info("%s stands for its pictures from now on", _named(kind))


def _named(kind: PreviewKind) -> str:
    return f"the preview of {kind.long_px} x {kind.short_px} in {kind.format}"
