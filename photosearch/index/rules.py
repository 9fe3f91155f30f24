"""Which files and directories of a watched folder are looked at: one answer for scans and watching.

Left out are what is hidden, what other programs keep for themselves, half-done downloads, our own
library, and what the user says in `library.toml`:

    exclude = ["Screenshots", "*/cache/*", "2019/raw/", "!Screenshots"]

Each is a pattern as in a `.gitignore`, matched against the path below the watched folder:

- `*` stands for anything but `/`, `?` for one letter, `[a-c]` for one of these, `**` for any number
  of directories.
- A pattern without a `/`, or with one at its end only, is a name at any depth. Any other is a path
  from the watched folder on; a `/` at its beginning makes it one, too.
- A `/` at the end means directories only. What lies in an excluded directory is excluded.
- `!` before a pattern takes back what an earlier one excluded. The last one that matches counts.
- Upper and lower case are the same.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

#: Directories of other programs, in lower case: copies, thumbnails and deleted things of network
#: disks, Windows and Linux, and packages of JavaScript, which are many and never photos.
_FOREIGN_DIRECTORIES = frozenset(
    {
        *(b"@eadir", b"#recycle", b"#snapshot", b"@recycle", b"@recently-snapshot"),
        *(b"$recycle.bin", b"recycler", b"system volume information", b"lost+found"),
        b"node_modules",
    }
)
#: Directories that another program owns as one document.
_PACKAGE_SUFFIXES = (
    *(b".photoslibrary", b".migratedphotolibrary", b".photolibrary", b".aplibrary", b".aplib"),
    *(b".lrdata", b".lrcat-data", b".lrlibrary", b".cocatalog", b".cosessiondb"),
    *(b".imovielibrary", b".fcpbundle", b".tvlibrary", b".musiclibrary", b".app"),
)
#: Files that are still being written, or were left half-done.
_UNFINISHED_SUFFIXES = (b".part", b".partial", b".crdownload", b".download", b".tmp")
#: Hidden files, and what editors keep beside the file that is open.
_LEFT_OUT_PREFIXES = (b".", b"~")


def is_left_out_name(name: bytes) -> bool:
    """True for the names of files that are never looked at, whatever the user says."""
    return name.startswith(_LEFT_OUT_PREFIXES) or name.lower().endswith(_UNFINISHED_SUFFIXES)


def is_pruned_name(name: bytes) -> bool:
    """True for the names of directories that are never looked into, whatever the user says."""
    lower = name.lower()
    return (
        name.startswith(b".") or lower in _FOREIGN_DIRECTORIES or lower.endswith(_PACKAGE_SUFFIXES)
    )


@dataclass(frozen=True, slots=True)
class ScanRules:
    """What the user and the program leave out, in every folder alike.

    Attributes:
        exclude: The user's patterns.
        follow_links: Links to directories are followed, unless they lead back into the folder.
        own_directories: Absolute paths of directories that are the program's own.
    """

    exclude: tuple[str, ...] = ()
    follow_links: bool = False
    own_directories: tuple[bytes, ...] = ()
    _patterns: tuple[tuple[re.Pattern[str], bool], ...] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Compiles the patterns."""
        object.__setattr__(self, "_patterns", tuple(_compiled(self.exclude)))

    def below(self, root: bytes) -> FolderRules:
        """Returns the rules of one folder.

        Args:
            root: Its absolute path.
        """
        own = {
            os.path.relpath(directory, base)
            for directory in map(os.path.realpath, self.own_directories)
            for base in (os.path.realpath(root),)
        }
        return FolderRules(
            self._patterns, self.follow_links, frozenset(path.replace(_SEP, b"/") for path in own)
        )


_SEP = os.fsencode(os.sep)


class FolderRules:
    """The rules, for paths below one folder. Any thread.

    Args:
        patterns: What the user excludes, and whether each takes back instead.
        follow_links: See `ScanRules`.
        own: Paths of the program's own directories, below the folder or not.
    """

    def __init__(
        self,
        patterns: Sequence[tuple[re.Pattern[str], bool]],
        follow_links: bool,
        own: frozenset[bytes],
    ) -> None:
        self.follow_links = follow_links
        #: Whether files have to be asked about one by one, beside their names.
        self.has_patterns = bool(patterns)
        self._patterns = tuple(reversed(patterns))
        self._own = own

    def prunes(self, rel_path: bytes) -> bool:
        """True for a directory that is not looked into; those above it are not asked about."""
        return (
            is_pruned_name(rel_path[rel_path.rfind(b"/") + 1 :])
            or rel_path in self._own
            or (self.has_patterns and self._is_excluded(rel_path, "/"))
        )

    def leaves_out(self, rel_path: bytes) -> bool:
        """True for a file that is not looked at; directories above it are not asked about."""
        return is_left_out_name(rel_path[rel_path.rfind(b"/") + 1 :]) or (
            self.has_patterns and self._is_excluded(rel_path, "")
        )

    def admits(self, rel_path: bytes, *, is_directory: bool = False) -> bool:
        """True where a scan would come to this path: nothing above it is pruned either."""
        if not rel_path:
            return True
        if self.prunes(rel_path) if is_directory else self.leaves_out(rel_path):
            return False
        above = rel_path.rpartition(b"/")[0]
        while above:
            if self.prunes(above):
                return False
            above = above.rpartition(b"/")[0]
        return True

    def _is_excluded(self, rel_path: bytes, end: str) -> bool:
        text = _plain(os.fsdecode(rel_path)) + end
        for pattern, is_taken_back in self._patterns:
            if pattern.fullmatch(text):
                return not is_taken_back
        return False


def _plain(text: str) -> str:
    """One way to write accented letters: file systems and keyboards differ in it."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _compiled(patterns: Sequence[str]) -> list[tuple[re.Pattern[str], bool]]:
    compiled = []
    for written in patterns:
        pattern = _plain(written.strip())
        is_taken_back = pattern.startswith("!")
        pattern = pattern.removeprefix("!")
        if pattern.strip("/"):
            flags = re.IGNORECASE | re.DOTALL
            compiled.append((re.compile(_expression(pattern), flags), is_taken_back))
    return compiled


def _expression(pattern: str) -> str:
    """Translates a pattern; it is matched against paths, those of directories end with `/`."""
    body = pattern.rstrip("/")
    is_name = "/" not in body
    parts = body.strip("/").split("/")
    expression = "(?:.*/)?" if is_name else ""
    for index, part in enumerate(parts):
        is_last = index == len(parts) - 1
        if part == "**":
            expression += ".+" if is_last else "(?:.*/)?"
        else:
            # No name is empty: "a/*" is not "a/".
            expression += "(?=[^/])" + _name_expression(part) + ("" if is_last else "/")
    return expression + ("/" if pattern.endswith("/") else "/?")


def _name_expression(part: str) -> str:
    expression = ""
    index = 0
    while index < len(part):
        letter = part[index]
        index += 1
        if letter == "*":
            expression += "[^/]*"
        elif letter == "?":
            expression += "[^/]"
        elif letter == "[" and (end := part.find("]", index + 1)) > 0:
            inside = part[index:end].replace("\\", "\\\\")
            inside = "^" + inside[1:] if inside[0] in "!^" else inside
            expression += f"(?!/)[{inside}]"
            index = end + 1
        else:
            expression += re.escape(letter)
    return expression
