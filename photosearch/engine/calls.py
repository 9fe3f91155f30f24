"""The calls that a client can make of an engine, and the types that travel with each.

The signatures of `LibraryCalls` are the whole registry: what no signature mentions does not travel.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from photosearch.core.cancel import CancelToken
from photosearch.core.events import Listener
from photosearch.core.failure import PhotoFailure
from photosearch.core.hits import Hits
from photosearch.core.photo import Folder, GonePhoto, Photo
from photosearch.core.query import Query
from photosearch.core.status import LibraryStatus
from photosearch.core.userdata import UserChange, Vocabulary
from photosearch.engine.codec import codec_for
from photosearch.engine.scalars import Codec

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from photosearch.core.result import SearchResult

#: Of what the same client asks for by these, only the newest is of interest.
SEARCHES = frozenset({"search", "find"})


class LibraryCalls(Protocol):
    """A library as its clients see it.

    Every call may be made twice without harm, so that a client repeats those that were under way
    when an engine died.
    """

    def status(self) -> LibraryStatus:
        """How the library is doing."""
        ...

    def add_folder(self, path: Path) -> Folder:
        """Watches a folder and starts indexing it; returns the known one where it is watched.

        Raises:
            UsageError: The folder lies inside a watched one, or around one, or is none.
        """
        ...

    def remove_folder(self, path: Path) -> None:
        """Forgets a folder and the photos that were only there. The disk is not touched.

        Raises:
            UsageError: The folder is not watched.
        """
        ...

    def folders(self) -> list[Folder]:
        """All watched folders, in the order they were added."""
        ...

    def start_index(self, folders: Sequence[Path] | None = None) -> int:
        """Starts to bring folders up to date and to watch them; returns at once.

        Args:
            folders: Those; one that is not watched yet is added. All watched ones where None.

        Returns:
            A ticket: this request is done with the first `IndexFinished` whose ticket is not lower.
            Tickets are one engine's: after a `ConnectionChanged`, ask again.

        Raises:
            UsageError: One of them cannot be added, see `add_folder`.
        """
        ...

    def stop_index(self, ticket: int | None = None) -> None:
        """Ends index work after its current batch; the next run goes on from there.

        Args:
            ticket: The request to take back, as `start_index` gave it; None ends everything.
        """
        ...

    def pause_index(self) -> None:
        """Holds all index work, in later engines too, until `resume_index`.

        Raises:
            LibraryError: That cannot be noted in the library's directory.
        """
        ...

    def resume_index(self) -> None:
        """Lets index work go on after `pause_index`.

        Raises:
            LibraryError: That cannot be noted in the library's directory.
        """
        ...

    def index_anyway(self) -> None:
        """Lets the run under way go on, whatever battery and screen say."""
        ...

    def search(self, query: Query) -> SearchResult:
        """Finds photos. A newer search of the same client ends this one.

        Raises:
            QueryError: The query cannot be understood.
            ModelError: No model can be used.
            Cancelled: A newer search took its place.
        """
        ...

    def find(self, query: Query) -> Hits:
        """Finds photos like `search`, and says of each all that there is to show.

        For a few: they come one by one, not as arrays.

        Raises:
            QueryError: The query cannot be understood.
            ModelError: No model can be used.
            Cancelled: A newer search took its place.
        """
        ...

    def photo_ids(self) -> npt.NDArray[np.int64]:
        """All photos, newest first: int64 (n,)."""
        ...

    def photos(self, ids: Sequence[int]) -> list[Photo]:
        """The photos with these ids, in this order; unknown ids are left out."""
        ...

    def thumbnails(self, ids: Sequence[int]) -> dict[int, bytes]:
        """JPEG bytes by photo id; photos without a thumbnail are left out."""
        ...

    def failures(self) -> list[PhotoFailure]:
        """Every file that could not be taken in, newest failure first."""
        ...

    def retry_failures(self, paths: Sequence[Path] | None = None) -> int:
        """Starts to try files again that could not be taken in; returns at once.

        Args:
            paths: Those; what is no failure is passed over. All where None.

        Returns:
            A ticket, as `start_index` does.
        """
        ...

    def gone(self) -> list[GonePhoto]:
        """Photos without a file, kept for a while in case it comes back, the last gone first."""
        ...

    def forget_gone(self) -> int:
        """Forgets those for good, with all that the user said of them; returns how many."""
        ...

    def paths_of(self, photo_id: int) -> list[Path]:
        """Where a photo's files lie, copies included, those that can be reached first."""
        ...

    def photo_ids_of(self, paths: Sequence[Path]) -> dict[Path, int]:
        """The photos at absolute paths; what is no photo of the library is left out."""
        ...

    def change_photos(self, ids: Sequence[int], change: UserChange) -> int:
        """Changes what the user says of photos; a `PhotosEdited` tells everybody.

        Returns:
            How many of the photos are different now.

        Raises:
            UsageError: A rating out of range, or a tag or album without a name.
        """
        ...

    def vocabulary(self) -> Vocabulary:
        """The library's own words: cameras, lenses, folders, tags, albums."""
        ...

    def back_up(self, path: Path) -> None:
        """Copies the library's database, as it is at one moment, into a new file.

        Raises:
            UsageError: There is a file of this name already.
            StoreError: It cannot be written.
        """
        ...

    def use_model(self, model_id: str, at_once: bool = False) -> None:
        """Chooses a model. The present one answers until the chosen one knows every photo.

        Args:
            model_id: Of the catalogue, or the absolute path of one's directory.
            at_once: The chosen one answers from now on, with the photos that it knows.

        Raises:
            ModelError: There is none of this id.
            ModelMissingError: It is not on this machine.
        """
        ...

    def remove_space(self, model_id: str) -> int:
        """Forgets what the library learnt with a model, and gives the disk space back.

        Returns:
            How many photos that model had understood.

        Raises:
            UsageError: It is the model in use.
            ModelError: There is none of this id.
        """
        ...


