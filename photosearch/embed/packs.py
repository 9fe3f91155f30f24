"""Model packs: towers converted to ONNX, each in a directory that needs nothing else.

A pack replaces the files that were fetched. `tower.json` is written last, and a directory appears
under its name in one step: what is there is whole.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photosearch.embed.spec import Precision, TowerSpec
from photosearch.errors import ModelMissingError

#: Of the conversion: packs that an older one made are made anew.
PACK_VERSION = 2
NETWORK_FILE = "model.onnx"
#: Beside the network, not in it: ONNX Runtime then maps them, which loads five times as fast.
WEIGHTS_FILE = "weights.bin"
TOKENIZER_FILE = "tokenizer.json"
MANIFEST_FILE = "tower.json"
#: In the manifest of a pack that is carried in half precision, and of no other.
STORED, HALF = "stored", "fp16"
_READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Pack:
    """A converted tower on disk.

    Attributes:
        directory: Where it lies.
    """

    directory: Path

    @property
    def network(self) -> Path:
        """The network in ONNX."""
        return self.directory / NETWORK_FILE

    @property
    def tokenizer(self) -> Path:
        """The tokenizer, with how it cuts and pads; a text tower's only."""
        return self.directory / TOKENIZER_FILE

    def manifest(self) -> dict[str, Any]:
        """Returns what the pack says of itself.

        Raises:
            ModelMissingError: It cannot be read.
        """
        try:
            manifest: dict[str, Any] = json.loads(
                (self.directory / MANIFEST_FILE).read_text(encoding="utf-8")
            )
        except (OSError, ValueError) as error:
            raise ModelMissingError(
                f"The model pack {self.directory} is damaged: {error}.", "Remove and make it again."
            ) from error
        return manifest

    def lacking_file(self) -> str | None:
        """Returns a file that is missing or of another size than was written; reads none.

        Raises:
            ModelMissingError: The pack's own list cannot be read.
        """
        manifest = self.manifest()
        sizes: dict[str, int] = manifest.get("bytes", {})  # older packs do not tell
        digests: dict[str, str] = manifest.get("sha256", {})
        for name in (NETWORK_FILE, *digests):
            path = self.directory / name
            if not path.is_file() or path.stat().st_size != sizes.get(name, path.stat().st_size):
                return name
        return None


def pack_directory(tower: TowerSpec, models_dir: Path) -> Path:
    """Returns where a tower's pack lies, present or not."""
    return models_dir / "packs" / f"{tower.key}-v{PACK_VERSION}"


def find_pack(tower: TowerSpec, models_dir: Path) -> Pack | None:
    """Returns a tower's pack, None where there is none."""
    directory = pack_directory(tower, models_dir)
    return Pack(directory) if (directory / MANIFEST_FILE).is_file() else None


def needs_originals(tower: TowerSpec, models_dir: Path) -> bool:
    """Whether there is neither the tower's pack nor the one that its pack is made from."""
    sources = (tower, tower.at(Precision.FP32))
    return not any(find_pack(source, models_dir) for source in sources)


def finish_pack(draft: Path, target: Path, about: dict[str, Any]) -> Pack:
    """Makes a pack of a directory of finished files.

    Args:
        draft: Holds the files; is moved.
        target: Where the pack shall lie, from `pack_directory`; what was there is replaced.
        about: What the manifest says besides the files' sizes and hashes.

    Raises:
        OSError: The disk refuses.
    """
    files = sorted(path.name for path in draft.iterdir())
    manifest = {
        **about,
        "bytes": {name: (draft / name).stat().st_size for name in files},
        "sha256": {name: sha256(draft / name) for name in files},
    }
    (draft / MANIFEST_FILE).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    target.parent.mkdir(parents=True, exist_ok=True)
    # Begins like the pack: where a crash leaves it, it goes when the model is removed.
    aside = target.with_name(f"{target.name}.replaced")
    shutil.rmtree(aside, ignore_errors=True)
    if target.exists():
        target.rename(aside)
    try:
        draft.rename(target)
    except OSError:
        if aside.exists():
            aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)
    return Pack(target)


def sha256(path: Path) -> str:
    """Returns a file's hash in hexadecimal; "" where it cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while part := file.read(_READ_BYTES):
                digest.update(part)
    except OSError:
        return ""
    return digest.hexdigest()
