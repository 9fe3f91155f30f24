"""A folder or a zip file that came from elsewhere: its files by name, read as a stream.

Names in it are never used as paths on this machine: whoever copies files says where each goes.
"""

from __future__ import annotations

import contextlib
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from photosearch.embed.bytes_meter import BytesMeter
from photosearch.errors import ModelError, UsageError

_CHUNK_BYTES = 1 << 20
#: A folder with more files was meant for something else, e.g. a whole disk.
_MOST_FILES = 20_000


class Bundle(Protocol):
    """Files to be imported."""

    @property
    def path(self) -> Path:
        """The folder or zip file."""
        ...

    @property
    def sizes(self) -> Mapping[str, int]:
        """Bytes of each file by its name, with `/` between the parts."""
        ...

    def open(self, name: str) -> contextlib.AbstractContextManager[IO[bytes]]:
        """Opens a file for reading."""
        ...


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Bundle]:
    """Opens a folder or a zip file.

    Raises:
        UsageError: It is neither, or cannot be read.
        ModelError: The zip file is damaged or dangerous; also for what is read inside the block.
    """
    try:
        is_folder, is_file = path.is_dir(), path.is_file()
    except OSError as error:
        raise _unreadable(path, error) from error
    if is_folder:
        yield _Folder(path)
        return
    if not is_file:
        raise UsageError(f"{path} does not exist.", "Give a folder or a zip file.")
    try:
        path.open("rb").close()
    except OSError as error:
        raise _unreadable(path, error) from error
    try:
        with zipfile.ZipFile(path) as archive:
            yield _Zip(path, archive)
    # RuntimeError: encrypted; NotImplementedError and zlib's: packed in a way that is not known.
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise ModelError(
            f"{path} is no zip file, or a damaged one: {error}.", "Copy or export it again."
        ) from error


def _unreadable(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"{path} cannot be read: {error.strerror or error}.",
        "Name the model's own folder or file, or make it readable.",
    )


def copy(bundle: Bundle, name: str, target: Path, meter: BytesMeter) -> None:
    """Copies a file out of a bundle.

    Args:
        bundle: The bundle.
        name: One of its names.
        target: Where to; its directory is made.
        meter: Counts, and stops it where it is no longer wanted.

    Raises:
        UsageError: The file cannot be read.
        Cancelled: It is no longer wanted.
        OSError: The disk refuses.
    """
    meter.name = name
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        opened_file = bundle.open(name)
    except OSError as error:
        raise _unreadable(bundle.path / name, error) from error
    with opened_file as source, target.open("xb") as file:
        while chunk := source.read(_CHUNK_BYTES):
            file.write(chunk)
            meter.moved(len(chunk))


class _Folder:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.sizes: dict[str, int] = {}
        # Links are followed: the hub's own cache consists of them.
        for root, _, names in os.walk(path, onerror=self._refuse):
            for name in names:
                file = Path(root) / name
                try:
                    if file.is_file():
                        self.sizes[file.relative_to(path).as_posix()] = file.stat().st_size
                except OSError as error:
                    self._refuse(error)
            if len(self.sizes) > _MOST_FILES:
                raise UsageError(
                    f"{path} holds more than {_MOST_FILES:,} files.", "Name the model's own folder."
                )

    def _refuse(self, error: OSError) -> None:
        raise _unreadable(Path(error.filename or self.path), error) from error

    def open(self, name: str) -> contextlib.AbstractContextManager[IO[bytes]]:
        return (self.path / name).open("rb")


class _Zip:
    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path = path
        self._archive = archive
        self.sizes = {}
        for info in archive.infolist():
            if info.is_dir():
                continue
            name = info.filename
            if name.startswith("/") or "\\" in name or ".." in PurePosixPath(name).parts:
                raise ModelError(
                    f'{path} holds a file that points out of it: "{name}".',
                    "Nothing was imported. Do not trust where it came from.",
                )
            self.sizes[name] = info.file_size

    def open(self, name: str) -> contextlib.AbstractContextManager[IO[bytes]]:
        return self._archive.open(name)
