"""A library that lives: a real engine, real folders, the real watcher; only the model is colours.

Tests do something to the disk and wait until the library says the same as the disk does.
"""

from __future__ import annotations

import os
import queue
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from photosearch.core.events import IndexFinished
from photosearch.core.photo import Photo
from photosearch.core.query import Query, Scope, TextTerm
from photosearch.engine.client import ClientEvent, EngineClient

#: How long anything may take on a busy machine; on a quiet one it comes within seconds.
DEADLINE_S = 60.0
_LOOK_EVERY_S = 0.05


class Living:
    """An open library and what was done for it so far.

    Attributes:
        client: To its engine.
    """

    def __init__(self, client: EngineClient) -> None:
        self.client = client
        self._encoded = 0
        self._events: queue.SimpleQueue[ClientEvent] = queue.SimpleQueue()
        client.subscribe(self._events.put)

    @property
    def encoded(self) -> int:
        """How many pictures went through the model so far.

        What a run counted is told a moment after what it stored; so all folders are looked through
        once more, which is told later still and costs nothing.
        """
        self.index()
        return self._encoded

    def index(self) -> int:
        """Looks through all folders; returns how many pictures were encoded for that."""
        before = self._encoded
        ticket = self.client.start_index()
        while not self._note(self._events.get(timeout=DEADLINE_S), ticket):
            pass
        return self._encoded - before

    def add(self, *folders: Path) -> int:
        """Adds folders and waits until all is taken in."""
        for folder in folders:
            self.client.add_folder(folder)
        return self.index()

    def until(self, is_so: Callable[[], object]) -> None:
        """Waits until the watcher has brought something about; nothing is asked for."""
        give_up_at = time.monotonic() + DEADLINE_S
        while not is_so():
            assert time.monotonic() < give_up_at, "it did not happen in time"
            time.sleep(_LOOK_EVERY_S)
        self._drain()

    def until_places_are(self, *paths: Path) -> None:
        """Waits until these files, and no others, are what the library's photos lie in."""
        wanted = set(paths)

        def is_so() -> bool:
            counts = self.client.status().counts
            found = self.client.photo_ids_of(list(wanted))
            return counts.file_count == len(wanted) and set(found) == wanted

        self.until(is_so)

    def id_of(self, path: Path) -> int:
        """The photo that lies at a path."""
        return self.client.photo_ids_of([path])[path]

    def photo(self, path: Path) -> Photo:
        """The same with all that is known of it."""
        return self.client.photos([self.id_of(path)])[0]

    def found(self, text: str) -> list[str]:
        """The names of all photos that a query finds, the best first."""
        result = self.client.search(Query(text=text, limit=100_000))
        return [photo.path.name for photo in self.client.photos(result.ids.tolist())]

    def nearest(self, colour: str) -> str:
        """The name of the photo that comes first for a colour, whatever it is called."""
        asked = Query((TextTerm(colour),), limit=1, scope=Scope.MEANING)
        result = self.client.search(asked)
        return self.client.photos(result.ids.tolist())[0].path.name

    def is_all_understood(self) -> bool:
        """Whether every photo can be found by meaning."""
        counts = self.client.status().counts
        return counts.vector_count == counts.photo_count

    def _drain(self) -> None:
        while not self._events.empty():
            self._note(self._events.get(), None)

    def _note(self, event: ClientEvent, ticket: int | None) -> bool:
        if not isinstance(event, IndexFinished):
            return False
        self._encoded += event.encoded
        return ticket is not None and event.ticket >= ticket


def touch_later(path: Path) -> None:
    """Gives a file another time, as a backup that was restored has it."""
    info = path.stat()
    os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns + 5_000_000_000))


def copy_elsewhere(source: Path, target: Path) -> None:
    """Copies a file as most programs do: with its time."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)
