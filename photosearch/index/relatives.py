"""Which files of one directory belong to one photo: raw data beside a picture, XMP beside either.

Called for directories that hold such files only. Index thread.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Collection, Iterable

from photosearch.images.formats import RAW_SUFFIXES, FileKind, kind_of, suffix_of
from photosearch.images.sidecars import SIDECAR_SUFFIX, is_sidecar

#: Which of several pictures of one stem is the one that the camera made together with the raw data.
_MAIN_FIRST = (".jpg", ".jpeg", ".heic", ".hif", ".heif", ".avif", ".jxl")


def is_raw(name: bytes) -> bool:
    """True for the name of a camera's raw data."""
    return suffix_of(name) in RAW_SUFFIXES


def family_of(name: bytes) -> bytes:
    """Returns what the names of files that may belong together have in common.

    `A.JPG`, `a.nef`, `a.xmp`, `a.jpg.xmp` and `a.jpg.dng` (raw data that was converted) are one
    family.
    """
    lower = os.fsencode(os.fsdecode(name).lower())
    if is_sidecar(lower):
        lower = lower[: -len(SIDECAR_SUFFIX)]
    for _ in range(2):
        if is_raw(lower) or kind_of(lower) is FileKind.PHOTO:
            lower = os.path.splitext(lower)[0]  # noqa: PTH122 - pathlib takes no bytes
    return lower


def family_place(rel_path: bytes) -> tuple[bytes, bytes]:
    """Returns the directory and the family of a file."""
    rel_dir, _, name = rel_path.rpartition(b"/")
    return rel_dir, family_of(name)


class Relatives:
    """The families of one directory.

    Args:
        names: Pictures, raw data and sidecars that lie in it.
        lone: Pictures to which no raw data can belong.
    """

    def __init__(self, names: Iterable[bytes], lone: Collection[bytes] = ()) -> None:
        self._mains: dict[bytes, bytes] = {}
        self._with_sidecar: set[bytes] = set()
        families: defaultdict[bytes, list[bytes]] = defaultdict(list)
        for name in names:
            family = family_of(name)
            if is_sidecar(name):
                self._with_sidecar.add(family)
            else:
                families[family].append(name)
        for members in families.values():
            pictures = [name for name in members if not is_raw(name) and name not in lone]
            if pictures:
                main = min(pictures, key=_rank)
                self._mains.update((name, main) for name in members if is_raw(name))

    def main_of(self, name: bytes) -> bytes | None:
        """Returns the picture that raw data belongs to; None for a photo in its own right."""
        return self._mains.get(name)

    def may_have_sidecar(self, name: bytes) -> bool:
        """False where no sidecar can be this photo's; else `sidecars` knows."""
        return family_of(name) in self._with_sidecar


def _rank(name: bytes) -> tuple[int, bytes]:
    suffix = suffix_of(name)
    place = _MAIN_FIRST.index(suffix) if suffix in _MAIN_FIRST else len(_MAIN_FIRST)
    return place, name
