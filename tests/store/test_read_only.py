"""A library in a directory that may not be written to: what can be read is read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from photosearch.store.open import open_store

from .samples import SPACE, photo, write

pytestmark = pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can become somebody else"
)

#: Opens a library as somebody who may only read it, and says what came of it.
READER = """
import os, sys
from pathlib import Path
from photosearch.core.userdata import UserChange
from photosearch.errors import PhotoSearchError
from photosearch.store.open import open_store
from tests.store.samples import SPACE, photo, unit, write

unit(8)  # loads what he could not, where Python lies in somebody's home
os.setgroups([]); os.setgid(65534); os.setuid(65534)

def attempt(what):
    try:
        return what()
    except PhotoSearchError as error:
        return f"{type(error).__name__}: {error.message} {error.hint}"

def look():
    store = open_store(Path(sys.argv[1]))
    store.ensure_space(SPACE)
    ids = store.photo_ids().tolist()
    print(
        len(ids),
        len(store.search(SPACE, unit(8), 30).ids),
        len(store.scan(SPACE, unit(8)).ids),
        len(store.named(["rome"]).ids),
        len(store.thumbnails(ids)),
    )
    print(attempt(lambda: store.change_user_data(ids, UserChange(rating=1))))
    print(attempt(lambda: write(store, photo(1, b"new.jpg", 99))))
    print(attempt(lambda: store.back_up(Path(sys.argv[2]))))
    store.close()

told = attempt(look)
if told:
    print(told)
"""


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A closed library of twenty photos."""
    directory = tmp_path / "library"
    store = open_store(directory)
    store.ensure_space(SPACE)
    folder = store.add_folder(tmp_path)
    write(store, *(photo(folder.id, b"rome %d.jpg" % n, n) for n in range(20)))
    store.close()
    return directory


def read(library: Path) -> tuple[list[str], Path]:
    """What somebody else gets to see, and where his copy of the library would be."""
    for path in library.iterdir():
        path.chmod(0o444)
    before = {path.name: path.read_bytes() for path in library.iterdir()}
    library.chmod(0o555)
    out = library.parent / "out"
    out.mkdir()
    out.chmod(0o777)
    # Its parents belong to whoever runs the tests.
    for parent in library.parents[: len(library.parents) - 2]:
        if parent.stat().st_uid == os.getuid():
            parent.chmod(parent.stat().st_mode | 0o011)
    done = subprocess.run(
        [sys.executable, "-c", READER, str(library), str(out / "copy.db")],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    library.chmod(0o755)
    after = {path.name: path.read_bytes() for path in library.iterdir()}
    logs = {name for name in after if name.endswith("-shm")}  # its locks, not what it holds
    assert {n: v for n, v in after.items() if n not in logs} == {
        n: v for n, v in before.items() if n not in logs
    }
    return done.stdout.splitlines(), out / "copy.db"


def check_refusals(lines: list[str]) -> None:
    for line in lines:
        assert "may only be read" in line
        assert "Searching works" in line


def test_everything_but_writing_works(library: Path) -> None:
    lines, copy = read(library)
    assert lines[0] == "20 20 20 20 20"
    check_refusals(lines[1:3])
    assert lines[3] == "None"
    assert copy.stat().st_size > 16384


def test_while_its_owner_has_it_open(library: Path) -> None:
    store = open_store(library)
    write(store, photo(store.folders()[0].id, b"rome new.jpg", 50))
    lines, _ = read(library)
    assert lines[0] == "21 21 21 21 21"
    check_refusals(lines[1:3])
    store.close()


def test_without_thumbnails(library: Path) -> None:
    (library / "thumbs.db").unlink()
    lines, _ = read(library)
    assert lines[0] == "20 20 20 20 0"
    check_refusals(lines[1:3])


def test_after_a_crash_it_says_what_is_to_be_done(library: Path) -> None:
    store = open_store(library)
    write(store, photo(store.folders()[0].id, b"rome new.jpg", 50))
    crashed = library.with_name("crashed")
    crashed.mkdir()
    for name in ("library.db", "library.db-wal", "thumbs.db"):
        (crashed / name).write_bytes((library / name).read_bytes())
    store.close()
    (line,), _ = read(crashed)
    assert "StoreError" in line
    assert "was not closed as it should be" in line
    assert "open the library once" in line


def test_an_earlier_version_says_what_is_to_be_done(library: Path) -> None:
    import gzip

    from .old_databases import DIRECTORY

    (library / "library.db").write_bytes(gzip.decompress((DIRECTORY / "v0001.db.gz").read_bytes()))
    (line,), _ = read(library)
    assert "of an earlier version and may only be read" in line


def test_a_directory_without_a_library_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (line,), _ = read(tmp_path / "empty")
    assert line.startswith("StoreError")
