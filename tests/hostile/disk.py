"""Folders that never rest: whatever people and programs do to photos, by the throw of a dice.

One `Disk` per soak, on one thread. What is on the disk is the truth; nothing is kept in mind but
where the roots are.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.hostile import marks

#: Beyond so many files more are deleted than made: looking through them is not the point.
_FILES_MAX = 500
_BURST = 40
#: Each root keeps one file, since a root without any counts as unplugged.
_ANCHOR = "anchor.jpg"


class Disk:
    """Some roots and what happens below them.

    Args:
        directory: Everything is below it.
        dice: Decides everything.
        root_count: How many folders are watched.
    """

    def __init__(self, directory: Path, dice: random.Random, root_count: int = 3) -> None:
        self._dice = dice
        self._outside = directory / "outside"
        self._outside.mkdir(parents=True)
        self.roots = [directory / f"disk {number}" for number in range(root_count)]
        self._away: dict[Path, Path] = {}
        self._number = 0
        self._names = 0
        for root in self.roots:
            root.mkdir()
            suffix, encoded = "", b""
            while suffix != ".jpg":
                suffix, encoded = marks.encoded_picture(self._new_number(), dice)
            (root / _ANCHOR).write_bytes(encoded)
            for _ in range(10):
                self.create()

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

    def act(self) -> str:
        """Does one thing; returns what, for the log."""
        actions = list(_ACTIONS)
        weights = [_ACTIONS[action] for action in actions]
        if len(self.files()) > _FILES_MAX:
            weights = [w * 5 if action in _LESSENING else w for action, w in _ACTIONS.items()]
        action = self._dice.choices(actions, weights)[0]
        return f"{action.__name__} {action(self) or '(nothing to do)'}"

    def create(self) -> str:
        """A new picture, as a camera import writes it: in two pieces."""
        path, encoded = self._new_file(marks.encoded_picture)
        with path.open("wb") as file:
            file.write(encoded[: len(encoded) // 2])
            file.flush()
            file.write(encoded[len(encoded) // 2 :])
        return str(path)

    def create_broken(self) -> str:
        path, encoded = self._new_file(marks.broken_picture)
        path.write_bytes(encoded)
        return str(path)

    def create_other(self) -> str:
        """Something that is no photo."""
        path = (
            self._directory() / f"{self._new_name()}{self._dice.choice(('.txt', '.xmp', '.mp4'))}"
        )
        path.write_bytes(b"<x/>")
        return str(path)

    def download(self) -> str:
        """A picture that gets its name when it is whole."""
        path, encoded = self._new_file(marks.encoded_picture)
        partial = path.with_name(path.name + ".part")
        partial.write_bytes(encoded)
        partial.rename(path)
        return str(path)

    def create_in_new_folders(self) -> str:
        """Folders in folders, with files at once: no watcher is quick enough for that."""
        directory = self._directory() / self._new_name() / self._new_name()
        directory.mkdir(parents=True)
        for _ in range(3):
            path, encoded = self._new_file(marks.encoded_picture, directory)
            path.write_bytes(encoded)
        return str(directory)

    def burst(self) -> str:
        directory = self._directory()
        for _ in range(_BURST):
            path, encoded = self._new_file(marks.encoded_picture, directory)
            path.write_bytes(encoded)
        return str(directory)

    def copy(self) -> str:
        path = self._file()
        if path is None:
            return ""
        target = self._directory() / f"{self._new_name()}{path.suffix}"
        (shutil.copy2 if self._dice.random() < 0.5 else shutil.copy)(path, target)
        return f"{path} -> {target}"

    def hard_link(self) -> str:
        path = self._file()
        if path is None:
            return ""
        target = self._directory() / f"{self._new_name()}{path.suffix}"
        os.link(path, target)
        return f"{path} -> {target}"

    def move(self) -> str:
        path = self._file()
        if path is None:
            return ""
        target = self._directory() / f"{self._new_name()}{path.suffix}"
        path.rename(target)
        return f"{path} -> {target}"

    def change_case(self) -> str:
        path = self._file()
        if path is None:
            return ""
        target = path.with_name(path.name.swapcase())
        if target.exists():
            return ""
        path.rename(target)
        return f"{path} -> {target}"

    def swap(self) -> str:
        """Two files change places."""
        one, two = self._file(), self._file()
        if one is None or two is None or one.suffix != two.suffix or one.samefile(two):
            return ""
        aside = one.with_name(one.name + ".aside")
        one.rename(aside)
        two.rename(one)
        aside.rename(two)
        return f"{one} <-> {two}"

    def delete(self) -> str:
        path = self._file()
        if path is None:
            return ""
        path.unlink()
        return str(path)

    def replace(self) -> str:
        """Another picture under the same name, written over the old one."""
        path, encoded = self._other_content()
        if path is None:
            return ""
        path.write_bytes(encoded)
        return str(path)

    def replace_at_once(self) -> str:
        """Another picture under the same name, moved over the old one."""
        path, encoded = self._other_content()
        if path is None:
            return ""
        draft = path.with_name("." + path.name + ".new")
        draft.write_bytes(encoded)
        draft.replace(path)
        return str(path)

    def edit_tags(self) -> str:
        """Another caption in the header; the picture stays what it is."""
        path = self._file()
        if path is None or not marks.can_be_tagged(path.read_bytes()):
            return ""
        encoded = marks.tagged(path.read_bytes(), self._dice)
        if self._dice.random() < 0.3:
            path.write_bytes(encoded)
        else:
            draft = path.with_name(path.name + "_exiftool_tmp")
            draft.write_bytes(encoded)
            draft.replace(path)
        return str(path)

    def touch(self) -> str:
        """A restored backup: the same file with another time."""
        path = self._file()
        if path is None:
            return ""
        moment = self._dice.randint(1_000_000_000, 1_700_000_000)
        os.utime(path, (moment, moment))
        return str(path)

    def rename_folder(self) -> str:
        directory = self._subdirectory()
        if directory is None:
            return ""
        target = directory.with_name(self._new_name())
        directory.rename(target)
        return f"{directory} -> {target}"

    def move_folder(self) -> str:
        """A folder goes to another one, perhaps of another root."""
        directory = self._subdirectory()
        if directory is None:
            return ""
        parents = [path for path in self._directories() if not path.is_relative_to(directory)]
        target = self._dice.choice(parents) / self._new_name()
        directory.rename(target)
        return f"{directory} -> {target}"

    def move_folder_out(self) -> str:
        directory = self._subdirectory()
        if directory is None:
            return ""
        directory.rename(self._outside / self._new_name())
        return str(directory)

    def move_folder_in(self) -> str:
        outside = sorted(self._outside.iterdir())
        if not outside:
            return ""
        target = self._directory() / self._new_name()
        self._dice.choice(outside).rename(target)
        return str(target)

    def delete_folder(self) -> str:
        directory = self._subdirectory()
        if directory is None:
            return ""
        shutil.rmtree(directory)
        return str(directory)

    def unplug(self) -> str:
        """A root goes away, with all that is in it."""
        if len(self.present) < 2:
            return self.plug_in()
        root = self._dice.choice(self.present)
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
        while self._away:
            self.plug_in()

    def _new_number(self) -> int:
        self._number += 1
        return self._number % marks.NUMBER_MAX

    def _new_name(self) -> str:
        self._names += 1
        return f"{self._dice.choice(('IMG_', 'é ', 'x%_', 'Foto '))}{self._names:05}"

    def _new_file(
        self,
        make: Callable[[int, random.Random], tuple[str, bytes]],
        directory: Path | None = None,
    ) -> tuple[Path, bytes]:
        suffix, encoded = make(self._new_number(), self._dice)
        return (directory or self._directory()) / f"{self._new_name()}{suffix}", encoded

    def _other_content(self) -> tuple[Path | None, bytes]:
        path = self._file()
        make = marks.broken_picture if self._dice.random() < 0.1 else marks.encoded_picture
        return path, make(self._new_number(), self._dice)[1]

    def _file(self) -> Path | None:
        files = self.files()
        return self._dice.choice(files) if files else None

    def _directories(self) -> list[Path]:
        return sorted(Path(name) for root in self.present for name, _, _ in os.walk(root))

    def _directory(self) -> Path:
        directory = self._dice.choice(self._directories())
        if self._dice.random() < 0.2:
            directory = directory / self._new_name()
            directory.mkdir()
        return directory

    def _subdirectory(self) -> Path | None:
        directories = [path for path in self._directories() if path not in self.roots]
        return self._dice.choice(directories) if directories else None


#: What happens, and how often.
_ACTIONS: dict[Callable[[Disk], str], float] = {
    Disk.create: 8,
    Disk.create_broken: 1,
    Disk.create_other: 1,
    Disk.download: 3,
    Disk.create_in_new_folders: 1,
    Disk.burst: 0.2,
    Disk.copy: 4,
    Disk.hard_link: 2,
    Disk.move: 6,
    Disk.change_case: 1,
    Disk.swap: 2,
    Disk.delete: 4,
    Disk.replace: 3,
    Disk.replace_at_once: 3,
    Disk.edit_tags: 12,
    Disk.touch: 1,
    Disk.rename_folder: 2,
    Disk.move_folder: 1,
    Disk.move_folder_out: 1,
    Disk.move_folder_in: 1,
    Disk.delete_folder: 0.3,
    Disk.unplug: 0.3,
    Disk.plug_in: 1,
}
_LESSENING = frozenset({Disk.delete, Disk.delete_folder})
