"""Downloads what a model needs: only its files, at the pinned revision, resumed and proved.

Called by `photosearch models download` in its own process. Loads no torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from photosearch.core.cancel import CancelToken
from photosearch.embed import fetch, originals, own, packs
from photosearch.embed.bytes_meter import BytesMeter, Tell
from photosearch.embed.originals import Checkout
from photosearch.embed.spec import ModelSpec, RemoteFile
from photosearch.errors import ModelError


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that is to be fetched.

    Attributes:
        checkout: Where it belongs.
        file: The file.
    """

    checkout: Checkout
    file: RemoteFile

    @property
    def target(self) -> Path:
        """Where it is gathered."""
        return self.checkout.draft / self.file.path


@dataclass(frozen=True, slots=True)
class DownloadPlan:
    """What a model lacks on this machine, by what the catalogue says.

    Attributes:
        spec: The model.
        wanted: The missing files.
        download_bytes: Of those; sizes that the catalogue does not know count nothing.
        is_size_known: It knows the size of every large one.
        disk_bytes: What they and their converted form will take.
    """

    spec: ModelSpec
    wanted: tuple[Wanted, ...]
    download_bytes: int
    is_size_known: bool
    disk_bytes: int


def plan(spec: ModelSpec, models_dir: Path, *, with_originals: bool = False) -> DownloadPlan:
    """Returns what a model lacks. Asks nobody.

    Args:
        spec: The model.
        models_dir: Where fetched models are kept.
        with_originals: Fetch the original files of towers too that are here in converted form.

    Raises:
        ModelError: The catalogue does not know the model's files.
    """
    towers = [
        tower for tower in spec.towers if with_originals or packs.needs_originals(tower, models_dir)
    ]
    if unknown := [tower.id for tower in towers if tower.path is None and not tower.files]:
        raise ModelError(f"The catalogue does not know the files of {', '.join(unknown)}.")
    if towers and own.is_imported(spec):
        raise ModelError(
            f"{spec.name} came from another machine; it can be had nowhere else.",
            "Import it again: photosearch models import FILE.",
        )
    wanted = [
        Wanted(checkout, file)
        for checkout in originals.checkouts(towers, models_dir)
        for file in checkout.missing()
    ]
    download_bytes = sum(one.file.size_bytes for one in wanted)
    # What is converted takes about as much once more, until the originals are removed.
    raw = [tower for tower in towers if packs.needs_originals(tower, models_dir)]
    packs_bytes = sum(place.size_bytes for place in originals.checkouts(raw, models_dir))
    return DownloadPlan(
        spec,
        tuple(wanted),
        download_bytes,
        originals.are_sizes_known(one.file for one in wanted),
        download_bytes + packs_bytes,
    )


def download(
    wanted: DownloadPlan,
    models_dir: Path,
    tell: Tell | None = None,
    cancel: CancelToken | None = None,
) -> int:
    """Fetches what a plan lacks; what an earlier attempt left is used.

    Args:
        wanted: From `plan`.
        models_dir: Where fetched models are kept.
        tell: Gets the progress.
        cancel: Stops it; what came is kept for the next attempt.

    Returns:
        How many files were fetched.

    Raises:
        ModelError: The hub cannot be reached, a file is not there or not what it must be, the disk
            is full, or another download is under way.
        Cancelled: It is no longer wanted.
    """
    if not wanted.wanted:
        return 0
    with originals.disk_errors(models_dir):
        models_dir.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(models_dir / "download.lock", timeout=0):
                _download(wanted, models_dir, BytesMeter(0, tell, cancel))
        except Timeout as error:
            raise ModelError(
                "Another download is under way.", "Wait for its end, then try again."
            ) from error
    return len(wanted.wanted)


def _download(wanted: DownloadPlan, models_dir: Path, meter: BytesMeter) -> None:
    remotes = []
    for one in wanted.wanted:
        meter.moved(0)
        remotes.append(fetch.look_up(one.checkout.repo, one.checkout.revision, one.file))
    meter.total_bytes = sum(remote.size_bytes for remote in remotes)
    there_bytes = sum(_there_bytes(one.target) for one in wanted.wanted)
    meter.have(there_bytes)
    convert_bytes = wanted.disk_bytes - wanted.download_bytes
    originals.require_room(models_dir, meter.total_bytes - there_bytes + convert_bytes)
    for one, remote in zip(wanted.wanted, remotes, strict=True):
        meter.name = one.file.path
        if one.target.exists() and not remote.is_proved_by(one.target):
            meter.have(-one.target.stat().st_size)
            one.target.unlink()
        if not one.target.exists():
            fetch.fetch(remote, one.target, meter)
    for checkout in {one.checkout.directory: one.checkout for one in wanted.wanted}.values():
        originals.take_in(checkout.draft, checkout)


def _there_bytes(target: Path) -> int:
    """What earlier attempts left of a file."""
    return sum(path.stat().st_size for path in (target, fetch.incomplete(target)) if path.exists())
