"""How quickly headers are read, and how much of each file: the first of the two readings.

Through the pool of children, as the engine does it, on 12-megapixel JPEGs with what a camera
writes into them. Their bytes are in memory: over a network, the bytes are what counts.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from photosearch.images.decoders import DecoderPool
from photosearch.images.listing import list_photo
from tests.benchmarks import photos

_THUMBNAIL_PX = (160, 120)
_EXIF, _MAKER_NOTE = 0x8769, 0x927C
#: Of a camera's own notes.
_NOTE_BYTES = 20_000


def run(sources: list[Path], count: int) -> dict[str, float]:
    """Returns the figures.

    Args:
        sources: JPEGs.
        count: How many files are listed.
    """
    with tempfile.TemporaryDirectory(prefix="ps-") as directory:
        paths = _write_links(sources, Path(directory), count)
        pool = DecoderPool()
        try:
            for future in [pool.submit_listing(path) for path in paths[:32]]:
                future.result()  # starts the children
            started_s = time.perf_counter()
            listed = [future.result() for future in [pool.submit_listing(path) for path in paths]]
            elapsed_s = time.perf_counter() - started_s
        finally:
            pool.close()
        assert all(photo.thumbnail and photo.facts.camera_make for photo in listed)
        figures = {"index.listing.photos_per_s": count / elapsed_s}
        if sys.platform.startswith("linux"):
            list_photo(paths[0])  # what is imported only now is not the file's
            figures["index.listing.kb_per_photo_max"] = max(map(_read_kb, paths[: len(sources)]))
    return figures


def _read_kb(path: Path) -> float:
    """What this process reads for one file, in KB of 1,024 bytes."""
    before = _read_bytes()
    list_photo(path)
    return (_read_bytes() - before) / 1024


def _read_bytes() -> int:
    text = Path("/proc/self/io").read_text(encoding="ascii")
    return int(text.split("rchar: ")[1].split()[0])


def _write_links(sources: list[Path], directory: Path, count: int) -> list[Path]:
    """Writes a few files and many names for them."""
    written = []
    for number, source in enumerate(sources):
        path = directory / f"source-{number}.jpg"
        path.write_bytes(_as_by_camera(source.read_bytes()))
        written.append(path)
    paths = []
    for number in range(count):
        path = directory / f"{number}.jpg"
        path.hardlink_to(written[number % len(written)])
        paths.append(path)
    return paths


def _as_by_camera(jpeg: bytes) -> bytes:
    thumbnail = io.BytesIO()
    with Image.open(io.BytesIO(jpeg)) as image:
        image.draft(None, _THUMBNAIL_PX)
        image.resize(_THUMBNAIL_PX).save(thumbnail, "JPEG", quality=80)
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "Canon", "Canon EOS R6", 6
    settings = {0x9003: "2024:05:01 10:00:00", 0x829A: 0.01, 0x829D: 2.8, 0x8827: 200, 0x920A: 50.0}
    exif.get_ifd(_EXIF).update({**settings, _MAKER_NOTE: os.urandom(_NOTE_BYTES)})
    block = photos.with_thumbnail(exif.tobytes(), thumbnail.getvalue())
    segment = b"\xff\xe1" + (len(block) + 2).to_bytes(2, "big") + block
    return jpeg[:2] + segment + jpeg[2:]
