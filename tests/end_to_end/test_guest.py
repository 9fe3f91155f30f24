"""A pause over processes: asked for by one command, kept by the library, lifted by another."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import MakePicture
from tests.end_to_end.conftest import TIMEOUT_S, Program
from tests.processes import engine_pids_of, wait_until

pytestmark = [pytest.mark.model, pytest.mark.slow]

COUNT = 40


def test_a_pause_outlives_the_engine_and_a_waiting_command_goes_on_when_it_is_lifted(
    program: Program, tmp_path: Path, make_picture: MakePicture
) -> None:
    root = tmp_path / "photos"
    for number in range(COUNT):
        make_picture(root / f"{number:02}.jpg", (6 * number, 60, 200))
    assert program.run("pause").returncode == 0
    wait_until(lambda: not engine_pids_of(program.library), within_s=30)

    adding = program.start("add", root)

    def waits() -> bool:
        indexing = program.json("status")["indexing"]
        return indexing is not None and indexing["waiting"] == "paused"

    wait_until(waits, within_s=TIMEOUT_S)
    status = program.json("status")
    assert status["is_paused"]
    assert status["vector_count"] == 0
    assert "photosearch resume" in program.run("status").stdout

    assert program.run("resume").returncode == 0
    out, messages = adding.communicate(timeout=TIMEOUT_S)
    assert adding.returncode == 0, messages
    assert f"{COUNT} new pictures understood" in out
    assert "Paused" in messages, "whoever waited was told why"
    status = program.json("status")
    assert (status["is_paused"], status["vector_count"]) == (False, COUNT)


def test_what_failed_and_what_is_gone_is_told_with_its_history(
    program: Program, tmp_path: Path, make_picture: MakePicture
) -> None:
    root = tmp_path / "photos"
    whole = make_picture(root / "whole.jpg")
    lost = make_picture(root / "lost.jpg", (10, 200, 10))
    broken = root / "broken.jpg"
    broken.write_bytes(whole.read_bytes()[:300])
    program.json("index", root)
    (first,) = program.json("failures")
    assert (first["path"], first["stage"], first["tries"]) == (str(broken), "decode", 1)
    assert first["first_seen"]

    (again,) = program.json("failures", "--retry", broken)
    assert again["tries"] == 2
    assert again["first_seen"] == first["first_seen"]

    lost.unlink()
    program.json("index")
    (gone,) = program.json("gone")
    assert gone["path"] == str(lost)
    assert gone["kept_until"] > gone["gone_since"]
    assert program.json("status")["gone_count"] == 1
    assert program.json("gone", "--forget") == {"forgotten_count": 1}
    assert program.json("gone") == []
