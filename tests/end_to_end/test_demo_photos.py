"""The library of made-up photos, from the command to the picture of its window."""

from __future__ import annotations

import os
from pathlib import Path

from tests.end_to_end.conftest import Program


def test_demo_makes_a_library_of_any_size_and_paints_its_window(
    program: Program, tmp_path: Path
) -> None:
    picture = tmp_path / "demo.png"
    demo = ("demo", "--photos", "300", "--headless", "--screenshot", picture)
    done = program.run(*demo)
    assert done.returncode == 0, done.stderr
    assert "300 photos made in" in done.stdout
    assert "300 photos compared in" in done.stdout
    assert os.path.getsize(picture) > 50_000  # noqa: PTH202 - a blank window is far smaller

    again = program.run(*demo)
    assert again.returncode == 0, again.stderr
    assert "photos made" not in again.stdout, "once is enough"
    assert program.json("status")["photo_count"] == 300
    found = program.json("search", "dog", "--limit", "1")["hits"]
    assert os.path.getsize(found[0]["path"]) > 1000  # noqa: PTH202
    scanned = program.json("index")
    assert (scanned["done"], scanned["encoded"], scanned["gone"]) == (0, 0, 0)
    assert program.json("status")["photo_count"] == 300
