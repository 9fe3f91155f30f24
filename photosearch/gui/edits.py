"""Changes of what the user says of photos, and how to take them back. Plain values.

`apply_edits` runs on a worker; the rest anywhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from photosearch.core.userdata import UserChange, UserData
from photosearch.engine.client import EngineClient

#: Photos that are asked about in one call.
_BLOCK = 2_000


@dataclass(frozen=True, slots=True)
class Edit:
    """One change to some photos."""

    photo_ids: tuple[int, ...]
    change: UserChange


Edits = tuple[Edit, ...]
Said = Mapping[int, UserData]


def apply_edits(client: EngineClient, edits: Edits) -> Said:
    """Makes changes; runs on a worker.

    Returns:
        What was said before of each photo that is there.

    Raises:
        PhotoSearchError: They could not be made; some may have been.
    """
    before: dict[int, UserData] = {}
    for edit in edits:
        for start in range(0, len(edit.photo_ids), _BLOCK):
            photos = client.photos(edit.photo_ids[start : start + _BLOCK])
            before.update((photo.id, photo.user) for photo in photos)
        client.change_photos(edit.photo_ids, edit.change)
    return before


def changed(user: UserData, change: UserChange) -> UserData:
    """What is said of a photo after a change."""
    is_favourite, rating = change.is_favourite, change.rating
    return replace(
        user,
        is_favourite=user.is_favourite if is_favourite is None else is_favourite,
        rating=user.rating if rating is None else rating,
        tags=_changed_words(user.tags, change.add_tags, change.remove_tags),
        albums=_changed_words(user.albums, change.add_albums, change.remove_albums),
    )


def reverting(before: Said, edits: Edits) -> Edits:
    """The changes that take changes back, photos with the same way back together.

    Args:
        before: What was said of each photo; those that are not in it are left out.
        edits: What was changed.
    """
    ids_by_change: dict[UserChange, list[int]] = defaultdict(list)
    for edit in edits:
        for photo_id in edit.photo_ids:
            if photo_id in before:
                was = before[photo_id]
                ids_by_change[_way_back(was, changed(was, edit.change))].append(photo_id)
    return tuple(
        Edit(tuple(photo_ids), change)
        for change, photo_ids in ids_by_change.items()
        if change != UserChange()
    )


def _way_back(was: UserData, now: UserData) -> UserChange:
    return UserChange(
        is_favourite=was.is_favourite if was.is_favourite != now.is_favourite else None,
        rating=was.rating if was.rating != now.rating else None,
        add_tags=_without(was.tags, now.tags),
        remove_tags=_without(now.tags, was.tags),
        add_albums=_without(was.albums, now.albums),
        remove_albums=_without(now.albums, was.albums),
    )


def _changed_words(
    words: tuple[str, ...], added: tuple[str, ...], removed: tuple[str, ...]
) -> tuple[str, ...]:
    kept = (*_without(words, removed), *_without(added, words))
    return tuple(sorted(kept, key=str.casefold))


def _without(words: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    """Words without those that differ from one of the others in case only, or not at all."""
    known = {word.casefold() for word in others}
    return tuple(word for word in words if word.casefold() not in known)