class HostedLibrary(LibraryCalls, Protocol):
    """A library as its host sees it."""

    @property
    def watches_in_background(self) -> bool:
        """Whether the engine is to stay without clients, as the settings say just now.

        Raises:
            UsageError: The settings cannot be read.
        """
        ...

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Sends events to a listener, on threads of the library."""
        ...

    def search(self, query: Query, cancel: CancelToken | None = None) -> SearchResult:
        """Finds photos, unless cancelled."""
        ...

    def find(self, query: Query, cancel: CancelToken | None = None) -> Hits:
        """Finds photos to show, unless cancelled."""
        ...

    def warm_up(self) -> None:
        """Loads what a query needs, in the background."""
        ...

    def release_texts(self) -> None:
        """Lets go of what `warm_up` loads."""
        ...

    def close(self) -> None:
        """Stops everything and closes the files."""
        ...


@dataclass(frozen=True, slots=True)
class CallShape:
    """How one call travels."""

    args: tuple[Codec, ...]
    result: Codec


#: Every call, by name.
CALLS = {name: method for name, method in vars(LibraryCalls).items() if not name.startswith("_")}


@cache
def call_shape(name: str) -> CallShape | None:
    """Returns how a call travels; None where there is no such call."""
    method = CALLS.get(name)
    if method is None:
        return None
    hints = typing.get_type_hints(method, localns=_array_types() if name in _WITH_ARRAYS else None)
    result = codec_for(hints.pop("return"))
    return CallShape(tuple(codec_for(hint) for hint in hints.values()), result)


#: Calls whose annotations speak of arrays.
_WITH_ARRAYS = frozenset({"search", "photo_ids"})


def _array_types() -> dict[str, Any]:
    # Not at the top: NumPy takes longer to load than all else that a short command needs.
    import numpy as np
    import numpy.typing as npt

    from photosearch.core.result import SearchResult

    return {"np": np, "npt": npt, "SearchResult": SearchResult}
