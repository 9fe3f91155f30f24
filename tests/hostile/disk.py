"""Folders that never rest: whatever people and programs do to photos, by the throw of a dice.

One `Disk` per soak, on one thread.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable

from tests.hostile import marks
from tests.hostile.roots import Roots

#: Beyond so many files more are deleted than made: looking through them is not the point.
_FILES_MAX = 500
_BURST = 40
#: In each root at the beginning.
_FIRST_FILES = 10


class Disk(Roots):
    """Roots and what happens below them; each method does one thing and says what."""

    def fill(self) -> None:
        """Makes some files to begin with."""
        for _ in range(_FIRST_FILES * len(self.roots)):
            self.create()

    def act(self) -> str:
        """Does one thing; returns what, for the log."""
        actions = list(_ACTIONS)
        weights = [_ACTIONS[action] for action in actions]
        if len(self.files()) > _FILES_MAX:
            weights = [w * 5 if action in _LESSENING else w for action, w in _ACTIONS.items()]
        action = self.dice.choices(actions, weights)[0]
        return f"{action.__name__} {action(self) or '(nothing to do)'}"

    def create(self) -> str:
        """A new picture, as a camera import writes it: in two pieces."""
        path, encoded = self.new_file(marks.encoded_picture)
        with path.open("wb") as file:
            file.write(encoded[: len(encoded) // 2])
            file.flush()
            file.write(encoded[len(encoded) // 2 :])
        return str(path)

    def create_broken(self) -> str:
        path, encoded = self.new_file(marks.broken_picture)
        path.write_bytes(encoded)
        return str(path)

    def create_other(self) -> str:
        """Something that is no photo."""
        path = (
            self.some_directory() / f"{self.new_name()}{self.dice.choice(('.txt', '.xmp', '.mp4'))}"
        )
        path.write_bytes(b"<x/>")
        return str(path)

    def download(self) -> str:
        """A picture that gets its name when it is whole."""
        path, encoded = self.new_file(marks.encoded_picture)
        partial = path.with_name(path.name + ".part")
        partial.write_bytes(encoded)
        partial.rename(path)
        return str(path)

    def create_in_new_folders(self) -> str:
        """Folders in folders, with files at once: no watcher is quick enough for that."""
        directory = self.some_directory() / self.new_name() / self.new_name()
        directory.mkdir(parents=True)
        for _ in range(3):
            path, encoded = self.new_file(marks.encoded_picture, directory)
            path.write_bytes(encoded)
        return str(directory)

    def burst(self) -> str:
        directory = self.some_directory()
        for _ in range(_BURST):
            path, encoded = self.new_file(marks.encoded_picture, directory)
            path.write_bytes(encoded)
        return str(directory)

    def copy(self) -> str:
        path = self.some_file()
        if path is None:
            return ""
        target = self.some_directory() / f"{self.new_name()}{path.suffix}"
        (shutil.copy2 if self.dice.random() < 0.5 else shutil.copy)(path, target)
        return f"{path} -> {target}"

    def hard_link(self) -> str:
        path = self.some_file()
        if path is None:
            return ""
        target = self.some_directory() / f"{self.new_name()}{path.suffix}"
        os.link(path, target)
        return f"{path} -> {target}"

    def move(self) -> str:
        path = self.some_file()
        if path is None:
            return ""
        target = self.some_directory() / f"{self.new_name()}{path.suffix}"
        path.rename(target)
        return f"{path} -> {target}"

    def change_case(self) -> str:
        path = self.some_file()
        if path is None:
            return ""
        target = path.with_name(path.name.swapcase())
        if target.exists():
            return ""
        path.rename(target)
        return f"{path} -> {target}"

    def swap(self) -> str:
        """Two files change places."""
        one, two = self.some_file(), self.some_file()
        if one is None or two is None or one.suffix != two.suffix or one.samefile(two):
            return ""
        aside = one.with_name(one.name + ".aside")
        one.rename(aside)
        two.rename(one)
        aside.rename(two)
        return f"{one} <-> {two}"

    def delete(self) -> str:
        path = self.some_file()
        if path is None:
            return ""
        path.unlink()
        return str(path)

    def replace(self) -> str:
        """Another picture under the same name, written over the old one."""
        path, encoded = self.other_content()
        if path is None:
            return ""
        path.write_bytes(encoded)
        return str(path)

    def replace_at_once(self) -> str:
        """Another picture under the same name, moved over the old one."""
        path, encoded = self.other_content()
        if path is None:
            return ""
        draft = path.with_name("." + path.name + ".new")
        draft.write_bytes(encoded)
        draft.replace(path)
        return str(path)

    def edit_tags(self) -> str:
        """Another caption in the header; the picture stays what it is."""
        path = self.some_file()
        if path is None or not marks.can_be_tagged(path.read_bytes()):
            return ""
        encoded = marks.tagged(path.read_bytes(), self.dice)
        if self.dice.random() < 0.3:
            path.write_bytes(encoded)
        else:
            draft = path.with_name(path.name + "_exiftool_tmp")
            draft.write_bytes(encoded)
            draft.replace(path)
        return str(path)

    def touch(self) -> str:
        """A restored backup: the same file with another time."""
        path = self.some_file()
        if path is None:
            return ""
        moment = self.dice.randint(1_000_000_000, 1_700_000_000)
        os.utime(path, (moment, moment))
        return str(path)

    def rename_folder(self) -> str:
        directory = self.subdirectory()
        if directory is None:
            return ""
        target = directory.with_name(self.new_name())
        directory.rename(target)
        return f"{directory} -> {target}"

    def move_folder(self) -> str:
        """A folder goes to another one, perhaps of another root."""
        directory = self.subdirectory()
        if directory is None:
            return ""
        parents = [path for path in self.directories() if not path.is_relative_to(directory)]
        target = self.dice.choice(parents) / self.new_name()
        directory.rename(target)
        return f"{directory} -> {target}"

    def move_folder_out(self) -> str:
        directory = self.subdirectory()
        if directory is None:
            return ""
        directory.rename(self.outside / self.new_name())
        return str(directory)

    def move_folder_in(self) -> str:
        outside = sorted(self.outside.iterdir())
        if not outside:
            return ""
        target = self.some_directory() / self.new_name()
        self.dice.choice(outside).rename(target)
        return str(target)

    def delete_folder(self) -> str:
        directory = self.subdirectory()
        if directory is None:
            return ""
        shutil.rmtree(directory)
        return str(directory)


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
