"""Rows of `file`: where files lie, which ones they are, and what content they hold.

Called by `batches`, `known` and `store.SqliteStore` on any thread, inside their transactions and
reads. Triggers on the table keep what contents know of their files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import apsw

from photosearch.core.photo import FileId, FilePlace, FileStamp, FileTraits
from photosearch.core.stored import MovedFile
from photosearch.store.sqlite import broken
from photosearch.store.sqlite.rows import display_path, int64

_COLUMNS = (
    "folder_id",
    "rel_path",
    "rel_path_text",
    "size_bytes",
    "mtime_ns",
    "content_id",
    "device",
    "inode",
    "quick_hash",
    "sidecar_size_bytes",
    "sidecar_mtime_ns",
    "is_read",
    "is_companion",
    "is_link",
    "said",
)
_PUT = (
    f"INSERT INTO file ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
    " ON CONFLICT (folder_id, rel_path) DO UPDATE SET "
    + ", ".join(f"{column} = excluded.{column}" for column in _COLUMNS[3:])
)
#: Files of a FAT or a network share may have numbers beyond 64 bits with a sign.
_INT64_COUNT, _INT64_END = 2**64, 2**63


@dataclass(frozen=True, slots=True)
class FileRow:
    """What the table says of a place.

    Attributes:
        content_id: What the file holds.
        is_read: That was proved by reading all of it.
        is_companion: It belongs to another file's photo.
    """

    content_id: int
    is_read: bool
    is_companion: bool


def at(connection: apsw.Connection, place: FilePlace) -> FileRow | None:
    """What is known of a place; None where nothing is."""
    row = connection.execute(
        "SELECT content_id, is_read, is_companion FROM file WHERE folder_id = ? AND rel_path = ?",
        key(place),
    ).fetchone()
    return None if row is None else FileRow(row[0], bool(row[1]), bool(row[2]))


def contents_at(connection: apsw.Connection, places: Iterable[FilePlace]) -> set[int]:
    """The contents of the files at places."""
    found = connection.executemany(
        "SELECT content_id FROM file WHERE folder_id = ? AND rel_path = ?",
        [key(place) for place in places],
    )
    return {content_id for (content_id,) in found}


def put(
    connection: apsw.Connection,
    place: FilePlace,
    stamp: FileStamp,
    content_id: int,
    traits: FileTraits,
    *,
    is_read: bool = False,
    is_companion: bool = False,
    said: str | None = None,
) -> None:
    """Stores a file, in place of what was known of its place; `said` as `saying.kept` has it."""
    sidecar = traits.sidecar
    connection.execute(
        _PUT,
        (
            *_placed(place, stamp),
            content_id,
            *numbers(traits.file_id),
            traits.quick_hash or None,
            None if sidecar is None else int64(sidecar.size_bytes),
            None if sidecar is None else int64(sidecar.mtime_ns),
            is_read,
            is_companion,
            traits.is_link,
            said,
        ),
    )


def move(connection: apsw.Connection, moved: Sequence[MovedFile]) -> set[int]:
    """Stores files at new places with what is known of them at their former ones.

    What is not known there, or is no photo, is passed over.

    Returns:
        The contents that they hold, and those that the new places held before.
    """
    # All is read before anything is written: two files may have changed places.
    rows = []
    for file in moved:
        known = connection.execute(
            f"SELECT iif({broken.is_broken('file')}, size_bytes, NULL), mtime_ns, said, content_id,"
            " quick_hash, sidecar_size_bytes, sidecar_mtime_ns, is_read"
            " FROM file WHERE folder_id = ? AND rel_path = ? AND NOT is_companion",
            key(file.former),
        ).fetchone()
        if known is not None:
            size_bytes, mtime_ns, said, content_id, *others = known
            # The photo of a broken file was read from what lay there before.
            stamp = file.stamp if size_bytes is None else FileStamp(size_bytes, mtime_ns)
            here = (*_placed(file.place, stamp), content_id, *numbers(file.file_id))
            rows.append((*here, *others, 0, file.is_link, said))
    replaced = [
        (known, place, row[5])
        for row in rows
        if (known := at(connection, place := FilePlace(row[0], row[1]))) is not None
    ]
    connection.executemany(_PUT, rows)
    for known, place, content_id in replaced:
        if not known.is_companion and known.content_id != content_id:
            take_companions_along(connection, place, known.content_id, content_id)
    # Another photo lies over it: none of its own later versions.
    connection.executemany(
        "UPDATE content SET gone_path = coalesce(gone_path,"
        " (SELECT CAST(path || '/' || ?3 AS BLOB) FROM folder WHERE id = ?2))"
        " WHERE id = ?1 AND file_count = 0",
        [(known.content_id, *key(place)) for known, place, _ in replaced],
    )
    return {known.content_id for known, *_ in replaced} | {row[5] for row in rows}


def remove(connection: apsw.Connection, places: Iterable[FilePlace]) -> None:
    """Forgets files."""
    connection.executemany(
        "DELETE FROM file WHERE folder_id = ? AND rel_path = ?", [key(place) for place in places]
    )


def take_companions_along(
    connection: apsw.Connection, place: FilePlace, former_id: int, content_id: int
) -> None:
    """Gives the companions of a file that holds another content now that content, too.

    Where what it held lies in several files, only those that are called like this one.
    """
    companions = connection.execute(
        "SELECT id, rel_path FROM file WHERE content_id = ? AND is_companion AND folder_id = ?",
        (former_id, place.folder_id),
    )
    rows = list(companions)
    if has_others(connection, former_id, place):
        rows = [row for row in rows if _stem(row[1]) == _stem(place.rel_path)]
    connection.executemany(
        "UPDATE file SET content_id = ? WHERE id = ?",
        [(content_id, file_id) for file_id, _ in rows],
    )


def alike(connection: apsw.Connection, quick_hash: bytes, stamp: FileStamp) -> int | None:
    """The content of a file of the same quick hash and size that was read in whole.

    Without one, the content of such a file that is gone.
    """
    found: int | None = connection.execute(
        "SELECT content_id FROM file WHERE quick_hash = ? AND size_bytes = ? AND is_read LIMIT 1",
        (quick_hash, int64(stamp.size_bytes)),
    ).get
    if found is not None:
        return found
    gone: int | None = connection.execute(
        "SELECT id FROM content WHERE gone_quick_hash = ? AND is_read LIMIT 1", (quick_hash,)
    ).get
    return gone


def has_others(connection: apsw.Connection, content_id: int, but: FilePlace) -> bool:
    """Whether a content lies in files beside one, companions left out."""
    found = connection.execute(
        "SELECT 1 FROM file WHERE content_id = ? AND NOT is_companion"
        " AND (folder_id, rel_path) IS NOT (?, ?)",
        (content_id, *key(but)),
    ).get
    return found is not None


def key(place: FilePlace) -> tuple[int, bytes]:
    """A place as it is bound in SQL."""
    return place.folder_id, place.rel_path


def numbers(file_id: FileId | None) -> tuple[int | None, int | None]:
    """Device and inode as columns hold them: the same 64 bits, with a sign."""
    if file_id is None or max(file_id.device, file_id.inode) >= _INT64_COUNT:
        return None, None
    return _signed(file_id.device), _signed(file_id.inode)


def _signed(number: int) -> int:
    return number if number < _INT64_END else number - _INT64_COUNT


def _placed(place: FilePlace, stamp: FileStamp) -> tuple[int, bytes, str, int, int]:
    return (
        *key(place),
        display_path(place.rel_path),
        int64(stamp.size_bytes),
        int64(stamp.mtime_ns),
    )


def _stem(rel_path: bytes) -> bytes:
    directory, slash, name = rel_path.rpartition(b"/")
    return directory + slash + (name.rpartition(b".")[0] or name).lower()
