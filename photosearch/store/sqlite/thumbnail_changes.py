"""What a batch does to thumbnails: they lie in a file of their own, changed after the commit."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class ThumbnailChanges:
    """What is to be done about thumbnails after a commit, in this order.

    Attributes:
        renamed: Hashes that contents had and have now.
        missing: JPEG bytes by hash, to be stored where there is nothing better.
        dropped: Hashes of contents that are no more.
    """

    renamed: dict[bytes, bytes] = field(default_factory=dict)
    missing: dict[bytes, bytes] = field(default_factory=dict)
    dropped: list[bytes] = field(default_factory=list)
