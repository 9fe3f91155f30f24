"""Tells what of a folder is away from what is gone, for a scan of it. Index thread.

A file counts as gone only where its file system is there, before the scan and after it. Else it is
merely away: its photos stay as they are until that file system returns.
"""

from __future__ import annotations

import os
import stat
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from photosearch.core.failure import FailureCode, FailureReason, PhotoFailure, Stage
from photosearch.core.photo import FilePlace, FileStamp, Folder, MountPoint
from photosearch.core.stored import KnownFile
from photosearch.index.found import ScanResult
from photosearch.index.rules import FolderRules
from photosearch.index.volumes import LINK, Ground, Look, may_be
from photosearch.index.walk import is_below, join

#: Another file system in a known place is taken for the former one, copied or restored, where it
#: holds at least half of its files. One that holds fewer is a disk of its own, or a poor backup:
#: to take it over would lose more photos than it keeps, while a folder that was wrongly called
#: offline is put right by adding it anew, which costs no inference.
_COPY_SHARE = 0.5
#: Where nothing is mounted any more, files that were put into the empty place are taken in. They
#: must not come to outweigh those that are away.
_MOVED_IN_SHARE = 0.9
#: FAT keeps times in steps of two seconds.
_SAME_TIME_NS = 2 * 10**9


@dataclass(frozen=True, slots=True)
class _Away:
    """A file system inside the folder that is away.

    Attributes:
        mount: What was there.
        is_other: Another one is in its place, or what is there changes just now.
        copy_share: So many of the known files must be there for what is there to be taken for it;
            None where nothing may be concluded.
    """

    mount: MountPoint
    is_other: bool
    copy_share: float | None


