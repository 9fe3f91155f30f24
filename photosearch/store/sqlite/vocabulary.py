"""The library's own words: cameras, lenses, folders, tags, albums, people, places.

Called by `store.SqliteStore` and `batches` on any thread, inside their transactions and reads.
Cameras, lenses, folders, places and whether there are positions stand in a table of their own,
which learns with every batch: to read them off a million photos would take a second.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import apsw

from photosearch.core.photo import FilePlace, PhotoFacts
from photosearch.core.userdata import Vocabulary
from photosearch.store.sqlite import names, words
from photosearch.store.sqlite.rows import display_path, text

_CAMERA, _LENS, _FOLDER, _PLACE = "camera", "lens", "folder", "place"
#: Whether some photo says where it was taken, under one of two names. Libraries of earlier programs
#: have neither until something is written.
_POSITIONS, _SOME, _NONE = "positions", "some", "none"


def learn(
    connection: apsw.Connection, places: Iterable[FilePlace], known: Sequence[PhotoFacts]
) -> None:
    """Takes words in.

    Args:
        connection: Inside a transaction.
        places: Where files were stored, in watched folders.
        known: What they say.
    """
    roots = dict(connection.execute("SELECT id, path FROM folder"))
    said: set[tuple[str, str]] = set()
    directories = {(place.folder_id, place.rel_path.rpartition(b"/")[0]) for place in places}
    for folder_id, directory in directories:
        parts = names.root_name(roots[folder_id]), *display_path(directory).split("/")
        said.update((_FOLDER, name) for name in parts)
    for facts in known:
        said.add((_CAMERA, text(words.camera(facts.camera_make, facts.camera_model))))
        said.add((_LENS, text(facts.lens or "")))
        said.update((_PLACE, text(name)) for name in (facts.city, facts.country) if name)
    connection.executemany(
        "INSERT OR IGNORE INTO vocabulary (kind, name) VALUES (?, ?)",
        [(kind, name) for kind, name in said if name],
    )
    if any(map(_is_placed, known)):
        _note_positions(connection, _SOME)
    elif _positions(connection) is None:
        _note_positions(connection, _SOME if _has_positions(connection) else _NONE)


def prune(connection: apsw.Connection) -> None:
    """Drops the words that no photo says any more: called after photos were dropped.

    Looks at every file and content: a second or two at a million photos.
    """
    said = {
        (_FOLDER, names.root_name(path))
        for (path,) in connection.execute(
            "SELECT path FROM folder WHERE EXISTS (SELECT 1 FROM file WHERE folder_id = folder.id)"
        )
    }
    directories = {
        rel_path.rpartition(b"/")[0]
        for (rel_path,) in connection.execute("SELECT rel_path FROM file")
    }
    for directory in directories:
        said.update((_FOLDER, name) for name in display_path(directory).split("/"))
    for make, model, lens, *parts in connection.execute(
        "SELECT DISTINCT camera_make, camera_model, lens, city, country FROM content"
        " WHERE file_count > 0"
    ):
        said.update({(_CAMERA, words.camera(make, model)), (_LENS, lens or "")})
        said.update((_PLACE, name) for name in parts if name)
    positions = _SOME if _has_positions(connection) else _NONE
    _note_positions(connection, positions)
    said.add((_POSITIONS, positions))
    known = set(connection.execute("SELECT kind, name FROM vocabulary"))
    connection.executemany("DELETE FROM vocabulary WHERE kind = ? AND name = ?", list(known - said))


def read(connection: apsw.Connection) -> Vocabulary:
    """All of it, each kind in alphabetical order."""
    by_kind = defaultdict(list)
    for kind, name in connection.execute("SELECT kind, name FROM vocabulary"):
        by_kind[kind].append(name)
    return Vocabulary(
        cameras=_sorted(by_kind[_CAMERA]),
        lenses=_sorted(by_kind[_LENS]),
        folders=_sorted(by_kind[_FOLDER]),
        tags=_sorted(_in_use(connection, "tag", "content_tag", "content_keyword")),
        albums=_sorted(_in_use(connection, "album", "content_album")),
        people=_sorted(_in_use(connection, "person", "content_person")),
        places=_sorted(by_kind[_PLACE]),
        has_positions=(
            _SOME in by_kind[_POSITIONS] if by_kind[_POSITIONS] else _has_positions(connection)
        ),
    )


def _is_placed(facts: PhotoFacts) -> bool:
    return facts.latitude_deg is not None and facts.longitude_deg is not None


def _positions(connection: apsw.Connection) -> str | None:
    noted: str | None = connection.execute(
        "SELECT name FROM vocabulary WHERE kind = ?", (_POSITIONS,)
    ).get
    return noted


def _note_positions(connection: apsw.Connection, name: str) -> None:
    if _positions(connection) != name:
        connection.execute("DELETE FROM vocabulary WHERE kind = ?", (_POSITIONS,))
        connection.execute("INSERT INTO vocabulary (kind, name) VALUES (?, ?)", (_POSITIONS, name))


def _has_positions(connection: apsw.Connection) -> bool:
    """Looks at the photos: 130 ms at a million of which none has a position, else at once."""
    found = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM content"
        " WHERE latitude_deg IS NOT NULL AND longitude_deg IS NOT NULL AND file_count > 0)"
    ).get
    return bool(found)


def _in_use(connection: apsw.Connection, kind: str, *joints: str) -> list[str]:
    """Names that photos bear, by any of the tables that join them."""
    some = " OR ".join(
        f"EXISTS (SELECT 1 FROM {joint} JOIN content ON content.id = content_id"
        f" WHERE {kind}_id = {kind}.id AND file_count > 0)"
        for joint in joints
    )
    return [name for (name,) in connection.execute(f"SELECT name FROM {kind} WHERE {some}")]


def _sorted(said: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(said, key=lambda name: (name.casefold(), name)))
