"""The pool: what a hostile file may do to a child, and what is left of it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
import types
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from pathlib import Path

import numpy as np
import pytest

from photosearch.core.decoded import DecodedPhoto, SamePhoto
from photosearch.core.failure import FailureCode, Stage
from photosearch.core.photo import FileStamp
from photosearch.core.ports import DecodeError, Decoder
from photosearch.images.decode import decode
from photosearch.images.decoders import DecoderPool

from .children import complain, list_modules, misbehave, misbehave_in_listing, photo, read_niceness
from .samples import WHOLE, encoded, quartered

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")

PATIENCE_S = 30


@pytest.fixture(scope="module")
def real_pool() -> Iterator[DecoderPool]:
    pool = DecoderPool(2)
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def wild_pool() -> Iterator[DecoderPool]:
    """Its children do what a file's name says."""
    pool = DecoderPool(2, time_limit_s=1.0, decode=misbehave, list_photo=misbehave_in_listing)
    yield pool
    pool.close()


def outcome(decoder: Decoder, source: Path | bytes) -> DecodedPhoto:
    return decoder.submit(source, WHOLE).result(PATIENCE_S)


def error_of(decoder: Decoder, source: Path | bytes) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        outcome(decoder, source)
    return caught.value


def is_running(pid: int) -> bool:
    """False for a zombie too: where nobody reaps orphans, they stay as such."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return not Path("/proc/self").exists()
    return state != "Z"


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def sleeper_pid(path: Path) -> int:
    """Waits until a child sleeps over this file; returns the child."""
    note = path.with_suffix(".pid")
    wait_for(lambda: note.exists() and note.read_text())
    return int(note.read_text())


def test_same_photo_as_in_this_process(real_pool: DecoderPool, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded(quartered()))
    there, here = outcome(real_pool, path), decode(path, WHOLE)
    assert np.array_equal(there.crop, here.crop)
    assert (there.stamp, there.content_hash, there.thumbnail, there.facts) == (
        here.stamp,
        here.content_hash,
        here.thumbnail,
        here.facts,
    )


def test_bytes_without_a_file(real_pool: DecoderPool, tmp_path: Path) -> None:
    whole = encoded(quartered(), "PNG")
    path = tmp_path / "a.png"
    path.write_bytes(whole)
    pasted = outcome(real_pool, whole)
    assert pasted.stamp == FileStamp(len(whole), 0)
    assert pasted.content_hash == outcome(real_pool, path).content_hash


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems refuse the name")
def test_name_that_is_not_utf8(real_pool: DecoderPool, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.jpg"))
    path.write_bytes(encoded(quartered()))
    assert outcome(real_pool, path).facts.width_px == 96


def test_bad_files_cost_only_themselves(real_pool: DecoderPool, tmp_path: Path) -> None:
    good, bad, gone = tmp_path / "good.jpg", tmp_path / "bad.jpg", tmp_path / "gone.jpg"
    good.write_bytes(encoded(quartered()))
    bad.write_bytes(b"no picture")
    futures = [real_pool.submit(path, WHOLE) for path in (bad, good, gone, good)]
    codes = [
        error.reason.code
        if isinstance(error := future.exception(PATIENCE_S), DecodeError)
        else None
        for future in futures
    ]
    assert codes == [FailureCode.NOT_AN_IMAGE, None, FailureCode.VANISHED, None]


def test_time_limit(wild_pool: DecoderPool, tmp_path: Path) -> None:
    path = tmp_path / "sleep.jpg"
    path.write_bytes(b"12345")
    error = error_of(wild_pool, path)
    assert (error.stage, error.reason.code) == (Stage.DECODE, FailureCode.TIMED_OUT)
    assert error.reason.args == {"limit_s": 1.0}
    assert error.stamp == FileStamp(5, path.stat().st_mtime_ns)
    wait_for(lambda: not is_running(sleeper_pid(path)))
    assert outcome(wild_pool, tmp_path / "fine.jpg").facts.format.startswith("fine")


def test_crash_costs_only_its_file(wild_pool: DecoderPool, tmp_path: Path) -> None:
    names = ["fine1", "crash", "fine2", "crash", "fine3"]
    futures = [wild_pool.submit(tmp_path / f"{name}.jpg", WHOLE) for name in names]
    for name, future in zip(names, futures, strict=True):
        if name == "crash":
            error = future.exception(PATIENCE_S)
            assert isinstance(error, DecodeError)
            assert error.reason.code is FailureCode.DECODER_DIED
        else:
            assert future.result(PATIENCE_S).facts.format.startswith(name)


def test_idle_child_that_is_killed_costs_nothing(wild_pool: DecoderPool, tmp_path: Path) -> None:
    pid = int(outcome(wild_pool, tmp_path / "fine.jpg").facts.format.split()[1])
    os.kill(pid, signal.SIGKILL)
    futures = [wild_pool.submit(tmp_path / f"{i}.jpg", WHOLE) for i in range(20)]
    assert [future.result(PATIENCE_S).facts.format.split()[0] for future in futures] == [
        str(i) for i in range(20)
    ]


def test_unforeseen_error_is_damage(wild_pool: DecoderPool, tmp_path: Path) -> None:
    error = error_of(wild_pool, tmp_path / "raise.jpg")
    assert error.reason.code is FailureCode.DAMAGED
    assert "UnpicklableError" in str(error)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="no limit that is heeded")
def test_too_much_memory_costs_only_its_file(wild_pool: DecoderPool, tmp_path: Path) -> None:
    error = error_of(wild_pool, tmp_path / "gorge.jpg")
    assert error.reason.code is FailureCode.OUT_OF_MEMORY
    assert outcome(wild_pool, tmp_path / "fine.jpg").facts.format.startswith("fine")


def test_what_is_expected_is_not_decoded(real_pool: DecoderPool, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded(quartered()))
    known = outcome(real_pool, path)
    for expected in (known.content_hash, known.whole_hash):
        same = real_pool.submit_again(path, WHOLE, expected).result(PATIENCE_S)
        assert isinstance(same, SamePhoto)
        assert (same.stamp, same.facts, same.traits) == (known.stamp, known.facts, known.traits)
        assert (same.content_hash, same.whole_hash) == (known.content_hash, known.whole_hash)
    path.write_bytes(encoded(quartered(120, 80)))
    other = real_pool.submit_again(path, WHOLE, known.content_hash).result(PATIENCE_S)
    assert isinstance(other, DecodedPhoto)
    assert other.facts.width_px == 120


def test_listings_in_their_order(real_pool: DecoderPool, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.png" for number in range(100)]
    for number, path in enumerate(paths):
        if number % 10:
            path.write_bytes(encoded(quartered(100 + number, 50), "PNG"))
    futures = [real_pool.submit_listing(path) for path in paths]
    for number, future in enumerate(futures):
        if number % 10:
            assert future.result(PATIENCE_S).facts.width_px == 100 + number
        else:
            error = future.exception(PATIENCE_S)
            assert isinstance(error, DecodeError)
            assert error.reason.code is FailureCode.VANISHED


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("crash", FailureCode.DECODER_DIED),
        ("sleep", FailureCode.TIMED_OUT),
        ("raise", FailureCode.DAMAGED),
        ("gorge", FailureCode.OUT_OF_MEMORY),
    ],
)
def test_listing_that_goes_wrong_costs_only_itself(
    wild_pool: DecoderPool, tmp_path: Path, name: str, code: FailureCode
) -> None:
    names = [f"fine{number}" for number in range(40)]
    names[20] = name
    futures = [wild_pool.submit_listing(tmp_path / f"{name}.jpg") for name in names]
    for number, future in enumerate(futures):
        if number == 20:
            error = future.exception(PATIENCE_S)
            assert isinstance(error, DecodeError)
            assert error.reason.code is code
        else:
            assert future.result(PATIENCE_S).facts.format.startswith(names[number] + " ")


def test_fewer_at_once_and_more_again(tmp_path: Path) -> None:
    pool = DecoderPool(2, decode=misbehave)
    pool.limit(1)
    sleeper = pool.submit(tmp_path / "sleep.jpg", WHOLE)
    waiting = [pool.submit(tmp_path / f"{number}.jpg", WHOLE) for number in range(5)]
    sleeper_pid(tmp_path / "sleep.jpg")
    assert not any(future.done() for future in waiting)
    pool.limit(9)
    assert [future.result(PATIENCE_S).facts.format.split()[0] for future in waiting] == list(
        "01234"
    )
    pool.limit(0)  # at least one
    assert sleeper.cancel()
    assert outcome(pool, tmp_path / "fine.jpg").facts.format.startswith("fine")
    pool.close()


def test_released_children_end_and_come_back(tmp_path: Path) -> None:
    before = set(multiprocessing.active_children())
    pool = DecoderPool(2, decode=misbehave, list_photo=misbehave_in_listing)
    assert pool.release()  # there are none yet
    first = outcome(pool, tmp_path / "fine.jpg")
    sleeper = pool.submit(tmp_path / "sleep.jpg", WHOLE)
    sleeper_pid(tmp_path / "sleep.jpg")
    assert not pool.release()  # at work
    sleeper.cancel()
    wait_for(pool.release)
    assert set(multiprocessing.active_children()) <= before
    assert not is_running(int(first.facts.format.split()[1]))
    assert outcome(pool, tmp_path / "fine.jpg").facts.format.startswith("fine")
    assert pool.submit_listing(tmp_path / "a.jpg").result(PATIENCE_S).facts.format.startswith("a")
    pool.close()
    with pytest.raises(RuntimeError):
        pool.submit_listing(tmp_path / "fine.jpg")


def test_ctrl_c_does_not_reach_the_children(wild_pool: DecoderPool, tmp_path: Path) -> None:
    assert outcome(wild_pool, tmp_path / "interrupt.jpg").facts.format.startswith("interrupt")


def test_cancelled_file_is_not_read_on(tmp_path: Path) -> None:
    pool = DecoderPool(1, decode=misbehave)
    running = pool.submit(tmp_path / "sleep.jpg", WHOLE)
    waiting = pool.submit(tmp_path / "fine.jpg", WHOLE)
    pid = sleeper_pid(tmp_path / "sleep.jpg")
    assert running.cancel()
    assert waiting.result(PATIENCE_S).facts.format.startswith("fine")
    assert not is_running(pid)
    with pytest.raises(CancelledError):
        running.result(0)
    pool.close()


def test_what_is_urgent_goes_before_all_that_no_child_has_been_given(tmp_path: Path) -> None:
    pool = DecoderPool(1, decode=misbehave)
    finished: list[str] = []

    def submit(name: str, *, is_urgent: bool = False) -> Future[DecodedPhoto]:
        future = pool.submit(tmp_path / f"{name}.jpg", WHOLE, is_urgent=is_urgent)
        future.add_done_callback(lambda _future: finished.append(name))
        return future

    running = submit("sleep")
    files = [submit(f"f{number}") for number in range(6)]
    files += [submit(name, is_urgent=True) for name in ("u0", "u1")]
    sleeper_pid(tmp_path / "sleep.jpg")
    running.cancel()
    for future in files:
        future.result(PATIENCE_S)
    pool.close()
    # One file for each child waits in the pipe, so that no child ever waits for us.
    assert finished == ["sleep", "f0", "u0", "u1", "f1", "f2", "f3", "f4", "f5"]


def test_many_files_that_are_cancelled_cost_no_more_than_the_children_that_read(
    tmp_path: Path,
) -> None:
    pool = DecoderPool(2, decode=misbehave)
    pids = {photo_pid(pool.submit(tmp_path / "fine.jpg", WHOLE)) for _ in range(50)}
    slow = [tmp_path / name / "sleep.jpg" for name in ("a", "b")]
    for path in slow:
        path.parent.mkdir()
    running = [pool.submit(path, WHOLE) for path in slow]
    waiting = [pool.submit(tmp_path / "fine.jpg", WHOLE) for _ in range(300)]
    for path in slow:
        sleeper_pid(path)
    for future in [*waiting, *running]:
        future.cancel()
    again = [pool.submit(tmp_path / "fine.jpg", WHOLE) for _ in range(50)]
    pids |= {photo_pid(future) for future in again}
    pool.close()
    assert len(pids) <= 4, "those that read when it was stopped, and one for each"


def photo_pid(future: Future[DecodedPhoto]) -> int:
    """The child that read a file."""
    return int(future.result(PATIENCE_S).facts.format.split()[-1])


def test_close_ends_children_and_futures(tmp_path: Path) -> None:
    before = set(multiprocessing.active_children())
    pool = DecoderPool(2, decode=misbehave)
    futures = [pool.submit(tmp_path / "sleep.jpg", WHOLE) for _ in range(50)]
    sleeper_pid(tmp_path / "sleep.jpg")
    pool.close()
    assert set(multiprocessing.active_children()) <= before
    assert all(future.cancelled() for future in futures)
    pool.close()
    with pytest.raises(RuntimeError):
        pool.submit(tmp_path / "fine.jpg", WHOLE)


def test_nothing_starts_before_the_first_file() -> None:
    before = set(multiprocessing.active_children())
    pool = DecoderPool(2)
    assert set(multiprocessing.active_children()) <= before
    pool.close()


def test_children_make_place_for_fresh_ones(tmp_path: Path) -> None:
    pool = DecoderPool(1, tasks_per_child=2, decode=misbehave)
    formats = [outcome(pool, tmp_path / f"{i}.jpg").facts.format for i in range(5)]
    pool.close()
    assert len({name.split()[1] for name in formats}) == 3


def test_children_that_cannot_start_are_not_the_photos_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = types.ModuleType("only_in_the_parent")
    module.decode = types.FunctionType(photo.__code__, {}, "decode")
    module.decode.__module__ = module.__name__
    module.decode.__qualname__ = "decode"
    monkeypatch.setitem(sys.modules, module.__name__, module)
    pool = DecoderPool(1, decode=module.decode)
    futures = [pool.submit(tmp_path / "a.jpg", WHOLE) for _ in range(3)]
    errors = [future.exception(PATIENCE_S) for future in futures]
    pool.close()
    assert all(isinstance(error, DecodeError) for error in errors)
    assert {error.reason.code for error in errors} == {FailureCode.READ_ERROR}


def test_children_are_lean_and_polite(tmp_path: Path) -> None:
    pool = DecoderPool(1, decode=list_modules)
    loaded = set(outcome(pool, tmp_path / "a.jpg").facts.format.split())
    pool.close()
    assert "PIL" in loaded
    assert not loaded & {"torch", "PySide6", "transformers", "onnxruntime", "apsw", "sqlite3"}
    pool = DecoderPool(1, decode=read_niceness)
    assert int(outcome(pool, tmp_path / "a.jpg").facts.format) == min(19, os.nice(0) + 10)
    pool.close()


def test_importing_the_pool_loads_neither_torch_nor_qt() -> None:
    program = (
        "import sys, photosearch.images.decoders\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    loaded = set(run.stdout.split())
    assert "pebble" in loaded
    assert not loaded & {"torch", "PySide6", "transformers", "apsw"}


def test_what_codecs_say_goes_nowhere_and_what_we_say_does_not(
    capfd: pytest.CaptureFixture[str],
) -> None:
    pool = DecoderPool(1, decode=complain)
    try:
        outcome(pool, b"x")
    finally:
        pool.close()
    said = capfd.readouterr().err
    assert "ours: caf" in said
    assert "codec" not in said


def test_children_die_with_their_parent(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib\n"
        f"from {misbehave.__module__} import misbehave\n"
        "from photosearch.core.space import ImageInput\n"
        "from photosearch.images.decoders import DecoderPool\n"
        "pool = DecoderPool(2, decode=misbehave)\n"
        "for folder in sys.argv[1:]:\n"
        "    future = pool.submit(pathlib.Path(folder, 'sleep.jpg'), ImageInput(64))\n"
        "future.result()\n"
    )
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    parent = subprocess.Popen(
        [sys.executable, "-c", program, *map(str, folders)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    pids = [sleeper_pid(folder / "sleep.jpg") for folder in folders]
    assert all(is_running(pid) for pid in pids)
    parent.kill()
    parent.wait()
    wait_for(lambda: not any(is_running(pid) for pid in pids))
