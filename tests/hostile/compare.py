"""Does a library say what the disk does? Every difference in a sentence.

What a photo shows is read off the file on the one side and off the library's thumbnail on the
other, by the number that `marks` painted: so no hash has to be trusted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from photosearch.core.failure import FailureCode
from photosearch.core.space import EmbeddingSpace
from photosearch.core.userdata import UserData
from photosearch.engine.client import EngineClient
from photosearch.store.sqlite import resident, spaces
from tests.hostile import marks
from tests.store.inside import Library

#: What a kill in the middle of a file may put down to the file. Mended where the file changes.
KILLED = frozenset({FailureCode.ENGINE_DIED, FailureCode.DECODER_DIED})


@dataclass
class Comparison:
    """How a library and the disk differ.

    Attributes:
        differences: In sentences; none is a library that is true.
        blamed: Sound files that are left out since a kill hit them.
        spoilt: Files that were sound when they were read and are broken now. That is said of them;
            the photo stays as it was known.
        file_count: Sound photo files on the disk.
        photo_count: Pictures that they hold.
        broken_count: Files that hold none.
        user_count: Photos of which it was looked that the user's words are still there.
    """

    differences: list[str] = field(default_factory=list)
    blamed: list[Path] = field(default_factory=list)
    spoilt: list[Path] = field(default_factory=list)
    file_count: int = 0
    photo_count: int = 0
    broken_count: int = 0
    user_count: int = 0


def compare(client: EngineClient, roots: list[Path], said: Mapping[int, UserData]) -> Comparison:
    """Compares what a library says with what lies below its folders.

    Args:
        client: The library.
        roots: Its folders, all plugged in.
        said: What the user said of pictures, by their numbers.
    """
    numbers = {path: marks.number_in(path) for root in roots for path in marks.photo_files(root)}
    sound = {path: number for path, number in numbers.items() if number is not None}
    broken = set(numbers) - set(sound)
    failures = {failure.path: failure for failure in client.failures()}
    found = Comparison(
        file_count=len(sound),
        photo_count=len(set(sound.values())),
        broken_count=len(broken),
    )
    found.blamed = [
        path for path in sound if path in failures and failures[path].reason.code in KILLED
    ]
    tell = found.differences.append
    for path in sorted(broken - set(failures)):
        tell(f"{path} is broken, and nobody says so")
    for path in sorted(set(failures) - broken - set(found.blamed), key=str):
        tell(f"{path} is said to be broken: {failures[path].reason}")
    found.spoilt = list(client.photo_ids_of(sorted(broken & set(failures))))
    ids = client.photo_ids_of(list(sound))
    for path in sorted(set(sound) - set(ids) - set(found.blamed)):
        tell(f"{path} is not in the library")
    _compare_photos(client, sound, ids, found)
    _compare_counts(client, sound, found)
    _compare_user_data(client, {sound[path]: photo for path, photo in ids.items()}, said, found)
    return found


def _compare_photos(
    client: EngineClient, sound: Mapping[Path, int], ids: Mapping[Path, int], found: Comparison
) -> None:
    tell = found.differences.append
    stored = client.photo_ids().tolist()
    photos = {photo.id: photo for photo in client.photos(stored)}
    shown = {
        photo_id: marks.number_in(encoded)
        for photo_id, encoded in client.thumbnails(stored).items()
    }
    for photo_id in sorted(set(stored) - set(ids.values())):
        where = photos[photo_id].path if photo_id in photos else None
        if where not in found.spoilt:
            tell(f"photo {photo_id} ({where}) is in the library and not on the disk")
    by_number: dict[int, set[int]] = defaultdict(set)
    for path, photo_id in ids.items():
        by_number[sound[path]].add(photo_id)
        if photo_id not in shown:
            tell(f"{path} has no thumbnail")
        elif shown[photo_id] != sound[path]:
            tell(f"{path} shows {sound[path]}, the library {shown[photo_id]}")
    for number, copies in by_number.items():
        if len(copies) > 1:
            tell(f"picture {number} is {len(copies)} photos: {sorted(copies)}")
    # A file with several names is one. What was sound when it was read stays a photo, but is no
    # copy until it can be read again.
    files: dict[int, set[tuple[int, int]]] = {
        photo_id: set() for photo_id in client.photo_ids_of(found.spoilt).values()
    }
    for path, photo_id in ids.items():
        info = path.stat()
        files.setdefault(photo_id, set()).add((info.st_dev, info.st_ino))
    for photo_id, sound_files in files.items():
        told = photos[photo_id].copy_count if photo_id in photos else 0
        if told != len(sound_files):
            tell(f"photo {photo_id} lies in {len(sound_files)} files, the library says {told}")


def _compare_counts(client: EngineClient, sound: Mapping[Path, int], found: Comparison) -> None:
    counts = client.status().counts
    wanted = len(sound) - len(found.blamed) + len(found.spoilt)
    if counts.file_count != wanted:
        found.differences.append(f"{counts.file_count} files are counted, there are {wanted}")
    if counts.vector_count != counts.photo_count:
        found.differences.append(f"{counts.photo_count} photos have {counts.vector_count} vectors")


def _compare_user_data(
    client: EngineClient,
    ids: Mapping[int, int],
    said: Mapping[int, UserData],
    found: Comparison,
) -> None:
    wanted = {number: photo_id for number, photo_id in ids.items() if number in said}
    users = {photo.id: photo.user for photo in client.photos(list(wanted.values()))}
    found.user_count = len(wanted)
    for number, photo_id in wanted.items():
        user = users.get(photo_id)
        if user is None or user.rating != said[number].rating:
            found.differences.append(f"picture {number}: {said[number]} was said, {user} is kept")
        elif not set(said[number].tags) <= set(user.tags):
            found.differences.append(f"picture {number} lost tags: {said[number]}, {user}")


def inside_troubles(directory: Path, space: EmbeddingSpace) -> list[str]:
    """Looks into the database of a library that nobody has open.

    Args:
        directory: The library's.
        space: Of its vectors.
    """
    library = Library(directory)
    with closing(library.store), library.database.read() as connection:
        found = [
            f"{pragma}: {row}"
            for pragma in ("integrity_check", "foreign_key_check")
            for row in connection.execute(f"PRAGMA {pragma}")
            if row != ("ok",)
        ]
        stored = spaces.get(connection, space)
        if not resident.check(connection, stored, resident.load(connection, stored)):
            found.append("the vector table differs from its rows")
    return found
