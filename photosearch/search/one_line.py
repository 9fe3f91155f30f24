"""Writes what people typed on one short line, for messages and labels. Pure; any thread."""

from __future__ import annotations

#: About a line of a message; whoever typed it knows how it goes on.
LENGTH_MAX = 80


def one_line(text: str, length_max: int = LENGTH_MAX) -> str:
    """Returns a text without line breaks, cut where it is long.

    Args:
        text: Any text.
        length_max: How long it may be, in characters.
    """
    line = " ".join(text.split())
    return line if len(line) <= length_max else f"{line[: length_max - 1].rstrip()}…"
