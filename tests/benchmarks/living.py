"""How quickly a library stands and keeps up: the first pass over new photos, and moves.

With the sample model, since the first pass does without any; on photographs that carry what a
camera writes: dates, a place, a thumbnail.
"""

from __future__ import annotations

import io
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from photosearch.cli.progress import index_and_wait
from photosearch.engine.client import EngineClient, connect
from tests.benchmarks import photos

_SIZE_PX = (1600, 1200)
_THUMBNAIL_PX = (160, 120)
_EXIF, _GPS = 0x8769, 0x8825
_LOOK_EVERY_S = 0.02


def run(*, quick: bool = False) -> dict[str, float]:
    """Returns the figures."""
    with tempfile.TemporaryDirectory(prefix="ps-") as directory:
        root = Path(directory)
        os.environ["PHOTOSEARCH_HOME"] = os.environ["XDG_RUNTIME_DIR"] = directory
        count = _write_camera_photos(root / "card", 200 if quick else 3000)
        figures = _first_pass(root, count)
        figures |= _renames(root, 500 if quick else 10_000)
    return figures


def _first_pass(root: Path, count: int) -> dict[str, float]:
    with connect(root / "library") as client:
        client.status()
        started_s = time.perf_counter()
        client.add_folder(root / "card")
        tiles_s = _until(lambda: _has_tiles(client)) - started_s
        listed_s = _until(lambda: client.status().counts.photo_count == count) - started_s
        client.stop_index()
    return {
        "index.first_tiles_s": tiles_s,
        "index.facts.photos_per_s": count / listed_s,
    }


def _renames(root: Path, count: int) -> dict[str, float]:
    """Renames a directory of small pictures: nothing is read, nothing is encoded."""
    for number in range(count):
        path = root / "many" / "before" / f"{number % 100:02}" / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (number % 256, number // 256, 9)).save(path)
    with connect(root / "renames") as client:
        index_and_wait(client, [root / "many"])
        (root / "many" / "before").rename(root / "many" / "after")
        started_s = time.perf_counter()
        run = index_and_wait(client, None)
        elapsed_s = time.perf_counter() - started_s
        assert client.status().counts.file_count == count
    return {"index.rename.inferences_count": run.encoded, "index.rename.files_10k_s": elapsed_s}


def _has_tiles(client: EngineClient) -> bool:
    newest = client.photo_ids()[:20].tolist()
    return len(newest) == 20 and len(client.thumbnails(newest)) == 20


def _until(is_so: Callable[[], bool]) -> float:
    while not is_so():
        time.sleep(_LOOK_EVERY_S)
    return time.perf_counter()


def _write_camera_photos(directory: Path, count: int) -> int:
    """Writes photographs as from a camera, each a content of its own."""
    directory.mkdir(parents=True)
    encoded = [_camera_jpeg(seed) for seed in range(8)]
    for number in range(count):
        path = directory / f"IMG_{number:05}.JPG"
        path.write_bytes(photos.made_unique(encoded[number % len(encoded)], number))
    return count


def _camera_jpeg(seed: int) -> bytes:
    image = photos.photo(seed, _SIZE_PX)
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Canon", "Canon EOS R6"
    exif.get_ifd(_EXIF).update({0x9003: f"2019:07:{seed + 1:02} 12:00:00", 0x8827: 100})
    exif.get_ifd(_GPS).update({1: "N", 2: (41.0, 54.0, 0.0), 3: "E", 4: (12.0, 30.0, 0.0)})
    stream, thumbnail = io.BytesIO(), io.BytesIO()
    image.resize(_THUMBNAIL_PX).save(thumbnail, "JPEG", quality=75)
    image.save(
        stream, "JPEG", quality=90, exif=photos.with_thumbnail(exif.tobytes(), thumbnail.getvalue())
    )
    return stream.getvalue()
