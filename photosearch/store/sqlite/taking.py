"""Takes files into the library one by one: which content each holds, and what is known of that.

Used by `batches` inside one transaction. What is gathered here (vectors, thumbnails, which photos
were there before) is dealt with once for the whole batch.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence, Set

import apsw

from photosearch.core.photo import FilePlace, FileTraits, PhotoFacts
from photosearch.core.ports import Vectors
from photosearch.core.stored import (
    CompanionFile,
    IndexedFile,
    ListedFile,
    MovedFile,
    WriteCounts,
)
from photosearch.store.sqlite import companions, contents, files, saying, unplaced, userdata
from photosearch.store.sqlite.files import FileRow
from photosearch.store.sqlite.thumbnail_changes import ThumbnailChanges


class Taking:
    """One batch on its way into the library.

    Args:
        connection: Inside a transaction.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        #: Whether contents lay in a file before the batch.
        self._was_placed: dict[int, bool] = {}
        self._changed: set[int] = set()
        self._some_kept = connection.execute("SELECT EXISTS (SELECT 1 FROM kept_user_data)").get
        self.vectors: dict[int, Vectors] = {}
        self.thumbnails = ThumbnailChanges()

    @property
    def touched(self) -> set[int]:
        """The contents that may have other files, names or facts now, or are no more."""
        return set(self._was_placed)

    def counts(self, others: Set[int]) -> WriteCounts:
        """What has changed so far; `others` are photos that did so in another way."""
        self._note(others)
        self._changed |= others
        is_placed = dict.fromkeys(self._was_placed, False) | self._placed(self._was_placed)
        was_placed = self._was_placed
        return WriteCounts(
            added=sum(now and not was_placed[key] for key, now in is_placed.items()),
            removed=sum(was_placed[key] and not now for key, now in is_placed.items()),
            changed=tuple(
                sorted(key for key in self._changed if was_placed[key] and is_placed[key])
            ),
        )

    def move(self, moved: Sequence[MovedFile], removed: Collection[FilePlace] = ()) -> None:
        """Takes files in that were found at other places; `removed` are those that do not stay."""
        places = [place for file in moved for place in (file.place, file.former)]
        self._note(files.contents_at(self._connection, places))
        going = set(removed)
        linked = [file.former for file in moved if file.former not in going]
        for content_id in files.contents_at(self._connection, linked):
            saying.spread(self._connection, content_id)
        self._note(files.move(self._connection, moved))

    def remove(self, places: Sequence[FilePlace]) -> None:
        """Forgets files."""
        self._note(files.contents_at(self._connection, places))
        files.remove(self._connection, places)
        companions.forget(self._connection, places)

    def settle(self) -> None:
        """Makes photos say what their files say, once all of the batch was taken in."""
        self._changed.update(saying.gather(self._connection, self.touched))

    def take_listed(self, file: ListedFile) -> None:
        """Takes a file in of which the header was read; one that was read in whole stays."""
        row = files.at(self._connection, file.place)
        if row is not None and row.is_read and not row.is_companion:
            return
        quick_hash = file.traits.quick_hash
        content_id = None
        if quick_hash:
            content_id = files.alike(self._connection, quick_hash, file.stamp)
        said = None
        is_guess = content_id is not None
        if content_id is None:
            name = contents.provisional_name(file.place, quick_hash)
            content_id = contents.by_hash(self._connection, name)
            if content_id is None:
                content_id = self._insert(name, file.facts, is_read=False)
                self._bring_back(name, content_id)
            else:
                self._note([content_id])
                said = self._take_facts(content_id, file)
        else:
            self._note([content_id])
            if files.has_others(self._connection, content_id, file.place):
                said = self._take_facts(content_id, file)
        self._place(row, content_id, file, said)
        self._inherit(row, file.place, content_id, is_guess=is_guess)
        if file.thumbnail:
            content_hash = contents.hash_of(self._connection, content_id)
            self.thumbnails.missing[content_hash] = file.thumbnail
            if not contents.is_read(self._connection, content_id):
                self._changed.add(content_id)

    def take_read(self, file: IndexedFile) -> None:
        """Takes a file in that was read in whole."""
        row = files.at(self._connection, file.place)
        content_id, others = self._content_of(file, row)
        said = None
        if content_id is None:
            content_id = self._insert(file.content_hash, file.facts, is_read=True)
        else:
            self._note([content_id])
            for other_id in others:
                self._absorb(other_id, content_id)
            said = self._take_facts(content_id, file)
            if file.thumbnail:
                self._changed.add(content_id)
        # It may have been dropped under a name of old, or before it was ever read in whole.
        provisional = contents.provisional_name(file.place, file.traits.quick_hash)
        for name in (file.content_hash, file.whole_hash, provisional):
            self._bring_back(name, content_id)
        if row is not None and row.content_id in others:
            row = None
        self._place(row, content_id, file, said)
        self._inherit(row, file.place, content_id)
        if file.vector is not None:
            self.vectors[content_id] = file.vector

    def take_companion(self, file: CompanionFile) -> None:
        """Takes a file in that belongs to another one's photo."""
        main = files.at(self._connection, file.main)
        if main is None or main.is_companion or file.main == file.place:
            return
        row = files.at(self._connection, file.place)
        companions.forget(self._connection, [file.place])
        self._note([main.content_id])
        if row is not None and not row.is_companion and row.content_id != main.content_id:
            self._note([row.content_id])
            userdata.merge(self._connection, row.content_id, main.content_id)
        files.put(
            self._connection,
            file.place,
            file.stamp,
            main.content_id,
            FileTraits(file.file_id),
            is_companion=True,
        )
        if row is not None and not row.is_companion:
            if row.content_id != main.content_id:
                files.take_companions_along(
                    self._connection, file.place, row.content_id, main.content_id
                )
            self._drop_if_provisional(row.content_id, is_kept=False)

    def leave_unread(self, places: Iterable[FilePlace]) -> None:
        """Forgets files of which only the header can be read: they are no photos."""
        for place in places:
            row = files.at(self._connection, place)
            if row is not None and not row.is_read and not row.is_companion:
                self._note([row.content_id])
                files.remove(self._connection, [place])
                self._drop_if_provisional(row.content_id)

    def _content_of(self, file: IndexedFile, row: FileRow | None) -> tuple[int | None, list[int]]:
        """The content of a file by its hash, and others that turn out to be the same."""
        content_id = contents.by_hash(self._connection, file.content_hash)
        same = []
        if file.whole_hash and file.whole_hash != file.content_hash:
            same.append(contents.by_hash(self._connection, file.whole_hash))
        if row is not None and not row.is_companion:
            is_provisional = not contents.is_read(self._connection, row.content_id)
            same.append(row.content_id if is_provisional else None)
        others = [
            other_id for other_id in dict.fromkeys(same) if other_id not in (None, content_id)
        ]
        if content_id is None and others:
            content_id, *others = others
            self._note([content_id])
            former = contents.hash_of(self._connection, content_id)
            contents.rename(self._connection, content_id, file.content_hash)
            self.thumbnails.renamed[former] = file.content_hash
        return content_id, [other_id for other_id in others if other_id is not None]

    def _insert(self, name: bytes, facts: PhotoFacts, *, is_read: bool) -> int:
        content_id = contents.insert(self._connection, name, facts, is_read=is_read)
        self._was_placed[content_id] = False
        return content_id

    def _bring_back(self, content_hash: bytes, content_id: int) -> None:
        if self._some_kept:
            userdata.bring_back(self._connection, content_hash, content_id)

    def _take_facts(self, content_id: int, file: IndexedFile | ListedFile) -> str | None:
        """Takes over what a file says; returns what to keep with it, where it has copies."""
        if files.has_others(self._connection, content_id, file.place):
            saying.spread(self._connection, content_id)
            return saying.kept(file.facts)
        if contents.put_facts(self._connection, content_id, file.facts):
            self._changed.add(content_id)
        return None

    def _place(
        self,
        row: FileRow | None,
        content_id: int,
        file: IndexedFile | ListedFile,
        said: str | None,
    ) -> None:
        """Stores a file; hands on what is said of what its place held before."""
        if row is not None:
            self._note([row.content_id])
        files.put(
            self._connection,
            file.place,
            file.stamp,
            content_id,
            file.traits,
            is_read=isinstance(file, IndexedFile),
            said=said,
        )
        if row is None or row.is_companion or row.content_id == content_id:
            return
        files.take_companions_along(self._connection, file.place, row.content_id, content_id)
        # What its header alone made it look like was another photo.
        if row.is_read or not contents.is_read(self._connection, row.content_id):
            userdata.carry(self._connection, row.content_id, content_id)
        self._drop_if_provisional(row.content_id)

    def _inherit(
        self, row: FileRow | None, place: FilePlace, content_id: int, *, is_guess: bool = False
    ) -> None:
        """Says of a file that belonged to another photo what was said of that.

        A guess by its header hands nothing on; that is done once it is read.
        """
        if row is not None and row.is_companion:
            companions.note(self._connection, place, row.content_id)
        if not is_guess and (row is None or row.is_companion or not row.is_read):
            former_id = companions.take_former(self._connection, place)
            if former_id not in (None, content_id):
                userdata.inherit(self._connection, former_id, content_id)

    def _absorb(self, other_id: int, content_id: int) -> None:
        self._note([other_id])
        for shared_id in (other_id, content_id):
            saying.spread(self._connection, shared_id)
        contents.absorb(self._connection, other_id, content_id)
        self.thumbnails.renamed[contents.hash_of(self._connection, other_id)] = contents.hash_of(
            self._connection, content_id
        )
        if other_id in self.vectors:
            self.vectors.setdefault(content_id, self.vectors.pop(other_id))
        unplaced.erase(self._connection, [other_id])

    def _drop_if_provisional(self, content_id: int, *, is_kept: bool = True) -> None:
        """Drops a content of which nothing was ever read in whole, and that lies nowhere now.

        Args:
            content_id: Which.
            is_kept: What is said of it is kept for its return; else somebody has taken it over.
        """
        is_abandoned = self._connection.execute(
            "SELECT 1 FROM content WHERE id = ? AND NOT is_read AND file_count = 0", (content_id,)
        ).get
        if is_abandoned:
            if is_kept:
                userdata.keep(self._connection, [content_id])
                self._some_kept = 1
            self.thumbnails.dropped += unplaced.erase(self._connection, [content_id])

    def _note(self, content_ids: Iterable[int]) -> None:
        """Remembers whether contents lie in a file, before anything of them is changed."""
        new = {key for key in content_ids if key not in self._was_placed}
        self._was_placed |= dict.fromkeys(new, False) | self._placed(new)

    def _placed(self, content_ids: Iterable[int]) -> dict[int, bool]:
        found = self._connection.executemany(
            "SELECT id FROM content WHERE id = ? AND file_count > 0",
            [(content_id,) for content_id in content_ids],
        )
        return {content_id: True for (content_id,) in found}
