"""What each file of a photo says, and what the photo says by them.

Called by `taking` and `folders` inside their transactions. What a lone file says stands in its
content's row only. Where several hold the same content, what each says is kept with it, so that one
that goes takes along what it alone said, and no more.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import apsw

from photosearch.core.photo import FACTS_VERSION, PhotoFacts
from photosearch.store.sqlite import contents
from photosearch.store.sqlite.rows import facts as as_facts
from photosearch.store.sqlite.rows import facts_row, text

#: Of a time that does not stand inside a file: any other is better.
_WEAK_SOURCES = frozenset({"name", "file"})
#: Those that each count for themselves.
_APART = ("lens", "iso", "aperture", "exposure_s", "focal_mm", "rating", "caption")


def kept(facts: PhotoFacts) -> str:
    """What is kept with a file of what it says."""
    names = ([text(name) for name in said] for said in (facts.keywords, facts.people))
    return json.dumps([FACTS_VERSION, *facts_row(facts), *names], ensure_ascii=False)


def spread(connection: apsw.Connection, content_id: int) -> None:
    """Notes with a content's file what it says, before others join it; call it before each does."""
    is_noted = connection.execute(
        "SELECT 1 FROM file WHERE content_id = ? AND NOT is_companion AND said IS NULL",
        (content_id,),
    ).get
    # What an earlier program read is read again, file by file.
    if is_noted is None or contents.facts_version(connection, content_id) < FACTS_VERSION:
        return
    connection.execute(
        "UPDATE file SET said = ? WHERE content_id = ? AND NOT is_companion AND said IS NULL",
        (kept(contents.facts_of(connection, content_id)), content_id),
    )


def gather(connection: apsw.Connection, content_ids: Iterable[int]) -> list[int]:
    """Makes contents say what their files say now.

    Args:
        connection: Inside a transaction.
        content_ids: Those whose files may be others, or say something else.

    Returns:
        Those that say something else now.
    """
    shared = list(
        connection.execute(
            "SELECT DISTINCT content_id FROM json_each(?) JOIN file ON content_id = value"
            " WHERE said IS NOT NULL",
            (json.dumps(list(content_ids)),),
        )
    )
    return [key for (key,) in shared if _gather(connection, key)]


def agreed(said: Sequence[PhotoFacts]) -> PhotoFacts:
    """What several files say of a photo: of each fact what the first says that says any.

    Keywords and people are those of all. A time in a name counts where no file holds any; where it
    was taken, and what is there, are of one file, if that says both.

    Args:
        said: What each says, the one that counts most first; at least one.
    """

    def first(says: Callable[[PhotoFacts], object]) -> PhotoFacts:
        return next((facts for facts in said if says(facts)), said[0])

    timed = first(lambda facts: facts.taken and facts.taken.source not in _WEAK_SOURCES)
    camera = first(lambda facts: facts.camera_make or facts.camera_model)
    here = first(lambda facts: None not in (facts.latitude_deg, facts.longitude_deg))
    town = here if here.city or here.country else first(lambda facts: facts.city or facts.country)
    sized = first(lambda facts: facts.width_px)
    return replace(
        said[0],
        width_px=sized.width_px,
        height_px=sized.height_px,
        taken=timed.taken or first(lambda facts: facts.taken).taken,
        camera_make=camera.camera_make,
        camera_model=camera.camera_model,
        latitude_deg=here.latitude_deg,
        longitude_deg=here.longitude_deg,
        city=town.city,
        country=town.country,
        keywords=tuple(dict.fromkeys(name for facts in said for name in facts.keywords)),
        people=tuple(dict.fromkeys(name for facts in said for name in facts.people)),
        **{name: _first_known(said, name) for name in _APART},
    )


def _first_known(said: Sequence[PhotoFacts], name: str) -> Any:
    values = (getattr(facts, name) for facts in said)
    return next((value for value in values if value not in (None, "")), None)


def _gather(connection: apsw.Connection, content_id: int) -> bool:
    rows = list(
        connection.execute(
            "SELECT said, is_read FROM file WHERE content_id = ? AND NOT is_companion"
            " ORDER BY is_read DESC, max(mtime_ns, coalesce(sidecar_mtime_ns, mtime_ns)) DESC, id",
            (content_id,),
        )
    )
    # Of what was taken for a copy by its header nobody knows yet whether it is one.
    if not rows[0][1] and contents.is_read(connection, content_id):
        return False
    said = [_read(kept) for kept, is_read in rows if is_read == rows[0][1]]
    known = [facts for facts in said if facts is not None]
    version = FACTS_VERSION
    if len(known) < len(said):
        # Until those are read again, what was known stands where the others say nothing.
        known.append(contents.facts_of(connection, content_id))
        version = 0
    if len(rows) == 1:
        connection.execute("UPDATE file SET said = NULL WHERE content_id = ?", (content_id,))
    is_other = contents.put_facts(connection, content_id, agreed(known), version)
    if is_other:
        connection.execute(
            "UPDATE content SET sort_us = coalesce(taken_us, (SELECT min(mtime_ns) / 1000 FROM file"
            "  WHERE content_id = content.id AND NOT is_companion)) WHERE id = ?",
            (content_id,),
        )
    return is_other


def _read(kept: str | None) -> PhotoFacts | None:
    """What a file says; None where that is not known, or was found by another program."""
    version, *row = json.loads(kept) if kept else (0,)
    if version != FACTS_VERSION:
        return None
    *columns, keywords, people = row
    return as_facts(tuple(columns), keywords, people)
