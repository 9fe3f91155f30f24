"""Compares a folder on disk with what the store knows of it. Index thread.

Works on bytes paths throughout: a file name need not be valid in any encoding.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from photosearch.core.cancel import CancelToken
from photosearch.core.failure import FailureCode, FailureReason, PhotoFailure, Stage
from photosearch.core.photo import FilePlace, FileStamp, Folder
from photosearch.core.stored import IgnoredCounts, KnownFile
from photosearch.images.formats import FileKind, kind_of, suffix_of

#: Directories of other programs that hold copies and thumbnails, never the user's photos.
_FOREIGN_DIRECTORIES = frozenset(
    {b"@eadir", b"#recycle", b"$recycle.bin", b"system volume information"}
)
#: Directories that another program owns as one document.
_PACKAGE_SUFFIXES = (b".photoslibrary", b".photolibrary", b".aplibrary", b".lrdata")


@dataclass(frozen=True, slots=True)
class FileTask:
    """A file to read.

    Attributes:
        place: Where it is.
        path: The same as an absolute path.
        mtime_ns: For the order: newest first.
    """

    place: FilePlace
    path: bytes
    mtime_ns: int


@dataclass(slots=True)
class ScanResult:
    """What a scan found.

    Attributes:
        tasks: New and changed photos, and those whose vector or thumbnail is missing.
        removed: Known places where no file is any more.
        failures: Folders that could not be listed, links that lead nowhere.
        ignored: Files that are no photos.
        photo_count: Photos seen, known ones included.
        is_offline: The folder cannot be reached, or is suddenly empty: nothing is to be forgotten.
    """

    tasks: list[FileTask] = field(default_factory=list)
    removed: list[FilePlace] = field(default_factory=list)
    failures: list[PhotoFailure] = field(default_factory=list)
    ignored: IgnoredCounts = field(default_factory=IgnoredCounts)
    photo_count: int = 0
    is_offline: bool = False


def is_skipped_directory(name: bytes) -> bool:
    """True for directories that are never looked into: hidden, foreign, or another's package."""
    lower = name.lower()
    return (
        name.startswith(b".") or lower in _FOREIGN_DIRECTORIES or lower.endswith(_PACKAGE_SUFFIXES)
    )


def is_photo_place(rel_path: bytes) -> bool:
    """True where a file at this path below a folder would be taken for a photo by a scan."""
    *directories, name = rel_path.split(b"/")
    return (
        not name.startswith(b".")
        and kind_of(name) is FileKind.PHOTO
        and not any(is_skipped_directory(directory) for directory in directories)
    )


def scan(folder: Folder, known: Mapping[bytes, KnownFile], cancel: CancelToken) -> ScanResult:
    """Finds what has to be done for a folder.

    Args:
        folder: A watched folder.
        known: What the store knows of its files, by path below it.
        cancel: Looked at for each directory.

    Raises:
        Cancelled: The scan was stopped; nothing may be concluded.
    """
    result = ScanResult()
    ignored: Counter[str] = Counter()
    not_yet: Counter[str] = Counter()
    seen: set[bytes] = set()
    unlisted: list[bytes] = []
    root = os.fsencode(folder.path)
    for rel_dir, entries in _walk(root, result, folder.id, unlisted, cancel):
        for entry in entries:
            kind = kind_of(entry.name)
            if kind is FileKind.PHOTO:
                seen.add(_join(rel_dir, entry.name))
                _judge(entry, FilePlace(folder.id, _join(rel_dir, entry.name)), known, result)
            else:
                (not_yet if kind is FileKind.NOT_YET else ignored)[suffix_of(entry.name)] += 1
    result.photo_count = len(seen)
    result.ignored = IgnoredCounts(dict(ignored), dict(not_yet))
    result.is_offline = b"" in unlisted or (bool(known) and not (seen or ignored or not_yet))
    if not result.is_offline:
        hidden = tuple(directory + b"/" for directory in unlisted)
        failed_dirs = {failure.place.rel_path for failure in result.failures}
        result.removed = [
            FilePlace(folder.id, rel_path)
            for rel_path in known
            if rel_path not in seen
            and rel_path not in failed_dirs
            and not rel_path.startswith(hidden or (b"\0",))
        ]
    result.tasks.sort(key=lambda task: task.mtime_ns, reverse=True)
    return result


def _walk(
    root: bytes, result: ScanResult, folder_id: int, unlisted: list[bytes], cancel: CancelToken
) -> Iterator[tuple[bytes, list[os.DirEntry[bytes]]]]:
    """Yields (directory below the root, its files); links to directories are not followed."""
    pending = [b""]
    while pending:
        cancel.raise_if_cancelled()
        rel_dir = pending.pop()
        try:
            with os.scandir(os.path.join(root, rel_dir)) as listing:  # noqa: PTH118 - bytes
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            unlisted.append(rel_dir)
            if rel_dir:
                reason = FailureReason(
                    FailureCode.FOLDER_UNREADABLE, {"detail": error.strerror or str(error)}
                )
                place = FilePlace(folder_id, rel_dir)
                result.failures.append(PhotoFailure(place, None, Stage.READ, reason))
            continue
        files = []
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if not is_skipped_directory(entry.name):
                    pending.append(_join(rel_dir, entry.name))
            elif not entry.name.startswith(b".") and not _is_directory_link(entry):
                files.append(entry)
        yield rel_dir, files


def _is_directory_link(entry: os.DirEntry[bytes]) -> bool:
    try:
        return entry.is_symlink() and entry.is_dir()
    except OSError:  # a loop of links: reported where its name says photo
        return False


def _judge(
    entry: os.DirEntry[bytes],
    place: FilePlace,
    known: Mapping[bytes, KnownFile],
    result: ScanResult,
) -> None:
    """Adds a photo to the tasks unless the store has all that there is to know of it.

    What cannot even be looked at becomes a task too: the decoder says what is wrong with it, at
    the one place where this is decided.
    """
    try:
        info = entry.stat()
        stamp = FileStamp(info.st_size, info.st_mtime_ns)
    except OSError:
        stamp = None
    before = known.get(place.rel_path)
    if before is not None and before.is_done and stamp is not None and before.stamp == stamp:
        return
    result.tasks.append(FileTask(place, entry.path, stamp.mtime_ns if stamp else 0))


def _join(rel_dir: bytes, name: bytes) -> bytes:
    return rel_dir + b"/" + name if rel_dir else name
