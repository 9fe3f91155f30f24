"""How fast pictures become vectors: the obvious loop, the library's list, ours, and the bound.

All with the same full-size random-weight default model on the same drawn photographs, in
alternation. Processor time is the steadier figure; wall time is the best round's.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from photosearch.cli.progress import index_and_wait
from photosearch.core.space import ImageInput
from photosearch.embed.device import cores
from photosearch.embed.probes import centred_cosines
from photosearch.engine.client import connect
from photosearch.settings import LIBRARY_FILE, LibrarySettings
from tests.benchmarks import listing, photos
from tests.benchmarks.full_size import CACHE, DEFAULT_ID, MODELS, make_default_model
from tests.benchmarks.processes import measured
from tests.processes import engine_pids_of

_INPUT = ImageInput(224)


def run(*, quick: bool = False) -> dict[str, float]:
    """Returns the figures."""
    spec = make_default_model(MODELS)
    large = photos.write_photos(CACHE / "large", 4 if quick else 16, photos.LARGE_PX)
    small = photos.write_photos(CACHE / "small", 8 if quick else 48, photos.SMALL_PX)
    heic = photos.write_heics(CACHE / "heic", 2 if quick else 4)
    os.environ["PHOTOSEARCH_MODELS"] = str(MODELS)
    _convert_beforehand(large[0])
    figures: dict[str, float] = {}
    rounds = 1 if quick else 2
    for case, files, times in (("12mp", large, 4), ("small", small, 8)):
        seed, listed, ours, bound = [], [], [], []
        for _ in range(rounds):
            seed.append(_baseline("seed", files))
            ours.append(_ours(files, 2 if quick else times))
            listed.append(_baseline("list", files))
            bound.append(_baseline("bound", files))
        figures |= _figures(case, *map(_best, (seed, listed, ours, bound)))
    figures["index.12mp.cosine_min"] = _least_cosine(large, spec.image.directory(MODELS))
    figures["index.heic.cpu_ms"] = 1000 * _ours(heic, 1)["cpu_s"]
    return figures | listing.run(large, 64 if quick else 4000)


def _figures(
    case: str,
    seed: dict[str, float],
    listed: dict[str, float],
    ours: dict[str, float],
    bound: dict[str, float],
) -> dict[str, float]:
    per_s = 1 / ours["wall_s"]
    bound_per_s = cores() / bound["cpu_s"]
    figures = {
        "seed_photos_per_s": 1 / seed["wall_s"],
        "list_photos_per_s": 1 / listed["wall_s"],
        "photos_per_s": per_s,
        "bound_photos_per_s": bound_per_s,
        "ratio_vs_seed_loop": seed["wall_s"] / ours["wall_s"],
        "ratio_vs_list": listed["wall_s"] / ours["wall_s"],
        "ratio_vs_bound": ours["cpu_s"] / bound["cpu_s"],
        "seed_cpu_ms": 1000 * seed["cpu_s"],
        "list_cpu_ms": 1000 * listed["cpu_s"],
        "cpu_ms": 1000 * ours["cpu_s"],
        "decode_ms": 1000 * bound["decode_s"],
        "resize_ms": 1000 * bound["resize_s"],
        "forward_ms": 1000 * bound["forward_s"],
        "seed_peak_mb": seed["peak_mb"],
        "list_peak_mb": listed["peak_mb"],
    }
    named = {f"index.{case}.{name}": value for name, value in figures.items()}
    if case == "12mp":
        named["index.rss_mb"] = ours["peak_mb"]
    return named


def _best(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {name: min(one[name] for one in rounds) for name in rounds[0]}


def _convert_beforehand(example: Path) -> None:
    """Makes the model's packs: once in a model's life, and no part of a rate."""
    _ours([example], 1)


def _ours(files: list[Path], times: int) -> dict[str, float]:
    """Indexes copies of the files in an engine of their own; costs are per photo."""
    with tempfile.TemporaryDirectory(prefix="ps-") as directory:
        root = Path(directory)
        os.environ["PHOTOSEARCH_HOME"] = os.environ["XDG_RUNTIME_DIR"] = directory
        LibrarySettings(model=DEFAULT_ID).save(root / "library" / LIBRARY_FILE)
        photos.write_copies(files[:4], root / "warm", 1)
        count = photos.write_copies(files, root / "photos", times)
        with connect(root / "library", warm=True) as client:
            index_and_wait(client, [root / "warm"])
            (pid,) = engine_pids_of(root / "library")
            started_s = time.perf_counter()
            with measured(pid) as cost:
                index_and_wait(client, [root / "photos"])
            wall_s = time.perf_counter() - started_s
            assert client.status().counts.photo_count >= count
        return {
            "wall_s": wall_s / count,
            "cpu_s": cost.cpu_s / count,
            "peak_mb": cost.peak_mb,
        }


def _baseline(kind: str, files: list[Path]) -> dict[str, float]:
    """Runs a loop of this module's in a process of its own; costs are per photo."""
    command = [sys.executable, "-m", "tests.benchmarks.index_baselines", kind]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [*command, str(MODELS), *map(str, files)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _least_cosine(files: list[Path], directory: Path) -> float:
    """Compares our vectors with sentence-transformers' of the fully decoded, upright pictures."""
    from photosearch.embed import catalogue
    from photosearch.embed.encoder import ModelEncoder
    from photosearch.images.decode import decode

    encoder = ModelEncoder(catalogue.find(DEFAULT_ID), MODELS)
    crops = np.stack([decode(path, _INPUT).crop for path in files])
    ours = encoder.encode_images(crops)
    with tempfile.NamedTemporaryFile(suffix=".npy") as out:
        _baseline("vectors:" + out.name, files)
        theirs = np.load(out.name)
    return float(centred_cosines(ours, theirs).min())
