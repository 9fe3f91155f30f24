"""How much memory a decoder process may take: a bomb then ends as that file's failure.

Called once in every child.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress

#: Measured with pictures of 250 megapixels, the largest that are decoded: JPEG 0.1 GB, PNG 1.0
#: (with transparency 2.0), TIFF 1.4, JPEG XL 1.8; WebP's decoder holds four copies, 4.0.
MOST_BYTES = 4_500_000_000
#: Of the machine's memory, where that is less: swapping would stop everybody.
_MOST_SHARE = 0.6


def limit_memory() -> None:
    """Makes allocations beyond the bound fail, where the system can.

    Linux counts what is really private memory (RLIMIT_DATA). macOS has no limit that it heeds, and
    Windows would need a job object around the child: there, the system ends a child that takes
    too much, which costs the same one file, and the limit on pixels stands before.
    """
    if not sys.platform.startswith("linux"):
        return
    import resource

    most = min(MOST_BYTES, int(_MOST_SHARE * _machine_bytes()))
    _soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def _machine_bytes() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
