"""Every file that is no sound photo fails with its own reason, and costs itself only."""

from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageFile

from photosearch.core.failure import FailureCode, Stage
from photosearch.core.photo import FileStamp
from photosearch.core.ports import DecodeError
from photosearch.core.space import ImageInput
from photosearch.images.decode import decode
from photosearch.images.guard import DecodeLimits

from .samples import encoded, png_of_size, quartered, scenery

SMALL = ImageInput(64)

posix_only = pytest.mark.skipif(os.name != "posix", reason="POSIX file system")


def failure(source: Path | bytes, limits: DecodeLimits | None = None) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        decode(source, SMALL, limits or DecodeLimits())
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (copy.stage, copy.reason, copy.stamp) == (
        caught.value.stage,
        caught.value.reason,
        caught.value.stamp,
    )
    assert "?" not in str(copy)  # every value that the sentence needs is there
    return copy


def test_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.jpg"
    path.touch()
    error = failure(path)
    assert (error.stage, error.reason.code) == (Stage.READ, FailureCode.EMPTY)
    assert error.stamp == FileStamp(0, path.stat().st_mtime_ns)


def test_missing_file(tmp_path: Path) -> None:
    error = failure(tmp_path / "gone.jpg")
    assert (error.reason.code, error.stamp) == (FailureCode.VANISHED, None)


def test_folder_named_like_a_photo(tmp_path: Path) -> None:
    path = tmp_path / "album.jpg"
    path.mkdir()
    assert failure(path).reason.code is FailureCode.NOT_A_FILE


@posix_only
def test_pipe_is_never_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe.jpg"
    os.mkfifo(path)
    assert failure(path).reason.code is FailureCode.NOT_A_FILE


@posix_only
def test_device(tmp_path: Path) -> None:
    path = tmp_path / "zero.jpg"
    path.symlink_to("/dev/zero")
    assert failure(path).reason.code is FailureCode.NOT_A_FILE


@posix_only
def test_dangling_link(tmp_path: Path) -> None:
    path = tmp_path / "link.jpg"
    path.symlink_to(tmp_path / "nothing.jpg")
    assert failure(path).reason.code is FailureCode.DANGLING_LINK


@posix_only
def test_link_loop(tmp_path: Path) -> None:
    one, two = tmp_path / "one.jpg", tmp_path / "two.jpg"
    one.symlink_to(two)
    two.symlink_to(one)
    assert failure(one).reason.code is FailureCode.LINK_LOOP


