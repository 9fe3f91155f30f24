"""What the user chose, in TOML files that may be edited by hand.

A library's own settings lie in its directory and are the engine's to write.
"""

from __future__ import annotations

import difflib
import os
import re
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

import tomlkit
from tomlkit.exceptions import ParseError, TOMLKitError

from photosearch.errors import UsageError

SCHEMA_VERSION = 1
DEFAULT_MODEL = "sample"
#: A library's own settings, in its directory.
LIBRARY_FILE = "library.toml"
#: What a key takes, by the type of its default, for people.
_MEANT = {
    bool: "true or false",
    int: "a whole number",
    str: "a text in quotes",
    tuple: 'a list of patterns, such as ["Screenshots", "*/cache/*"]',
}
#: tomlkit's own way of saying where, at the end of what is wrong.
_WHERE = re.compile(r" at line \d+ col \d+$")


@dataclass(frozen=True, slots=True)
class _TomlSettings:
    """Settings that are read from and written to one file; fields are the file's keys."""

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads a file; what it does not say has its default.

        Raises:
            UsageError: The file is no TOML, is newer than this program, or holds a wrong value.
        """
        return cls._checked(_read(path), path)

    @classmethod
    def unknown_keys(cls, path: Path) -> list[str]:
        """Says of each key in a file that means nothing which one may have been meant.

        Raises:
            UsageError: The file is no TOML.
        """
        known = [field.name for field in fields(cls)]
        told = []
        for key in _read(path):
            if key not in known and key != "version":
                near = difflib.get_close_matches(key.lower().replace("-", "_"), known, 1)
                meant = f'; "{near[0]}" may be meant' if near else ""
                told.append(f'"{key}" in {path} is no setting{meant}')
        return told

    @classmethod
    def _checked(cls, values: dict[str, Any], path: Path) -> Self:
        version = values.pop("version", SCHEMA_VERSION)
        if not isinstance(version, int) or version > SCHEMA_VERSION:
            raise UsageError(
                f"The settings in {path} were written by a newer Photosearch.",
                "Update Photosearch.",
            )
        known = {field.name: field for field in fields(cls)}
        defaults = cls()
        chosen = {}
        for key, value in values.items():
            if key not in known:
                continue  # a later version's, or a slip (see `unknown_keys`): kept, not used
            default = getattr(defaults, key)
            if isinstance(default, tuple) and isinstance(value, list):
                value = tuple(value)  # a list of texts
                is_right = all(isinstance(text, str) for text in value)
            else:
                is_right = type(value) is type(default)
            if not is_right:
                raise UsageError(
                    f'"{key}" in {path} has a wrong value: {value!r}.',
                    f"Write {_meant(key, value, default)}.",
                )
            chosen[key] = value
        return replace(defaults, **chosen)

    def save(self, path: Path) -> None:
        """Writes the file in one piece, keeping the comments and unknown keys that are in it.

        Raises:
            UsageError: The file cannot be written, or what is there cannot be read.
        """
        try:
            document = tomlkit.parse(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            document = tomlkit.document()
        except (OSError, UnicodeDecodeError, TOMLKitError) as error:
            raise UsageError(f"The settings in {path} cannot be read: {error}.") from error
        document["version"] = SCHEMA_VERSION
        for field in fields(self):
            value = getattr(self, field.name)
            document[field.name] = list(value) if isinstance(value, tuple) else value
        aside = path.with_name(path.name + ".new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            aside.write_text(tomlkit.dumps(document), encoding="utf-8")
            os.replace(aside, path)  # noqa: PTH105 - atomic
        except OSError as error:
            raise UsageError(f"The settings in {path} cannot be saved: {error}.") from error


def _read(path: Path) -> dict[str, Any]:
    """Returns what a file says; nothing where there is none.

    Raises:
        UsageError: It cannot be read, or is no TOML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The settings in {path} cannot be read: {error}.") from error
    try:
        return tomlkit.parse(text).unwrap()
    except TOMLKitError as error:
        where, what = "", _WHERE.sub("", str(error)).rstrip(".")
        if isinstance(error, ParseError):
            where = f" in line {error.line}, column {max(1, error.col)}"
        if what.startswith("Control characters"):
            what = "the closing quote of a text is missing"
        raise UsageError(
            f"{path} is not valid TOML{where}: {what[:1].lower()}{what[1:]}.",
            'Mend or delete it. A line looks like key = "text", key = 3, key = true '
            'or key = ["one", "two"].',
        ) from error


def _meant(key: str, value: object, default: object) -> str:
    if isinstance(default, tuple) and isinstance(value, str):
        return f"a list of patterns: {tomlkit.dumps({key: [value]}).strip()}"
    return _MEANT[type(default)]


@dataclass(frozen=True, slots=True)
class LibrarySettings(_TomlSettings):
    """Settings of one library.

    Attributes:
        model: Id of a model in the catalogue, or the directory of one: the one that was chosen.
        answering: The one that answers until every photo has its vector in the chosen one; ""
            where that is the case.
        watch_in_background: The engine stays when the last window and command have gone, and takes
            in what changes.
        on_battery: How index work goes on battery: "slow" (one file at a time, with pauses; it
            waits where less than 30 % are left), "wait" or "ignore".
        wait_in_full_screen: Index work waits while another program fills the screen.
        threads: Most threads that read photos and compute at once; 0 for one per core.
        exclude: Files and directories that are left out, as patterns (see `index/rules`), e.g.
            `exclude = ["Screenshots", "*/cache/*"]`. Counts from the next scan on.
        follow_links: Links to directories are followed, those out of the folder.
        rescan_minutes: How often folders are looked through in which the system does not tell of
            changes, such as those on network disks; at least 1.
        thumbnails_max_mb: How large the thumbnails may grow together; 0 for as large as they are.
            Those of photos that cannot be reached are always kept.
    """

    model: str = DEFAULT_MODEL
    answering: str = ""
    watch_in_background: bool = False
    on_battery: str = "slow"
    wait_in_full_screen: bool = True
    threads: int = 0
    exclude: tuple[str, ...] = ()
    follow_links: bool = False
    rescan_minutes: int = 15
    thumbnails_max_mb: int = 0
