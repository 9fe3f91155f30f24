"""Schema 2: what the user adds, more facts, words to find photos by.

Applied by `migrations.migrate`. The facts of photos that are there already are read by the next
scan (`facts_version` 0 is older than any program's); the words of their names are filled in here.
"""

from __future__ import annotations

import os
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import apsw

from photosearch.store.sqlite import words

_SQL = """
ALTER TABLE content ADD COLUMN lens TEXT;
ALTER TABLE content ADD COLUMN iso INTEGER;
ALTER TABLE content ADD COLUMN aperture REAL;
ALTER TABLE content ADD COLUMN exposure_s REAL;
ALTER TABLE content ADD COLUMN focal_mm REAL;
ALTER TABLE content ADD COLUMN file_rating INTEGER;          -- 0..5 as the file says
ALTER TABLE content ADD COLUMN caption TEXT;
-- By which version of the reading of headers the facts were found.
ALTER TABLE content ADD COLUMN facts_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE content ADD COLUMN is_favourite INTEGER NOT NULL DEFAULT 0;
ALTER TABLE content ADD COLUMN rating INTEGER;               -- 0..5; NULL: what the file says

CREATE TABLE tag (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,                         -- as first written
    key TEXT NOT NULL UNIQUE                    -- NFKC, case folded
) STRICT;
CREATE TABLE content_tag (
    content_id INTEGER NOT NULL REFERENCES content ON DELETE CASCADE,
    tag_id INTEGER NOT NULL REFERENCES tag ON DELETE CASCADE,
    PRIMARY KEY (content_id, tag_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX content_by_tag ON content_tag (tag_id, content_id);

CREATE TABLE album (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,                         -- as first written
    key TEXT NOT NULL UNIQUE                    -- NFKC, case folded
) STRICT;
CREATE TABLE content_album (
    content_id INTEGER NOT NULL REFERENCES content ON DELETE CASCADE,
    album_id INTEGER NOT NULL REFERENCES album ON DELETE CASCADE,
    PRIMARY KEY (content_id, album_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX content_by_album ON content_album (album_id, content_id);

-- What the user said of contents that were dropped. Whoever takes a folder out of the library and
-- adds it again, or brings a deleted photo back, finds it as it was.
CREATE TABLE kept_user_data (
    hash BLOB NOT NULL PRIMARY KEY,             -- of the content
    is_favourite INTEGER NOT NULL,
    rating INTEGER,
    tags TEXT NOT NULL,                         -- JSON list
    albums TEXT NOT NULL                        -- JSON list
) STRICT, WITHOUT ROWID;

-- The library's own words, to offer while somebody types: reading them off a million photos would
-- take a second.
CREATE TABLE vocabulary (
    kind TEXT NOT NULL,                         -- camera, lens, folder
    name TEXT NOT NULL,
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

-- Its rowid is the content's id; only contents that lie in a file stand in it. No text is kept
-- twice: it can be filled anew from the other tables.
CREATE VIRTUAL TABLE photo_fts USING fts5 (
    name, folder, tag, caption, album,
    content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2"
);
"""


def upgrade(connection: apsw.Connection) -> None:
    """Adds what is new, inside the caller's transaction."""
    connection.execute(_SQL)
    _fill_cameras(connection)
    _fill_words(connection)


def _fill_cameras(connection: apsw.Connection) -> None:
    rows = connection.execute("SELECT DISTINCT camera_make, camera_model FROM content")
    names = {words.camera(make, model) for make, model in rows}
    connection.executemany(
        "INSERT INTO vocabulary VALUES ('camera', ?)", [(name,) for name in names if name]
    )


def _fill_words(connection: apsw.Connection) -> None:
    names: set[str] = set()
    rows = connection.execute(
        "SELECT content_id, folder.path, rel_path FROM file JOIN folder ON folder.id = folder_id"
        " ORDER BY content_id"
    )
    for content_id, files in groupby(rows, key=itemgetter(0)):
        paths = [
            (_text(os.fsencode(Path(os.fsdecode(root)).name)), _text(rel_path))
            for _, root, rel_path in files
        ]
        for root, rel_path in paths:
            names.update((root, *rel_path.split("/")[:-1]))
        connection.execute(
            "INSERT INTO photo_fts (rowid, name, folder, tag, caption, album)"
            " VALUES (?, ?, ?, '', '', '')",
            (content_id, *words.of_paths(paths)),
        )
    connection.executemany(
        "INSERT INTO vocabulary VALUES ('folder', ?)",
        [(name,) for name in names if name],
    )


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")
