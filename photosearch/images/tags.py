"""EXIF values made plain: text, numbers. Cameras, phones and editors write anything.

Used by the modules that read headers, in a decoder process. Nothing here fails.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress

from photosearch.images.guard import FOREIGN_ERRORS

#: One directory of EXIF data, by tag number.
Tags = Mapping[int, object]


def text_of(value: object, max_chars: int) -> str:
    """Returns a text tag without NULs, line ends and blanks around it; "" for anything else."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return ""
    value = value.split("\0")[0]
    if value.isascii() and value.isprintable():  # nearly always
        return " ".join(value.split())[:max_chars]
    # EXIF means ASCII here; Pillow takes what is beyond for Latin-1, programs write UTF-8.
    with suppress(UnicodeError):
        value = value.encode("latin-1").decode("utf-8")
    printable = "".join(char if char.isprintable() else " " for char in value)
    return " ".join(printable.split())[:max_chars]


def number_of(value: object) -> float | None:
    """Returns a number tag, the first of several; None for anything else, infinities included."""
    if isinstance(value, tuple):
        value = value[0] if value else None
    if isinstance(value, str | bytes) or value is None:
        return None
    try:
        number = float(value)  # type: ignore[arg-type]
    except FOREIGN_ERRORS:
        return None
    return number if math.isfinite(number) else None


def number_within(value: object, low: float, high: float) -> float | None:
    """Returns a number tag that lies between two bounds, both included."""
    number = number_of(value)
    return number if number is not None and low <= number <= high else None


def windows_text(value: object, max_chars: int) -> str:
    """Returns text as Windows writes it: UTF-16 in bytes."""
    if isinstance(value, tuple) and all(
        isinstance(byte, int) and 0 <= byte < 256 for byte in value
    ):
        value = bytes(value)
    if not isinstance(value, bytes):
        return text_of(value, max_chars)
    return text_of(value.decode("utf-16-le", "replace").encode("utf-8", "replace"), max_chars)
