from __future__ import annotations

import os
from pathlib import Path

import pytest

from photosearch.core.photo import FileStamp
from photosearch.images.sidecars import is_sidecar, sidecar_of


def found(photo: Path) -> str | None:
    sidecar = sidecar_of(os.fsencode(photo))
    return None if sidecar is None else Path(os.fsdecode(sidecar[0])).name


@pytest.mark.parametrize("name", ["a.jpg.xmp", "a.jpg.XMP", "a.xmp", "a.XMP"])
def test_a_sidecar_lies_beside_its_photo(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"<xmp/>")
    assert found(tmp_path / "a.jpg") == name
    assert found(tmp_path / "b.jpg") is None


def test_the_one_that_names_the_whole_photo_goes_first(tmp_path: Path) -> None:
    (tmp_path / "a.xmp").write_bytes(b"")
    (tmp_path / "a.nef.xmp").write_bytes(b"")
    assert found(tmp_path / "a.nef") == "a.nef.xmp"
    assert found(tmp_path / "a.jpg") == "a.xmp"


def test_its_stamp_tells_whether_it_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.xmp"
    path.write_bytes(b"four")
    os.utime(path, ns=(5, 7_000_000_000))
    sidecar = sidecar_of(os.fsencode(tmp_path / "a.jpg"))
    assert sidecar == (os.fsencode(path), FileStamp(4, 7_000_000_000))


def test_strange_names_have_none(tmp_path: Path) -> None:
    assert sidecar_of(b"nul\0.jpg") is None
    assert sidecar_of(os.fsencode(tmp_path) + b"/" + b"long" * 100) is None
    assert sidecar_of(os.fsencode(tmp_path / "without-suffix")) is None


def test_names_of_sidecars() -> None:
    assert is_sidecar(b"a.Xmp")
    assert not is_sidecar(b"a.xmp.jpg")
