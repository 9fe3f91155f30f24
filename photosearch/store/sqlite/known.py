"""What is known of files, for whoever compares the store with the disk.

Called by `store.SqliteStore` on any thread, inside its reads.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import closing
from itertools import chain, islice

import apsw

from photosearch.core.failure import TRANSIENT_CODES
from photosearch.core.photo import FACTS_VERSION, READING_VERSION, FileId, FilePlace, FileStamp
from photosearch.core.stored import KnownFile, PlacedFile
from photosearch.errors import CorruptStoreError
from photosearch.store.sqlite import broken, files
from photosearch.store.sqlite.failures import BETTER_READING_MENDS, EVERY_SPACE
from photosearch.store.sqlite.known_table import KnownTable
from photosearch.store.sqlite.thumbs import Thumbnails
from photosearch.store.sqlite.vectors import StoredSpace

#: Of a file: path, size, time, content, whether it was read and its content has a vector, whether
#: it is a companion, size and time of its sidecar, by which version of the reading of headers was
#: found what it says, where that is kept with it.
_Row = tuple[bytes, int, int, int, int, int, int | None, int, int | None]
_EVERYTHING = (b"",)
#: Up to this share of all contents, asking for each takes less time than reading all.
_FEW = 0.2


def known_files(
    connection: apsw.Connection,
    folder_id: int,
    space: StoredSpace | None,
    thumbnails: Thumbnails,
    prefixes: Sequence[bytes] = _EVERYTHING,
) -> KnownTable:
    """What is known of each file below a folder, by relative path.

    A failure outweighs a stored row: reading the file anew would have dropped the failure, so the
    failure is the newer of the two.

    Args:
        connection: Where to read.
        folder_id: Which folder.
        space: Where a file needs its vector to be done.
        thumbnails: A file needs one as well.
        prefixes: Only files whose paths begin with one of these.
    """
    begun = _EVERYTHING if b"" in prefixes else prefixes
    rows = chain.from_iterable(_rows(connection, folder_id, space, prefix) for prefix in begun)
    # They are taken as they come, since there may be a million; but for those that tell whether
    # there are many.
    content_count: int = connection.execute("SELECT count(*) FROM content").get
    first = list(islice(rows, int(content_count * _FEW) + 1))
    if len(first) <= content_count * _FEW:
        bare, old = _undone_of(connection, first, thumbnails)
    else:
        bare, old = _bare(connection, thumbnails), _old(connection)
    known = KnownTable()
    _add(known, first, bare, old)
    first.clear()
    _add(known, rows, bare, old)
    for prefix in dict.fromkeys(prefixes):
        _add_failures(connection, folder_id, space, prefix, known)
    return known


def _rows(
    connection: apsw.Connection, folder_id: int, space: StoredSpace | None, prefix: bytes
) -> Iterator[_Row]:
    # In a space that is not stored yet no file is done.
    has_vector = (
        "0" if space is None else f"content_id IN (SELECT rowid FROM vec0_{space.id}_rowids)"
    )
    condition, bound = _begins("rel_path", prefix)
    return connection.execute(
        f"SELECT rel_path, size_bytes, mtime_ns, content_id, is_read AND {has_vector},"
        " is_companion, sidecar_size_bytes, sidecar_mtime_ns, said ->> 0 FROM file"
        f" WHERE folder_id = ? AND {condition}",
        (folder_id, *bound),
    )


def _add(known: KnownTable, rows: Iterable[_Row], bare: Set[int], old: Set[int]) -> None:
    for path, size, mtime_ns, content_id, is_full, is_companion, sidecar, sidecar_ns, said in rows:
        if is_companion:
            stamp = FileStamp(size, mtime_ns)
            known.put(path, KnownFile(stamp, is_done=True, is_companion=True))
        else:
            is_done = (
                is_full != 0
                and content_id not in bare
                and (content_id not in old or said == FACTS_VERSION)
            )
            known.add(path, size, mtime_ns, sidecar, sidecar_ns, is_done=is_done)


def _bare(connection: apsw.Connection, thumbnails: Thumbnails) -> set[int]:
    """All contents that lack a thumbnail.

    Both sides are read in the order of their hashes, from the indexes alone: quicker than a join,
    and nothing is held.
    """
    bare = set()
    try:
        with closing(thumbnails.in_order()) as noted:
            reached = next(noted, None)
            for content_id, content_hash in connection.execute(
                "SELECT id, hash FROM content ORDER BY hash"
            ):
                while reached is not None and reached < content_hash:
                    reached = next(noted, None)
                if reached != content_hash:
                    bare.add(content_id)
    except CorruptStoreError:  # an empty file has taken the place of the thumbnails
        return {content_id for (content_id,) in connection.execute("SELECT id FROM content")}
    return bare


def _old(connection: apsw.Connection) -> set[int]:
    """All contents with a header to be read again."""
    old = connection.execute("SELECT id FROM content WHERE facts_version < ?", (FACTS_VERSION,))
    return {content_id for (content_id,) in old}


def _undone_of(
    connection: apsw.Connection, rows: Sequence[_Row], thumbnails: Thumbnails
) -> tuple[set[int], set[int]]:
    """Of some files, the contents that lack a thumbnail, and those with a header to read again."""
    asked = (json.dumps(list({row[3] for row in rows})),)
    contents = list(
        connection.execute(
            "SELECT content.id, hash, facts_version FROM json_each(?)"
            " JOIN content ON content.id = value",
            asked,
        )
    )
    noted = thumbnails.noted([content_hash for _, content_hash, _ in contents])
    return (
        {key for key, content_hash, _ in contents if content_hash not in noted},
        {key for key, _, version in contents if version < FACTS_VERSION},
    )


def _add_failures(
    connection: apsw.Connection,
    folder_id: int,
    space: StoredSpace | None,
    prefix: bytes,
    known: KnownTable,
) -> None:
    condition, bound = _begins("rel_path", prefix)
    for rel_path, size_bytes, mtime_ns, code, is_to_retry, version, of_space in connection.execute(
        "SELECT rel_path, size_bytes, mtime_ns, code, is_to_retry, reading_version, space_id"
        " FROM failure"
        f" WHERE folder_id = ? AND space_id IN (?, ?) AND {condition} ORDER BY last_seen_ns",
        (folder_id, EVERY_SPACE, EVERY_SPACE if space is None else space.id, *bound),
    ):
        stamp = None if size_bytes is None else FileStamp(size_bytes, mtime_ns)
        stored = known.get(rel_path)
        failed = KnownFile(
            stamp,
            is_done=code not in TRANSIENT_CODES
            and not is_to_retry
            and (version >= READING_VERSION or code not in BETTER_READING_MENDS),
            is_listed=stored is not None and stored.is_listed and stored.stamp == stamp,
            is_companion=stored is not None and stored.is_companion,
            sidecar=None if stored is None else stored.sidecar,
            is_failed=of_space == EVERY_SPACE,
        )
        known.put(rel_path, failed)


def _begins(column: str, prefix: bytes) -> tuple[str, tuple[bytes, ...]]:
    """A condition on bytes that an index decides, and what to bind in it."""
    if not prefix:
        return "true", ()
    below = prefix.rstrip(b"\xff")
    if not below:
        return f"{column} >= ?", (prefix,)
    return f"{column} >= ? AND {column} < ?", (prefix, below[:-1] + bytes([below[-1] + 1]))


def hashes_at(connection: apsw.Connection, places: Sequence[FilePlace]) -> dict[FilePlace, bytes]:
    """Hashes of the contents at places; provisional ones are left out, and companions' places."""
    found = {}
    for place in places:
        content_hash = connection.execute(
            "SELECT hash FROM file JOIN content ON content.id = content_id"
            " WHERE folder_id = ? AND rel_path = ? AND NOT is_companion AND content.is_read",
            files.key(place),
        ).get
        if content_hash is not None:
            found[place] = content_hash
    return found


