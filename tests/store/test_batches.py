"""Batches of every kind, one after another: the tables agree with a plain account of the files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from photosearch.core.failure import FailureCode
from photosearch.core.filters import NumberField, NumberIn
from photosearch.core.photo import FileId, FilePlace, FileStamp, FileTraits
from photosearch.core.stored import CompanionFile, IndexBatch, ListedFile, MovedFile
from photosearch.core.userdata import UserChange

from .inside import Library
from .samples import FACTS, SPACE, STAMP, content_hash, failure, photo

SPOILT = FileStamp(7, STAMP.mtime_ns + 1)

#: What is done; to which file, with which other file; which picture the file then holds.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *("list", "read", "old", "move", "link", "remove", "join"),
                *("fail", "spoil", "purge", "say"),
            ]
        ),
        st.integers(0, 5),
        st.integers(0, 5),
        st.integers(0, 3),
    ),
    max_size=25,
)


@dataclass
class Account:
    """What is known of a place: the picture, whether it was read in whole, what the file says."""

    picture: int
    is_read: bool
    keyword: str


def traits(picture: int, number: int) -> FileTraits:
    """Two pictures each begin and end alike; two places each are one file."""
    return FileTraits(FileId(1, number // 2), b"quick %d" % (picture // 2))


def name(number: int) -> bytes:
    return b"dir/%d.jpg" % number


def keyword(number: int, picture: int) -> str:
    return f"{number} of {picture}"


def batch_of(folder_id: int, step: tuple[str, int, int, int]) -> IndexBatch:
    action, first, second, picture = step
    here, there = FilePlace(folder_id, name(first)), FilePlace(folder_id, name(second))
    facts = replace(FACTS, keywords=(keyword(first, picture),))
    file = photo(folder_id, name(first), picture, facts=facts)
    file = replace(file, traits=traits(picture, first))
    move = MovedFile(there, here, STAMP, FileId(1, second // 2))
    match action:
        case "list":
            return IndexBatch(listed=[ListedFile(here, STAMP, facts, None, file.traits)])
        case "read":
            return IndexBatch([replace(file, whole_hash=content_hash(100 + picture))])
        case "old":  # by an earlier program
            old = replace(file, content_hash=content_hash(100 + picture), traits=FileTraits())
            return IndexBatch([old])
        case "move" if first != second:
            return IndexBatch(moved=[move], removed=[here])
        case "link" if first != second:
            return IndexBatch(moved=[move])
        case "remove":
            return IndexBatch(removed=[here])
        case "join" if first != second:
            return IndexBatch(companions=[CompanionFile(here, there, STAMP)])
        case "fail":
            return IndexBatch(failures=[failure(folder_id, name(first))])
        case "spoil":
            late = failure(folder_id, name(first), FailureCode.TIMED_OUT, stamp=SPOILT)
            return IndexBatch(failures=[late])
    return IndexBatch()


def note(accounts: dict[int, Account], step: tuple[str, int, int, int]) -> None:
    action, first, second, picture = step
    known, other = accounts.get(first), accounts.get(second)
    match action:
        case "list" if known is None or not known.is_read:
            accounts[first] = Account(picture, is_read=False, keyword=keyword(first, picture))
        case "read" | "old":
            accounts[first] = Account(picture, is_read=True, keyword=keyword(first, picture))
        case "move" | "link" if known is not None and first != second:
            accounts[second] = replace(known)
            if action == "move":
                del accounts[first]
        case "move" | "remove":
            if first != second or action == "remove":
                accounts.pop(first, None)
        case "join" if other is not None and first != second:
            accounts.pop(first, None)
        case "fail" | "spoil" if known is not None and not known.is_read:
            del accounts[first]


def note_failed(
    failed: dict[int, FileStamp], photos: set[int], step: tuple[str, int, int, int]
) -> None:
    """Keeps at which places reading failed, of what stamp; `photos` are those of photos before."""
    action, first, second, _ = step
    match action:
        case "fail" | "spoil":
            failed[first] = STAMP if action == "fail" else SPOILT
        case "move" | "link" if first != second:
            failed.pop(second, None)
            if first in failed and first in photos:
                failed[second] = failed[first]
            if action == "move":
                failed.pop(first, None)
        case "join" if first != second:
            failed.pop(first, None)
        case "read" | "old" | "remove":
            failed.pop(first, None)


def check(
    library: Library,
    folder_id: int,
    accounts: dict[int, Account],
    failed: dict[int, FileStamp],
) -> None:
    known = library.store.known_files(folder_id, SPACE)
    photos = {rel_path for rel_path, file in known.items() if file.is_listed}
    changed = {number for number, stamp in failed.items() if stamp == SPOILT}
    assert photos == {name(number) for number in accounts.keys() - changed}
    read = {number: at for number, at in accounts.items() if at.is_read}
    hashes = library.store.hashes_at([FilePlace(folder_id, name(number)) for number in read])
    for number, at in read.items():
        told = hashes[FilePlace(folder_id, name(number))]
        assert told in (content_hash(at.picture), content_hash(100 + at.picture))
    with library.database.read() as connection:

        def ids(sql: str) -> set[int]:
            return {key for (key,) in connection.execute(sql)}

        paths = connection.execute("SELECT rel_path FROM file WHERE NOT is_companion")
        assert {rel_path for (rel_path,) in paths} == {name(number) for number in accounts}
        placed = ids("SELECT content_id FROM file WHERE NOT is_companion")
        assert placed == ids("SELECT id FROM content WHERE file_count > 0")
        assert placed == ids("SELECT rowid FROM photo_fts")
        proved = ids("SELECT content_id FROM file WHERE is_read AND NOT is_companion")
        never = "gone_ns IS NULL AND gone_path IS NULL AND gone_quick_hash IS NULL"
        assert proved <= ids(f"SELECT id FROM content WHERE {never}") <= placed
        assert ids("SELECT content_id FROM file WHERE is_companion") <= placed
        assert not ids(
            "SELECT content_id FROM file JOIN content ON content.id = content_id"
            " WHERE file.is_read AND NOT content.is_read"
        )
        assert not ids(
            "SELECT id FROM content WHERE file_count <> (SELECT count(*) FROM file"
            " WHERE content_id = content.id AND NOT is_companion AND NOT EXISTS (SELECT 1"
            "  FROM file AS other WHERE other.content_id = content.id AND NOT other.is_companion"
            "  AND other.inode = file.inode AND other.id < file.id))"
        )
        assert not ids("SELECT id FROM content JOIN vector_1 ON content_id = id WHERE NOT is_read")
        assert connection.pragma("foreign_key_check") is None


def check_copies(library: Library, failed: Iterable[int]) -> None:
    """Photos lie in as many copies as there are sound files, names of one file not counted."""
    with library.database.read() as connection:
        rows = connection.execute(
            "SELECT content_id, rel_path, coalesce('inode ' || inode, rel_path) FROM file"
            " WHERE NOT is_companion"
        ).fetchall()
    broken = {name(number) for number in failed}
    copies: dict[int, set[object]] = {content_id: set() for content_id, *_ in rows}
    for content_id, rel_path, file in rows:
        if rel_path not in broken:
            copies[content_id].add(file)
    wanted = {content_id: len(found) for content_id, found in copies.items()}
    assert {found.id: found.copy_count for found in library.store.photos(list(copies))} == wanted
    none = library.store.matching(NumberIn(NumberField.COPIES, high=0))
    assert set(none.tolist()) == {key for key, count in wanted.items() if not count}


def check_what_is_said(library: Library, accounts: dict[int, Account]) -> None:
    """Photos say what the files say that are there: those that were read, where there are any."""
    with library.database.read() as connection:
        rows = connection.execute(
            "SELECT rel_path, content_id, content.is_read, hash FROM file"
            " JOIN content ON content.id = content_id WHERE NOT is_companion"
        ).fetchall()
        found: dict[int, set[str]] = {}
        for key, said in connection.execute(
            "SELECT content_id, name FROM content_keyword JOIN tag ON tag.id = tag_id"
        ):
            found.setdefault(key, set()).add(said)
    by_name = {name(number): at for number, at in accounts.items()}
    for content_id, is_read in {(row[1], bool(row[2])) for row in rows}:
        files = [by_name[row[0]] for row in rows if row[1] == content_id]
        counted = [at for at in files if at.is_read == is_read]
        if counted:  # else a photo that was gone seems to be back
            assert found[content_id] == {at.keyword for at in counted}


@settings(max_examples=80, deadline=None)
@given(steps=STEPS)
@example(steps=[("read", 1, 0, 0), ("join", 0, 1, 0), ("read", 1, 0, 1)])
@example(steps=[("list", 0, 0, 0), ("read", 2, 0, 0), ("join", 1, 2, 0), ("join", 2, 0, 0)])
@example(steps=[("read", 0, 0, 0), ("spoil", 0, 0, 0), ("link", 0, 3, 0), ("read", 3, 0, 0)])
@example(steps=[("list", 3, 0, 0), ("read", 0, 0, 0), ("join", 1, 0, 0), ("move", 3, 0, 0)])
def test_whatever_comes_the_tables_agree_with_the_files(
    steps: list[tuple[str, int, int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    library = Library(tmp_path_factory.mktemp("library"))
    library.store.ensure_space(SPACE)
    folder_id = library.store.add_folder(Path("/photos")).id
    accounts: dict[int, Account] = {}
    failed: dict[int, FileStamp] = {}
    said = False
    for step in steps:
        if step[0] == "purge":
            library.store.purge_unplaced()
        elif step[0] == "say":
            ids = library.store.photo_ids().tolist()
            said = bool(library.store.change_user_data(ids, UserChange(add_tags=("said",)))) or said
        else:
            before = set(library.store.photo_ids().tolist())
            counts = library.store.write(SPACE, batch_of(folder_id, step))
            after = set(library.store.photo_ids().tolist())
            assert (counts.added, counts.removed) == (len(after - before), len(before - after))
            assert set(counts.changed) <= before & after
            note_failed(failed, set(accounts), step)
            note(accounts, step)
        check_copies(library, failed)
        check(library, folder_id, accounts, failed)
        check_what_is_said(library, accounts)
    # What was said is kept somewhere, whatever became of the photo.
    with library.database.read() as connection:
        kept = connection.execute(
            "SELECT EXISTS (SELECT 1 FROM content_tag) OR EXISTS (SELECT 1 FROM kept_user_data)"
        ).get
    assert bool(kept) == said
    library.store.close()
