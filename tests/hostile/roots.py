"""The watched folders of a soak: where they are, what is in them, and names for what is new.

What is on the disk is the truth; nothing is kept in mind but where the roots are.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

from tests.hostile import marks

#: Each root keeps one file, since a root without any counts as unplugged.
_ANCHOR = "anchor.jpg"


class Roots:
    """Some folders that may be unplugged.

    Args:
        directory: Everything is below it.
        dice: Decides everything.
        root_count: How many folders are watched.
    """

    def __init__(self, directory: Path, dice: random.Random, root_count: int = 3) -> None:
        self.dice = dice
        self.outside = directory / "outside"
        self.outside.mkdir(parents=True)
        self.roots = [directory / f"disk {number}" for number in range(root_count)]
        self._away: dict[Path, Path] = {}
        self._number = 0
        self._names = 0
        for root in self.roots:
            root.mkdir()
            suffix, encoded = "", b""
            while suffix != ".jpg":
                suffix, encoded = marks.encoded_picture(self.new_number(), dice)
            (root / _ANCHOR).write_bytes(encoded)

    @property
    def present(self) -> list[Path]:
        """The roots that are plugged in."""
        return [root for root in self.roots if root not in self._away]

    @property
    def anchors(self) -> list[Path]:
        """The one file of each root to which nothing happens."""
        return [root / _ANCHOR for root in self.roots]

    def files(self) -> list[Path]:
        """All photo files of the roots that are plugged in, but for the anchors."""
        found = [path for root in self.present for path in marks.photo_files(root)]
        return [path for path in found if path.name != _ANCHOR]

    def unplug(self) -> str:
        """A root goes away, with all that is in it."""
        if len(self.present) < 2:
            return self.plug_in()
        root = self.dice.choice(self.present)
        self._away[root] = root.with_name(root.name + " away")
        root.rename(self._away[root])
        return str(root)

    def plug_in(self) -> str:
        """A root that went away comes back."""
        if not self._away:
            return ""
        root, away = self._away.popitem()
        away.rename(root)
        return str(root)

    def plug_all_in(self) -> None:
        """All of them are back."""
        while self._away:
            self.plug_in()

    def new_number(self) -> int:
        """A number that no picture carries yet."""
        self._number += 1
        return self._number % marks.NUMBER_MAX

    def new_name(self) -> str:
        """A name without suffix that nothing has yet."""
        self._names += 1
        return f"{self.dice.choice(('IMG_', 'é ', 'x%_', 'Foto '))}{self._names:05}"

    def new_file(
        self,
        make: Callable[[int, random.Random], tuple[str, bytes]],
        directory: Path | None = None,
    ) -> tuple[Path, bytes]:
        """Where a file may be made, and what is to be in it."""
        suffix, encoded = make(self.new_number(), self.dice)
        return (directory or self.some_directory()) / f"{self.new_name()}{suffix}", encoded

    def other_content(self) -> tuple[Path | None, bytes]:
        """One of the files, and what it may hold from now on."""
        path = self.some_file()
        make = marks.broken_picture if self.dice.random() < 0.1 else marks.encoded_picture
        return path, make(self.new_number(), self.dice)[1]

    def some_file(self) -> Path | None:
        """One of the files; None where there is none."""
        files = self.files()
        return self.dice.choice(files) if files else None

    def directories(self) -> list[Path]:
        """The roots that are plugged in, and every directory below."""
        return sorted(Path(name) for root in self.present for name, _, _ in os.walk(root))

    def some_directory(self) -> Path:
        """One of the directories, sometimes a new one in it."""
        directory = self.dice.choice(self.directories())
        if self.dice.random() < 0.2:
            directory = directory / self.new_name()
            directory.mkdir()
        return directory

    def subdirectory(self) -> Path | None:
        """A directory that is no root; None where there is none."""
        directories = [path for path in self.directories() if path not in self.roots]
        return self.dice.choice(directories) if directories else None
