"""Favourites, stars, tags, albums by command line; backup, restore, and two programs at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from photosearch.store.open import open_store
from tests.conftest import MakePicture
from tests.end_to_end.conftest import Program
from tests.processes import wait_until

pytestmark = [pytest.mark.model, pytest.mark.slow]


@pytest.fixture
def photos(tmp_path: Path, make_picture: MakePicture) -> Path:
    root = tmp_path / "photos"
    make_picture(root / "red.jpg", (230, 10, 10))
    make_picture(root / "blue one.png", (10, 10, 230))
    return root


@pytest.fixture
def album(program: Program, photos: Path) -> Program:
    """A library of two photos."""
    assert program.json("add", photos)["photo_count"] == 2
    return program


def test_what_the_user_says_of_photos(album: Program, photos: Path) -> None:
    red, blue, other = photos / "red.jpg", photos / "blue one.png", photos / "other.jpg"
    assert album.run("favourite", red, blue).stdout == "2 photos: favourite.\n"
    assert album.run("favourite", blue, "--off").stdout == "1 photo: favourite no more.\n"
    assert album.json("rate", "4", red) == {"changed_count": 1, "unknown": []}
    assert album.run("tag", "Rome", red, blue).stdout == "2 photos: tagged Rome.\n"
    assert album.json("tags") == {"tags": ["Rome"]}
    assert album.run("tag", "rome", red, "--off").returncode == 0
    assert album.run("album", "Best of", red).returncode == 0
    assert album.json("albums") == {"albums": ["Best of"]}

    again = album.run("tag", "rome", red, "--off")
    assert (again.stdout, again.stderr) == ("", "None had the tag rome.\n")
    assert album.json("tag", "nosuch", red, "--off") == {"changed_count": 0, "unknown": []}
    assert album.run("album", "Best of", red, blue, "--off").stdout == (
        "1 photo: taken out of the album Best of.\n"
    )
    assert album.run("album", " Best\n\tof ", red).stdout == "1 photo: in the album Best of.\n"
    too_long = album.run("album", "x" * 5000, red)
    assert too_long.returncode == 2
    assert len(too_long.stderr) < 300

    partly = album.run("rate", "2", blue, other)
    assert partly.returncode == 2
    assert str(other) in partly.stderr
    assert str(blue) not in partly.stderr
    assert album.run("rate", "6", blue).returncode == 2
    assert album.run("tag", " ", blue).returncode == 2

    store = open_store(album.library)
    said = {found.path.name: found.user for found in store.photos(store.photo_ids().tolist())}
    store.close()
    assert (said["red.jpg"].is_favourite, said["red.jpg"].rating) == (True, 4)
    assert (said["red.jpg"].tags, said["red.jpg"].albums) == ((), ("Best of",))
    assert (said["blue one.png"].rating, said["blue one.png"].tags) == (2, ("Rome",))


def test_a_backup_and_the_way_back(album: Program, photos: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    album.run("tag", "before", photos / "red.jpg")
    report = album.json("backup", copy)
    assert report == {"path": str(copy), "size_bytes": copy.stat().st_size}
    assert album.run("backup", copy).returncode == 2
    album.run("tag", "after", photos / "red.jpg")

    restored = album.json("restore", copy)
    assert Path(restored["kept"]["path"]).is_file()
    assert album.json("tags") == {"tags": ["before"]}
    assert album.json("status")["photo_count"] == 2

    refused = album.run("restore", photos / "red.jpg")
    assert refused.returncode == 3
    assert "nothing was changed" in refused.stderr
    assert album.json("tags") == {"tags": ["before"]}


def test_another_program_that_writes_costs_nothing_but_the_change(
    album: Program, photos: Path
) -> None:
    # As a tool that somebody opens the database with.
    other = apsw.Connection(str(album.library / "library.db"))
    other.execute("BEGIN IMMEDIATE")
    refused = album.run("tag", "Rome", photos / "red.jpg")
    assert refused.returncode == 3
    assert "Another program is using" in refused.stderr
    found = album.json("search", "--like", photos / "red.jpg")
    assert found["hits"][0]["path"] == str(photos / "red.jpg")
    other.execute("ROLLBACK")
    other.close()
    assert album.run("tag", "Rome", photos / "red.jpg").returncode == 0


HOLDER = """
import sys, time
from pathlib import Path
from filelock import FileLock
lock = FileLock(Path(sys.argv[1]) / "engine.lock", fallback_to_soft=False)
lock.acquire()
print("held", flush=True)
time.sleep(600)
"""


def test_a_library_that_somebody_else_holds_can_be_searched_only(
    album: Program, photos: Path
) -> None:
    def is_free() -> bool:
        return not any(album.library.glob("*-wal"))

    wait_until(is_free)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(album.library)], stdout=subprocess.PIPE, text=True
    )
    album.started.append(holder)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    (album.library / "in-flight.json").write_text("the other's")
    before = {path.name: path.read_bytes() for path in album.library.glob("*.*")}
    album.environment["PHOTOSEARCH_ENGINE_LINGER_S"] = "5"
    assert album.json("status")["is_read_only"]
    found = album.json("search", "--like", photos / "red.jpg")
    assert found["hits"][0]["path"] == str(photos / "red.jpg")
    for command in (("tag", "Rome", photos / "red.jpg"), ("index",), ("remove", photos)):
        refused = album.run(*command)
        assert refused.returncode == 3, refused.stdout
        assert "close the other Photosearch" in refused.stderr
    refused = album.run("restore", photos / "red.jpg")
    assert refused.returncode == 3, refused.stdout
    assert "in use" in refused.stderr
    after = {path.name: path.read_bytes() for path in album.library.glob("*.*")}
    for name in ("library.db", "thumbs.db", "in-flight.json"):
        assert after[name] == before[name]
