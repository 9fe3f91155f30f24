"""Schema 1: folders, files, contents, embedding spaces, failures.

Applied by `migrations.migrate`. The tables of each space's vectors are made by
`vectors.create_tables` when the space is first used, since they need its number of dimensions.

Units: `_ns` are Unix times in nanoseconds. `taken_us` is the time on the camera's clock in
microseconds since 1970-01-01 00:00 *on that clock*, no time zone applied. `mtime_ns` keeps to what
64 bits hold (until the year 2262).
"""

from __future__ import annotations

import apsw

_SQL = """
CREATE TABLE folder (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path BLOB NOT NULL UNIQUE,                  -- absolute, in the file system's bytes
    added_ns INTEGER NOT NULL,
    is_online INTEGER NOT NULL DEFAULT 1
) STRICT;

-- What a picture is. AUTOINCREMENT: an id names one content for ever, so that an id that somebody
-- still holds never shows another photo.
CREATE TABLE content (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    hash BLOB NOT NULL UNIQUE,
    format TEXT NOT NULL,
    width_px INTEGER NOT NULL,
    height_px INTEGER NOT NULL,
    taken_us INTEGER,
    taken_offset_min INTEGER,
    taken_source TEXT,
    camera_make TEXT,
    camera_model TEXT,
    latitude_deg REAL,
    longitude_deg REAL,
    added_ns INTEGER NOT NULL,
    file_count INTEGER NOT NULL DEFAULT 0,      -- kept by the triggers on file
    sort_us INTEGER                             -- taken_us, else the earliest file time; likewise
) STRICT;
-- With file_count, so that the order of all photos is read from the index alone.
CREATE INDEX content_by_time ON content (sort_us, id, file_count) WHERE file_count > 0;
CREATE INDEX content_unplaced ON content (id) WHERE file_count = 0;

-- Where a picture lies. Several files may hold one content.
CREATE TABLE file (
    id INTEGER PRIMARY KEY,
    folder_id INTEGER NOT NULL REFERENCES folder ON DELETE CASCADE,
    rel_path BLOB NOT NULL,                     -- below the folder, in the file system's bytes
    rel_path_text TEXT NOT NULL,                -- the same to read; bytes that are no text replaced
    size_bytes INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    content_id INTEGER NOT NULL REFERENCES content,
    UNIQUE (folder_id, rel_path)
) STRICT;
CREATE INDEX file_by_content ON file (content_id, mtime_ns);
CREATE INDEX file_by_folder ON file (folder_id, content_id);

-- Searching and counting leave out contents without a file; they must not have to look for one.
CREATE TRIGGER file_inserted AFTER INSERT ON file BEGIN
    UPDATE content SET (file_count, sort_us) = (
        SELECT count(*), coalesce(content.taken_us, min(mtime_ns) / 1000)
        FROM file WHERE content_id = content.id
    ) WHERE id = new.content_id;
END;
CREATE TRIGGER file_updated AFTER UPDATE OF content_id, mtime_ns ON file BEGIN
    UPDATE content SET (file_count, sort_us) = (
        SELECT count(*), coalesce(content.taken_us, min(mtime_ns) / 1000)
        FROM file WHERE content_id = content.id
    ) WHERE id IN (old.content_id, new.content_id);
END;
CREATE TRIGGER file_deleted AFTER DELETE ON file BEGIN
    UPDATE content SET (file_count, sort_us) = (
        SELECT count(*), coalesce(content.taken_us, min(mtime_ns) / 1000)
        FROM file WHERE content_id = content.id
    ) WHERE id = old.content_id;
END;

CREATE TABLE space (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    dim INTEGER NOT NULL,
    image_model TEXT NOT NULL,
    text_models TEXT NOT NULL,                  -- JSON list
    logit_scale REAL NOT NULL,
    is_sample INTEGER NOT NULL,
    int8_scale REAL NOT NULL                    -- a component of 1.0 as int8, before clipping
) STRICT;

CREATE TABLE failure (
    folder_id INTEGER NOT NULL REFERENCES folder ON DELETE CASCADE,
    rel_path BLOB NOT NULL,
    space_id INTEGER NOT NULL,                  -- 0 where it fails in every space alike
    size_bytes INTEGER,                         -- NULL where not even that could be read
    mtime_ns INTEGER,
    stage TEXT NOT NULL,
    code TEXT NOT NULL,
    args TEXT NOT NULL,                         -- JSON object
    tries INTEGER NOT NULL,
    first_seen_ns INTEGER NOT NULL,
    last_seen_ns INTEGER NOT NULL,
    UNIQUE (folder_id, rel_path, space_id)
) STRICT;

CREATE TABLE ignored (
    folder_id INTEGER NOT NULL REFERENCES folder ON DELETE CASCADE,
    suffix TEXT NOT NULL,
    is_not_yet INTEGER NOT NULL,
    count INTEGER NOT NULL,
    UNIQUE (folder_id, suffix, is_not_yet)
) STRICT;
"""


def upgrade(connection: apsw.Connection) -> None:
    """Makes the tables of an empty database, inside the caller's transaction."""
    connection.execute(_SQL)
