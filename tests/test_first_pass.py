"""The first pass reads headers only: what it takes for granted, and what the second one mends."""

from __future__ import annotations

from pathlib import Path

from photosearch.core.events import ThumbnailsChanged
from photosearch.core.failure import FailureCode
from photosearch.core.query import TextTerm
from tests.conftest import MakePicture
from tests.test_library import Opened

#: Enough for the first pass to be worth while.
COUNT = 40


def make_album(root: Path, make_picture: MakePicture) -> None:
    for number in range(COUNT):
        make_picture(root / f"{number:02}.jpg", (number * 6, 90, 40), size_px=(200, 150))


def test_every_header_is_read_before_the_first_photo_is_decoded(
    tmp_path: Path, make_picture: MakePicture
) -> None:
    make_album(tmp_path / "photos", make_picture)
    opened = Opened(tmp_path / "library")
    opened.index(tmp_path / "photos")
    assert opened.encoder.image_count == COUNT
    listed_count = opened.decoder.listed_count
    assert listed_count >= COUNT
    again = opened.wait_for_run(opened.library.start_index())
    assert (again.done, opened.decoder.listed_count) == (0, listed_count)
    opened.library.close()


def test_what_turns_out_to_be_broken_is_no_photo(tmp_path: Path, make_picture: MakePicture) -> None:
    root = tmp_path / "photos"
    make_album(root, make_picture)
    whole = (root / "00.jpg").read_bytes()
    (root / "cut.jpg").write_bytes(whole[: len(whole) * 2 // 3])
    opened = Opened(tmp_path / "library")
    opened.index(root)
    (failure,) = opened.library.failures()
    assert failure.reason.code is FailureCode.TRUNCATED
    assert opened.library.status().counts.photo_count == COUNT
    assert opened.wait_for_run(opened.library.start_index()).done == 0, "once is enough"
    (root / "cut.jpg").write_bytes(whole)
    opened.wait_for_run(opened.library.start_index())
    assert opened.library.failures() == []
    opened.library.close()


def test_photos_copied_to_another_disk_are_found_there_without_the_model(
    tmp_path: Path, make_picture: MakePicture
) -> None:
    make_album(tmp_path / "card", make_picture)
    opened = Opened(tmp_path / "library")
    opened.index(tmp_path / "card")
    disk = tmp_path / "disk"
    disk.mkdir()
    for path in (tmp_path / "card").iterdir():
        (disk / path.name).write_bytes(path.read_bytes())
    decoded = opened.decoder.decoded_count
    assert opened.index(disk).encoded == 0
    assert opened.decoder.decoded_count == decoded
    assert opened.library.status().counts.photo_count == COUNT
    assert len(opened.found(TextTerm("red"))) == COUNT
    opened.library.close()


def test_files_that_only_look_alike_are_told_apart(tmp_path: Path) -> None:
    root = tmp_path / "photos"
    root.mkdir()
    # Uncompressed, so that a picture may differ in its middle alone.
    head, size = b"P6 400 400 255\n", 400 * 400 * 3
    for number in range(COUNT):
        pixels = bytearray(size)
        pixels[size // 2 : size // 2 + 3000] = bytes([number * 6]) * 3000
        (root / f"{number:02}.ppm").write_bytes(head + bytes(pixels))
    opened = Opened(tmp_path / "library")
    opened.index(root)
    assert opened.library.status().counts.photo_count == COUNT
    assert opened.library.status().counts.vector_count == COUNT
    opened.library.close()


def test_thumbnails_that_the_cache_gave_up_are_made_again_when_somebody_looks(
    tmp_path: Path, make_picture: MakePicture
) -> None:
    make_album(tmp_path / "photos", make_picture)
    opened = Opened(tmp_path / "library")
    opened.index(tmp_path / "photos")
    (lost,) = opened.library.photo_ids().tolist()[:1]
    opened.store._thumbnails.remove([opened.library.photos([lost])[0].content_hash])
    assert opened.library.thumbnails([lost]) == {}
    while not isinstance(event := opened.next_event(), ThumbnailsChanged):
        pass
    assert event.ids == (lost,)
    assert opened.library.thumbnails([lost])[lost].startswith(b"\xff\xd8")
    opened.library.close()
