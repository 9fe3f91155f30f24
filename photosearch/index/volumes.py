"""Names the file system that a folder lies on, and those that are mounted inside it. Any thread.

By that name a disk is told from another one in the same place, and photos that are away from
photos that are gone. May touch the disk, and hang as long as a disk does not answer.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from photosearch.index.filesystems import NETWORK_TYPES, macos_volume
from photosearch.index.mounts import MOUNTS, Mount, mounts_around
from photosearch.index.roots import RootId, root_id
from photosearch.index.walk import is_below

#: Stands before the name of what a link leads to, where links are followed.
LINK = "link "
_UUIDS = Path("/dev/disk/by-uuid")
#: Their own 64-bit number follows from the UUID that they were made with (a tmpfs' is drawn at each
#: mount), and is told in containers, too, where no device is to be seen. Others make it up of the
#: device's number, which the next disk in the same socket has as well.
_NUMBERED_TYPES = frozenset({"ext2", "ext3", "ext4", "btrfs", "tmpfs"})


@dataclass(frozen=True, slots=True)
class Ground:
    """What a folder stands on.

    Attributes:
        root_id: Which directory it is; None where none can be reached.
        volume: Names its file system; "" where nobody can tell.
        mounts: The names of the file systems inside it, by where below it they are mounted, or
            where a link leads to them.
    """

    root_id: RootId | None
    volume: str = ""
    mounts: Mapping[bytes, str] = field(default_factory=dict)


#: Looks at a folder (its absolute path), and at where something was mounted inside it before or
#: links lead out of it.
Look = Callable[[bytes, Iterable[bytes]], Ground]


def ground_of(
    root: bytes, awaited: Iterable[bytes] = (), listed: Path = MOUNTS, uuids: Path = _UUIDS
) -> Ground:
    """Says what a folder stands on.

    Args:
        root: Its absolute path.
        awaited: Directories below it in which something was mounted before, and links.
        listed: Where Linux lists what is mounted.
        uuids: Where Linux lists the disks' own names.
    """
    found = root_id(root)
    if found is None:
        return Ground(None)
    real, awaited = os.path.realpath(root).rstrip(b"/"), list(awaited)
    inside = _volumes_inside(real, listed, uuids)
    if sys.platform == "linux":
        # What is mounted on demand comes when somebody looks into it. What is mounted is not looked
        # into: a dead server would not answer.
        for rel_path in (b"", *(each for each in awaited if each not in inside)):
            with contextlib.suppress(OSError):
                os.stat(real + b"/" + rel_path + b"/.")  # noqa: PTH116 - bytes
        if not inside.keys() >= set(awaited):
            inside = _volumes_inside(real, listed, uuids)
    for rel_path in awaited:
        path = real + b"/" + rel_path
        target = root_id(path) if os.path.islink(path) else None  # noqa: PTH114 - bytes
        if target is not None and target[0] != found[0]:
            inside[rel_path] = LINK + _volume_at(os.path.realpath(path), listed, uuids)
    return Ground(found, _volume_at(real or b"/", listed, uuids), inside)


def _volumes_inside(real: bytes, listed: Path, uuids: Path) -> dict[bytes, str]:
    """Names the file systems that are mounted below a path without links."""
    return {
        mount.point[len(real) + 1 :]: volume_of(mount, uuids)
        for mount in mounts_around(real or b"/", listed)
        if not is_below(real, mount.point.rstrip(b"/"))
    }


def _volume_at(path: bytes, listed: Path, uuids: Path) -> str:
    """Names the file system that a path without links lies on."""
    if sys.platform == "win32":
        return _windows_volume(os.fsdecode(path))
    if sys.platform == "darwin":
        return macos_volume(path)
    volume = ""
    for mount in mounts_around(path, listed):
        if is_below(path, mount.point.rstrip(b"/")):
            volume = volume_of(mount, uuids)
    return volume


def volume_of(mount: Mount, uuids: Path = _UUIDS) -> str:
    """Names a mounted file system; "" where nothing tells it from another one."""
    if mount.kind in _NUMBERED_TYPES:
        try:
            number = os.statvfs(mount.point).f_fsid
        except OSError:
            return ""
        return f"number {number:016x}" if number else ""
    if mount.source.startswith("/dev/"):
        return _uuid_of(mount, uuids)
    if mount.kind in NETWORK_TYPES or mount.kind.startswith("fuse.") or mount.kind == "zfs":
        return f"{mount.kind} {mount.source}"
    return ""


def may_be(volume: str, other: str) -> bool:
    """True for two names of the same file system, as far as is known."""
    names = volume.removeprefix(LINK), other.removeprefix(LINK)
    return "" in names or names[0] == names[1]


def _uuid_of(mount: Mount, uuids: Path) -> str:
    """The UUID of a device's file system, or what stands for it: a FAT's is short."""
    devices = {os.makedev(*mount.device)}
    with contextlib.suppress(OSError):
        devices.add(os.stat(mount.source).st_rdev)  # noqa: PTH116 - a device, no place of ours
    try:
        links = sorted(uuids.iterdir())
    except OSError:
        return ""
    for link in links:
        with contextlib.suppress(OSError):
            if link.stat().st_rdev in devices - {0}:
                return f"uuid {link.name}"
    return ""


def _windows_volume(path: str) -> str:
    """The serial number that a volume was given when it was formatted."""
    if sys.platform == "win32":
        kernel = ctypes.windll.kernel32
        place = ctypes.create_unicode_buffer(len(path) + 300)
        serial = ctypes.c_uint32(0)
        if kernel.GetVolumePathNameW(path, place, len(place)) and kernel.GetVolumeInformationW(
            place, None, 0, ctypes.byref(serial), None, None, None, 0
        ):
            return f"serial {serial.value:08x}" if serial.value else ""
    return ""
