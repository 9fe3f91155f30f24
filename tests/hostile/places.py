"""Names and things in a folder that no program expects, each with what is to become of it."""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from photosearch.core.failure import FailureCode

NAME_MAX = 255
#: Linux opens paths of up to 4,095 bytes.
PATH_MAX = 4_096

#: Before the suffix of a picture; none of them may hide it or make another path of it.
ODD_NAMES = (
    *(b"line\nbreak", b"carriage\rreturn", b"tab\tbell\a\b\x1b[31mred\x1b[0m", b"delete\x7f"),
    *(
        b"caf\xe9 latin",
        b"\xff\xfe\xfd",
        b"half \xe2\x82",
        b"\xc0\x80 overlong nul",
        b"\xed\xa0\x80",
    ),
    *(
        "null \u2400 sign".encode(),
        b"%00",
        b"%s%n%d",
        b"{0}{path}",
        b"\\0",
        b"a\\b",
        b"\x01\x02\x03",
    ),
    *("\u202egpj.exe\u202c".encode(), "\u200f\u200e marks".encode(), "\ufeffbom".encode()),
    *("e\u0301 apart".encode(), "\u00e9 at once".encode(), "\U0001f4f7\u200d\U0001f308".encode()),
    *(b"-rf", b"--help", b"*", b"?", b"[a]", b"~", b"$HOME", b"`id`", b"'quoted\"", b";x", b"|x"),
    *(
        b" ",
        b" leading",
        b"trailing ",
        b"dots...",
        b"a.jpg",
        b"CON",
        b"file:x",
        b"'; DROP TABLE file",
    ),
    *(b"x" * (NAME_MAX - 4), "\u00e4".encode() * ((NAME_MAX - 4) // 2)),
)


@dataclass(frozen=True)
class Place:
    """Something in a folder under a picture's name.

    Attributes:
        name: What it is, for messages.
        path: Where.
        codes: Why it cannot be read; empty where it can.
    """

    name: str
    path: Path
    codes: frozenset[FailureCode] = frozenset()


def odd_names(directory: Path, picture: bytes) -> list[Place]:
    """A sound picture under each name that the file system takes."""
    made = []
    directory.mkdir()
    for number, name in enumerate(ODD_NAMES):
        path = Path(os.fsdecode(os.fsencode(directory) + b"/" + name + b".jpg"))
        with contextlib.suppress(OSError):  # a file system of other rules
            path.write_bytes(picture)
            made.append(Place(f"name {number} {name[:30]!r}", path))
    return made


def long_paths(directory: Path, picture: bytes) -> list[Place]:
    """A picture so deep that its path can just be opened, and one deeper."""
    directory.mkdir()
    made = []
    # A path that is too long to be opened at once can be reached step by step.
    before = Path.cwd()
    path = directory
    try:
        os.chdir(directory)
        while len(os.fsencode(path)) + NAME_MAX < PATH_MAX + 2 * NAME_MAX:
            for limit, name, codes in (
                (PATH_MAX - 1, "just", frozenset[FailureCode]()),
                (PATH_MAX + 100, "beyond", frozenset[FailureCode]()),
            ):
                stem = "y" * (limit - len(os.fsencode(path)) - 5)
                if 1 <= len(stem) <= NAME_MAX - 4:
                    Path(f"{stem}.jpg").write_bytes(picture)
                    made.append(Place(f"path {name} long enough", path / f"{stem}.jpg", codes))
            step = "d" * 200
            Path(step).mkdir()
            os.chdir(step)
            path = path / step
    finally:
        os.chdir(before)
    return made


def no_files(directory: Path, picture: bytes) -> list[Place]:
    """Pipes, sockets, devices, directories and links under the names of pictures."""
    directory.mkdir()

    def at(name: str) -> Path:
        return directory / f"{name}.jpg"

    def none(name: str, *codes: FailureCode) -> Place:
        return Place(name, at(name), frozenset(codes))

    os.mkfifo(at("pipe"))
    at("folder").mkdir()
    at("to-folder").symlink_to(at("folder"))
    at("to-pipe").symlink_to(at("pipe"))
    for device in ("zero", "random", "full", "null", "tty"):
        at(device).symlink_to(f"/dev/{device}")
    at("memory").symlink_to("/proc/self/mem")
    at("dangling").symlink_to(at("nothing"))
    at("loop").symlink_to(at("loop"))
    at("sound").write_bytes(picture)
    at("to-sound").symlink_to(at("sound"))
    at("empty").touch()
    sparse = at("sparse")
    sparse.touch()
    os.truncate(sparse, 3 << 30)
    no_file = [
        none(name, FailureCode.NOT_A_FILE)
        for name in ("pipe", "folder", "to-folder", "to-pipe", "zero", "random", "full", "null")
    ]
    places = [
        *no_file,
        none("tty", FailureCode.NOT_A_FILE, FailureCode.READ_ERROR, FailureCode.DANGLING_LINK),
        none("memory", FailureCode.EMPTY, FailureCode.READ_ERROR, FailureCode.NOT_A_FILE),
        none("dangling", FailureCode.DANGLING_LINK),
        none("loop", FailureCode.LINK_LOOP),
        none("sound"),
        none("to-sound"),
        none("empty", FailureCode.EMPTY),
        none("sparse", FailureCode.UNSUPPORTED, FailureCode.NOT_AN_IMAGE),
    ]
    if _bind(at("socket")):
        places.append(none("socket", FailureCode.NOT_A_FILE, FailureCode.READ_ERROR))
    return places


def _bind(path: Path) -> bool:
    """Leaves a socket behind; by way of a short path, since a socket's may have 107 bytes."""
    with (
        tempfile.TemporaryDirectory(prefix="ps-", dir="/tmp") as short,
        contextlib.closing(socket.socket(socket.AF_UNIX)) as made,
    ):
        made.bind(f"{short}/s")
        try:
            Path(short, "s").rename(path)
        except OSError:  # another file system
            return False
    return True


@contextlib.contextmanager
def device_node(path: Path) -> Iterator[bool]:
    """A device of its own, where we may make one: reading it never ends."""
    try:
        os.mknod(path, 0o600 | 0o020000, os.makedev(1, 5))
    except OSError:
        yield False
        return
    try:
        yield True
    finally:
        path.unlink()
