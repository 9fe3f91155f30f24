"""On what kind of file system a folder lies: over a network, nobody tells of changes. Any thread.

May touch the disk, and hang as long as a network disk does not answer.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

_MOUNTS = Path("/proc/self/mounts")
#: Linux tells only of what this machine itself does on these. WSL calls Windows' disks drvfs or
#: 9p; the last row are a virtual machine's shared folders.
_NETWORK_TYPES = frozenset(
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
    return kind if kind in _NETWORK_TYPES else ""


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
        point = _unescaped(fields[1])
        inside = path == point or path.startswith(point.rstrip(b"/") + b"/")
        if inside and len(point) >= len(found):
            found, kind = point, os.fsdecode(fields[2])
    return kind


def _unescaped(field: bytes) -> bytes:
    for letter in (b" ", b"\t", b"\n", b"\\"):
        field = field.replace(b"\\%03o" % letter[0], letter)
    return field


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
    libc = ctypes.CDLL(None)
    # Intel's libc keeps the old, shorter structure under the plain name.
    statfs = getattr(libc, "statfs$INODE64", None) or libc.statfs
    info = _MacStatFs()
    if statfs(os.fsencode(path), ctypes.byref(info)) != 0 or info.f_flags & _MNT_LOCAL:
        return ""
    return os.fsdecode(info.f_fstypename)
