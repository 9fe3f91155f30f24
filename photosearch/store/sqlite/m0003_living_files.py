"""Schema 3: which file it is, on which disk, what was read, photos that are gone, people, places.

Applied by `migrations.migrate`. What earlier libraries hold was read in whole (`is_read`). Their
contents are named by the hash of the whole file; each gets its new name when its file is read
again. Contents without a file are taken to have lost it now.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import apsw

from photosearch.store.sqlite import words

#: The system's clock in ns, in steps of a millisecond.
_NOW_NS = "CAST(unixepoch('subsec') * 1000 AS INTEGER) * 1000000"
#: What a content's files say of it; a file with several names, links included, counts once. One
#: that is gone keeps when it went, from where, and by what it is known again when a header of it is
#: read: until a file is read that proves to hold it.
_COUNT = f"""
    UPDATE content SET (file_count, sort_us, gone_ns, gone_path, gone_quick_hash) = (
        SELECT count(DISTINCT coalesce(device || ' ' || inode, id)),
            coalesce(content.taken_us, min(mtime_ns) / 1000),
            CASE max(is_read) WHEN 1 THEN NULL WHEN 0 THEN content.gone_ns
                ELSE coalesce(content.gone_ns, {_NOW_NS}) END,
            CASE max(is_read) WHEN 1 THEN NULL WHEN 0 THEN content.gone_path ELSE %s END,
            CASE max(is_read) WHEN 1 THEN NULL WHEN 0 THEN content.gone_quick_hash ELSE %s END
        FROM file WHERE content_id = content.id AND NOT is_companion
    )"""
_KNOWN = ("content.gone_path", "content.gone_quick_hash")
_FORMER_HASH = "coalesce(content.gone_quick_hash, iif(old.is_read, old.quick_hash, NULL))"
#: What another content took the place of is not gone, but superseded: it lay nowhere any more.
_SUPERSEDED = ("content.gone_path", _FORMER_HASH)
_FORMER = (
    """coalesce(content.gone_path, (
                SELECT CAST(path || '/' || old.rel_path AS BLOB)
                FROM folder WHERE id = old.folder_id
            ))""",
    _FORMER_HASH,
)

_SQL = f"""
ALTER TABLE file ADD COLUMN device INTEGER;     -- of the file system; 64 bits with a sign
ALTER TABLE file ADD COLUMN inode INTEGER;      -- within it; likewise
ALTER TABLE file ADD COLUMN quick_hash BLOB;    -- NULL where it was not made
ALTER TABLE file ADD COLUMN sidecar_size_bytes INTEGER;
ALTER TABLE file ADD COLUMN sidecar_mtime_ns INTEGER;
-- Its content was proved by reading all of it; else it follows from the quick hash.
ALTER TABLE file ADD COLUMN is_read INTEGER NOT NULL DEFAULT 1;
-- It belongs to another file's photo, and is none by itself.
ALTER TABLE file ADD COLUMN is_companion INTEGER NOT NULL DEFAULT 0;
-- Its name is a symbolic link.
ALTER TABLE file ADD COLUMN is_link INTEGER NOT NULL DEFAULT 0;
-- What it says, where others hold the same content: JSON. Else the content's own row says it.
ALTER TABLE file ADD COLUMN said TEXT;
CREATE INDEX file_by_number ON file (inode, device) WHERE inode IS NOT NULL;
CREATE INDEX file_by_quick_hash ON file (quick_hash) WHERE quick_hash IS NOT NULL;
CREATE INDEX file_companion ON file (content_id) WHERE is_companion;
CREATE INDEX file_said ON file (content_id) WHERE said IS NOT NULL;

ALTER TABLE folder ADD COLUMN volume TEXT NOT NULL DEFAULT ''; -- names its file system, if known
-- Directories in which other file systems are mounted.
CREATE TABLE folder_mount (
    folder_id INTEGER NOT NULL REFERENCES folder ON DELETE CASCADE,
    rel_path BLOB NOT NULL,                     -- below the folder
    volume TEXT NOT NULL,                       -- names the file system, if known
    is_away INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (folder_id, rel_path)
) STRICT, WITHOUT ROWID;

-- Some file of it was read in whole; else its hash is none but stands for what is not known yet.
ALTER TABLE content ADD COLUMN is_read INTEGER NOT NULL DEFAULT 1;
ALTER TABLE content ADD COLUMN gone_ns INTEGER; -- when its last file went; NULL while it has one
ALTER TABLE content ADD COLUMN gone_path BLOB;  -- where that lay, absolute
ALTER TABLE content ADD COLUMN gone_quick_hash BLOB;
ALTER TABLE content ADD COLUMN city TEXT;
ALTER TABLE content ADD COLUMN country TEXT;
CREATE INDEX content_gone ON content (gone_quick_hash) WHERE gone_quick_hash IS NOT NULL;
CREATE INDEX content_by_facts_version ON content (facts_version);
UPDATE content SET gone_ns = {_NOW_NS} WHERE file_count = 0;

