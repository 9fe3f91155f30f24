"""On what kind of file system a folder lies: over a network, nobody tells of changes. Any thread.

May touch the disk, and hang as long as a network disk does not answer.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

from photosearch.index.mounts import unescaped

_MOUNTS = Path("/proc/self/mounts")
#: Linux tells only of what this machine itself does on these. WSL calls Windows' disks drvfs or
#: 9p; the last row are a virtual machine's shared folders.
NETWORK_TYPES = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "smb2", "ncpfs", "afs", "coda"),
        *("9p", "drvfs", "davfs", "afpfs", "ceph", "glusterfs", "lustre", "beegfs", "gpfs"),
        *("fuse.sshfs", "fuse.rclone", "fuse.davfs", "fuse.davfs2", "fuse.afpfs", "fuse.afp"),
        *("fuse.smbnetfs", "fuse.gvfsd-fuse", "fuse.kio-fuse", "fuse.s3fs", "fuse.gcsfuse"),
        *("fuse.curlftpfs", "fuse.glusterfs", "fuse.ceph", "fuse.jmtpfs", "fuse.mtpfs"),
        *("fuse.google-drive-ocamlfuse", "fuse.onedriver", "fuse.goofys", "fuse.juicefs"),
        *("vboxsf", "prl_fs", "fuse.vmhgfs-fuse", "virtiofs"),
    }
)
_DRIVE_REMOTE = 4
_MNT_LOCAL = 0x1000
#: From macOS' sys/attr.h.
_ATTR_BIT_MAP_COUNT = 5
_ATTR_VOL_INFO = 0x80000000
_ATTR_VOL_UUID = 0x00040000


def network_type(path: Path, mounts: Path = _MOUNTS) -> str:
    """Returns what network file system a path lies on, "" for a local one or where unknown.

    Args:
        path: An absolute path.
        mounts: Where Linux lists what is mounted.
    """
    if sys.platform == "win32":
        return _windows_type(path)
    if sys.platform == "darwin":
        return _macos_type(path)
    kind = _mounted_type(os.path.realpath(os.fsencode(path)), mounts)
    return kind if kind in NETWORK_TYPES else ""


def _mounted_type(path: bytes, mounts: Path) -> str:
    """Returns the type of the mount that a path lies in; of several in one place, the last."""
    found, kind = b"", ""
    try:
        lines = mounts.read_bytes().splitlines()
    except OSError:
        return ""
    for line in lines:
        fields = line.split(b" ")
        if len(fields) < 3:
            continue
        point = unescaped(fields[1])
        inside = path == point or path.startswith(point.rstrip(b"/") + b"/")
        if inside and len(point) >= len(found):
            found, kind = point, os.fsdecode(fields[2])
    return kind


def _windows_type(path: Path) -> str:
    if sys.platform == "win32":
        if path.drive.startswith("\\\\"):
            return "network share"
        is_remote = ctypes.windll.kernel32.GetDriveTypeW(path.anchor) == _DRIVE_REMOTE
        return "network drive" if is_remote else ""
    return ""


class _MacStatFs(ctypes.Structure):
    """`struct statfs` with 64-bit inodes, from macOS' sys/mount.h."""

    _fields_ = (
        ("f_bsize", ctypes.c_uint32),
        ("f_iosize", ctypes.c_int32),
        ("f_counts", ctypes.c_uint64 * 5),
        ("f_fsid", ctypes.c_int32 * 2),
        ("f_owner", ctypes.c_uint32),
        ("f_type", ctypes.c_uint32),
        ("f_flags", ctypes.c_uint32),
        ("f_fssubtype", ctypes.c_uint32),
        ("f_fstypename", ctypes.c_char * 16),
        ("f_mntonname", ctypes.c_char * 1024),
        ("f_mntfromname", ctypes.c_char * 1024),
        ("f_reserved", ctypes.c_uint32 * 8),
    )


def _macos_type(path: Path) -> str:
    info = _macos_statfs(os.fsencode(path))
    if info is None or info.f_flags & _MNT_LOCAL:
        return ""
    return os.fsdecode(info.f_fstypename)


def _macos_statfs(path: bytes) -> _MacStatFs | None:
    libc = ctypes.CDLL(None)
    # Intel's libc keeps the old, shorter structure under the plain name.
    statfs = getattr(libc, "statfs$INODE64", None) or libc.statfs
    info = _MacStatFs()
    return info if statfs(path, ctypes.byref(info)) == 0 else None


class _MacAttributes(ctypes.Structure):
    """`struct attrlist`, from macOS' sys/attr.h."""

    _fields_ = (
        ("bitmapcount", ctypes.c_uint16),
        ("reserved", ctypes.c_uint16),
        ("commonattr", ctypes.c_uint32),
        ("volattr", ctypes.c_uint32),
        ("dirattr", ctypes.c_uint32),
        ("fileattr", ctypes.c_uint32),
        ("forkattr", ctypes.c_uint32),
    )


class _MacVolumeUuid(ctypes.Structure):
    """What `getattrlist` answers."""

    _fields_ = (("length", ctypes.c_uint32), ("uuid", ctypes.c_uint8 * 16))


def macos_volume(path: bytes) -> str:
    """Names the file system that a path lies on, as `volumes` does: by UUID or share."""
    info = _macos_statfs(path)
    if info is None:
        return ""
    if not info.f_flags & _MNT_LOCAL:
        kind, source = os.fsdecode(info.f_fstypename), info.f_mntfromname
        return f"{kind} {source.decode('utf-8', 'backslashreplace')}"
    wanted = _MacAttributes(_ATTR_BIT_MAP_COUNT, 0, 0, _ATTR_VOL_INFO | _ATTR_VOL_UUID, 0, 0, 0)
    found = _MacVolumeUuid()
    getattrlist = ctypes.CDLL(None).getattrlist
    size = ctypes.c_size_t(ctypes.sizeof(found))
    # Volumes are asked about by where they are mounted.
    if getattrlist(
        ctypes.c_char_p(info.f_mntonname),
        ctypes.byref(wanted),
        ctypes.byref(found),
        size,
        ctypes.c_uint32(0),
    ):
        return ""
    uuid = bytes(found.uuid).hex()
    return f"uuid {uuid}" if found.length == ctypes.sizeof(found) and any(found.uuid) else ""
