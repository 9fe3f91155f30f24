"""Made-up photos for `demo --photos`: twenty years of pictures like those of the sample album.

The same ones each time. Vectors are those of the sample's pictures with something of their own
added, so that searches mean something.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from photosearch.core.photo import CaptureTime, FilePlace, FileStamp, PhotoFacts
from photosearch.core.stored import IndexedFile

if TYPE_CHECKING:
    from photosearch.core.ports import Vectors

#: Photos that are made, and stored, at a time.
BLOCK = 2_000
#: Photos of one journey: one place, one camera, a few days.
_PER_JOURNEY = 125
_FIRST_YEAR, _YEARS = 2005, 20
#: How far a vector lies from that of the picture it stands for; 0.4 is a cosine of 0.93.
_OWN_SHARE = 0.4
_BURST_OWN_SHARE = 0.05
#: In so many places a series of photos of one moment begins.
_BURST_CHANCE = 0.03
_BURST_MOST = 12
_GPS_CHANCE, _RATING_CHANCE = 0.7, 0.08
#: A tenth of a degree is about ten kilometres.
_AROUND_DEG = 0.1

_PLACES = (
    ("Rome", 41.9, 12.5),
    ("Paris", 48.86, 2.35),
    ("London", 51.51, -0.13),
    ("Berlin", 52.52, 13.4),
    ("Lisbon", 38.72, -9.14),
    ("Oslo", 59.91, 10.75),
    ("Zermatt", 46.02, 7.75),
    ("Kyoto", 35.01, 135.77),
    ("Reykjavik", 64.15, -21.94),
    ("Crete", 35.24, 24.81),
    ("Vienna", 48.21, 16.37),
    ("New York", 40.71, -74.01),
)
_OCCASIONS = ("", "", "Garden", "Birthday", "Christmas", "Wedding", "Hike", "Museum")
_CAMERAS = (
    ("Canon", "Canon EOS 5D Mark III", "EF24-105mm f/4L IS USM", "IMG_{:04}.JPG", (5760, 3840)),
    ("Apple", "iPhone 12", "iPhone 12 back dual wide camera", "IMG_{:04}.HEIC", (4032, 3024)),
    ("NIKON CORPORATION", "NIKON D750", "24.0-120.0 mm f/4.0", "DSC_{:04}.JPG", (6016, 4016)),
    ("SONY", "ILCE-7M3", "FE 24-70mm F2.8 GM", "DSC{:05}.JPG", (6000, 4000)),
    ("Panasonic", "DMC-TZ10", None, "P10{:05}.JPG", (4000, 3000)),
)
_ISO = (100, 100, 200, 400, 800, 1600, 3200, 6400)


#: Puts a picture below the library's folder, under a relative path; returns what a scan sees there.
PutFile = Callable[["Original", str], FileStamp]


@dataclass(frozen=True, slots=True, eq=False)
class Original:
    """A picture that made-up photos look like.

    Attributes:
        vector: float32 (dim,), unit length.
        thumbnail: JPEG bytes.
        path: Where it lies.
    """

    vector: Vectors
    thumbnail: bytes
    path: Path


def make_block(
    originals: Sequence[Original], folder_id: int, number: int, count: int, put_file: PutFile
) -> Iterator[IndexedFile]:
    """Makes the photos of one block.

    Args:
        originals: What they look like.
        folder_id: In which folder they lie.
        number: Which block, from 0.
        count: How many photos of it.
        put_file: Puts each there.
    """
    random = np.random.default_rng((11, number))
    journey = _Journey.make(random)
    burst_left, chosen = 0, 0
    base = originals[0].vector
    for index in range(count):
        if index % _PER_JOURNEY == 0:
            journey = _Journey.make(random)
        if burst_left:
            burst_left -= 1
            journey.time += timedelta(seconds=1)
            vector = _near(base, _BURST_OWN_SHARE, random)
        else:
            chosen = int(random.integers(len(originals)))
            journey.time += timedelta(seconds=int(random.integers(20, 3_000)))
            vector = base = _near(originals[chosen].vector, _OWN_SHARE, random)
            if random.random() < _BURST_CHANCE:
                burst_left = int(random.integers(2, _BURST_MOST))
        position = number * BLOCK + index
        facts, name = journey.facts(random), journey.name(position)
        facts = replace(facts, aperture=round(int(random.integers(2_000_000, 9_000_000)) / 1e6, 1))
        rel_path = f"{journey.folder}/{name}"
        yield IndexedFile(
            FilePlace(folder_id, rel_path.encode()),
            put_file(originals[chosen], rel_path),
            position.to_bytes(16, "big"),
            facts,
            originals[chosen].thumbnail,
            vector,
        )


class _Journey:
    """Where and with what some photos in a row were taken, and the clock while they were."""

    def __init__(self, place: int, occasion: str, camera: int, time: datetime) -> None:
        self._place, self._camera = _PLACES[place], _CAMERAS[camera]
        self.time = time
        title = " ".join(filter(None, (self._place[0], occasion)))
        self.folder = f"{time.year}/{time:%Y-%m} {title}"

    @classmethod
    def make(cls, random: np.random.Generator) -> _Journey:
        day = int(random.integers(_YEARS * 365))
        return cls(
            int(random.integers(len(_PLACES))),
            _OCCASIONS[int(random.integers(len(_OCCASIONS)))],
            int(random.integers(len(_CAMERAS))),
            datetime(_FIRST_YEAR, 1, 1, 9) + timedelta(days=day),
        )

    def name(self, position: int) -> str:
        """The file's name, as the camera numbers its pictures; no two in the library are equal."""
        return self._camera[3].format(position)

    def facts(self, random: np.random.Generator) -> PhotoFacts:
        """What the camera wrote into the file."""
        make, model, lens, pattern, (width, height) = self._camera
        is_upright = random.random() < 0.25
        has_gps, is_rated = random.random() < _GPS_CHANCE, random.random() < _RATING_CHANCE
        around = random.uniform(-_AROUND_DEG, _AROUND_DEG, 2)
        return PhotoFacts(
            format="HEIF" if pattern.endswith("HEIC") else "JPEG",
            width_px=height if is_upright else width,
            height_px=width if is_upright else height,
            taken=CaptureTime(self.time, None, "exif"),
            camera_make=make,
            camera_model=model,
            latitude_deg=self._place[1] + float(around[0]) if has_gps else None,
            longitude_deg=self._place[2] + float(around[1]) if has_gps else None,
            lens=lens,
            iso=_ISO[int(random.integers(len(_ISO)))],
            rating=int(random.integers(1, 6)) if is_rated else None,
        )


def _near(vector: Vectors, own_share: float, random: np.random.Generator) -> Vectors:
    own = random.standard_normal(len(vector), dtype=np.float32)
    mixed: Vectors = vector + own * np.float32(own_share / float(np.linalg.norm(own)))
    mixed /= np.float32(np.linalg.norm(mixed))
    return mixed