-- What files are tagged with; the user's own tags stay apart.
CREATE TABLE content_keyword (
    content_id INTEGER NOT NULL REFERENCES content ON DELETE CASCADE,
    tag_id INTEGER NOT NULL REFERENCES tag ON DELETE CASCADE,
    PRIMARY KEY (content_id, tag_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX content_by_keyword ON content_keyword (tag_id, content_id);

CREATE TABLE person (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,                         -- as first written
    key TEXT NOT NULL UNIQUE                    -- NFKC, case folded
) STRICT;
CREATE TABLE content_person (
    content_id INTEGER NOT NULL REFERENCES content ON DELETE CASCADE,
    person_id INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
    PRIMARY KEY (content_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX content_by_person ON content_person (person_id, content_id);

-- It is to be tried again, though nothing of it has changed.
ALTER TABLE failure ADD COLUMN is_to_retry INTEGER NOT NULL DEFAULT 0;
-- By which version of the reading of pictures it failed.
ALTER TABLE failure ADD COLUMN reading_version INTEGER NOT NULL DEFAULT 0;

-- Whose photo a file belonged to: should it become one of its own, it gets what was said of that.
CREATE TABLE former_companion (
    folder_id INTEGER NOT NULL REFERENCES folder ON DELETE CASCADE,
    rel_path BLOB NOT NULL,
    content_id INTEGER NOT NULL REFERENCES content ON DELETE CASCADE,
    PRIMARY KEY (folder_id, rel_path)
) STRICT, WITHOUT ROWID;
CREATE INDEX former_companion_by_content ON former_companion (content_id);

DROP TRIGGER file_inserted;
DROP TRIGGER file_updated;
DROP TRIGGER file_deleted;
CREATE TRIGGER file_inserted AFTER INSERT ON file WHEN NOT new.is_companion BEGIN
    {_COUNT % _KNOWN} WHERE id = new.content_id;
END;
CREATE TRIGGER file_updated AFTER UPDATE OF content_id, mtime_ns, is_companion ON file BEGIN
    {_COUNT % _SUPERSEDED} WHERE id IN (old.content_id, new.content_id);
END;
CREATE TRIGGER file_deleted AFTER DELETE ON file WHEN NOT old.is_companion BEGIN
    {_COUNT % _FORMER} WHERE id = old.content_id;
    -- What belongs to a photo that is no more may be a photo of its own: the next scan tells.
    INSERT OR REPLACE INTO former_companion (folder_id, rel_path, content_id)
        SELECT folder_id, rel_path, content_id FROM file
        WHERE content_id = old.content_id AND is_companion
        AND (SELECT file_count FROM content WHERE id = old.content_id) = 0;
    DELETE FROM file WHERE content_id = old.content_id AND is_companion
        AND (SELECT file_count FROM content WHERE id = old.content_id) = 0;
END;

DROP TABLE photo_fts;
CREATE VIRTUAL TABLE photo_fts USING fts5 (
    name, folder, tag, caption, album, person, place,
    content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2"
);
"""


def upgrade(connection: apsw.Connection) -> None:
    """Adds what is new, inside the caller's transaction."""
    connection.execute(_SQL)
    _fill_words(connection)


def _fill_words(connection: apsw.Connection) -> None:
    """Fills the words of all photos; people and places are known of none yet."""
    tags, albums = _labels(connection, "tag"), _labels(connection, "album")
    captions = {
        key: words.searchable(caption)
        for key, caption in connection.execute(
            "SELECT id, caption FROM content WHERE caption <> ''"
        )
    }
    connection.executemany(
        "INSERT INTO photo_fts (rowid, name, folder, tag, caption, album, person, place)"
        " VALUES (?, ?, ?, ?, ?, ?, '', '')",
        (
            (key, *said, tags.get(key, ""), captions.get(key, ""), albums.get(key, ""))
            for key, said in _words_of_files(connection)
        ),
    )


def _words_of_files(connection: apsw.Connection) -> Iterator[tuple[int, tuple[str, str]]]:
    """The words in names and folders by content, each content once."""
    roots = {
        key: _text(os.fsencode(Path(os.fsdecode(path)).name))
        for key, path in connection.execute("SELECT id, path FROM folder")
    }
    # Most photos lie in one file, and many in one directory: its words are found once.
    directories: dict[tuple[int, str], str] = {}
    rows = connection.execute(
        "SELECT content_id, folder_id, rel_path FROM file ORDER BY content_id"
    )
    for content_id, files in groupby(rows, key=itemgetter(0)):
        (_, root, rel_path), *others = files
        path = _text(rel_path)
        directory, _, name = path.rpartition("/")
        if others:
            paths = [(roots[folder_id], _text(other)) for _, folder_id, other in others]
            yield content_id, words.of_paths([(roots[root], path), *paths])
            continue
        if (root, directory) not in directories:
            directories[root, directory] = words.of_paths([(roots[root], path)])[1]
        named = words.searchable(name.rpartition(".")[0] or name)
        yield content_id, (named, directories[root, directory])


def _labels(connection: apsw.Connection, kind: str) -> dict[int, str]:
    """Names of tags, or of albums, ready for the index, by content."""
    rows = connection.execute(
        f"SELECT content_id, name FROM content_{kind} JOIN {kind} ON {kind}.id = {kind}_id"
        " ORDER BY content_id"
    )
    return {
        content_id: words.joined(name for _, name in named)
        for content_id, named in groupby(rows, key=itemgetter(0))
    }


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")