class Standing:
    """What a folder stands on, looked at before a scan and after it.

    Args:
        folder: A watched folder, with what was known of its file systems.
        known: What the store knows of its files.
        rules: What is left out.
        look: Looks at what there is.
    """

    def __init__(
        self, folder: Folder, known: Mapping[bytes, KnownFile], rules: FolderRules, look: Look
    ) -> None:
        self._folder = folder
        self._root = os.fsencode(folder.path)
        self._known = known
        self._rules = rules
        self._look = look
        self._before = self._after = self._looked()
        self._away: list[_Away] = []

    def look_again(self, followed: Sequence[bytes] = ()) -> None:
        """Looks once more, now that every directory was judged.

        Args:
            followed: Links that lead out of the folder.
        """
        self._after = self._looked(followed)
        for mount in self._folder.mounts:
            if mount.volume.startswith(LINK) and self._is_unlinked(mount.rel_path):
                continue
            before = self._before.mounts.get(mount.rel_path)
            after = self._after.mounts.get(mount.rel_path)
            if before is not None and after is not None and may_be(before, mount.volume):
                if not may_be(after, mount.volume):
                    self._away.append(_Away(mount, is_other=True, copy_share=None))
            elif before != after:
                self._away.append(_Away(mount, is_other=True, copy_share=None))
            elif after is None:
                self._away.append(_Away(mount, is_other=False, copy_share=_MOVED_IN_SHARE))
            else:
                self._away.append(_Away(mount, is_other=True, copy_share=_COPY_SHARE))

    @property
    def is_lost(self) -> bool:
        """True where the folder went away meanwhile, or another disk came in its place."""
        before, after = self._before, self._after
        if before.root_id is None or after.root_id is None:
            return True
        return before.root_id[0] != after.root_id[0] or not may_be(before.volume, after.volume)

    @property
    def is_replaced(self) -> bool:
        """True where another directory came in its place meanwhile: nothing of it is gone.

        Some network disks number their directories anew now and then, so that this is no sign of
        the folder's being away.
        """
        return self._before.root_id != self._after.root_id

    @property
    def is_elsewhere(self) -> bool:
        """True where the folder lies on another file system than it did."""
        return not may_be(self._before.volume, self._folder.volume)

    def is_copy(self, result: ScanResult, seen: Collection[bytes]) -> bool:
        """Whether that other file system holds what the former one did; those inside it apart."""
        inside = [mount.rel_path for mount in self._folder.mounts]
        own = (
            path
            for path in self._known
            if not any(is_below(path, directory) for directory in inside)
        )
        return self._is_held(own, _COPY_SHARE, result, seen)

    def take_over_copies(self, result: ScanResult, seen: Collection[bytes]) -> None:
        """Takes what lies in the place of file systems that are away for them, where it may be."""
        self._away = [
            away
            for away in self._away
            if away.copy_share is None
            or not self._is_held(
                (path for path in self._known if is_below(path, away.mount.rel_path)),
                away.copy_share,
                result,
                seen,
            )
        ]

    def drop_away(self, result: ScanResult) -> None:
        """Takes out of a result what lies in the place of file systems that are away."""
        if not self._away:
            return
        result.tasks = [task for task in result.tasks if self._admits(task.place.rel_path)]
        result.failures = [each for each in result.failures if self._admits(each.place.rel_path)]
        result.companions = [
            each for each in result.companions if self._admits(each.place.rel_path)
        ]

    def note_others(self, result: ScanResult, below: bytes) -> None:
        """Says where another disk is in a known one's place, so that its photos are not read."""
        for away in self._away:
            rel_path = away.mount.rel_path
            is_sure = away.is_other and away.copy_share is not None
            if is_sure and is_below(rel_path, below) and self._is_entered(rel_path):
                place = FilePlace(self._folder.id, rel_path)
                reason = FailureReason(FailureCode.OTHER_DISK)
                result.failures.append(PhotoFailure(place, None, Stage.READ, reason))

    def is_away(self, rel_path: bytes) -> bool:
        """True for a known place on a file system that is away; not for what is left out.

        Of the place where it is mounted only failures are known: that another disk is there.
        """
        is_inside = any(
            is_below(rel_path, away.mount.rel_path)
            and (away.is_other or rel_path != away.mount.rel_path)
            for away in self._away
        )
        return is_inside and self._rules.admits(rel_path)

    def gone_of(self, missing: Iterable[bytes], vanished: Collection[bytes]) -> list[bytes]:
        """Leaves out missing files that may be there all the same.

        To be called before `look_again`, which shows whether the looks were at the right place.

        Args:
            missing: Places where no photo was seen.
            vanished: Files and directories that went while they were looked at; what of it is back
                now was never gone.
        """
        return [rel_path for rel_path in missing if self._is_gone(rel_path, vanished)]

    def note_volumes(self, result: ScanResult, seen: Collection[bytes], below: bytes) -> None:
        """Says what is to be remembered for the next scan."""
        folder, after = self._folder, self._after
        result.volume = folder.volume if below else after.volume or folder.volume
        away = {each.mount.rel_path: each.mount for each in self._away}
        former = {mount.rel_path: mount for mount in folder.mounts}
        kept = former if below else away
        candidates = {
            **{rel_path: MountPoint(rel_path, name) for rel_path, name in after.mounts.items()},
            **{
                rel_path: MountPoint(rel_path, after.mounts.get(rel_path) or mount.volume)
                for rel_path, mount in former.items()
                if rel_path in after.mounts
            },
            **kept,
        }
        if not candidates:
            return
        there, known = sorted(seen), sorted(self._known)
        result.mounts = tuple(
            replace(mount, is_away=rel_path in away)
            for rel_path, mount in sorted(candidates.items())
            if (below and rel_path in former)
            or self._has_below(known if rel_path in away else there, rel_path)
        )

    def _is_gone(self, rel_path: bytes, vanished: Collection[bytes]) -> bool:
        if not self._rules.admits(rel_path):
            return True  # for the library, wherever it is
        try:
            os.lstat(join(self._root, rel_path))
        except (FileNotFoundError, NotADirectoryError):
            return True
        except OSError:  # a disk that fails, a server that does not answer
            return False
        # It was judged to be no photo of its own any more, unless nobody came to judge it.
        return not (vanished and _is_in(rel_path, vanished))

    def _looked(self, followed: Sequence[bytes] = ()) -> Ground:
        mounted = [mount.rel_path for mount in self._folder.mounts]
        return self._look(self._root, [*mounted, *followed])

    def _is_unlinked(self, rel_path: bytes) -> bool:
        """True where there is no link any more: it was taken away, and nothing behind it was."""
        try:
            return not stat.S_ISLNK(os.lstat(join(self._root, rel_path)).st_mode)
        except (FileNotFoundError, NotADirectoryError):
            return True
        except OSError:
            return False

    def _admits(self, rel_path: bytes) -> bool:
        for away in self._away:
            if is_below(rel_path, away.mount.rel_path):
                return not away.is_other and rel_path not in self._known
        return True

    def _is_entered(self, directory: bytes) -> bool:
        return self._rules.admits(directory, is_directory=True)

    def _has_below(self, paths: list[bytes], directory: bytes) -> bool:
        """Whether a photo lies below a directory that is looked into, or did."""
        at = bisect_left(paths, directory + b"/")
        is_held = at < len(paths) and is_below(paths[at], directory)
        return is_held and self._is_entered(directory)

    def _is_held(
        self,
        rel_paths: Iterable[bytes],
        share: float,
        result: ScanResult,
        seen: Collection[bytes],
    ) -> bool:
        """Whether so many of the known files were found as they were known."""
        stamps = {task.place.rel_path: task.stamp for task in result.tasks}
        known_count = found_count = 0
        for path in rel_paths:
            before = self._known[path]
            if before.stamp is None or before.is_companion or not self._rules.admits(path):
                continue
            known_count += 1
            is_same = path not in stamps or _is_like(stamps[path], before.stamp)
            found_count += path in seen and is_same
        return found_count >= share * known_count


def _is_in(rel_path: bytes, places: Collection[bytes]) -> bool:
    """True where a path, or a directory above it, is among some places."""
    while rel_path:
        if rel_path in places:
            return True
        rel_path = rel_path.rpartition(b"/")[0]
    return False


def _is_like(stamp: FileStamp | None, other: FileStamp) -> bool:
    if stamp is None or stamp.size_bytes != other.size_bytes:
        return False
    return abs(stamp.mtime_ns - other.mtime_ns) <= _SAME_TIME_NS