def places_of(
    connection: apsw.Connection, file_ids: Sequence[FileId]
) -> dict[FileId, list[PlacedFile]]:
    """Where files lie, by their numbers; companions are left out.

    The stamp of one that is broken by now is that of what could not be read.
    """
    by_numbers = {files.numbers(file_id): file_id for file_id in file_ids}
    by_numbers.pop((None, None), None)
    found: dict[FileId, list[PlacedFile]] = {}
    for device, inode, folder_id, rel_path, size_bytes, mtime_ns, is_read in connection.execute(
        "SELECT device, inode, file.folder_id, file.rel_path,"
        " coalesce(failure.size_bytes, file.size_bytes),"
        " iif(failure.size_bytes IS NULL, file.mtime_ns, failure.mtime_ns), is_read"
        " FROM json_each(?)"
        " CROSS JOIN file ON inode = value ->> 1 AND device = value ->> 0"
        f" LEFT JOIN failure ON {broken.at_place('file')}"
        " WHERE NOT is_companion ORDER BY file.id",
        (json.dumps(list(by_numbers)),),
    ):
        stamp = FileStamp(size_bytes, mtime_ns)
        here = PlacedFile(FilePlace(folder_id, rel_path), stamp, bool(is_read))
        found.setdefault(by_numbers[device, inode], []).append(here)
    return found
