"""Judges files one directory at a time, against what the store knows of them. Index thread.

What has not changed, nearly everything, costs one `stat` and no object of ours.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from photosearch.core.failure import FailureCode, FailureReason, PhotoFailure, Stage
from photosearch.core.photo import FileId, FilePlace, FileStamp, Folder
from photosearch.core.stored import CompanionFile, KnownFile
from photosearch.images.formats import FileKind, kind_of
from photosearch.images.sidecars import is_sidecar, sidecar_of
from photosearch.index.found import FileTask, ScanResult, newest_first
from photosearch.index.placeholders import is_online_only, placeheld_name
from photosearch.index.relatives import Relatives, family_place
from photosearch.index.rules import FolderRules, ScanRules
from photosearch.index.suffixes import SuffixKind, SuffixKinds, ignored_counts
from photosearch.index.walk import is_below, is_reachable, join

#: First letters of names that are left out.
_LEFT_OUT_FIRST = b".~"


class Comparison:
    """One comparison of a folder with what is known of it.

    Args:
        folder: A watched folder.
        known: What the store knows of its files, by path below it.
        rules: What is left out.
    """

    def __init__(self, folder: Folder, known: Mapping[bytes, KnownFile], rules: ScanRules) -> None:
        self.root = os.fsencode(folder.path)
        self.rules: FolderRules = rules.below(self.root)
        self.result = ScanResult()
        self._folder_id = folder.id
        self._known = known
        self._kinds = SuffixKinds()
        self._counts: Counter[bytes] = Counter()
        self._excluded_count = 0
        self._sidecar_count = 0
        self._seen: set[bytes] = set()
        self._mains: dict[bytes, bytes] = {}
        self._unlisted: list[bytes] = []
        self._has_vanished = False

    def note_unlisted(self, rel_dir: bytes, error: OSError) -> None:
        """Takes note of a directory that could not be listed."""
        if rel_dir and isinstance(error, FileNotFoundError | NotADirectoryError):
            self._has_vanished = True  # it went away meanwhile, or the whole disk did
            return
        self._unlisted.append(rel_dir)
        if rel_dir:
            detail = error.strerror or str(error)
            self._fail(rel_dir, FailureReason(FailureCode.FOLDER_UNREADABLE, {"detail": detail}))

    def judge(self, rel_dir: bytes, entries: list[os.DirEntry[bytes]]) -> None:
        """Looks at the files of one directory."""
        kinds, counts, has_patterns = self._kinds, self._counts, self.rules.has_patterns
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
            elif has_patterns and self.rules.leaves_out(join(rel_dir, name)):
                self._excluded_count += 1
            elif kind is SuffixKind.PICTURE:
                pictures.append(entry)
            elif kind is SuffixKind.RAW:
                raws.append(entry)
            elif kind is SuffixKind.SIDECAR:
                sidecars.append(name)
                self._sidecar_count += 1
            else:
                counts[suffix] += 1
        if raws or sidecars:
            self._judge_families(rel_dir, pictures, raws, sidecars)
        else:
            self._judge_pictures(rel_dir, pictures)

    def conclude(self, below: bytes, pruned_count: int) -> ScanResult:
        """Finds what is gone, after every directory was judged."""
        result = self.result
        result.photo_count = len(self._seen) - len(self._mains)
        result.ignored = ignored_counts(self._counts)
        result.tasks.sort(key=newest_first)
        if below or self._has_vanished:
            result.is_offline = not is_reachable(self.root)
        if not below:
            is_excluded = self.rules.has_patterns and bool(self._excluded_count or pruned_count)
            is_empty = not (self._seen or self._counts or self._sidecar_count or is_excluded)
            is_suddenly_empty = is_empty and bool(self._known)
            result.is_offline |= b"" in self._unlisted or is_suddenly_empty
        if not result.is_offline:
            missing = self._known.keys() - self._seen
            self._remove(path for path in missing if is_below(path, below))
        return result

    def conclude_files(self, rel_paths: Collection[bytes]) -> ScanResult:
        """Finds which of some places are gone, after their directories were judged."""
        result = self.result
        result.photo_count = len(self._seen) - len(self._mains)
        result.tasks.sort(key=newest_first)
        missing = {
            path
            for path in rel_paths
            if path not in self._seen
            and (path in self._known or (self.rules.admits(path) and not is_sidecar(path)))
        }
        result.is_offline = bool(missing or self._unlisted) and not is_reachable(self.root)
        if not result.is_offline:
            self._remove(missing)
        return result

    def _remove(self, missing: Iterable[bytes]) -> None:
        """Takes places for gone that were not seen, unless nobody could look there."""
        hidden = tuple(directory + b"/" for directory in self._unlisted)
        failed, families = set(self._unlisted), set()
        for rel_path in sorted(missing):
            if rel_path in failed or (hidden and rel_path.startswith(hidden)):
                continue
            self.result.removed.append(FilePlace(self._folder_id, rel_path))
            families.add(family_place(rel_path))
        if not (families and self._mains):
            return
        # Raw data whose picture went may have another one beside it.
        told = {companion.place.rel_path for companion in self.result.companions}
        for rel_path, main in self._mains.items():
            before = self._known.get(rel_path)
            if rel_path in told or before is None or before.stamp is None:
                continue
            if family_place(rel_path) in families:
                place, of = FilePlace(self._folder_id, rel_path), FilePlace(self._folder_id, main)
                self.result.companions.append(CompanionFile(place, of, before.stamp))

    def _judge_pictures(self, rel_dir: bytes, pictures: list[os.DirEntry[bytes]]) -> None:
        """The quick way: nothing in this directory belongs to anything else."""
        prefix = rel_dir + b"/" if rel_dir else b""
        known_at, note_seen = self._known.get, self._seen.add
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
                self._counts[entry.name[entry.name.rfind(b".") :]] += 1
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
            if not os.path.lexists(entry.path):
                return  # it went away meanwhile
            info = None
        self._seen.add(rel_path)
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
            return  # of no use to its photo
        self._seen.add(rel_path)
        self._mains[rel_path] = main
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
            if not (self.rules.has_patterns and self.rules.leaves_out(rel_path)):
                self._seen.add(rel_path)
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
            self._fail(rel_path, FailureReason(FailureCode.ONLINE_ONLY))

    def _fail(self, rel_path: bytes, reason: FailureReason) -> None:
        place = FilePlace(self._folder_id, rel_path)
        self.result.failures.append(PhotoFailure(place, None, Stage.READ, reason))


def _file_id(entry: os.DirEntry[bytes], info: os.stat_result | None) -> FileId | None:
    if info is not None and not info.st_ino:  # Windows tells it only where it is asked for alone
        try:
            info = os.stat(entry.path)  # noqa: PTH116 - bytes
        except OSError:
            return None
    return FileId(info.st_dev, info.st_ino) if info and info.st_ino else None
