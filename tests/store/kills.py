"""A write load that is killed again and again, and what is checked after each kill.

Run by `test_kills` in a process of its own, which forks the writers: nothing is loaded twice.

    python -m tests.store.kills DIRECTORY KILLS SEED

The writer changes a library all the time, on two threads as an engine does, and says each change
that is stored. It is killed after a random time; then another process opens the library, as the
next start of the program would, and compares everything with everything.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from photosearch.core.photo import FileId, FilePlace
from photosearch.core.store import Store
from photosearch.core.stored import CompanionFile, IndexBatch, MovedFile
from photosearch.core.userdata import UserChange
from photosearch.store.open import open_store

from .contract_listed import listed
from .inside import Library
from .samples import OTHER_SPACE, SPACE, STAMP, photo, unit

LONGEST_S = 0.12
PHOTO_MAX = 400


def keep_writing(directory: Path, said: int, seed: int) -> NoReturn:
    """Writes until it is killed; says "batch N" and "rating ID N" for what is stored."""
    store = open_store(directory)
    for space in (SPACE, OTHER_SPACE):
        store.ensure_space(space)
    folder_id = store.add_folder(directory).id
    os.write(said, b"open\n")
    threading.Thread(target=keep_rating, args=(store, said, seed), daemon=True).start()
    chance = random.Random(seed)
    while True:
        write_batch(store, folder_id, chance, said)


def write_batch(store: Store, folder_id: int, chance: random.Random, said: int) -> None:
    space = chance.choice([SPACE, SPACE, OTHER_SPACE])
    numbers = chance.sample(range(PHOTO_MAX), chance.randint(1, 24))
    files = [
        # Some files change what they hold, some contents lie in several files.
        photo(folder_id, b"sub %d/%d.jpg" % (number % 7, number), number // 2, space=space)
        for number in numbers
    ]
    gone = [
        FilePlace(folder_id, b"sub %d/%d.jpg" % (number % 7, number))
        for number in chance.sample(range(PHOTO_MAX), chance.randint(0, 12))
        if number not in numbers
    ]
    # What is of no account for what is said to be stored: headers, links and raw data.
    some = chance.sample(range(PHOTO_MAX), 6)
    headers = [listed(folder_id, b"listed %d.jpg" % number, number) for number in some[:3]]
    links = [
        MovedFile(FilePlace(folder_id, b"link %d.jpg" % number), place, STAMP, FileId(1, number))
        for number in some[3:]
        for place in [FilePlace(folder_id, b"sub %d/%d.jpg" % (number % 7, number))]
    ]
    raws = [
        CompanionFile(FilePlace(folder_id, main.rel_path + b".dng"), main, STAMP)
        for main in [file.place for file in files[:3]]
    ]
    store.write(
        space, IndexBatch(files, removed=gone, listed=headers, moved=links, companions=raws)
    )
    os.write(said, b"batch %s\n" % b" ".join(b"%d" % number for number in sorted(numbers)))
    if chance.random() < 0.2:
        store.purge_unplaced()


def keep_rating(store: Store, said: int, seed: int) -> None:
    chance = random.Random(seed + 1)
    while True:
        ids = store.photo_ids().tolist()
        if ids:
            chosen = chance.sample(ids, min(len(ids), 5))
            tags = (f"tag {chance.randint(1, 9)}",)
            change = UserChange(rating=chance.randint(0, 5), add_tags=tags)
            store.change_user_data(chosen, change)
            names = b" ".join(b"%d" % key for key in chosen)
            os.write(said, b"rating %d %s\n" % (change.rating or 0, names))
        time.sleep(0.001)


def check(directory: Path, lines: list[str]) -> None:
    """Opens the library and compares all that it holds.

    Args:
        directory: The library.
        lines: What the writer said before it was killed.
    """
    library = Library(directory)
    for space in (SPACE, OTHER_SPACE):
        library.store.ensure_space(space)
    with library.database.transaction() as connection:
        assert connection.pragma("integrity_check") == "ok"
        assert connection.pragma("foreign_key_check") is None
        connection.execute("INSERT INTO photo_fts (photo_fts) VALUES ('integrity-check')")

        def ids(sql: str) -> set[int]:
            return {key for (key,) in connection.execute(sql)}

        placed = ids("SELECT DISTINCT content_id FROM file WHERE NOT is_companion")
        assert ids("SELECT content_id FROM file WHERE is_companion") <= placed
        assert ids("SELECT id FROM content WHERE gone_ns IS NULL") == placed
        assert placed == ids("SELECT id FROM content WHERE file_count > 0")
        assert placed == ids("SELECT rowid FROM photo_fts"), "words of other photos"
        wrong_counts = ids(
            "SELECT id FROM content WHERE file_count !="
            " (SELECT count(*) FROM file WHERE content_id = content.id AND NOT is_companion)"
        )
        assert wrong_counts == set()
        assert ids("SELECT id FROM tag") == ids("SELECT DISTINCT tag_id FROM content_tag")
        tagged = {
            name: ids(
                "SELECT content_id FROM content_tag JOIN content ON content.id = content_id"
                f" WHERE tag_id = {key} AND file_count > 0"
            )
            for key, name in connection.execute("SELECT id, name FROM tag").fetchall()
        }
        vectors = {}
        for number in (1, 2):
            vectors[number] = ids(f"SELECT content_id FROM vector_{number}")
            assert vectors[number] == ids(f"SELECT rowid FROM vec0_{number}_rowids")
            assert vectors[number] == ids(f"SELECT content_id FROM vec0_{number}")
            assert vectors[number] <= ids("SELECT id FROM content")
        unread = ids("SELECT id FROM content WHERE NOT is_read")
        assert placed <= vectors[1] | vectors[2] | unread
        assert not unread & (vectors[1] | vectors[2])
        assert unread.isdisjoint(ids("SELECT content_id FROM file WHERE is_read"))
    for number, space in ((1, SPACE), (2, OTHER_SPACE)):
        scan = library.store.scan(space, unit(space.dim, seed=1))
        assert set(scan.ids.tolist()) == vectors[number] & placed
    for name, tagged_ids in tagged.items():
        assert set(library.store.named([name]).ids.tolist()) == tagged_ids
    check_said(library.store, lines)
    library.store.close()


def check_said(store: Store, lines: list[str]) -> None:
    """The last change that was said to be stored is there, unless the next one undid it."""
    batches = [line.split()[1:] for line in lines if line.startswith("batch")]
    if batches:
        known = store.known_files(store.folders()[0].id, SPACE)
        names = {rel_path.decode().rpartition("/")[2] for rel_path in known}
        there = [number for number in batches[-1] if f"{number}.jpg" in names]
        # At most the one batch after it, of which nothing was said, took files away.
        assert len(there) >= len(batches[-1]) - 12, "a stored batch is lost"
    ratings = [line.split()[1:] for line in lines if line.startswith("rating")]
    if ratings:
        stars, *keys = ratings[-1]
        shown = store.photos([int(key) for key in keys])
        kept = [found for found in shown if found.user.rating == int(stars)]
        # One more rating of five photos may have followed unsaid.
        assert len(kept) >= len(shown) - 5


def forked(work: Callable[[], object]) -> int:
    """Does something in a process of its own; returns its id."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        work()
        status = 0
    finally:
        if status:
            traceback.print_exc()
        os._exit(status)


def kill_once(directory: Path, seed: int) -> None:
    """Lets a writer write for a moment, kills it, and checks what it leaves."""
    readable, said = os.pipe()
    writer = forked(lambda: keep_writing(directory, said, seed))
    os.close(said)
    with os.fdopen(readable, "rb") as told:
        assert told.readline() == b"open\n", "the writer did not start"
        # What it says must not fill the pipe, which would hold it up.
        gathered: list[bytes] = []
        reader = threading.Thread(target=lambda: gathered.extend(told.readlines()))
        reader.start()
        time.sleep(random.Random(seed).uniform(0.0, LONGEST_S))
        os.kill(writer, signal.SIGKILL)
        _, status = os.waitpid(writer, 0)
        reader.join()
    assert os.WIFSIGNALED(status), "the writer ended by itself"
    lines = b"".join(gathered).decode().splitlines()
    _, status = os.waitpid(forked(lambda: check(directory, lines)), 0)
    assert status == 0, f"the library is not sound after the kill with seed {seed}"


def main() -> None:
    directory, kill_count, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    for number in range(kill_count):
        kill_once(directory, seed + number)
        print(number + 1, flush=True)


if __name__ == "__main__":
    main()
