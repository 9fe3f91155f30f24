"""A library as the window and the command line see it: every call goes to its engine.

Light on purpose: whoever imports this loads no model, no database and no image library, and NumPy
only with the first call that brings arrays.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from photosearch.core.failure import PhotoFailure
from photosearch.core.hits import Hits
from photosearch.core.photo import Folder, GonePhoto, Photo
from photosearch.core.query import ImageTerm, Query
from photosearch.core.status import LibraryStatus
from photosearch.core.userdata import UserChange, Vocabulary
from photosearch.engine.channel import Channel
from photosearch.engine.launch import Launcher
from photosearch.engine.link import DEFAULT_WAIT_S, Link
from photosearch.engine.news import (
    ClientEvent,
    ClientListener,
    ConnectionChanged,
    ConnectionLost,
    News,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from photosearch.core.result import SearchResult

__all__ = ["ClientEvent", "ConnectionChanged", "ConnectionLost", "EngineClient", "connect"]


def connect(
    library: Path,
    *,
    wait_s: float = DEFAULT_WAIT_S,
    warm: bool = False,
    command: Sequence[str] | None = None,
) -> EngineClient:
    """Connects to a library's engine; starts it where it does not run.

    Args:
        library: The library's directory; made where it is missing.
        wait_s: How long the engine may take to answer. A library that takes longer to open goes on
            opening, and the calls wait for it.
        warm: There will be a search soon: load what it needs, in the background.
        command: What starts an engine, None for the usual; tests put in their own.

    Raises:
        EngineError: The engine cannot be started or does not answer.
        PhotoSearchError: The library cannot be opened, e.g. `CorruptStoreError`.
    """
    launcher = Launcher(library, warm=warm, command=command)
    try:
        channel = launcher.reach(wait_s, threading.Event())
    except BaseException:
        launcher.release()
        raise
    return EngineClient(launcher, channel)


class EngineClient:
    """A connection to a library's engine. Made by `connect`. Every method is safe on any thread.

    An engine that dies is started again; calls under way are then made again. Every call raises
    what the library raises, and `EngineError` where the engine cannot be had any more.

    Args:
        launcher: Reaches the engine again when it is lost.
        channel: Connected and greeted.
    """

    def __init__(self, launcher: Launcher, channel: Channel) -> None:
        self._news = News()
        self._link = Link(launcher, channel, self._news.tell)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def subscribe(self, listener: ClientListener) -> Callable[[], None]:
        """Sends the library's events and `ConnectionChanged` to a listener; returns how to stop.

        `ConnectionLost` comes last, once, where the engine cannot be had any more; to those who
        subscribe afterwards, too. It does not come where the client was closed.
        Listeners are called one after another on a thread of the client's, and may make calls.
        """
        return self._news.subscribe(listener)

    def status(self) -> LibraryStatus:
        """Returns how the library is doing."""
        return self._link.call("status")  # type: ignore[no-any-return]

    def add_folder(self, path: Path) -> Folder:
        """Watches a folder and starts indexing it; returns the known one where it is watched.

        Raises:
            UsageError: It is no readable directory, or lies in or around a watched one.
        """
        return self._link.call("add_folder", path.absolute())  # type: ignore[no-any-return]

    def remove_folder(self, path: Path) -> None:
        """Forgets a folder and the photos that were only there; the disk is not touched.

        Raises:
            UsageError: The folder is not watched.
        """
        self._link.call("remove_folder", path.absolute())

    def folders(self) -> list[Folder]:
        """Returns the watched folders."""
        return self._link.call("folders")  # type: ignore[no-any-return]

    def start_index(self, folders: Sequence[Path] | None = None) -> int:
        """Starts to bring folders up to date and to watch them; returns at once.

        Args:
            folders: Those; one that is not watched yet is added. All watched ones where None.

        Returns:
            A ticket: this request is done with the first `IndexFinished` whose ticket is not lower.
            Tickets are one engine's: after `ConnectionChanged(True)`, ask again.

        Raises:
            UsageError: One of them cannot be added, see `add_folder`.
        """
        absolute = None if folders is None else [path.absolute() for path in folders]
        return self._link.call("start_index", absolute)  # type: ignore[no-any-return]

    def stop_index(self, ticket: int | None = None) -> None:
        """Stops the index run after its current batch; the next run goes on from there."""
        self._link.call("stop_index", ticket)

    def pause_index(self) -> None:
        """Holds all index work, in later engines too, until `resume_index`.

        Raises:
            LibraryError: That cannot be noted in the library's directory.
        """
        self._link.call("pause_index")

    def resume_index(self) -> None:
        """Lets index work go on after `pause_index`.

        Raises:
            LibraryError: That cannot be noted in the library's directory.
        """
        self._link.call("resume_index")

    def index_anyway(self) -> None:
        """Lets the run under way go on, whatever battery and screen say."""
        self._link.call("index_anyway")

    def search(self, query: Query) -> SearchResult:
        """Returns the photos nearest to a query, best first. A newer search ends this one.

        Raises:
            QueryError: The query cannot be understood.
            ModelError: The model failed.
            Cancelled: This client has started a newer search.
        """
        return self._link.call("search", _with_absolute_paths(query))  # type: ignore[no-any-return]

    def find(self, query: Query) -> Hits:
        """Returns the photos nearest to a query, best first, with all that there is to show.

        For a few; for thousands, `search` has arrays. A newer search ends this one.

        Raises:
            QueryError: The query cannot be understood.
            ModelError: The model failed.
            Cancelled: This client has started a newer search.
        """
        return self._link.call("find", _with_absolute_paths(query))  # type: ignore[no-any-return]

    def photo_ids(self) -> npt.NDArray[np.int64]:
        """Returns all photos, newest first: int64 (n,)."""
        return self._link.call("photo_ids")  # type: ignore[no-any-return]

    def photos(self, ids: Sequence[int]) -> list[Photo]:
        """Returns the photos with these ids, in this order; unknown ids are left out."""
        return self._link.call("photos", list(ids))  # type: ignore[no-any-return]

    def thumbnails(self, ids: Sequence[int]) -> dict[int, bytes]:
        """Returns JPEG bytes by photo id; photos without a thumbnail are left out."""
        return self._link.call("thumbnails", list(ids))  # type: ignore[no-any-return]

    def failures(self) -> list[PhotoFailure]:
        """Returns every file that could not be taken in, newest failure first."""
        return self._link.call("failures")  # type: ignore[no-any-return]

    def retry_failures(self, paths: Sequence[Path] | None = None) -> int:
        """Starts to try files again that could not be taken in; returns at once.

        Args:
            paths: Those; what is no failure is passed over. All where None.

        Returns:
            A ticket, as `start_index` does.
        """
        absolute = None if paths is None else [path.absolute() for path in paths]
        return self._link.call("retry_failures", absolute)  # type: ignore[no-any-return]

    def gone(self) -> list[GonePhoto]:
        """Returns the photos without a file that are kept for a while, the last gone first."""
        return self._link.call("gone")  # type: ignore[no-any-return]

    def forget_gone(self) -> int:
        """Forgets those for good, with all that the user said of them; returns how many."""
        return self._link.call("forget_gone")  # type: ignore[no-any-return]

    def paths_of(self, photo_id: int) -> list[Path]:
        """Returns where a photo's files lie, those that can be reached first."""
        return self._link.call("paths_of", photo_id)  # type: ignore[no-any-return]

    def photo_ids_of(self, paths: Sequence[Path]) -> dict[Path, int]:
        """Returns the photos at paths; what is no photo of the library is left out."""
        absolute = [path.absolute() for path in paths]
        found: dict[Path, int] = self._link.call("photo_ids_of", absolute)
        return {path: found[path.absolute()] for path in paths if path.absolute() in found}

    def change_photos(self, ids: Sequence[int], change: UserChange) -> int:
        """Changes what the user says of photos; a `PhotosEdited` tells everybody.

        Returns:
            How many of the photos are different now.

        Raises:
            UsageError: A rating out of range, or a tag or album without a name.
        """
        return self._link.call("change_photos", list(ids), change)  # type: ignore[no-any-return]

    def vocabulary(self) -> Vocabulary:
        """Returns the library's own words: cameras, lenses, folders, tags, albums."""
        return self._link.call("vocabulary")  # type: ignore[no-any-return]

    def back_up(self, path: Path) -> None:
        """Copies the library's database, as it is at one moment, into a new file.

        Raises:
            UsageError: There is a file of this name already.
            StoreError: It cannot be written.
        """
        self._link.call("back_up", path.absolute())

    def use_model(self, model_id: str, at_once: bool = False) -> None:
        """Chooses a model. The present one answers until the chosen one knows every photo.

        Args:
            model_id: Of the catalogue, or the absolute path of one's directory.
            at_once: The chosen one answers from now on, with the photos that it knows.

        Raises:
            ModelError: There is none of this id, or it is not on this machine.
        """
        self._link.call("use_model", model_id, at_once)

    def remove_space(self, model_id: str) -> int:
        """Forgets what the library learnt with a model; returns how many photos that were.

        Raises:
            UsageError: It is the model in use.
            ModelError: There is none of this id.
        """
        return self._link.call("remove_space", model_id)  # type: ignore[no-any-return]

    def close(self) -> None:
        """Hangs up; the engine ends by itself after a while. Calling it twice is harmless."""
        self._link.close()
        self._news.close()


def _with_absolute_paths(query: Query) -> Query:
    # The engine has another working directory.
    terms = tuple(
        replace(term, path=term.path.absolute()) if isinstance(term, ImageTerm) else term
        for term in query.terms
    )
    return replace(query, terms=terms, relative_to=Path.cwd() if "like:" in query.text else None)
