"""What the user adds to a photo. It hangs on the content: copies, moves and renames keep it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from photosearch.errors import UsageError

RATING_MAX = 5
#: Longer, and it is no name but a text pasted by mistake.
NAME_CHARS_MAX = 200
#: What makes a line run from right to left, whatever stands in it; a joiner in an emoji is fine.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def one_line(kind: str, name: str) -> str:
    """A tag's or an album's name as it is kept: trimmed, each run of blanks and line ends one.

    Args:
        kind: "tag" or "album", for the message.
        name: As it was typed.

    Raises:
        UsageError: It is empty or too long, or holds characters that cannot be seen.
    """
    trimmed = " ".join(name.split())
    if not trimmed:
        raise UsageError(f"The {kind} has no name.", f"Say what the {kind} is called.")
    if len(trimmed) > NAME_CHARS_MAX or any(map(_is_control, trimmed)):
        raise UsageError(
            f"{trimmed[:40]!r} begins a text that cannot be the name of a {kind}.",
            f"A name has at most {NAME_CHARS_MAX} characters and no control characters.",
        )
    return trimmed


@dataclass(frozen=True, slots=True)
class UserData:
    """What the user says of a photo.

    Attributes:
        is_favourite: Marked as one.
        rating: 1..5 stars, 0 for none.
        tags: In alphabetical order.
        albums: Names, in alphabetical order.
    """

    is_favourite: bool = False
    rating: int = 0
    tags: tuple[str, ...] = ()
    albums: tuple[str, ...] = ()


#: Of a photo of which the user has said nothing.
NOTHING_SAID = UserData()


@dataclass(frozen=True, slots=True)
class UserChange:
    """What is to become different; whatever is None or empty stays as it is.

    Making the same change twice changes nothing more.

    Attributes:
        is_favourite: Whether it is one from now on.
        rating: 0..5 from now on.
        add_tags: Tags to put on it; one that differs in case only is the same.
        remove_tags: Tags to take off.
        add_albums: Albums to put it into; made where there is none of the name.
        remove_albums: Albums to take it out of.
    """

    is_favourite: bool | None = None
    rating: int | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    add_albums: tuple[str, ...] = ()
    remove_albums: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of a library's own, for understanding what is typed and for completing it.

    Attributes:
        cameras: Make and model of each camera.
        lenses: Lenses.
        folders: Names of directories with photos, each once.
        tags: Tags in use, the user's and those that files bear.
        albums: Albums.
        has_positions: Some photo says where it was taken.
        people: Who is named in photos.
        places: Towns and countries where photos were taken.
    """

    cameras: tuple[str, ...] = ()
    lenses: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    albums: tuple[str, ...] = ()
    has_positions: bool = False
    people: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


def _is_control(char: str) -> bool:
    """Whether a character moves the cursor, or turns what follows round."""
    return unicodedata.category(char) == "Cc" or char in _TURNING
