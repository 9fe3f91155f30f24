"""One conversion at a time on a machine, and nothing left of one that was killed.

Whoever converts holds the lock, which goes with the process: a draft that lies there while nobody
holds it is a leftover.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from photosearch.core.cancel import CancelToken

#: Begins the name of a pack that is being made, beside the finished ones.
DRAFT_PREFIX = "making-"
_LOCK_FILE = "convert.lock"
#: Between two looks at whether the work is still wanted: nobody notices so short a while.
LOOK_S = 0.1


@contextlib.contextmanager
def locked(models_dir: Path, cancel: CancelToken) -> Iterator[None]:
    """Waits until nobody else converts, and takes away what is left of a conversion at its end.

    Args:
        models_dir: Where fetched models are kept.
        cancel: Ends the waiting.

    Raises:
        Cancelled: It is no longer wanted.
        OSError: The disk refuses.
    """
    lock = FileLock(models_dir / _LOCK_FILE)
    while True:
        cancel.raise_if_cancelled()
        try:
            lock.acquire(timeout=LOOK_S)
        except Timeout:
            continue
        break
    try:
        _delete_drafts(models_dir)
        yield
    finally:
        _delete_drafts(models_dir)
        lock.release()


def sweep(models_dir: Path) -> None:
    """Deletes what killed conversions left, unless somebody converts just now: he does it."""
    if not _drafts(models_dir):
        return
    with contextlib.suppress(OSError, Timeout), FileLock(models_dir / _LOCK_FILE, timeout=0):
        _delete_drafts(models_dir)


def _delete_drafts(models_dir: Path) -> None:
    for draft in _drafts(models_dir):
        shutil.rmtree(draft, ignore_errors=True)


def _drafts(models_dir: Path) -> list[Path]:
    return list((models_dir / "packs").glob(f"{DRAFT_PREFIX}*"))
