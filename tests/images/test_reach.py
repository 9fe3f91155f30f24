"""Files at every kind of place, and those whose content is not here."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from photosearch.core.failure import FailureCode
from photosearch.core.ports import DecodeError
from photosearch.images import source
from photosearch.images.decode import decode
from photosearch.images.listing import list_photo
from photosearch.images.reach import refusal

from .samples import WHOLE, encoded, quartered

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="others refuse it")


@pytest.fixture
def deep_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder whose path is longer than the system takes in one piece."""
    step = "d" * 200
    here = os.open(tmp_path, os.O_RDONLY)
    path = tmp_path
    for _ in range(25):
        os.mkdir(step, dir_fd=here)
        inner = os.open(step, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
        path = path / step
    with os.fdopen(os.open("a.png", os.O_CREAT | os.O_WRONLY, dir_fd=here), "wb") as file:
        file.write(encoded(quartered(), "PNG"))
    os.mkfifo("pipe.png", dir_fd=here)
    yield path
    # As pytest cannot remove it at this length: from the inside to the outside.
    os.unlink("a.png", dir_fd=here)
    os.unlink("pipe.png", dir_fd=here)
    for _ in range(25):
        outer = os.open("..", os.O_RDONLY, dir_fd=here)
        os.rmdir(step, dir_fd=outer)
        os.close(here)
        here = outer
    os.close(here)


@linux_only
def test_path_longer_than_the_system_takes(deep_folder: Path) -> None:
    path = deep_folder / "a.png"
    assert len(os.fsencode(path)) > 4096
    photo = decode(path, WHOLE)
    assert photo.facts.width_px == 96
    assert list_photo(path).stamp == photo.stamp
    for name, code in (("gone.png", FailureCode.VANISHED), ("pipe.png", FailureCode.NOT_A_FILE)):
        with pytest.raises(DecodeError) as caught:
            decode(deep_folder / name, WHOLE)
        assert caught.value.reason.code is code


@linux_only
@pytest.mark.parametrize(
    "name",
    [b"line\nfeed.jpg", b"caf\xe9\xff.jpg", b" %_'\".jpg", b"\x01\x7f.jpg", b"x" * 251 + b".jpg"],
)
def test_names_of_any_bytes(tmp_path: Path, name: bytes) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    path.write_bytes(encoded(quartered()))
    assert decode(path, WHOLE).facts.width_px == list_photo(path).facts.width_px == 96


def test_name_with_a_nul() -> None:
    for read in (lambda path: decode(path, WHOLE), list_photo):
        with pytest.raises(DecodeError) as caught:
            read(Path("nul\0.jpg"))
        assert caught.value.reason.code is FailureCode.READ_ERROR


@pytest.mark.parametrize(
    "status",
    [{"st_flags": 0x40000000}, {"st_file_attributes": 0x1000}, {"st_file_attributes": 0x400000}],
)
def test_file_whose_content_is_elsewhere_is_never_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: dict[str, int]
) -> None:
    path = tmp_path / "cloud.jpg"
    path.write_bytes(encoded(quartered()))
    real = path.stat()
    fields = {name: getattr(real, name) for name in ("st_mode", "st_size", "st_mtime_ns")}
    placeholder = SimpleNamespace(**fields, **status)
    assert refusal(placeholder) is FailureCode.ONLINE_ONLY

    def never(*_args: object, **_options: object) -> int:
        raise AssertionError("opened")

    monkeypatch.setattr(source, "refusal", lambda _status: refusal(placeholder))
    monkeypatch.setattr(source, "open_to_read", never)
    for read in (lambda path: decode(path, WHOLE), list_photo):
        with pytest.raises(DecodeError) as caught:
            read(path)
        assert caught.value.reason.code is FailureCode.ONLINE_ONLY


@linux_only
def test_file_that_grows_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What its stamp speaks of is read; the next scan sees another stamp."""
    path = tmp_path / "a.jpg"
    whole = encoded(quartered())
    path.write_bytes(whole)
    status = path.stat()
    with path.open("ab") as file:
        file.write(b"more" * 1000)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fstat", lambda _descriptor: status)
        photo, listed = decode(path, WHOLE), list_photo(path)
    assert photo.stamp.size_bytes == len(whole)
    assert photo.traits == listed.traits
