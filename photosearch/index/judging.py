"""Judges files one directory at a time, against what the store knows of them. Index thread.

What has not changed, nearly everything, costs one `stat` and no object of ours.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping

from photosearch.core.failure import FailureCode, FailureReason, PhotoFailure, Stage
from photosearch.core.photo import FileId, FilePlace, FileStamp
from photosearch.core.stored import CompanionFile, KnownFile
from photosearch.images.formats import FileKind, kind_of
from photosearch.images.sidecars import sidecar_of
from photosearch.index.found import FileTask, ScanResult
from photosearch.index.placeholders import is_online_only, placeheld_name
from photosearch.index.relatives import Relatives
from photosearch.index.rules import FolderRules
from photosearch.index.seen import Seen
from photosearch.index.suffixes import SuffixKind, SuffixKinds
from photosearch.index.walk import join

#: First letters of names that are left out.
_LEFT_OUT_FIRST = b".~"


class Judging:
    """The looks at the directories of a folder, one after the other.

    Args:
        folder_id: A watched folder.
        known: What the store knows of its files, by path below it.
        rules: What is left out.

    Attributes:
        result: What was found so far.
        seen: Photos that are there, and raw data that belongs to them.
        mains: Raw data, and the pictures it belongs to.
        vanished: Files and directories that were listed and could not be found afterwards.
        has_trouble: Something that was listed could not be looked at.
        counts: Files that are no photos, by how their names end.
        excluded_count: Files that are left out.
        sidecar_count: XMP files.
    """

    def __init__(
        self, folder_id: int, known: Mapping[bytes, KnownFile], rules: FolderRules
    ) -> None:
        self.result = ScanResult()
        self.seen = Seen(known)
        self.mains: dict[bytes, bytes] = {}
        self.vanished: set[bytes] = set()
        self.has_trouble = False
        self.counts: Counter[bytes] = Counter()
        self.excluded_count = 0
        self.sidecar_count = 0
        self._folder_id = folder_id
        self._known = known
        self._rules = rules
        self._kinds = SuffixKinds()

    def judge(self, rel_dir: bytes, entries: list[os.DirEntry[bytes]]) -> None:
        """Looks at the files of one directory."""
        kinds, counts, has_patterns = self._kinds, self.counts, self._rules.has_patterns
        pictures: list[os.DirEntry[bytes]] = []
        raws: list[os.DirEntry[bytes]] = []
        sidecars: list[bytes] = []
        for entry in entries:
            name = entry.name
            dot = name.rfind(b".")
            suffix = name[dot:] if dot > 0 else b""
            kind = kinds[suffix]
            if name[0] in _LEFT_OUT_FIRST or kind is SuffixKind.LEFT_OUT:
                self._judge_placeholder(rel_dir, name)
            elif has_patterns and self._rules.leaves_out(join(rel_dir, name)):
                self.excluded_count += 1
            elif kind is SuffixKind.PICTURE:
                pictures.append(entry)
            elif kind is SuffixKind.RAW:
                raws.append(entry)
            elif kind is SuffixKind.SIDECAR:
                sidecars.append(name)
                self.sidecar_count += 1
            else:
                counts[suffix] += 1
        if raws or sidecars:
            self._judge_families(rel_dir, pictures, raws, sidecars)
        else:
            self._judge_pictures(rel_dir, pictures)

    def _judge_pictures(self, rel_dir: bytes, pictures: list[os.DirEntry[bytes]]) -> None:
        """The quick way: nothing in this directory belongs to anything else."""
        prefix = rel_dir + b"/" if rel_dir else b""
        known_at, note_seen = self._known.get, self.seen.missing.discard
        for entry in pictures:
            rel_path = prefix + entry.name
            before = known_at(rel_path)
            if before is not None and before.is_done and not before.is_companion:
                stamp = before.stamp
                try:
                    info = entry.stat()
                except OSError:
                    info = None
                if (
                    info is not None
                    and stamp is not None
                    and stamp.mtime_ns == info.st_mtime_ns
                    and stamp.size_bytes == info.st_size
                    and before.sidecar is None
                ):
                    note_seen(rel_path)
                    continue
            self._judge_photo(entry, rel_path, before, None)

    def _judge_families(
        self,
        rel_dir: bytes,
        pictures: list[os.DirEntry[bytes]],
        raws: list[os.DirEntry[bytes]],
        sidecars: list[bytes],
    ) -> None:
        lone = {entry.name for entry in pictures if raws and self._is_no_main(rel_dir, entry)}
        names = [entry.name for entry in (*pictures, *raws)]
        relatives = Relatives(names + sidecars, lone)
        for entry in (*pictures, *raws):
            rel_path = join(rel_dir, entry.name)
            before = self._known.get(rel_path)
            main = relatives.main_of(entry.name)
            if main is not None:
                self._judge_companion(entry, rel_path, before, join(rel_dir, main))
                continue
            if kind_of(entry.name) is not FileKind.PHOTO:
                self.counts[entry.name[entry.name.rfind(b".") :]] += 1
                continue
            found = sidecar_of(entry.path) if relatives.may_have_sidecar(entry.name) else None
            self._judge_photo(entry, rel_path, before, found[1] if found else None)

    def _judge_photo(
        self,
        entry: os.DirEntry[bytes],
        rel_path: bytes,
        before: KnownFile | None,
        sidecar: FileStamp | None,
    ) -> None:
        """Adds a photo to the tasks unless the store has all that there is to know of it.

        What cannot even be looked at becomes a task too: the decoder says what is wrong with it, at
        the one place where this is decided.
        """
        try:
            info = entry.stat()
        except OSError:
            self.has_trouble = True
            if _is_gone(entry.path):
                self.vanished.add(rel_path)
                return
            info = None
        self.seen.add(rel_path)
        stamp = FileStamp(info.st_size, info.st_mtime_ns) if info else None
        is_same = (
            before is not None
            and before.stamp == stamp
            and (before.sidecar == sidecar or before.is_failed)  # no facts can be read of it
            and not before.is_companion
        )
        if is_same and stamp is not None and before is not None and before.is_done:
            return
        if info is not None and is_online_only(info):
            self._fail_online_only(rel_path, before, stamp)
            return
        self.result.tasks.append(
            FileTask(
                FilePlace(self._folder_id, rel_path),
                entry.path,
                stamp,
                _file_id(entry, info),
                is_known=before is not None and not before.is_companion,
                is_listed=is_same and before is not None and before.is_listed,
            )
        )

    def _judge_companion(
        self, entry: os.DirEntry[bytes], rel_path: bytes, before: KnownFile | None, main: bytes
    ) -> None:
        try:
            info = entry.stat()
        except OSError:
            self.has_trouble = True
            if _is_gone(entry.path):
                self.vanished.add(rel_path)
            elif before is not None and before.is_companion:
                self.seen.add(rel_path)
                self.mains[rel_path] = main
            return  # of no use to its photo
        self.seen.add(rel_path)
        self.mains[rel_path] = main
        stamp = FileStamp(info.st_size, info.st_mtime_ns)
        is_said = before is not None and before.is_companion and before.stamp == stamp
        if is_said and main in self._known:
            return
        place, of = FilePlace(self._folder_id, rel_path), FilePlace(self._folder_id, main)
        self.result.companions.append(CompanionFile(place, of, stamp, _file_id(entry, info)))

    def _judge_placeholder(self, rel_dir: bytes, name: bytes) -> None:
        """Lists the photo that a hidden file stands for."""
        hidden = placeheld_name(name)
        if hidden is not None and kind_of(hidden) is FileKind.PHOTO:
            rel_path = join(rel_dir, hidden)
            if not (self._rules.has_patterns and self._rules.leaves_out(rel_path)):
                self.seen.add(rel_path)
                self._fail_online_only(rel_path, self._known.get(rel_path), None)

    def _is_no_main(self, rel_dir: bytes, entry: os.DirEntry[bytes]) -> bool:
        """True for a picture that raw data beside it is better than: it is not here, or broken."""
        before = self._known.get(join(rel_dir, entry.name))
        try:
            info = entry.stat()
        except OSError:
            return True
        if is_online_only(info):
            return before is None or before.is_failed
        stamp = FileStamp(info.st_size, info.st_mtime_ns)
        return before is not None and before.is_failed and before.stamp == stamp

    def _fail_online_only(
        self, rel_path: bytes, before: KnownFile | None, stamp: FileStamp | None
    ) -> None:
        """Says that a photo is in the cloud only, unless that, or all of it, is known already.

        The failure has no stamp: once the file is here, it has the same size and time as before.
        """
        self.result.online_only_count += 1
        is_said = before is not None and before.is_done
        if is_said and before is not None and None not in (before.stamp, stamp):
            is_said = before.stamp == stamp  # else it was read, and is another one now
        if not is_said:
            self.fail(rel_path, FailureReason(FailureCode.ONLINE_ONLY))

    def fail(self, rel_path: bytes, reason: FailureReason) -> None:
        """Takes note of what could not be taken in."""
        place = FilePlace(self._folder_id, rel_path)
        self.result.failures.append(PhotoFailure(place, None, Stage.READ, reason))


def _is_gone(path: bytes) -> bool:
    """True only where it is sure: a disk that fails says many other things."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _file_id(entry: os.DirEntry[bytes], info: os.stat_result | None) -> FileId | None:
    if info is not None and not info.st_ino:  # Windows tells it only where it is asked for alone
        try:
            info = os.stat(entry.path)  # noqa: PTH116 - bytes
        except OSError:
            return None
    return FileId(info.st_dev, info.st_ino) if info and info.st_ino else None
