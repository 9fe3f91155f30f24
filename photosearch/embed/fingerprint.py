"""Names what the vectors of a model in a folder depend on: its weights, every byte of them.

Hashing gigabytes takes seconds, and the window's list does it whenever it is opened: what was
hashed is remembered by the file's size, times and place on the disk.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

from photosearch import paths
from photosearch.embed.packs import sha256

#: Hashes by path, beside the models.
CACHE_FILE = "folder-hashes.json"
_LENGTH = 16
_SAFE, _TORCH = ".safetensors", ".bin"
#: What training leaves beside the weights.
_NO_WEIGHTS = {"training_args.bin", "optimizer.bin", "scheduler.bin"}
#: Other forms of the same weights, which are not read here, and steps of a training.
_OTHER_FORMS = ("onnx", "openvino", "checkpoint-", ".")
#: A file that changed this shortly before may change once more within the same tick of its clock.
_STILL_S = 2.0

#: What a network for pictures is made of, and what transformers takes for granted where a file
#: says nothing. All else in a configuration is of no account: names, versions, training.
_CLIP = {
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "num_channels": 3,
    "image_size": 224,
    "patch_size": 32,
    "hidden_act": "quick_gelu",
    "layer_norm_eps": 1e-5,
}
_SIGLIP = _CLIP | {
    "patch_size": 16,
    "hidden_act": "gelu_pytorch_tanh",
    "layer_norm_eps": 1e-6,
    "vision_use_head": True,
}

Json = dict[str, Any]


def of_values(*values: object) -> str:
    """Returns a short name of some plain values: others have another one."""
    text = json.dumps(values, sort_keys=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:_LENGTH]


def vision(config: Json) -> Json:
    """Returns what counts of a network's configuration for its pictures."""
    # The older name, where both are there, is what transformers goes by.
    said = {**config.get("vision_config", {}), **(config.get("vision_config_dict") or {})}
    defaults = _SIGLIP if config["model_type"] == "siglip" else _CLIP
    return {name: said.get(name, default) for name, default in defaults.items()}


def weights(directory: Path) -> list[tuple[str, str]]:
    """Returns the names and hashes of all files of weights that are read in a folder.

    Raises:
        OSError: One cannot be read.
    """
    files = weight_files(directory)
    cache = _Cache()
    digests = [cache.sha256(file) for file in files]
    cache.save()
    if len(files) == 1:
        return [("", digests[0])]  # whatever it is called: it is the same network
    names = [file.relative_to(directory).as_posix() for file in files]
    return list(zip(names, digests, strict=True))


def others(directory: Path) -> list[tuple[str, str]]:
    """Returns the names and hashes of all that makes tokens of a text, and of all configurations.

    Raises:
        OSError: One cannot be read.
    """
    names = {".json", ".txt", ".model"}
    files = [file for file in _below(directory) if file.suffix in names]
    return [(file.relative_to(directory).as_posix(), _required(file)) for file in files]


def weight_files(directory: Path) -> list[Path]:
    """Returns the files of weights: torch's own only where the preferred safetensors are not."""
    found = [file for file in _below(directory) if file.suffix in (_SAFE, _TORCH)]
    safe = {file.parent for file in found if file.suffix == _SAFE}
    return [
        file
        for file in found
        if file.suffix == _SAFE or (file.parent not in safe and file.name not in _NO_WEIGHTS)
    ]


def _below(directory: Path) -> list[Path]:
    found: list[Path] = []
    for root, names, files in os.walk(directory):
        names[:] = [name for name in names if not name.startswith(_OTHER_FORMS)]
        found.extend(Path(root) / name for name in files)
    return sorted(file for file in found if file.is_file())


def _required(path: Path) -> str:
    digest = sha256(path)
    if not digest:
        path.open("rb").close()  # raises what kept it from being read
        raise OSError(f"{path} cannot be read")
    return digest


class _Cache:
    """The hashes of large files that were once made, beside the models.

    Losing it costs time only; so does another process that writes it at the same moment.
    """

    def __init__(self) -> None:
        self._path = paths.models_dir() / CACHE_FILE
        self._is_changed = False
        self._known: dict[str, list[Any]] = {}
        with contextlib.suppress(OSError, ValueError):
            known = json.loads(self._path.read_text(encoding="ascii"))
            self._known = known if isinstance(known, dict) else {}

    def sha256(self, path: Path) -> str:
        place, stamp = str(path), _stamp(path)
        known = self._known.get(place)
        if isinstance(known, list) and known[:-1] == stamp:
            return str(known[-1])
        digest = _required(path)
        is_still = stamp == _stamp(path) and time.time() - stamp[1] / 1e9 > _STILL_S
        if is_still:
            self._known[place] = [*stamp, digest]
            self._is_changed = True
        return digest

    def save(self) -> None:
        if not self._is_changed:
            return
        kept = {place: known for place, known in self._known.items() if Path(place).is_file()}
        draft = self._path.with_name(f"{CACHE_FILE}.{os.getpid()}")
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps(kept), encoding="ascii")
            draft.replace(self._path)


def _stamp(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]
