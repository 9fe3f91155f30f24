from __future__ import annotations

import sys
from pathlib import Path

import pytest

from photosearch.index.filesystems import network_type

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="mounts are listed by Linux")

_MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/photos /srv/nas nfs4 rw 0 0
/dev/sdb1 /srv/nas/local ext4 rw 0 0
//nas/share /srv/my\\040share cifs rw 0 0
me@host: /srv/ssh fuse.sshfs rw 0 0
C:\\134 /mnt/c 9p rw,aname=drvfs 0 0
D:\\134 /mnt/d drvfs rw 0 0
/dev/sdc1 /srv/stick fuseblk rw 0 0
drive: /srv/drive fuse.rclone rw 0 0
/dev/sdd1 /srv/twice ext4 rw 0 0
nas:/two /srv/twice nfs rw 0 0
odd line
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/me/photos", ""),
        ("/srv/nas", "nfs4"),
        ("/srv/nas/2019", "nfs4"),
        ("/srv/nas2", ""),
        ("/srv/nas/local/2019", ""),
        ("/srv/my share/2019", "cifs"),
        ("/srv/ssh", "fuse.sshfs"),
        ("/mnt/c/Users", "9p"),
        ("/mnt/d/photos", "drvfs"),
        ("/srv/stick", ""),
        ("/srv/drive/a", "fuse.rclone"),
        ("/srv/twice", "nfs"),
    ],
)
def test_network_disks_are_known_by_their_mounts(tmp_path: Path, path: str, kind: str) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(_MOUNTS)
    assert network_type(Path(path), mounts) == kind


def test_a_link_to_a_network_disk_is_one(tmp_path: Path) -> None:
    target = tmp_path / "nas" / "2019"
    target.mkdir(parents=True)
    link = tmp_path / "photos"
    link.symlink_to(target)
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/photos {tmp_path}/nas nfs rw 0 0\n")
    assert network_type(link, mounts) == "nfs"


def test_where_nothing_is_known_the_disk_is_taken_for_local(tmp_path: Path) -> None:
    assert network_type(tmp_path, tmp_path / "missing") == ""


def test_this_machine_s_own_disk_is_local(tmp_path: Path) -> None:
    assert network_type(tmp_path) == ""
