"""The one public way to a library: puts store, model, decoder, indexing and searching together.

The engine process owns one; the window and the command line reach it through `engine.client`.
Only tests open one in their own process. Every method may be called from any thread.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from photosearch import paths
from photosearch.answering import Answering
from photosearch.core.cancel import CancelToken
from photosearch.core.events import (
    DeviceLost,
    FoldersChanged,
    IndexFinished,
    LibraryEvent,
    Listener,
    ModelChanged,
    PhotosEdited,
    WorkerError,
)
from photosearch.core.failure import PhotoFailure
from photosearch.core.hits import Hits
from photosearch.core.photo import Folder, GonePhoto, Photo
from photosearch.core.ports import Decoder
from photosearch.core.query import Query
from photosearch.core.result import SearchResult
from photosearch.core.status import LibraryStatus
from photosearch.core.store import Store
from photosearch.core.userdata import UserChange, Vocabulary
from photosearch.embed import catalogue, inventory
from photosearch.embed.calibrations import KeptCalibrations
from photosearch.embed.encoder import ModelEncoder
from photosearch.errors import Cancelled, LibraryError, ModelError, PhotoSearchError, UsageError
from photosearch.images.decoders import DecoderPool
from photosearch.index.places import check_readable, folder_at
from photosearch.settings import LIBRARY_FILE, LibrarySettings
from photosearch.store.open import open_store
from photosearch.switching import MakeEncoder, ModelSwitch
from photosearch.tending import Tending

log = logging.getLogger(__name__)


class Library:
    """A library that is open.

    Use `open`; the constructor takes the parts, for tests.

    Args:
        directory: Where the library's files lie.
        store: Its store.
        decoder: Reads files.
        make_encoder: Makes an encoder of a model.

    Raises:
        ModelError: The catalogue of models cannot be read.
        UsageError: Its settings cannot be read.
    """

    def __init__(
        self, directory: Path, store: Store, decoder: Decoder, make_encoder: MakeEncoder
    ) -> None:
        self._directory = directory
        self._store = store
        self._decoder = decoder
        self._listeners: list[Listener] = []
        self._models = ModelSwitch(
            directory / LIBRARY_FILE, store, make_encoder, self._on_device_lost
        )
        self._answering = Answering(
            self._models,
            store,
            decoder,
            KeptCalibrations(paths.models_dir()),
            lambda: self._tending.note_image_use(),
        )
        self._is_closed = False
        #: Why the chosen model cannot answer, as was told.
        self._told = ""
        self._tending = Tending(
            directory,
            store,
            self._models.chosen.encoder,
            decoder,
            self._on_index_event,
            self._models.release_images,
        )

    @classmethod
    def open(cls, directory: Path, *, is_read_only: bool = False) -> Self:
        """Opens a library with the model that it uses; makes it where there is none.

        Args:
            directory: Where. What may not be written to is opened for reading only.
            is_read_only: Only read in any case: another process has it open.

        Raises:
            StoreError: The database is damaged, newer than this program, or cannot be opened.
            ModelError: The catalogue of models cannot be read.
            UsageError: Its settings cannot be read.
        """
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryError(
                f"The library {directory} cannot be made: {error.strerror}.",
                "Choose another directory with --library.",
            ) from error
        threads = max(0, LibrarySettings.load(directory / LIBRARY_FILE).threads)
        store = open_store(directory, is_read_only=is_read_only)
        try:
            return cls(
                directory,
                store,
                DecoderPool(),
                lambda spec, on_lost: ModelEncoder(spec, paths.models_dir(), on_lost, threads),
            )
        except PhotoSearchError:
            store.close()
            raise

    @property
    def watches_in_background(self) -> bool:
        """Whether the engine is to stay without clients; read anew, or raises `UsageError`."""
        return LibrarySettings.load(self._directory / LIBRARY_FILE).watch_in_background

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Sends events to a listener, on threads of the library; returns how to stop that."""
        self._listeners = [*self._listeners, listener]

        def unsubscribe() -> None:
            self._listeners = [known for known in self._listeners if known is not listener]

        return unsubscribe

    def status(self) -> LibraryStatus:
        """Returns how the library is doing."""
        chosen, answering = self._models.chosen, self._models.answering
        return LibraryStatus(
            path=self._directory,
            counts=self._store.counts(answering.space),
            folders=tuple(self._store.folders()),
            space=answering.space,
            model_id=answering.spec.id,
            model_name=answering.spec.name,
            model_note=answering.spec.note,
            device=chosen.encoder.device_label or answering.encoder.device_label,
            indexing=self._tending.progress,
            filling=self._models.filling(),
            model_trouble=self._models.trouble,
            is_read_only=self._store.is_read_only,
            watching=self._tending.watching(),
            gone_count=self._store.gone_count(),
            is_paused=self._tending.is_paused,
        )

    def add_folder(self, path: Path) -> Folder:
        """Adds a folder, starts to index it and to watch it.

        Raises:
            UsageError: It is no readable directory, or lies in or around a watched one.
        """
        self._store.require_writable()
        folder = self._watched(path)
        self._tending.scan([folder.id])
        return folder

    def remove_folder(self, path: Path) -> None:
        """Forgets a folder; the disk is not touched.

        What is known of the photos that were only there is kept for a while, see `gone`.

        Raises:
            UsageError: The folder is not watched.
        """
        self._store.require_writable()
        folder = folder_at(path, self._store.folders())
        self._tending.forget(folder)
        self._store.remove_folder(folder.id)
        self._emit(FoldersChanged())
        self.start_index()  # the run that had to stop may have been about other folders

    def folders(self) -> list[Folder]:
        """Returns the watched folders."""
        return self._store.folders()

    def start_index(self, folders: Sequence[Path] | None = None) -> int:
        """Starts to bring folders up to date and to watch them; returns at once.

        Args:
            folders: Those; one that is not watched yet is added. All watched ones where None.

        Returns:
            A ticket: this request is done with the first `IndexFinished` whose ticket is not lower.

        Raises:
            UsageError: One of them cannot be added, see `add_folder`.
        """
        self._store.require_writable()
        wanted = self.folders() if folders is None else [self._watched(path) for path in folders]
        self._tending.watch(wanted)
        return self._tending.scan([folder.id for folder in wanted])

    def stop_index(self, ticket: int | None = None) -> None:
        """Stops indexing after the current batch; the next run goes on from there.

        Args:
            ticket: The request to take back, as `start_index` gave it; work that others asked for
                goes on. None stops everything.
        """
        self._tending.stop(ticket)

    def pause_index(self) -> None:
        """Has no photos read, in later engines too, until `resume_index`.

        Raises:
            LibraryError: That cannot be noted in the library's directory.
        """
        self._tending.pause()
        self._emit(FoldersChanged())  # so that every window asks how things are

    def resume_index(self) -> None:
        """Lets index work go on after `pause_index`.

        Raises:
            LibraryError: That cannot be noted in the library's directory.
        """
        self._tending.resume()
        self._emit(FoldersChanged())

    def index_anyway(self) -> None:
        """Lets the run under way go on, whatever battery and screen say."""
        self._tending.override()

    def retry_failures(self, paths: Sequence[Path] | None = None) -> int:
        """Starts to try files again that could not be taken in; returns at once.

        Args:
            paths: Those; what is no failure is passed over. All where None.

        Returns:
            A ticket, as `start_index` does.
        """
        self._store.require_writable()
        wanted = None if paths is None else set(paths)
        places = [
            failure.place
            for failure in self._store.failures()
            if wanted is None or failure.path in wanted
        ]
        self._store.forget_failures(places)
        return self._tending.scan({place.folder_id for place in places})

    def search(self, query: Query, cancel: CancelToken | None = None) -> SearchResult:
        """Returns the photos nearest to a query, best first.

        Raises:
            QueryError: The query cannot be understood.
            ModelError: The model failed.
            Cancelled: The answer is no longer wanted.
        """
        with self._tending.searching():
            return self._answering.search(query, cancel)

    def find(self, query: Query, cancel: CancelToken | None = None) -> Hits:
        """Returns the photos nearest to a query, best first, with all that there is to show.

        Raises:
            QueryError: The query cannot be understood.
            ModelError: The model failed.
            Cancelled: The answer is no longer wanted.
        """
        with self._tending.searching():
            return self._answering.find(query, cancel)

    def photo_ids(self) -> npt.NDArray[np.int64]:
        """Returns all photos, newest first."""
        return self._store.photo_ids()

    def photos(self, ids: Sequence[int]) -> list[Photo]:
        """Returns the photos with these ids, in this order; unknown ids are left out."""
        return self._store.photos(ids)

    def thumbnails(self, ids: Sequence[int]) -> dict[int, bytes]:
        """Returns JPEG bytes by photo id; `ThumbnailsChanged` tells of those that are made now."""
        found = self._store.thumbnails(ids)
        self._tending.make_tiles([photo_id for photo_id in ids if photo_id not in found])
        return found

    def failures(self) -> list[PhotoFailure]:
        """Returns every file that could not be taken in."""
        return self._store.failures()

    def gone(self) -> list[GonePhoto]:
        """Photos without a file, kept for a while in case it comes back, the last gone first."""
        return self._store.gone()

    def forget_gone(self) -> int:
        """Forgets those for good, with all that the user said of them; returns how many."""
        return self._store.purge_unplaced(for_good=True)

    def paths_of(self, photo_id: int) -> list[Path]:
        """Where a photo's files lie, copies included, those that can be reached first."""
        return self._store.paths_of(photo_id)

    def photo_ids_of(self, paths: Sequence[Path]) -> dict[Path, int]:
        """Returns the photos at absolute paths; what is no photo of the library is left out."""
        return self._store.photos_at(paths)

    def change_photos(self, ids: Sequence[int], change: UserChange) -> int:
        """Changes what the user says of photos; a `PhotosEdited` tells everybody.

        Returns:
            How many of the photos are different now.

        Raises:
            UsageError: A rating out of range, or a tag or album without a name.
        """
        changed_count = self._store.change_user_data(ids, change)
        self._emit(PhotosEdited(tuple(ids)))
        return changed_count

    def vocabulary(self) -> Vocabulary:
        """Returns the library's own words: cameras, lenses, folders, tags, albums."""
        return self._store.vocabulary()

    def back_up(self, path: Path) -> None:
        """Copies the library's database, as it is at one moment, into a new file.

        Raises:
            UsageError: There is a file of this name already.
            StoreError: It cannot be written.
        """
        self._store.back_up(path)

    def use_model(self, model_id: str, at_once: bool = False) -> None:
        """Chooses a model. The present one answers until the chosen one knows every photo.

        Args:
            model_id: Of the catalogue, or the directory of one.
            at_once: The chosen one answers from now on, with the photos that it knows.

        Raises:
            ModelError: There is none of this id.
            ModelMissingError: It is not on this machine.
            UsageError: The library's settings cannot be written.
        """
        self._store.require_writable()
        spec = catalogue.find(model_id)
        inventory.require_usable(spec, paths.models_dir())
        self._models.choose(spec, at_once=at_once)
        self._told = ""
        self._tending.use(self._models.chosen.encoder)
        if not self._settle():
            self._answer_anew()
        self.start_index()

    def remove_space(self, model_id: str) -> int:
        """Forgets what the library learnt with a model, and gives the disk space back.

        Returns:
            How many photos that model had understood.

        Raises:
            UsageError: It is the model in use.
            ModelError: There is none of this id.
        """
        spec = catalogue.find(model_id)
        if spec.space.key in {self._models.chosen.space.key, self._models.answering.space.key}:
            raise UsageError(
                f"The library uses {spec.name}; without what it learnt, nothing could be found.",
                "Choose another model first: photosearch models use ID",
            )
        return self._store.drop_space(spec.space)

    def warm_up(self) -> None:
        """Loads what a text query needs, in the background, so that the first one is quick."""
        self._answering.warm_up()

    def release_texts(self) -> None:
        """Lets go of what a text query needs; the next one loads it again."""
        self._answering.release_texts()

    def close(self) -> None:
        """Stops everything and closes the files. Calling it twice is harmless."""
        if self._is_closed:
            return
        self._is_closed = True
        self._models.close()  # first: a conversion would hold up all that waits for a vector
        self._answering.close()
        self._tending.close()
        self._decoder.close()
        self._store.close()

    def _watched(self, path: Path) -> Folder:
        """Returns a watched folder, adding it where it is new."""
        path = Path(os.path.abspath(path))  # noqa: PTH100 - keeps links as the user wrote them
        for folder in self._store.folders():
            if folder.path == path:
                return folder  # even where it is away just now
        check_readable(path)
        folder = self._store.add_folder(path)
        self._emit(FoldersChanged())
        self._tending.watch([folder])
        return folder

    def _on_index_event(self, event: LibraryEvent) -> None:
        match event:
            case WorkerError(is_about_model=True):
                self._models.note_failure(event.message)
            case FoldersChanged() | IndexFinished():
                if isinstance(event, IndexFinished) and event.encoded:
                    self._models.note_success()
                self._settle()
        if isinstance(event, IndexFinished) and event.encoded and not self._is_closed:
            self._answering.learn()  # soon somebody searches
        self._emit(event)

    def _on_device_lost(self, why: str) -> None:
        self._emit(DeviceLost(why))

    def _settle(self) -> bool:
        """Lets the chosen model answer where it now knows every photo; whether that is new."""
        if self._is_closed:
            return False
        try:
            if self._models.settle():
                self._tending.note_image_use()  # it was tried on a picture
                self._answer_anew()
                return True
        except ModelError as error:
            log.warning("the model stays as it is: %s", error.message)
            if error.message != self._told:
                self._told = error.message
                self._emit(WorkerError(error.message, error.hint))
        except Cancelled as error:
            log.debug("the model stays as it is: %s", error.message)
        except PhotoSearchError as error:
            log.warning("the model stays as it is: %s", error.message)
        return False

    def _answer_anew(self) -> None:
        self._answering.renew()
        self._emit(ModelChanged(self._models.answering.spec.name))

    def _emit(self, event: LibraryEvent) -> None:
        for listener in self._listeners:
            listener(event)
