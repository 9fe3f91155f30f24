"""What the user adds to a photo. It hangs on the content: copies, moves and renames keep it."""

from __future__ import annotations

from dataclasses import dataclass

RATING_MAX = 5


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
        tags: Tags in use.
        albums: Albums.
        has_positions: Some photo says where it was taken.
    """

    cameras: tuple[str, ...] = ()
    lenses: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    albums: tuple[str, ...] = ()
    has_positions: bool = False
