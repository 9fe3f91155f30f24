"""What a photo is: the file, its content, and what was read from it.

A *file* is a place on disk; a *content* is what the pixels are. Several files may hold the same
content (copies); vectors and everything the user adds hang on the content, so that copies, moves
and re-tagging cost nothing. `Photo.id` is the content's id.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from photosearch.core.userdata import NOTHING_SAID, UserData

#: Of the reading of headers. Raise it where `PhotoFacts` comes to say more or better: the next scan
#: then reads every photo's facts again, and encodes nothing.
FACTS_VERSION = 2

#: Of the reading of pictures. Raise it where more kinds of files, or more damaged ones, come to be
#: readable: the next scan then tries once more what failed for such a reason.
READING_VERSION = 2

#: How long what is known of a photo is kept after its last file went away.
GONE_KEPT_NS = 30 * 24 * 3600 * 10**9


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What tells cheaply whether a file has changed."""

    size_bytes: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class FileId:
    """Which file it is, whatever it is called: the file system's own number.

    Attributes:
        device: Of the file system; may be another one after it was mounted anew.
        inode: Within it.
    """

    device: int
    inode: int


@dataclass(frozen=True, slots=True)
class FilePlace:
    """Where a file is: a watched folder and the path below it.

    Attributes:
        folder_id: The watched folder.
        rel_path: Path below the folder, as the bytes the file system uses (names need not be
            UTF-8), `/`-separated.
    """

    folder_id: int
    rel_path: bytes


@dataclass(frozen=True, slots=True)
class MountPoint:
    """A directory inside a watched folder in which another file system is mounted.

    Attributes:
        rel_path: Path below the folder, as the bytes the file system uses.
        volume: What lies there, as `Folder.volume` has it; "link " stands before it where a link
            leads there.
        is_away: It is not there now, nor can its photos be reached; they stay searchable.
    """

    rel_path: bytes
    volume: str
    is_away: bool = False


@dataclass(frozen=True, slots=True)
class Folder:
    """A watched folder.

    Attributes:
        id: Its number in the library.
        path: Absolute path.
        is_online: False while the folder cannot be reached; its photos stay searchable.
        photo_count: Photos in it that are stored.
        volume: Names the file system that it lay on when it was last looked through in whole; ""
            where that is not known.
        mounts: The file systems inside it that held photos at that time, those included that were
            away.
    """

    id: int
    path: Path
    is_online: bool = True
    photo_count: int = 0
    volume: str = ""
    mounts: tuple[MountPoint, ...] = ()

    @property
    def away_paths(self) -> tuple[Path, ...]:
        """What of it cannot be reached: all of it, or directories in which disks are mounted."""
        if not self.is_online:
            return (self.path,)
        away = (mount.rel_path for mount in self.mounts if mount.is_away)
        return tuple(Path(self.path, os.fsdecode(rel_path)) for rel_path in away)


@dataclass(frozen=True, slots=True)
class CaptureTime:
    """When a photo was taken, as the camera's clock showed it.

    Attributes:
        local: Naive local time, sub-seconds included.
        offset_min: Minutes east of UTC, or None where the camera did not say.
        source: Where it was read: "exif", "xmp", "iptc", "name" (of the file).
    """

    local: datetime
    offset_min: int | None
    source: str


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """What is known of a photo without understanding it.

    Attributes:
        format: The container's name as Pillow says it, e.g. "JPEG", "HEIF".
        width_px: Width, upright.
        height_px: Height, upright.
        taken: When it was taken, if known.
        camera_make: As written by the camera, trimmed.
        camera_model: As written by the camera, trimmed.
        latitude_deg: North positive, or None.
        longitude_deg: East positive, or None.
        lens: As written by the camera, trimmed.
        iso: Sensitivity.
        aperture: f-number.
        exposure_s: Exposure time in seconds.
        focal_mm: Focal length as on the lens, in millimetres.
        rating: 0..5 stars in the file, or None.
        caption: The file's own description.
        keywords: What the file itself is tagged with.
        people: Who is named in regions of the picture.
        city: The nearest town to where it was taken, in English.
        country: Its country, in English.
    """

    format: str
    width_px: int
    height_px: int
    taken: CaptureTime | None = None
    camera_make: str | None = None
    camera_model: str | None = None
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    lens: str | None = None
    iso: int | None = None
    aperture: float | None = None
    exposure_s: float | None = None
    focal_mm: float | None = None
    rating: int | None = None
    caption: str | None = None
    keywords: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    city: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class FileTraits:
    """What is known of a file beside what it shows.

    Attributes:
        file_id: Which file it is; None where the file system has no numbers.
        quick_hash: 16 bytes of its size, beginning and end: files that differ in it differ. Empty
            where it was not made.
        sidecar: Stamp of the XMP file beside it that was read with it; None where there is none.
        is_link: Its name is a symbolic link to a file that lies elsewhere; `file_id` is of that.
    """

    file_id: FileId | None = None
    quick_hash: bytes = b""
    sidecar: FileStamp | None = None
    is_link: bool = False


NO_TRAITS = FileTraits()


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo of the library: one content and the first of its places.

    Attributes:
        id: The content's id.
        folder_id: Folder of `path`.
        path: Absolute path of the file to show (a sound and reachable one where there are several).
        stamp: Size and modification time of that file.
        content_hash: 16 bytes.
        facts: What was read from it.
        copy_count: In how many files the same content lies; links to one file are that one, and
            files that are broken by now are none. 0 where every one is broken.
        user: What the user says of it.
    """

    id: int
    folder_id: int
    path: Path
    stamp: FileStamp
    content_hash: bytes
    facts: PhotoFacts
    copy_count: int = 1
    user: UserData = NOTHING_SAID


@dataclass(frozen=True, slots=True)
class GonePhoto:
    """A photo whose last file went away; what is known of it is kept for a while.

    Should the file, or a copy of it, come back, nothing has to be done anew.

    Attributes:
        id: The content's id.
        path: Where its last file lay.
        gone_ns: When it was missed, Unix time in ns.
    """

    id: int
    path: Path
    gone_ns: int

    @property
    def kept_until_ns(self) -> int:
        """From when on it may be forgotten, Unix time in ns."""
        return self.gone_ns + GONE_KEPT_NS


class FileEventKind(StrEnum):
    """What may have happened to a file. A hint: the next `stat` decides.

    A move is a removal and an addition; the content's hash shows later that they belong together.
    """

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class FileEvent:
    """Something happened at a place below a watched folder.

    Attributes:
        kind: What.
        place: Where.
        is_directory: The place is a directory: everything below it is meant.
    """

    kind: FileEventKind
    place: FilePlace
    is_directory: bool = False
