"""What is mounted where, as Linux lists it. Any thread.

Reads only the kernel's list, so that no network disk makes it hang.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from photosearch.index.walk import is_below

MOUNTS = Path("/proc/self/mountinfo")
#: Not a file system but the place where one appears as soon as somebody looks.
_ON_DEMAND = "autofs"


@dataclass(frozen=True, slots=True)
class Mount:
    """A mounted file system.

    Attributes:
        point: The directory in which it is mounted, absolute.
        kind: Its type, e.g. "ext4".
        source: What is mounted: a device, a share.
        device: Major and minor number.
    """

    point: bytes
    kind: str
    source: str
    device: tuple[int, int]


def mounts_around(path: bytes, listed: Path = MOUNTS) -> list[Mount]:
    """Returns the mounts that a path lies in and those below it, the outermost first.

    Those that others are mounted over are left out, and so are lines that cannot be understood:
    containers list odd things.

    Args:
        path: Absolute, without links.
        listed: Where Linux lists what is mounted.
    """
    return _seen(_listed_around(path, listed))


def mounts_inside(path: bytes, listed: Path = MOUNTS) -> list[Mount]:
    """Returns the mounts below a path, in the order of `mounts_around`.

    Left out is what is mounted on demand: it comes when somebody looks into it, and goes when
    nobody did for a while, which says nothing of the disk.

    Args:
        path: Absolute, without links.
        listed: Where Linux lists what is mounted.
    """
    found = _listed_around(path, listed)
    on_demand = [mount.point for _, mount in found.values() if mount.kind == _ON_DEMAND]
    return [
        mount
        for mount in _seen(found)
        if not is_below(path, mount.point.rstrip(b"/"))
        and not any(is_below(mount.point, point) for point in on_demand)
    ]


def _listed_around(path: bytes, listed: Path) -> dict[int, tuple[int, Mount]]:
    """Reads the list: the mounts around a path by their numbers, with those of their parents."""
    found: dict[int, tuple[int, Mount]] = {}
    try:
        lines = listed.read_bytes().splitlines()
    except OSError:
        return {}
    for line in lines:
        # 36 35 98:0 /root /point rw,noatime shared:1 - ext3 /dev/sda1 rw
        before, _, after = line.partition(b" - ")
        fields, ends = before.split(b" "), after.split(b" ")
        try:
            number, parent = int(fields[0]), int(fields[1])
            major, _, minor = fields[2].partition(b":")
            device = (int(major), int(minor))
            point, kind, source = unescaped(fields[4]), _text(ends[0]), _text(unescaped(ends[1]))
        except (IndexError, ValueError):
            continue
        if is_below(path, point.rstrip(b"/")) or is_below(point, path.rstrip(b"/")):
            found[number] = (parent, Mount(point, kind, source, device))
    return found


def _seen(found: dict[int, tuple[int, Mount]]) -> list[Mount]:
    """Those that nothing is mounted over, the outermost first."""
    seen = [mount for number, (_, mount) in found.items() if not _is_covered(number, found)]
    return sorted(
        (mount for mount in seen if mount.kind != _ON_DEMAND), key=lambda mount: len(mount.point)
    )


def _is_covered(number: int, found: dict[int, tuple[int, Mount]]) -> bool:
    """True for what nobody sees, since something was mounted over it, or above it."""
    parent, mount = found[number]
    for other, (other_parent, over) in found.items():
        if other == number:
            continue
        if other_parent == number and over.point == mount.point and over.kind != _ON_DEMAND:
            return True
        is_above = over.point != mount.point and is_below(mount.point, over.point.rstrip(b"/"))
        if other_parent == parent and is_above:
            return True
    return parent in found and parent != number and _is_hidden_above(parent, mount, found)


def _is_hidden_above(parent: int, mount: Mount, found: dict[int, tuple[int, Mount]]) -> bool:
    """True where what a mount is mounted in is covered, other than by that mount itself."""
    above = found[parent][1]
    return above.point != mount.point and _is_covered(parent, found)


def unescaped(field: bytes) -> bytes:
    """Returns a path as it is, from how the kernel's lists write it."""
    for letter in (b" ", b"\t", b"\n", b"\\"):
        field = field.replace(b"\\%03o" % letter[0], letter)
    return field


def _text(field: bytes) -> str:
    return field.decode("utf-8", "backslashreplace")
