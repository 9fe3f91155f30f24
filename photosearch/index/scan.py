"""Finds out what is different on the disk from what the store knows. Index thread.

Works on bytes paths throughout: a file name need not be valid in any encoding.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Collection, Mapping

from photosearch.core.cancel import CancelToken
from photosearch.core.photo import FilePlace, Folder
from photosearch.core.stored import KnownFile
from photosearch.index.compare import Comparison
from photosearch.index.found import FileTask, ScanResult
from photosearch.index.relatives import family_of
from photosearch.index.rules import ScanRules
from photosearch.index.walk import Walk, is_below, join

__all__ = ["FileTask", "ScanResult", "look_at", "scan"]


def scan(
    folder: Folder,
    known: Mapping[bytes, KnownFile],
    cancel: CancelToken,
    rules: ScanRules,
    below: bytes = b"",
) -> ScanResult:
    """Finds what has to be done for a folder.

    Args:
        folder: A watched folder.
        known: What the store knows of its files, by path below it.
        cancel: Looked at for each directory.
        rules: What is left out.
        below: Only this directory of the folder and what lies below it. `ignored` and the counts
            are of it alone, too. A directory that is not there any more is no failure: what was
            known below it is removed.

    Raises:
        Cancelled: The scan was stopped; nothing may be concluded.
    """
    look = Comparison(folder, known, rules)
    if below and not look.rules.admits(below, is_directory=True):
        excluded = [FilePlace(folder.id, path) for path in known if is_below(path, below)]
        return ScanResult(removed=excluded)
    walk = Walk(look.root, look.rules, below, look.note_unlisted)
    for rel_dir, entries in walk:
        cancel.raise_if_cancelled()
        look.judge(rel_dir, entries)
    cancel.raise_if_cancelled()
    return look.conclude(below, walk.pruned_count)


def look_at(
    folder: Folder,
    rel_paths: Collection[bytes],
    known: Mapping[bytes, KnownFile],
    rules: ScanRules,
) -> ScanResult:
    """Finds what has to be done for single files, and for those that belong to them.

    Args:
        folder: A watched folder.
        rel_paths: Where something may have come, changed or gone: photos, raw data, sidecars.
        known: What the store knows of the files in these directories, or at least at these places
            and those of their families (`relatives`).
        rules: What is left out.

    Returns:
        As `scan` does, for these families alone: nothing is counted in `ignored`.
    """
    look = Comparison(folder, known, rules)
    families: defaultdict[bytes, set[bytes]] = defaultdict(set)
    for rel_path in rel_paths:
        if look.rules.admits(rel_path):
            rel_dir, _, name = rel_path.rpartition(b"/")
            families[rel_dir].add(family_of(name))
    for rel_dir, wanted in families.items():
        try:
            with os.scandir(join(look.root, rel_dir)) as listing:
                entries = [entry for entry in listing if family_of(entry.name) in wanted]
                files = [entry for entry in entries if not entry.is_dir(follow_symlinks=False)]
        except OSError as error:
            look.note_unlisted(rel_dir, error)
            continue
        look.judge(rel_dir, files)
    return look.conclude_files(rel_paths)
