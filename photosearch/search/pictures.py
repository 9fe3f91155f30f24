"""Reads pictures in a query: like:"path"[left,top,right,bottom]. Pure; any thread."""

from __future__ import annotations

from pathlib import Path

from photosearch.core.query import Box, ImageTerm
from photosearch.errors import QueryError
from photosearch.search.tokens import Token, shown

_BOX_HINT = "Give left, top, right and bottom as shares of the picture, such as [0.1,0.2,0.5,0.6]."


def picture(typed: str, token: Token, weight: float) -> ImageTerm:
    """Makes a term of a picture's path.

    Args:
        typed: The whole query.
        token: The field with the path.
        weight: The term's weight.

    Raises:
        QueryError: There is no path, or the box is none.
    """
    place = shown(typed, token.start, token.end)
    if not token.text.strip() or "\0" in token.text:
        raise QueryError(f"{place} names no file.", 'Write like:"path of a picture".')
    return ImageTerm(_path(token.text), weight, _box(token.box, place))


def _path(written: str) -> Path:
    path = Path(written)
    try:
        return path.expanduser()
    except RuntimeError:  # "~nobody": a name like any other
        return path


def _box(written: str | None, place: str) -> Box | None:
    if written is None:
        return None
    try:
        left, top, right, bottom = (float(share) for share in written.split(","))
    except ValueError as error:
        raise QueryError(f"The box in {place} has not four numbers.", _BOX_HINT) from error
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise QueryError(f"The box in {place} is no part of a picture.", _BOX_HINT)
    return Box(left, top, right, bottom)
