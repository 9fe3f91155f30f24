"""The main job by command line: index a folder, search it by words and by picture."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from photosearch import resources
from tests.conftest import MakePicture
from tests.end_to_end.conftest import Program
from tests.processes import engine_pids_of, stored_count, wait_until

pytestmark = [pytest.mark.model, pytest.mark.slow]


@pytest.fixture(scope="module")
def album(shared_program: Program) -> Program:
    """A library that holds the sample album."""
    report = shared_program.json("index", resources.sample_pictures())
    assert report["failed"] == 0
    assert report["photo_count"] > 0
    return shared_program


def truth() -> dict[str, dict[str, object]]:
    path = resources.root() / "sample" / "truth.json"
    pictures = json.loads(path.read_text(encoding="utf-8"))["pictures"]
    return {picture["file"]: picture for picture in pictures}


def test_a_picture_finds_itself(album: Program) -> None:
    path = sorted(resources.sample_pictures().rglob("*.jpg"))[7]
    answer = album.json("search", "--like", path)
    assert answer["hits"][0]["path"] == str(path)
    assert answer["hits"][0]["score"] > 0.999
    assert set(answer) == {
        "query",
        "space",
        "read_as",
        "searched_count",
        "elapsed_ms",
        "total_count",
        "waiting_count",
        "understood",
        "no_good_match",
        "hits",
    }


@pytest.mark.parametrize("text", ["A dog in the snow", "Ein Hund im Schnee", "собака на снегу"])
def test_words_find_what_they_say(album: Program, text: str) -> None:
    pictures = truth()
    hits = album.json("search", text, "--limit", "3")["hits"]
    assert len(hits) == 3
    best = [
        pictures[Path(hit["path"]).relative_to(resources.sample_pictures()).as_posix()]
        for hit in hits
    ]
    assert any(
        picture["place"] == "snow" and {"🐕", "🐶", "🐩", "🦮"} & set(picture["concepts"])  # type: ignore[call-overload]
        for picture in best
    )


def test_queries_by_the_line_are_answered_by_the_line(album: Program) -> None:
    done = album.run("search", "--stdin", "--limit", "2", stdin="a cat\n\n犬\n" + "x" * 10_000)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [len(answer.get("hits", ())) for answer in answers] == [2, 0, 2, 0]
    assert "nothing to search for" in answers[1]["error"]
    assert "10,000 characters" in answers[3]["error"]


def test_status_tells_the_model_and_that_it_is_the_sample(album: Program) -> None:
    status = album.json("status")
    assert status["file_count"] == len(truth())
    assert status["photo_count"] == status["vector_count"]
    assert status["model_note"].startswith("Sample model: understands the sample album's kind")
    assert "Sample model" in album.run("status").stdout
    assert "Sample model" in album.run("search", "a cat").stderr


@pytest.mark.parametrize(
    ("arguments", "status", "part"),
    [
        (["search", ""], 2, "nothing to search for"),
        (["search", "x" * 10_000], 2, "10,000 characters"),
        (["search", "--like", "/nowhere.jpg"], 2, "/nowhere.jpg"),
        (["index", "/nowhere"], 2, "/nowhere does not exist"),
        (["remove", "/nowhere"], 2, "not a watched folder"),
        (["search", "cat", "--limit", "0"], 2, "limit of 0"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_wrong_use_is_said_in_a_sentence(
    album: Program, arguments: list[str], status: int, part: str
) -> None:
    done = album.run(*arguments)
    assert done.returncode == status
    assert part in done.stderr
    assert "Traceback" not in done.stderr


def test_bad_files_are_listed_with_their_reasons(
    program: Program, tmp_path: Path, make_picture: MakePicture
) -> None:
    root = tmp_path / "photos"
    make_picture(root / "good.jpg")
    (root / "empty.jpg").touch()
    (root / "text.jpg").write_text("no picture", encoding="utf-8")
    (root / "notes.txt").touch()
    assert program.json("index", root)["photo_count"] == 1
    reasons = {Path(row["path"]).name: row["code"] for row in program.json("failures")}
    assert reasons == {"empty.jpg": "empty", "text.jpg": "not_an_image"}
    assert program.json("status")["ignored"] == {".txt": 1}


def test_a_damaged_database_is_kept_aside_and_said(program: Program) -> None:
    program.library.mkdir(parents=True)
    damaged = b"this was a database once " * 1000
    (program.library / "library.db").write_bytes(damaged)
    done = program.run("status")
    assert done.returncode == 3
    kept = [path for path in program.library.iterdir() if ".corrupt-" in path.name]
    assert [path.read_bytes() for path in kept] == [damaged]
    assert kept[0].name in done.stderr
    # The engine that failed stays a moment, for other clients to hear of it.
    wait_until(lambda: not engine_pids_of(program.library))
    assert program.json("status")["photo_count"] == 0


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to another process there")
def test_ctrl_c_stops_cleanly_and_the_next_run_goes_on(
    program: Program, tmp_path: Path, make_picture: MakePicture
) -> None:
    root = tmp_path / "photos"
    total = 1500
    for number in range(total):
        make_picture(root / f"{number:04}.jpg", (number % 256, 90, 30), size_px=(120, 80))
    running = program.start("index", root)
    while not (done_before := stored_count(program.library)):
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, messages = running.communicate(timeout=60)
    assert running.returncode == 130, messages
    assert "next run goes on" in messages
    report = program.json("index")
    assert report["photo_count"] == total
    assert 0 < report["encoded"] <= total - done_before


def test_doctor_finds_nothing_wrong_here(program: Program) -> None:
    checks = {check["name"]: check for check in program.json("doctor")}
    assert {"Window", "Compute", "Model", "Formats", "Database"} <= set(checks)
    failed = [check for check in checks.values() if not check["is_ok"]]
    assert [check for check in failed if check["name"] != "Watching"] == []
    assert "GPU" in checks["Compute"]["detail"], "which one computes, or why none does"


def test_demo_prints_hits_in_many_languages_and_paints_the_window(
    program: Program, tmp_path: Path
) -> None:
    picture = tmp_path / "demo.png"
    done = program.run("demo", "--headless", "--screenshot", picture)
    assert done.returncode == 0, done.stderr
    languages = {line.rsplit("(", 1)[1] for line in done.stdout.splitlines() if line.endswith(")")}
    assert len(languages) >= 10
    assert "犬の写真" in done.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert os.path.getsize(picture) > 50_000  # noqa: PTH202 - a blank window is far smaller
