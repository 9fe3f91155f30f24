"""What a look at the disk finds, for the index thread to deal with."""

from __future__ import annotations

from dataclasses import dataclass, field

from photosearch.core.failure import PhotoFailure
from photosearch.core.photo import FileId, FilePlace, FileStamp, MountPoint
from photosearch.core.stored import CompanionFile, IgnoredCounts


@dataclass(frozen=True, slots=True)
class FileTask:
    """A file to read.

    Attributes:
        place: Where it is.
        path: The same as an absolute path.
        stamp: Its size and time when it was found; None where it could not be looked at.
        file_id: Which file it is, where that is known.
        is_known: The store has a row or a failure at this place.
        is_listed: What the header and the sidecar of this very file say is stored.
    """

    place: FilePlace
    path: bytes
    stamp: FileStamp | None = None
    file_id: FileId | None = None
    is_known: bool = False
    is_listed: bool = False

    @property
    def mtime_ns(self) -> int:
        """For the order: newest first."""
        return self.stamp.mtime_ns if self.stamp else 0


def newest_first(task: FileTask) -> tuple[int, bytes]:
    """The key of the order in which tasks are to be done."""
    return -task.mtime_ns, task.place.rel_path


@dataclass(slots=True)
class ScanResult:
    """What a scan found.

    Attributes:
        tasks: New and changed photos, and those whose vector or thumbnail is missing, newest first.
        companions: Raw data that turns out to belong to a picture beside it.
        removed: Known places where no file is any more, or none that is looked at.
        failures: Folders that could not be listed, photos that are only in the cloud.
        ignored: Files that are no photos.
        photo_count: Photos seen, known ones included.
        online_only_count: How many of those are only in the cloud.
        is_offline: The folder cannot be reached, or is suddenly empty: nothing is to be forgotten,
            and nothing is to be done.
        is_other_disk: It is offline since another disk is in its place.
        volume: Names the file system it lies on, to be kept with the folder; None where nothing was
            found out about it.
        mounts: Likewise those that are mounted inside it.
    """

    tasks: list[FileTask] = field(default_factory=list)
    companions: list[CompanionFile] = field(default_factory=list)
    removed: list[FilePlace] = field(default_factory=list)
    failures: list[PhotoFailure] = field(default_factory=list)
    ignored: IgnoredCounts = field(default_factory=IgnoredCounts)
    photo_count: int = 0
    online_only_count: int = 0
    is_offline: bool = False
    is_other_disk: bool = False
    volume: str | None = None
    mounts: tuple[MountPoint, ...] = ()
