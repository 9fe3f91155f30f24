"""Compares what lies in a folder with what the store knows of it. Index thread."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping

from photosearch.core.failure import FailureCode, FailureReason
from photosearch.core.photo import FilePlace, Folder
from photosearch.core.stored import CompanionFile, KnownFile
from photosearch.images.sidecars import is_sidecar
from photosearch.index.found import ScanResult, newest_first
from photosearch.index.judging import Judging
from photosearch.index.relatives import family_place
from photosearch.index.rules import FolderRules, ScanRules
from photosearch.index.standing import Standing
from photosearch.index.suffixes import ignored_counts
from photosearch.index.volumes import Look
from photosearch.index.walk import Walk, is_below, is_reachable


class Comparison:
    """One comparison of a folder with what is known of it.

    Args:
        folder: A watched folder.
        known: What the store knows of its files, by path below it.
        rules: What is left out.
        look: Looks at what the folder stands on.
    """

    def __init__(
        self, folder: Folder, known: Mapping[bytes, KnownFile], rules: ScanRules, look: Look
    ) -> None:
        self.root = os.fsencode(folder.path)
        self.rules: FolderRules = rules.below(self.root)
        self._folder_id = folder.id
        self._known = known
        self._unlisted: list[bytes] = []
        self._judging = Judging(folder.id, known, self.rules)
        self._standing = Standing(folder, known, self.rules, look)

    def note_unlisted(self, rel_dir: bytes, error: OSError) -> None:
        """Takes note of a directory that could not be listed."""
        self._judging.has_trouble = True
        if rel_dir and isinstance(error, FileNotFoundError | NotADirectoryError):
            self._judging.vanished.add(rel_dir)  # meanwhile, or the whole disk did
            return
        self._unlisted.append(rel_dir)
        if rel_dir:
            detail = error.strerror or str(error)
            self._judging.fail(
                rel_dir, FailureReason(FailureCode.FOLDER_UNREADABLE, {"detail": detail})
            )

    def judge(self, rel_dir: bytes, entries: list[os.DirEntry[bytes]]) -> None:
        """Looks at the files of one directory."""
        self._judging.judge(rel_dir, entries)

    def conclude(self, below: bytes, walk: Walk) -> ScanResult:
        """Finds what is gone, after every directory was judged."""
        result = self._judging.result
        result.photo_count = len(self._judging.seen) - len(self._judging.mains)
        result.ignored = ignored_counts(self._judging.counts)
        result.tasks.sort(key=newest_first)
        missing = [path for path in self._judging.seen.missing if is_below(path, below)]
        gone = self._standing.gone_of(missing, self._judging.vanished)
        if below or missing or self._judging.has_trouble:
            result.is_offline = not is_reachable(self.root)
        if not below:
            is_excluded = self.rules.has_patterns and bool(
                self._judging.excluded_count or walk.pruned_count
            )
            is_empty = not (
                self._judging.seen
                or self._judging.counts
                or self._judging.sidecar_count
                or is_excluded
            )
            is_suddenly_empty = is_empty and bool(self._known)
            result.is_offline |= b"" in self._unlisted or is_suddenly_empty
        self._standing.look_again(walk.followed)
        if not below and not result.is_offline:
            self._standing.take_over_copies(result, self._judging.seen)
        return self._concluded(gone, is_whole=not below, below=below)

    def conclude_files(self, rel_paths: Collection[bytes]) -> ScanResult:
        """Finds which of some places are gone, after their directories were judged."""
        result = self._judging.result
        result.photo_count = len(self._judging.seen) - len(self._judging.mains)
        result.tasks.sort(key=newest_first)
        missing = {
            path
            for path in rel_paths
            if path not in self._judging.seen
            and (path in self._known or (self.rules.admits(path) and not is_sidecar(path)))
        }
        gone = self._standing.gone_of(missing, self._judging.vanished)
        is_doubtful = bool(missing or self._unlisted) or self._judging.has_trouble
        result.is_offline = is_doubtful and not is_reachable(self.root)
        self._standing.look_again()
        return self._concluded(gone)

    def _concluded(
        self, gone: Iterable[bytes], *, is_whole: bool = False, below: bytes | None = None
    ) -> ScanResult:
        """Ends a result: by now, what the folder stands on was looked at again."""
        result, standing = self._judging.result, self._standing
        if not standing.is_lost and standing.is_elsewhere and not result.is_offline:
            result.is_other_disk = not (is_whole and standing.is_copy(result, self._judging.seen))
        if result.is_offline or result.is_other_disk or standing.is_lost:
            return ScanResult(is_offline=True, is_other_disk=result.is_other_disk)
        standing.drop_away(result)
        if not standing.is_replaced:
            self._remove(gone)
        if below is not None:
            standing.note_others(result, below)
            standing.note_volumes(result, self._judging.seen, below)
        return result

    def _remove(self, gone: Iterable[bytes]) -> None:
        """Takes places for gone, unless nobody could look there."""
        hidden = tuple(directory + b"/" for directory in self._unlisted)
        failed, families = set(self._unlisted), set()
        for rel_path in sorted(gone):
            if rel_path in failed or (hidden and rel_path.startswith(hidden)):
                continue
            if self._standing.is_away(rel_path):
                continue
            self._judging.result.removed.append(FilePlace(self._folder_id, rel_path))
            families.add(family_place(rel_path))
        if not (families and self._judging.mains):
            return
        # Raw data whose picture went may have another one beside it.
        told = {companion.place.rel_path for companion in self._judging.result.companions}
        for rel_path, main in self._judging.mains.items():
            before = self._known.get(rel_path)
            if rel_path in told or before is None or before.stamp is None:
                continue
            if family_place(rel_path) in families:
                place, of = FilePlace(self._folder_id, rel_path), FilePlace(self._folder_id, main)
                self._judging.result.companions.append(CompanionFile(place, of, before.stamp))
