"""Goes through the directories of a watched folder as the rules have it: for scans and watching.

Works on bytes paths throughout: a file name need not be valid in any encoding. Any thread.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator

from photosearch.index.rules import FolderRules

#: A directory below the folder ("" for the folder itself), and its files.
Listing = tuple[bytes, list[os.DirEntry[bytes]]]


class Walk:
    """One way through a folder. Iterate over it; directories are listed as they come.

    Args:
        root: The folder's absolute path.
        rules: What is not looked into.
        below: Only what lies below this directory of it.
        on_unlisted: Told of directories that could not be listed, and why.
        on_enter: Told of each directory before it is listed.

    Attributes:
        pruned_count: Directories that were passed over, so far.
        followed: Links to directories that were looked into, so far.
    """

    def __init__(
        self,
        root: bytes,
        rules: FolderRules,
        below: bytes = b"",
        on_unlisted: Callable[[bytes, OSError], None] = lambda _directory, _error: None,
        on_enter: Callable[[bytes], None] = lambda _directory: None,
    ) -> None:
        self.pruned_count = 0
        self.followed: list[bytes] = []
        self._root = root
        self._rules = rules
        self._below = below
        self._on_unlisted = on_unlisted
        self._on_enter = on_enter
        #: Directories that were entered, while links are followed.
        self._entered: set[tuple[int, int]] = set()

    def __iter__(self) -> Iterator[Listing]:
        """Yields each directory with what lies in it and is no directory."""
        pending = [self._below]
        links: list[bytes] = []
        while pending or links:
            is_link = not pending
            rel_dir = links.pop(0) if is_link else pending.pop()
            path = join(self._root, rel_dir)
            files: list[os.DirEntry[bytes]] = []
            inner: list[bytes] = []
            linked: list[bytes] = []
            try:
                if self._rules.follow_links and not self._enters(path):
                    continue
                self._on_enter(rel_dir)
                with os.scandir(path) as listing:
                    for entry in listing:
                        if entry.is_dir(follow_symlinks=False) and not _is_junction(entry):
                            inner.append(join(rel_dir, entry.name))
                        elif not _is_directory_link(entry):
                            files.append(entry)
                        elif self._is_to_follow(entry):
                            linked.append(join(rel_dir, entry.name))
            except OSError as error:
                self._on_unlisted(rel_dir, error)
                continue
            if is_link:
                self.followed.append(rel_dir)
            entered = [directory for directory in inner if not self._rules.prunes(directory)]
            self.pruned_count += len(inner) - len(entered)
            pending += entered
            links += sorted(link for link in linked if not self._rules.prunes(link))
            yield rel_dir, files

    def _enters(self, path: bytes) -> bool:
        """True the first time that a directory is come to, by whatever way."""
        info = os.stat(path)  # noqa: PTH116 - bytes
        identity = (info.st_dev, info.st_ino)
        if identity in self._entered:
            return False
        self._entered.add(identity)
        return True

    def _is_to_follow(self, entry: os.DirEntry[bytes]) -> bool:
        """True for a link out of the folder: what lies in it is found at its own place."""
        if not self._rules.follow_links:
            return False
        target = os.path.realpath(entry.path)
        root = os.path.realpath(self._root)
        return target != root and not target.startswith(root.rstrip(b"/") + b"/")


def join(rel_dir: bytes, name: bytes) -> bytes:
    """Returns the path of what lies in a directory; "" is the folder itself, as either."""
    if not rel_dir:
        return name
    if not name:
        return rel_dir
    return rel_dir + name if rel_dir.endswith(b"/") else rel_dir + b"/" + name


def is_below(rel_path: bytes, directory: bytes) -> bool:
    """True for a directory and all below it; "" is the whole folder."""
    return not directory or rel_path == directory or rel_path.startswith(directory + b"/")


def is_reachable(root: bytes) -> bool:
    """False for a folder that is away or suddenly empty, as an unplugged disk's is."""
    try:
        with os.scandir(root) as entries:
            return next(entries, None) is not None
    except OSError:
        return False


def _is_directory_link(entry: os.DirEntry[bytes]) -> bool:
    try:
        return (entry.is_symlink() or _is_junction(entry)) and entry.is_dir()
    except OSError:  # a loop of links: reported where its name says photo
        return False


def _is_junction(entry: os.DirEntry[bytes]) -> bool:
    """True for Windows' other kind of link to a directory, which says that it is one."""
    if sys.platform == "win32":
        return entry.stat(follow_symlinks=False).st_reparse_tag == stat.IO_REPARSE_TAG_MOUNT_POINT
    return False
