"""Makes the library of each released schema that the tests of upgrades start from.

Run once, before a release that changes the schema, from the repository's root:

    python -m tests.store.old_databases

It writes `tests/data/db/vNNNN.db.gz` for the newest schema. Files of older schemas are never made
again: they are what older programs really wrote.
"""

from __future__ import annotations

import gzip
import os
import tempfile
from dataclasses import replace
from pathlib import Path

from photosearch.core.failure import FailureCode
from photosearch.core.photo import FileId, FilePlace, FileStamp, FileTraits, MountPoint
from photosearch.core.stored import CompanionFile, IgnoredCounts, IndexBatch
from photosearch.core.userdata import UserChange
from photosearch.store.open import open_store
from photosearch.store.sqlite.migrations import NEWEST

from .samples import OTHER_SPACE, SPACE, STAMP, failure, ids_by_name, photo, taken

DIRECTORY = Path(__file__).parents[1] / "data" / "db"
PHOTO_COUNT = 40
SAID = replace(
    taken(2001, 1, 1, 7), keywords=("sea",), people=("Oma",), city="Rome", country="Italy"
)
TRAITS = FileTraits(FileId(5, 2**63), b"quick", FileStamp(7, 7))
VOLUME = "uuid 1234-ABCD"
MOUNTS = (
    MountPoint(b"caf\xe9/nas", "nfs nas:/photos"),
    MountPoint(b"stick", "", is_away=True),
)
FOLDER = Path(os.fsdecode(b"/photos/caf\xe9"))


def make(path: Path) -> None:
    """Writes a small library, compressed, that has something of everything."""
    with tempfile.TemporaryDirectory() as directory:
        store = open_store(Path(directory))
        folder, disk = store.add_folder(FOLDER), store.add_folder(Path("/disk"))
        store.set_folder_online(disk.id, is_online=False)
        store.set_folder_volume(folder.id, VOLUME, MOUNTS)
        for space in (SPACE, OTHER_SPACE):
            store.ensure_space(space)
            files = [
                photo(folder.id, b"%04d.jpg" % n, n, facts=taken(2001, 1, 1, n % 24), space=space)
                for n in range(PHOTO_COUNT)
            ]
            copy = photo(disk.id, b"copy.jpg", 7, facts=taken(2001, 1, 1, 7), space=space)
            files[7] = replace(files[7], facts=SAID, traits=TRAITS)
            raw = CompanionFile(FilePlace(folder.id, b"0008.cr2"), files[8].place, STAMP)
            gone = photo(folder.id, b"gone.jpg", 900, space=space)
            batch = IndexBatch([*files, replace(copy, facts=SAID), gone], companions=[raw])
            store.write(space, batch)
        store.write(SPACE, IndexBatch(removed=[gone.place]))
        bad = failure(folder.id, b"bad.jpg", FailureCode.DAMAGED, detail="no end")
        unread = failure(folder.id, b"shut.jpg", FailureCode.NO_PERMISSION, stamp=None)
        odd = failure(folder.id, b"0001.jpg", FailureCode.ENCODE_FAILED, space_key=SPACE.key)
        store.write(SPACE, IndexBatch(failures=[bad, unread, odd]))
        store.change_user_data(
            [ids_by_name(store)["0007.jpg"]],
            UserChange(is_favourite=True, rating=4, add_tags=("Été",), add_albums=("Best of",)),
        )
        store.set_ignored(folder.id, IgnoredCounts({".txt": 3}, {".mov": 2}))
        store.close()
        path.write_bytes(gzip.compress((Path(directory) / "library.db").read_bytes(), mtime=0))


if __name__ == "__main__":
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    make(DIRECTORY / f"v{NEWEST:04d}.db.gz")
