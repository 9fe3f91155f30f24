"""Made-up photos that look like real ones to a database and to a scan; the same ones each time.

Vectors lie as those of a CLIP do: clusters of very different sizes, each in a subspace of its own,
three in ten photos nearly the same as the one before (bursts), pictures and texts around two means
far apart (the modality gap), a few coordinates that hold much of each mean. Names, folders, times,
cameras and places are those of twenty years of one family's pictures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from photosearch.core.photo import CaptureTime, FilePlace, FileStamp, PhotoFacts
from photosearch.core.space import EmbeddingSpace
from photosearch.core.stored import IndexedFile

DIM = 512
SPACE = EmbeddingSpace("synthetic@1+p1", DIM, "synthetic", ("synthetic",))
#: Photos made at a time.
BLOCK = 20_000

_CLUSTERS = 2000
_SUBSPACES = 64
_SUBSPACE_DIM = 40
_BURST_SHARE = 0.3
_FIRST_DAY = datetime(2004, 5, 1, 9)
_S_PER_PHOTO = 600  # on the average, which makes 19 years of a million
_PLACES = ("Rome", "Paris", "Oslo", "Kyoto", "Porto", "Berlin", "Home", "Garden", "Alps", "Beach")
_CAMERAS = (
    ("Canon", "Canon EOS 5D Mark III", "EF24-105mm f/4L IS USM", "IMG_%04d.JPG"),
    ("Apple", "iPhone 12", "iPhone 12 back dual wide camera 4.2mm f/1.6", "IMG_%04d.HEIC"),
    ("Apple", "iPhone 6s", "iPhone 6s back camera 4.15mm f/2.2", "IMG_%04d.JPG"),
    ("NIKON CORPORATION", "NIKON D750", "24.0-120.0 mm f/4.0", "DSC_%04d.JPG"),
    ("SONY", "ILCE-7M3", "FE 24-70mm F2.8 GM", "DSC%05d.JPG"),
    ("samsung", "SM-G973F", None, "20210812_%06d.jpg"),
    ("Panasonic", "DMC-TZ10", None, "P10%05d.JPG"),
    (None, None, None, "scan%06d.tif"),
)
#: Shares of photos: 50 % up to 100, 10 % from 3200, 1 % from 12800.
_ISO = (50, 100, 200, 400, 800, 1600, 3200, 6400, 12800)
_ISO_SHARES = (0.1, 0.4, 0.15, 0.12, 0.08, 0.05, 0.05, 0.04, 0.01)

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """Where vectors can lie."""

    image_mean: Floats
    text_mean: Floats
    centres: Floats
    subspaces: Floats
    subspace_of: npt.NDArray[np.int64]
    shares: npt.NDArray[np.float64]
    spectrum: Floats

    @classmethod
    def make(cls) -> World:
        """Builds the one world that there is."""
        random = np.random.default_rng(7)
        rotation = np.linalg.qr(random.standard_normal((DIM, DIM)))[0]
        deviations = 1 / np.sqrt(1 + np.arange(DIM) / 4)
        spectrum = ((deviations / np.linalg.norm(deviations))[:, None] * rotation.T).astype("f4")
        shared, image, text = _unit(random.standard_normal((3, DIM), np.float32))
        image_mean, text_mean = _unit(0.45 * shared + 0.9 * np.stack([image, text]))
        image_mean[[133, 92]] += [0.5, -0.35]
        text_mean[[133, 200]] += [0.4, 0.3]
        shares = 1 / np.arange(1, _CLUSTERS + 1) ** 0.6
        subspaces = [
            np.linalg.qr(random.standard_normal((DIM, _SUBSPACE_DIM)))[0].T
            for _ in range(_SUBSPACES)
        ]
        return cls(
            _unit(image_mean),
            _unit(text_mean),
            _unit(random.standard_normal((_CLUSTERS, DIM), np.float32) @ spectrum),
            np.stack(subspaces).astype(np.float32),
            random.integers(0, _SUBSPACES, _CLUSTERS),
            shares / shares.sum(),
            spectrum,
        )

    def scenes(self, count: int, random: np.random.Generator) -> tuple[Floats, Floats]:
        """What pictures show, and the middles of their clusters: float32 (count, DIM) each."""
        clusters = random.choice(_CLUSTERS, count, p=self.shares)
        within = random.standard_normal((count, _SUBSPACE_DIM), np.float32) / _SUBSPACE_DIM**0.5
        middles = np.float32(0.75) * self.centres[clusters]
        scenes = middles.copy()
        for number in range(_SUBSPACES):
            is_here = self.subspace_of[clusters] == number
            scenes[is_here] += np.float32(0.66) * within[is_here] @ self.subspaces[number]
        return scenes, middles

    def pictures(self, scenes: Floats, random: np.random.Generator) -> Floats:
        """Vectors of pictures of scenes: float32 (n, DIM), unit length."""
        noise = random.standard_normal(scenes.shape, np.float32) / np.float32(DIM**0.5)
        return _unit(0.72 * self.image_mean + 0.69 * (scenes + np.float32(0.25) * noise))


def queries(world: World, count: int) -> tuple[Floats, Floats]:
    """Example pictures and texts that nobody has stored: float32 (count, DIM) each."""
    random = np.random.default_rng(99)
    pictures = world.pictures(world.scenes(count, random)[0], random)
    scenes, middles = world.scenes(count, random)
    meant = middles + np.float32(0.45) * (scenes - middles)
    noise = random.standard_normal((count, DIM), np.float32) @ world.spectrum
    texts = _unit(0.80 * world.text_mean + 0.45 * (meant + np.float32(0.85) * noise))
    return pictures, texts


def photos(folder_id: int, count: int, first: int = 0) -> Iterator[list[IndexedFile]]:
    """Photos in the order of their times, some thousand at a time.

    Args:
        folder_id: Where they lie.
        count: How many.
        first: Number of the first; a multiple of `BLOCK`.
    """
    world = World.make()
    for start in range(first, first + count, BLOCK):
        random = np.random.default_rng([7, start])
        size = min(BLOCK, first + count - start)
        is_burst = random.random(size) < _BURST_SHARE
        is_burst[0] = False
        leader = np.maximum.accumulate(np.where(is_burst, 0, np.arange(size)))
        scenes = world.scenes(size, random)[0][leader]
        drift = random.standard_normal(scenes.shape, np.float32) / np.float32(DIM**0.5)
        vectors = world.pictures(scenes + np.float32(0.12) * drift * is_burst[:, None], random)
        yield _files(folder_id, start, leader, vectors, random)


def _files(
    folder_id: int,
    start: int,
    leader: npt.NDArray[np.int64],
    vectors: Floats,
    random: np.random.Generator,
) -> list[IndexedFile]:
    size = len(vectors)
    seconds = (start + leader) * _S_PER_PHOTO + (np.arange(size) - leader)
    cameras = random.choice(len(_CAMERAS), size, p=[0.25, 0.25, 0.2, 0.1, 0.1, 0.05, 0.03, 0.02])
    isos = random.choice(_ISO, size, p=_ISO_SHARES).tolist()
    numbers = random.random((size, 4)).tolist()
    sizes = random.integers(800_000, 9_000_000, size).tolist()
    files = []
    for place in range(size):
        number = start + place
        make, model, lens, pattern = _CAMERAS[cameras[leader[place]]]
        local = _FIRST_DAY + timedelta(seconds=int(seconds[place]))
        name = pattern % (number % 10_000)
        where, what, which, how = numbers[place]
        town = _PLACES[(number // 150) % len(_PLACES)]
        is_upright = what < 0.3
        facts = PhotoFacts(
            "HEIF" if name.endswith("HEIC") else "TIFF" if name.endswith("tif") else "JPEG",
            *((3024, 4032) if is_upright else (4032, 3024)),
            taken=CaptureTime(local, 60, "exif") if make else None,
            camera_make=make,
            camera_model=model,
            latitude_deg=-40 + 100 * where if which < 0.5 else None,
            longitude_deg=-180 + 360 * how if which < 0.5 else None,
            lens=lens,
            iso=isos[place],
            aperture=round(1.4 + 10 * what, 1),
            exposure_s=1 / round(10 + 2000 * how),
            focal_mm=float(round(18 + 100 * where)),
            caption=f"{town} with friends, day {number % 9}" if how < 0.02 else None,
        )
        folder = f"{local:%Y}/{local:%Y-%m-%d} {town}"
        files.append(
            IndexedFile(
                FilePlace(folder_id, f"{folder}/{number}_{name}".encode()),
                FileStamp(sizes[place], int(local.timestamp()) * 1_000_000_000),
                number.to_bytes(16, "big"),
                facts,
                b"",
                vectors[place],
            )
        )
    return files


def _unit(vectors: npt.NDArray[np.floating]) -> Floats:
    unit: Floats = (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)
    return unit
