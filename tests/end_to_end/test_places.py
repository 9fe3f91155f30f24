"""Where photos were taken, in plain words: from a picture's header to what was understood."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.end_to_end.conftest import Program

pytestmark = [pytest.mark.model, pytest.mark.slow]

_GPS = 0x8825


def _save(path: Path, colour: tuple[int, int, int], gps: dict[int, object]) -> None:
    exif = Image.Exif()
    if gps:
        exif.get_ifd(_GPS).update(gps)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (64, 48), colour).save(path, exif=exif.tobytes())


def _filters(found: Any) -> list[str]:
    """The chips that select photos, not what is to be seen in them."""
    return [chip["label"] for chip in found["understood"] if chip["kind"] == "filter"]


def test_a_place_in_plain_words_finds_what_was_taken_there(
    program: Program, tmp_path: Path
) -> None:
    photos = tmp_path / "photos"
    _save(photos / "nowhere.jpg", (10, 10, 230), {})
    program.json("add", photos)
    found = program.json("search", "dog in London")
    assert _filters(found) == [], "no photo has a place"

    london = {1: "N", 2: (51.0, 30.0, 30.0), 3: "W", 4: (0.0, 7.0, 40.0)}
    rome = {1: "N", 2: (41.0, 54.0, 0.0), 3: "E", 4: (12.0, 30.0, 0.0)}
    _save(photos / "tower.jpg", (230, 10, 10), london)
    _save(photos / "forum.jpg", (10, 230, 10), rome)
    program.json("index")
    for text in ("dog in London", "dog near:London", "near:London"):
        found = program.json("search", text)
        assert [Path(hit["path"]).name for hit in found["hits"]] == ["tower.jpg"], text
        assert [label for label in _filters(found) if "London" in label], text

    (photos / "tower.jpg").unlink()
    (photos / "forum.jpg").unlink()
    program.json("index")
    found = program.json("search", "dog in London")
    assert _filters(found) == [], "none has a place any more"
