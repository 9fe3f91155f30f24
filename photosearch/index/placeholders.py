"""Files that a cloud service pretends to be here: reading one would download it. Any thread."""

from __future__ import annotations

import os

#: Windows: OFFLINE, RECALL_ON_OPEN, RECALL_ON_DATA_ACCESS.
_WINDOWS_ATTRIBUTES = 0x1000 | 0x40000 | 0x400000
#: macOS: SF_DATALESS.
_MACOS_FLAGS = 0x40000000
#: Older macOS and other systems put `.IMG_1.HEIC.icloud` in the place of `IMG_1.HEIC`.
_ICLOUD_PREFIX = b"."
_ICLOUD_SUFFIX = b".icloud"


def is_online_only(info: os.stat_result) -> bool:
    """True for the `stat` of a file whose content lies in the cloud only."""
    return bool(
        getattr(info, "st_file_attributes", 0) & _WINDOWS_ATTRIBUTES
        or getattr(info, "st_flags", 0) & _MACOS_FLAGS
    )


def placeheld_name(name: bytes) -> bytes | None:
    """Returns the name of the file that a hidden file stands for; None for any other file."""
    if not (name.startswith(_ICLOUD_PREFIX) and name.endswith(_ICLOUD_SUFFIX)):
        return None
    return name[len(_ICLOUD_PREFIX) : -len(_ICLOUD_SUFFIX)] or None
