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
from photosearch.index.volumes import Look, ground_of
from photosearch.index.walk import Walk, is_below, join

__all__ = ["FileTask", "ScanResult", "look_at", "scan"]


def scan(
    folder: Folder,
    known: Mapping[bytes, KnownFile],
    cancel: CancelToken,
    rules: ScanRules,
    below: bytes = b"",
    look: Look = ground_of,
) -> ScanResult:
    """Finds what has to be done for a folder.

    Args:
        folder: A watched folder, with what is known of its file systems.
        known: What the store knows of its files, by path below it.
        cancel: Looked at for each directory.
        rules: What is left out.
        below: Only this directory of the folder and what lies below it. `ignored` and the counts
            are of it alone, too. A directory that is not there any more is no failure: what was
            known below it is removed.
        look: Looks at what the folder stands on.

    Raises:
        Cancelled: The scan was stopped; nothing may be concluded.
    """
    comparison = Comparison(folder, known, rules, look)
    if below and not comparison.rules.admits(below, is_directory=True):
        excluded = [FilePlace(folder.id, path) for path in known if is_below(path, below)]
        return ScanResult(removed=excluded)
    walk = Walk(comparison.root, comparison.rules, below, comparison.note_unlisted)
    for rel_dir, entries in walk:
        cancel.raise_if_cancelled()
        comparison.judge(rel_dir, entries)
    cancel.raise_if_cancelled()
    return comparison.conclude(below, walk)


def look_at(
    folder: Folder,
    rel_paths: Collection[bytes],
    known: Mapping[bytes, KnownFile],
    rules: ScanRules,
    look: Look = ground_of,
) -> ScanResult:
    """Finds what has to be done for single files, and for those that belong to them.

    Args:
        folder: A watched folder.
        rel_paths: Where something may have come, changed or gone: photos, raw data, sidecars.
        known: What the store knows of the files in these directories, or at least at these places
            and those of their families (`relatives`).
        rules: What is left out.
        look: Looks at what the folder stands on.

    Returns:
        As `scan` does, for these families alone: nothing is counted in `ignored`.
    """
    comparison = Comparison(folder, known, rules, look)
    families: defaultdict[bytes, set[bytes]] = defaultdict(set)
    for rel_path in rel_paths:
        if comparison.rules.admits(rel_path):
            rel_dir, _, name = rel_path.rpartition(b"/")
            families[rel_dir].add(family_of(name))
    for rel_dir, wanted in families.items():
        try:
            with os.scandir(join(comparison.root, rel_dir)) as listing:
                entries = [entry for entry in listing if family_of(entry.name) in wanted]
                files = [entry for entry in entries if not entry.is_dir(follow_symlinks=False)]
        except OSError as error:
            comparison.note_unlisted(rel_dir, error)
            continue
        comparison.judge(rel_dir, files)
    return comparison.conclude_files(rel_paths)
