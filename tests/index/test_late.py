"""What is noticed at the very end of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from photosearch.core.cancel import CancelToken
from photosearch.core.photo import FilePlace
from photosearch.index import queue, reconcile
from photosearch.index.progress import ProgressMeter
from photosearch.index.queue import Settled
from photosearch.index.run import Run
from tests.conftest import MakePicture
from tests.test_library import Opened

Late = Callable[..., Run]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    opened = Opened(tmp_path / "library")
    yield opened
    opened.library.close()


@pytest.fixture
def late(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> Late:
    """Does a run that has nothing to do until, at its end, files are noticed."""
    monkeypatch.setattr(queue, "SETTLE_S", 1000.0)  # no other run is to deal with them

    def run_late(*paths: Path) -> Run:
        folders = {folder.path: folder.id for folder in opened.library.folders()}
        noticed = [FilePlace(folders[path.parent], path.name.encode()) for path in paths]
        answers = iter([Settled(present=noticed)])
        run = Run(CancelToken(), ProgressMeter(lambda _: None), lambda: next(answers, Settled()))
        opened.library._tending._worker._reconciler.take_settled(Settled(), run)
        return run

    return run_late


def test_many_new_photos_leave_nothing_of_another_folder_undone(
    opened: Opened,
    late: Late,
    tmp_path: Path,
    make_picture: MakePicture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reconcile, "_RUN_OF_ITS_OWN", 5)
    changed, joined = tmp_path / "one" / "a.png", tmp_path / "two" / "b.cr2"
    for path in (changed, joined.with_suffix(".png"), tmp_path / "many" / "c.png"):
        make_picture(path, (9, 9, 90))
    opened.index(tmp_path / "one", tmp_path / "two", tmp_path / "many")
    make_picture(changed, (90, 90, 9))
    joined.write_bytes(b"raw data, which nobody reads")
    new = [make_picture(tmp_path / "many" / f"{n}.png", (n, 200, 9)) for n in range(5)]
    run = late(changed, joined, *new)
    assert run.again == {folder.id for folder in opened.library.folders()}


def test_raw_data_goes_to_the_photo_that_came_with_it(
    opened: Opened, late: Late, tmp_path: Path, make_picture: MakePicture
) -> None:
    root = tmp_path / "photos"
    make_picture(root / "a.png", (9, 9, 90))
    opened.index(root)
    new, raw = make_picture(root / "b.png", (90, 9, 9)), root / "b.cr2"
    raw.write_bytes(b"raw data, which nobody reads")
    run = late(new, raw)
    (folder,) = opened.library.folders()
    known = opened.store.known_files(folder.id, opened.encoder.space)
    assert known[b"b.cr2"].is_companion
    assert (run.counts.done, run.counts.failed) == (1, 0)
