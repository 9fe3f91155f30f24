"""The corpus through the decoder pool: each bad file costs itself, and none costs us anything."""

from __future__ import annotations

import contextlib
import os
import random
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from photosearch.core.decoded import DecodedPhoto, ListedPhoto
from photosearch.core.failure import FailureCode
from photosearch.core.ports import DecodeError
from photosearch.images.decoders import DecoderPool
from tests.hostile import places, trial
from tests.hostile.corpus import BROKEN, Case, Scale, write_corpus
from tests.hostile.corpus_trial import troubles
from tests.hostile.mutations import mutation
from tests.hostile.sound import by_kind, sound_files

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="devices, odd names and /proc"),
]

#: All cuts and flips; less of what only takes time.
SCALE = Scale(scan_count=100, held_px=4_000, block_bytes=2_000_000)
LIMIT_S = 20.0
CHILD_COUNT = 2
#: Beside the picture of 250 megapixels that is the most that is decoded, in its widest mode.
PEAK_MAX_BYTES = 4_000_000_000


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    return write_corpus(tmp_path_factory.mktemp("corpus"), SCALE)


@dataclass(frozen=True)
class Watched:
    """A pool of which nothing may be left."""

    pool: DecoderPool
    memory: trial.MemoryWatch


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    before = set(trial.children())
    left = tmp_path / "temporary"
    with trial.temporary_files_in(left), trial.MemoryWatch() as memory:
        pool = DecoderPool(CHILD_COUNT, time_limit_s=LIMIT_S, tasks_per_child=2_000)
        try:
            yield Watched(pool, memory)
        finally:
            pool.close()
    started = set(trial.children()) - before
    assert not [pid for pid in started if not trial.is_tracker(pid)], "processes are left over"
    assert list(left.iterdir()) == [], "files are left over"
    assert memory.peak_bytes < PEAK_MAX_BYTES


def troubles_of(watched: Watched, cases: list[Case], *, is_listing: bool) -> list[str]:
    return troubles(watched.pool, cases, LIMIT_S, CHILD_COUNT, is_listing=is_listing)


def test_every_file_of_the_corpus_is_a_photo_or_fails_for_a_true_reason(
    corpus: list[Case], watched: Watched
) -> None:
    assert len(corpus) > 5_000 + 100 * len(sound_files())
    assert troubles_of(watched, corpus, is_listing=False) == []


def test_listing_says_of_every_file_what_its_header_holds_or_why_it_cannot_be_read(
    corpus: list[Case], watched: Watched
) -> None:
    assert troubles_of(watched, corpus, is_listing=True) == []


def test_sound_files_come_out_with_their_sizes(watched: Watched, tmp_path: Path) -> None:
    for file in sound_files():
        path = tmp_path / f"{file.kind}{file.suffix}"
        path.write_bytes(file.encoded)
        facts = watched.pool.submit(path, trial.INPUT).result(LIMIT_S).facts
        assert (facts.width_px, facts.height_px) == file.size_px, file.kind


def vanish(path: Path, dice: random.Random) -> None:
    path.unlink()


def shrink(path: Path, dice: random.Random) -> None:
    os.truncate(path, dice.randrange(path.stat().st_size))


def grow(path: Path, dice: random.Random) -> None:
    with path.open("ab") as file:
        file.write(dice.randbytes(100_000))


def become_another(path: Path, dice: random.Random) -> None:
    other = path.with_suffix(".part")
    other.write_bytes(dice.choice(sound_files()).encoded)
    other.replace(path)


@pytest.mark.parametrize("happen", [vanish, shrink, grow, become_another])
def test_files_that_change_while_they_are_read(
    happen: Callable[[Path, random.Random], None], watched: Watched, tmp_path: Path
) -> None:
    """Whatever is found of them, it is a photo or a reason that is about the file."""
    count, dice = 200, random.Random(happen.__name__)
    # Long enough that reading takes a while; the picture stands at the beginning.
    filler = dice.randbytes(2_000_000)
    picture = by_kind()["jpeg"].encoded
    paths = [tmp_path / f"{number}.jpg" for number in range(count)]

    def disturb() -> None:
        for path in paths:
            with contextlib.suppress(OSError):
                happen(path, dice)

    for path in paths:
        path.write_bytes(picture + filler)
    futures: list[tuple[Path, object]] = []
    thread = threading.Thread(target=disturb)
    for number, path in enumerate(paths):
        if number == CHILD_COUNT:
            thread.start()
        read = watched.pool.submit(path, trial.INPUT)
        futures += [(path, read), (path, watched.pool.submit_listing(path))]
    thread.join()
    about_the_file = BROKEN | {FailureCode.VANISHED, FailureCode.READ_ERROR}
    for path, future in futures:
        error = future.exception(LIMIT_S * 3)
        if error is None:
            assert isinstance(future.result(), DecodedPhoto | ListedPhoto)
        else:
            assert isinstance(error, DecodeError), path
            assert error.reason.code in about_the_file, error
    path = tmp_path / "after.jpg"
    path.write_bytes(picture)
    assert watched.pool.submit(path, trial.INPUT).result(LIMIT_S).facts.format == "JPEG"


def test_a_device_is_never_read(watched: Watched, tmp_path: Path) -> None:
    path = tmp_path / "zero.jpg"
    with places.device_node(path) as is_there:
        futures = [watched.pool.submit(path, trial.INPUT), watched.pool.submit_listing(path)]
        for future in futures:
            error = future.exception(LIMIT_S)
            assert isinstance(error, DecodeError)
            right = FailureCode.NOT_A_FILE if is_there else FailureCode.VANISHED
            assert error.reason.code is right


def test_a_mutation_is_known_by_its_seed_and_number() -> None:
    assert [mutation(3, index) for index in range(200)] == [mutation(3, i) for i in range(200)]
    assert mutation(3, 7) != mutation(4, 7)
