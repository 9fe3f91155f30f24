"""Gives memory that was freed back to the system.

A tower's weights lie in thousands of pieces among others that stay, and the C library keeps what is
free in between for itself: of the default model, 160 MB of the 760 that were let go.
"""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """Returns free memory to the system, where the C library can (glibc); takes milliseconds."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # others' C libraries lack it
        if trim is not None:
            trim(0)
