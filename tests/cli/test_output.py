from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from photosearch.cli import output, progress
from photosearch.core.chip import Chip, ChipKind
from photosearch.core.events import IndexFinished, WorkerError
from photosearch.core.hits import Hit, Hits
from photosearch.core.photo import FileStamp, Photo, PhotoFacts
from photosearch.engine.client import ClientEvent, EngineClient
from photosearch.errors import PhotoSearchError


def photo(photo_id: int, path: Path) -> Photo:
    return Photo(photo_id, 1, path, FileStamp(1, 1), b"h" * 16, PhotoFacts("JPEG", 4, 3))


def test_an_answer_is_printed_in_its_order() -> None:
    hits = tuple(
        Hit(photo(n, Path(f"/{n}")), 0.9 / n, 0.75, "strong", ("image", "tag")) for n in (1, 3, 2)
    )
    unseen = Hit(photo(4, Path("/4")), None, None, "named", ("name",), burst_count=3)
    chip = Chip(ChipKind.FILTER, "2021", "date:2021", 4, 8, is_guess=True)
    found = Hits((*hits, unseen), "space", 10, 1.23, chips=(chip,))
    printed = output.hits_json("dog", found, {1: [Path("/1"), Path("/b/1")]})
    assert [hit["path"] for hit in printed["hits"]] == ["/1", "/3", "/2", "/4"]
    assert printed["hits"][0] == {
        "path": "/1",
        "paths": ["/1", "/b/1"],
        "score": 0.9,
        "confidence": 0.75,
        "band": "strong",
        "why": ["image", "tag"],
        "burst_count": 1,
    }
    assert (printed["hits"][3]["score"], printed["hits"][3]["confidence"]) == (None, None)
    assert printed["understood"] == [{"kind": "filter", "label": "2021", "source": "date:2021"}]
    assert (printed["query"], printed["searched_count"]) == ("dog", 10)
    json.dumps(printed)


def test_a_name_that_is_no_text_is_told_exactly() -> None:
    path = Path(os.fsdecode(b"/caf\xe9.jpg"))
    told = output.path_json(path)
    assert told == {"path": "/caf\\xe9.jpg", "path_bytes": "L2NhZukuanBn"}
    assert output.path_json(Path("/café.jpg")) == {"path": "/café.jpg"}


@pytest.mark.parametrize(("count", "text"), [(0, "0 files"), (1, "1 file"), (1234, "1,234 files")])
def test_numbers_agree_with_their_nouns(count: int, text: str) -> None:
    assert output.counted(count, "file") == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59, "59 s"), (61, "1 min"), (3600 * 2 + 300, "2 h 5 min")]
)
def test_durations_are_said_as_people_say_them(seconds: float, text: str) -> None:
    assert progress.duration(seconds) == text


@pytest.mark.parametrize(("rate", "text"), [(0.42, "0.4 photos/s"), (26.3, "26 photos/s")])
def test_rates_are_said_with_the_digits_that_matter(rate: float, text: str) -> None:
    assert progress.speed(rate) == text


class GivesUp:
    """A client whose index runs end with this trouble."""

    def __init__(self, trouble: WorkerError) -> None:
        self._trouble = trouble

    def subscribe(self, tell: Callable[[ClientEvent], None]) -> Callable[[], None]:
        self._tell = tell
        return lambda: None

    def start_index(self, _folders: object) -> int:
        self._tell(self._trouble)
        self._tell(IndexFinished(1, 0, 0, 0, 0, 0.1, was_stopped=True))
        return 1


@pytest.mark.parametrize(("is_about_model", "exit_code"), [(True, 4), (False, 3)])
def test_what_stops_an_index_run_has_the_same_exit_status_as_elsewhere(
    is_about_model: bool, exit_code: int
) -> None:
    client = cast(EngineClient, GivesUp(WorkerError("It is gone.", "Fetch it.", is_about_model)))
    with pytest.raises(PhotoSearchError, match="It is gone") as caught:
        progress.index_and_wait(client, None)
    assert caught.value.exit_code == exit_code
