"""The colour space of cameras that are set to "Adobe RGB", which Pillow cannot make.

Used by `raw`: previews in raw files carry no profile, only EXIF's word for it.
"""

from __future__ import annotations

import struct
from functools import lru_cache

#: Adobe RGB (1998), 4.3: primaries and white adapted to D50, in XYZ.
_COLOURS = {
    b"rXYZ": (0.60974, 0.31111, 0.01947),
    b"gXYZ": (0.20528, 0.62567, 0.06087),
    b"bXYZ": (0.14919, 0.06322, 0.74457),
    b"wtpt": (0.95045, 1.00000, 1.08905),
}
#: 2 51/256.
_GAMMA = 0x0233
_D50 = (0.9642, 1.0, 0.8249)


@lru_cache
def adobe_rgb() -> bytes:
    """Returns an ICC profile (version 2.1) of it."""
    name = b"Adobe RGB (1998) compatible\0"
    described = struct.pack(">4sII", b"desc", 0, len(name)) + name + b"\0" * 78
    contents = {
        b"desc": described,
        b"cprt": b"text\0\0\0\0No copyright\0",
        **{kind: b"XYZ \0\0\0\0" + _numbers(colour) for kind, colour in _COLOURS.items()},
    }
    curve = struct.pack(">4sIIH", b"curv", 0, 1, _GAMMA)
    contents |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    offset = 128 + 4 + 12 * len(contents)
    table, data = struct.pack(">I", len(contents)), b""
    for kind, content in contents.items():
        table += struct.pack(">4sII", kind, offset + len(data), len(content))
        data += content + b"\0" * (-len(content) % 4)
    size = offset + len(data)
    head = struct.pack(">I4sI4s4s4s", size, b"\0\0\0\0", 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H4s", 2000, 1, 1, 0, 0, 0, b"acsp")
    head = head.ljust(68, b"\0") + _numbers(_D50)
    return head.ljust(128, b"\0") + table + data


def _numbers(values: tuple[float, ...]) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)
