"""The corpus in a library: every file is a photo, or a failure: where, why and how often."""

from __future__ import annotations

import os
import queue
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from photosearch.core.events import IndexFinished, LibraryEvent
from photosearch.core.failure import TRANSIENT_CODES, FailureCode, PhotoFailure, Stage
from photosearch.embed.fake import FakeEncoder
from photosearch.images.decoders import DecoderPool
from photosearch.index.rules import is_left_out_name
from photosearch.library import Library
from photosearch.store.open import open_store
from tests.hostile.corpus import SMALL, Case, write_corpus
from tests.hostile.places import NAME_MAX, PATH_MAX
from tests.hostile.sound import by_kind

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="devices and odd names"),
]

TIMEOUT_S = 120
LIMIT_S = 30.0


class Opened:
    """A library with a model of colours and real decoders."""

    def __init__(self, directory: Path) -> None:
        self.library = Library(
            directory,
            open_store(directory),
            DecoderPool(2, time_limit_s=LIMIT_S),
            lambda _spec, _on_lost: FakeEncoder(),
        )
        self._events: queue.SimpleQueue[LibraryEvent] = queue.SimpleQueue()
        self.library.subscribe(self._events.put)

    def index(self, ticket: int | None = None) -> int:
        """Looks through everything, or waits for what was asked for; how many were encoded."""
        ticket = self.library.start_index() if ticket is None else ticket
        while True:
            event = self._events.get(timeout=TIMEOUT_S)
            if isinstance(event, IndexFinished) and event.ticket >= ticket:
                assert not event.was_stopped
                return event.encoded

    def failures(self) -> dict[Path, PhotoFailure]:
        return {failure.path: failure for failure in self.library.failures() if failure.path}


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    opened = Opened(tmp_path / "library")
    yield opened
    opened.library.close()


def is_looked_at(case: Case) -> bool:
    is_directory = os.path.isdir(case.path)  # noqa: PTH112 - a path may be too long for pathlib
    return not is_directory and not is_left_out_name(os.fsencode(case.path.name))


def test_nothing_of_the_corpus_is_lost(opened: Opened, tmp_path: Path) -> None:
    root = tmp_path / "corpus"
    cases = [case for case in write_corpus(root, SMALL) if is_looked_at(case)]
    assert len(cases) > 500
    opened.library.add_folder(root)
    opened.index()

    failures = opened.failures()
    photos = opened.library.photo_ids_of([case.path for case in cases])
    unlisted = {
        path
        for path, failure in failures.items()
        if failure.reason.code is FailureCode.FOLDER_UNREADABLE
    }
    # No system lists a directory whose path is too long for it; that is said of the directory.
    assert all(len(os.fsencode(path)) > PATH_MAX - NAME_MAX for path in unlisted)
    assert set(failures) - unlisted <= {case.path for case in cases}
    waiting: set[int] = set()
    for case in cases:
        if any(case.path.is_relative_to(path) for path in unlisted):
            continue
        failure = failures.get(case.path)
        # What may mend by itself stays a photo of which only the header is known.
        is_hopeful = failure is not None and failure.reason.code in TRANSIENT_CODES
        waiting |= {photos[case.path]} if is_hopeful and case.path in photos else set()
        assert is_hopeful or (case.path in photos) != (failure is not None), case.name
        if failure is None:
            assert case.may_succeed, case.name
            continue
        assert failure.reason.code in case.codes, (case.name, failure.reason)
        assert failure.stage in {Stage.READ, Stage.DECODE}, case.name
        assert failure.tries == 1, case.name
        assert failure.first_seen_ns > 0, case.name
    counts = opened.library.status().counts
    ids = set(photos.values())
    assert counts.photo_count == len(ids)
    assert counts.vector_count == len(ids - waiting)
    assert counts.file_count == len(photos)
    assert set(opened.library.thumbnails(list(ids))) >= ids - waiting

    # Only what may have mended by itself is tried again, and what cannot even be looked at.
    assert opened.index() == 0
    for path, failure in opened.failures().items():
        if path.name == "memory.jpg":  # another file for everybody who looks
            continue
        is_hopeful = failure.reason.code in TRANSIENT_CODES or failure.stamp is None
        assert failure.tries > 1 if is_hopeful else failure.tries == 1, (path, failure.reason)
        assert failure.first_seen_ns == failures[path].first_seen_ns


def test_a_failure_is_tried_again_when_its_file_changes_or_somebody_asks(
    opened: Opened, tmp_path: Path
) -> None:
    root = tmp_path / "photos"
    root.mkdir()
    picture = by_kind()["jpeg"].encoded
    broken = {name: root / f"{name}.jpg" for name in ("mended", "touched", "asked", "left")}
    for path in broken.values():
        path.write_bytes(picture[: len(picture) // 2])
    opened.library.add_folder(root)
    opened.index()
    assert set(opened.failures()) == set(broken.values())

    broken["mended"].write_bytes(picture)
    broken["touched"].write_bytes(picture[: len(picture) // 3])
    opened.index()
    tries = {path: failure.tries for path, failure in opened.failures().items()}
    assert tries == {broken["touched"]: 2, broken["asked"]: 1, broken["left"]: 1}
    assert opened.library.photo_ids_of([broken["mended"]])

    opened.index(opened.library.retry_failures([broken["asked"]]))
    tries = {path: failure.tries for path, failure in opened.failures().items()}
    assert tries == {broken["touched"]: 2, broken["asked"]: 2, broken["left"]: 1}

    opened.index(opened.library.retry_failures())
    tries = {path: failure.tries for path, failure in opened.failures().items()}
    assert tries == {broken["touched"]: 3, broken["asked"]: 3, broken["left"]: 2}
