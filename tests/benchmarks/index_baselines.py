"""What ours is compared with, each in a process of its own: `index_baselines KIND MODELS FILE...`.

Prints one line of JSON: seconds per photo, and megabytes.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from photosearch.core.space import ImageInput
from photosearch.embed import catalogue
from tests.benchmarks.full_size import DEFAULT_ID

_BATCH = 32
_ROUNDS = 3


def _seed_loop(models_dir: Path, files: list[Path]) -> dict[str, float]:
    """The obvious loop."""
    model = _model(models_dir)
    model.encode(Image.open(files[0]))
    return _timed(lambda: [model.encode(Image.open(path)) for path in files], len(files))


def _list_encode(models_dir: Path, files: list[Path]) -> dict[str, float]:
    """The library's own way to do many."""
    model = _model(models_dir)
    model.encode(Image.open(files[0]))
    return _timed(
        lambda: model.encode([Image.open(path) for path in files], batch_size=_BATCH), len(files)
    )


def _bound(models_dir: Path, files: list[Path]) -> dict[str, float]:
    """Nothing but decode, resize and forward, on one thread: processor time of each."""
    from photosearch.embed.onnx_runner import OnnxRunner
    from photosearch.embed.packs import find_pack
    from photosearch.images import formats
    from photosearch.images.pixels import crop_for

    formats.register()
    spec = catalogue.find(DEFAULT_ID)
    pack = find_pack(spec.image, models_dir)
    assert pack is not None
    runner = OnnxRunner(pack.network, 1)
    target = ImageInput(224)

    def decoded(path: Path) -> Image.Image:
        image = Image.open(path)
        image.draft("RGB", (448, 448))
        image.load()
        return image

    def crop(image: Image.Image) -> npt.NDArray[np.uint8]:
        return np.asarray(crop_for(image, target, image.size, orientation=1))

    images = [decoded(path) for path in files]
    crops = np.stack([crop(image) for image in images])[:_BATCH]
    runner.run(crops)
    decode_s = _cpu_s(lambda: [decoded(path) for path in files]) / len(files)
    resize_s = _cpu_s(lambda: [crop(image) for image in images]) / len(files)
    forward_s = _cpu_s(lambda: runner.run(crops)) / len(crops)
    return {
        "cpu_s": decode_s + resize_s + forward_s,
        "decode_s": decode_s,
        "resize_s": resize_s,
        "forward_s": forward_s,
    }


def _write_vectors(models_dir: Path, files: list[Path], out: Path) -> dict[str, float]:
    """Full decode, upright, sentence-transformers' own preparation."""
    upright = [ImageOps.exif_transpose(Image.open(path)).convert("RGB") for path in files]
    np.save(out, _model(models_dir).encode(upright, normalize_embeddings=True))
    return {}


def _model(models_dir: Path):  # type: ignore[no-untyped-def]
    from sentence_transformers import SentenceTransformer

    directory = catalogue.find(DEFAULT_ID).image.directory(models_dir)
    return SentenceTransformer(
        str(directory),
        device="cpu",
        local_files_only=True,
        processor_kwargs={"backend": "pil"},
    )


def _timed(work: Callable[[], object], count: int) -> dict[str, float]:
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    work()
    return {
        "wall_s": (time.perf_counter() - wall_s) / count,
        "cpu_s": (time.process_time() - cpu_s) / count,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
    }


def _cpu_s(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(_ROUNDS):
        started_s = time.process_time()
        work()
        best = min(best, time.process_time() - started_s)
    return best


def main() -> None:
    kind, models, *names = sys.argv[1:]
    files = list(map(Path, names))
    if kind.startswith("vectors:"):
        figures = _write_vectors(Path(models), files, Path(kind.partition(":")[2]))
    else:
        loop = {"seed": _seed_loop, "list": _list_encode, "bound": _bound}[kind]
        figures = loop(Path(models), files)
    sys.stdout.flush()
    print(json.dumps(figures))


if __name__ == "__main__":
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    main()