@posix_only
def test_link_to_a_photo_is_read(tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(encoded(quartered()))
    link = tmp_path / "link.jpg"
    link.symlink_to(photo)
    assert decode(link, SMALL).content_hash == decode(photo, SMALL).content_hash


@posix_only
def test_no_permission(tmp_path: Path) -> None:
    """In a child that is not root, which may read everything."""
    path = tmp_path / "secret.jpg"
    path.write_bytes(encoded(quartered()))
    path.chmod(0)
    tmp_path.chmod(0o755)
    program = (
        "import os, pathlib\n"
        "from photosearch.core.ports import DecodeError\n"
        "from photosearch.core.space import ImageInput\n"
        "from photosearch.images.decode import decode\n"
        "if os.getuid() == 0:\n"
        "    os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "try:\n"
        "    decode(pathlib.Path('secret.jpg'), ImageInput(64))\n"
        "except DecodeError as error:\n"
        "    print(error.stage.value, error.reason.code.value)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert run.stdout.split() == ["read", "no_permission"], run.stderr


def test_name_too_long() -> None:
    assert failure(Path("x" * 5000 + ".jpg")).reason.code is FailureCode.READ_ERROR


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems refuse the name")
def test_name_that_is_not_utf8(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9 %_.jpg"))
    path.write_bytes(encoded(quartered()))
    assert decode(path, SMALL).facts.width_px == 96


def test_text_with_a_photos_name() -> None:
    error = failure(b"To whom it may concern")
    assert (error.stage, error.reason.code) == (Stage.DECODE, FailureCode.NOT_AN_IMAGE)


@pytest.mark.parametrize("start", [b"%PDF-1.7", b"%!PS-Adobe-3.0 EPSF-3.0\n", b"\xff"])
def test_what_is_no_picture(start: bytes) -> None:
    assert failure(start + b" " * 100).reason.code is FailureCode.NOT_AN_IMAGE


@pytest.mark.parametrize("start", [b"8BPS\0\1", b"\0\0\0\x18ftypisom\0\0\0\0"])
def test_kinds_that_come_later_are_told_from_rubbish(start: bytes) -> None:
    assert failure(start + b"\0" * 100).reason.code is FailureCode.UNSUPPORTED


@pytest.mark.parametrize("kept", [0.02, 0.3, 0.9, 0.99])
@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "HEIF"])
def test_cut_short(name: str, kept: float) -> None:
    whole = encoded(scenery(200, 150), name)
    error = failure(whole[: int(len(whole) * kept)])
    assert error.reason.code is FailureCode.TRUNCATED


def test_damaged_inside() -> None:
    whole = bytearray(encoded(scenery(200, 150), "PNG"))
    whole[len(whole) // 2 : len(whole) // 2 + 100] = b"\0" * 100
    error = failure(bytes(whole))
    assert error.reason.code is FailureCode.DAMAGED
    assert "data stream" in str(error)


def test_twelve_bit_jpeg_is_unsupported() -> None:
    whole = bytearray(encoded(quartered()))
    whole[whole.index(b"\xff\xc0") + 4] = 12
    error = failure(bytes(whole))
    assert error.reason.code is FailureCode.UNSUPPORTED
    assert "JPEG with 12 bits a colour." in str(error)


def test_bomb_is_refused_by_its_header() -> None:
    error = failure(png_of_size(60_000, 60_000))
    assert error.reason.code is FailureCode.TOO_LARGE
    assert error.reason.args == {"width_px": 60_000, "height_px": 60_000, "limit_mp": 250}


def icon_around(picture: bytes) -> bytes:
    """An icon whose list says 16 x 16, whatever the picture says."""
    entry = struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(picture), 22)
    return struct.pack("<HHH", 0, 1, 1) + entry + picture


def test_bomb_in_an_icon_is_refused_for_good() -> None:
    bitmap = struct.pack("<IiiHHIIiiII", 40, 60_000, 120_000, 1, 32, 0, 0, 0, 0, 0, 0)
    for picture in (png_of_size(60_000, 60_000), bitmap + bytes(1000)):
        error = failure(icon_around(picture))
        assert error.reason.code is FailureCode.TOO_LARGE
        assert error.reason.args["width_px"] == 60_000
        assert error.reason.args["height_px"] == 60_000


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "HEIF"])
def test_own_limit_counts_for_every_format(name: str) -> None:
    picture = encoded(Image.new("RGB", (1500, 1000)), name)
    assert failure(picture, DecodeLimits(megapixels=1)).reason.code is FailureCode.TOO_LARGE
    assert decode(picture, SMALL, DecodeLimits(megapixels=2)).facts.width_px == 1500


def test_between_pillows_limit_and_ours_is_neither_warned_of_nor_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    whole = encoded(quartered(300, 200))
    assert decode(whole, SMALL).facts.width_px == 300
    assert failure(whole[:-500]).reason.code is FailureCode.TRUNCATED
    # and the process's own settings are back
    assert Image.MAX_IMAGE_PIXELS == 1000
    assert ImageFile.LOAD_TRUNCATED_IMAGES


def test_file_that_is_too_long(tmp_path: Path) -> None:
    path = tmp_path / "long.tif"
    path.write_bytes(b"II*\0" + b"\0" * 3000)
    error = failure(path, DecodeLimits(file_bytes=1000))
    assert error.reason.code is FailureCode.UNSUPPORTED
    assert error.stamp is not None
    assert error.stamp.size_bytes == 3004


def test_out_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(image: ImageFile.ImageFile) -> None:
        raise MemoryError

    monkeypatch.setattr(ImageFile.ImageFile, "load", exhausted)
    assert failure(encoded(quartered(), "PNG")).reason.code is FailureCode.OUT_OF_MEMORY
