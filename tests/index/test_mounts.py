from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from photosearch.index.mounts import Mount, mounts_around, mounts_inside
from photosearch.index.volumes import ground_of, volume_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="mounts are listed by Linux")

_LISTED = """\
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw,discard
30 27 8:1 / /srv/my\\040disk rw - xfs /dev/sda1 rw
31 30 0:40 / /srv/my\\040disk/nas rw shared:7 - nfs4 server:/photos rw
32 30 8:2 /inner /srv/my\\040disk/bound rw - xfs /dev/sdb1 rw
33 27 0:50 / /media/auto rw - autofs systemd-1 rw
34 33 8:3 / /media/auto rw - vfat /dev/sdc1 rw
35 33 0:51 / /media/auto/later rw - autofs systemd-1 rw
40 27 8:4 / /media/a rw - xfs /dev/sdd1 rw
41 40 8:5 / /media/a/in rw - xfs /dev/sde1 rw
42 40 8:6 / /media/a rw - vfat /dev/sdf1 rw
43 27 8:7 / /data/b/in rw - xfs /dev/sdg1 rw
44 27 8:8 / /data/b rw - vfat /dev/sdh1 rw
an odd line
50 27 odd / /srv/odd rw - xfs /dev/sdi1 rw
51 27 0:60 / /srv/odd rw
"""


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "mountinfo"
    path.write_text(_LISTED)
    return path


@pytest.mark.parametrize(
    ("path", "sources"),
    [
        (b"/home/me", ["/dev/vda"]),
        (b"/srv/my disk", ["/dev/vda", "/dev/sda1", "server:/photos", "/dev/sdb1"]),
        (b"/srv/my disk/nas/2019", ["/dev/vda", "/dev/sda1", "server:/photos"]),
        (b"/srv/my", ["/dev/vda"]),
        (b"/srv/odd", ["/dev/vda"]),
        (b"/media/auto", ["/dev/vda", "/dev/sdc1"]),
        (b"/media/a", ["/dev/vda", "/dev/sdf1"]),  # the others lie under it
        (b"/data/b", ["/dev/vda", "/dev/sdh1"]),
    ],
)
def test_what_can_be_seen_of_the_mounts_around_a_path(
    listed: Path, path: bytes, sources: list[str]
) -> None:
    assert sorted(mount.source for mount in mounts_around(path, listed)) == sorted(sources)


@pytest.mark.parametrize(
    ("path", "sources"),
    [
        (b"/home/me", []),
        (b"/srv/my disk", ["server:/photos", "/dev/sdb1"]),
        (b"/srv/my disk/nas", []),
        (b"/media/auto", []),
        (b"/media", ["/dev/sdf1"]),  # not what was mounted on demand, nor what lies under it
    ],
)
def test_what_is_mounted_inside_a_path(listed: Path, path: bytes, sources: list[str]) -> None:
    assert sorted(mount.source for mount in mounts_inside(path, listed)) == sorted(sources)


def test_mounts_are_read_as_they_are(listed: Path, tmp_path: Path) -> None:
    found = mounts_around(b"/srv/my disk/nas", listed)[-1]
    assert found == Mount(b"/srv/my disk/nas", "nfs4", "server:/photos", (0, 40))
    assert mounts_around(b"/", tmp_path / "missing") == []
    assert len(mounts_around(b"/", listed)) == 8


@pytest.mark.parametrize(
    ("kind", "source", "name"),
    [
        ("nfs4", "server:/photos", "nfs4 server:/photos"),
        ("fuse.mergerfs", "a:b", "fuse.mergerfs a:b"),
        ("zfs", "tank/photos", "zfs tank/photos"),
        ("overlay", "overlay", ""),
        ("xfs", "/dev/sda1", "uuid 1234-ABCD"),
        ("fuseblk", "/dev/sda1", "uuid 1234-ABCD"),
        ("odd", "odd", ""),
    ],
)
def test_file_systems_have_names(tmp_path: Path, kind: str, source: str, name: str) -> None:
    # A device that is there on every machine stands for the disk.
    device = os.stat("/dev/null").st_rdev  # noqa: PTH116
    (tmp_path / "1234-ABCD").symlink_to("/dev/null")
    (tmp_path / "0000").symlink_to("/dev/zero")
    (tmp_path / "dangling").symlink_to("/dev/none of that name")
    mount = Mount(b"/", kind, source, (os.major(device), os.minor(device)))
    assert volume_of(mount, tmp_path) == name
    if name.startswith("uuid"):  # as btrfs and some containers have it
        assert volume_of(Mount(b"/", kind, "/dev/null", (0, 40)), tmp_path) == name
        assert volume_of(Mount(b"/", kind, "/dev/full", (0, 40)), tmp_path) == ""
        assert volume_of(mount, tmp_path / "missing") == ""


def test_a_file_system_has_one_name_wherever_one_looks(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    grounds = [ground_of(os.fsencode(tmp_path / name)) for name in ("", "a", "a/b", "link")]
    assert len({ground.volume for ground in grounds}) == 1
    assert grounds[1].root_id == grounds[3].root_id != grounds[0].root_id
    assert [ground.mounts for ground in grounds] == [{}] * 4


def test_nothing_is_known_of_a_folder_that_is_not_there(tmp_path: Path) -> None:
    ground = ground_of(os.fsencode(tmp_path / "missing"))
    assert (ground.root_id, ground.volume, ground.mounts) == (None, "", {})


def test_mounts_inside_are_told_by_their_paths_below(tmp_path: Path) -> None:
    listed = tmp_path / "mountinfo"
    (tmp_path / "photos").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "photos")
    listed.write_text(
        f"27 1 0:40 / / rw - nfs server:/ rw\n28 27 0:41 / {tmp_path}/photos/in/nas rw"
        f" - cifs //nas/share rw\n29 27 0:42 / {tmp_path}/photos2 rw - nfs other:/ rw\n"
    )
    for name in ("photos", "link"):
        ground = ground_of(os.fsencode(tmp_path / name), [b"in/nas", b"none"], listed)
        assert ground.volume == "nfs server:/"
        assert ground.mounts == {b"in/nas": "cifs //nas/share"}
