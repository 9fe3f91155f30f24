"""Answers queries with the model that answers, and keeps ready what the next one needs.

The library asks this, on any thread. Another model makes another search engine (`renew`); what is
kept ready with nobody there to ask is let go again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from photosearch.core.cancel import CancelToken
from photosearch.core.hits import Hits
from photosearch.core.ports import Calibrations, DecodeError, Decoder
from photosearch.core.query import ImageTerm, PixelsTerm, Query
from photosearch.core.result import SearchResult
from photosearch.core.store import Store
from photosearch.errors import Cancelled, PhotoSearchError
from photosearch.search.engine import SearchEngine
from photosearch.switching import ModelSwitch

log = logging.getLogger(__name__)


class Answering:
    """The search engine over the model that answers.

    Args:
        models: Which model that is.
        store: What is searched.
        decoder: Reads example pictures.
        calibrations: Where it is kept what scores are worth.
        note_image_use: Told whenever the image tower may have been used, so that it is let go.
    """

    def __init__(
        self,
        models: ModelSwitch,
        store: Store,
        decoder: Decoder,
        calibrations: Calibrations,
        note_image_use: Callable[[], None],
    ) -> None:
        self._models = models
        self._store = store
        self._decoder = decoder
        self._calibrations = calibrations
        self._note_image_use = note_image_use
        #: Whether queries are to be quick, since somebody may ask soon.
        self._is_warm = False
        self._engine = self._new_engine()

    def search(self, query: Query, cancel: CancelToken | None = None) -> SearchResult:
        """Returns the photos that fit a query; see `SearchEngine.search`."""
        self._note_pictures(query)
        return self._engine.search(query, cancel)

    def find(self, query: Query, cancel: CancelToken | None = None) -> Hits:
        """Returns the photos that fit a query, to be shown; see `SearchEngine.find`."""
        self._note_pictures(query)
        return self._engine.find(query, cancel)

    def renew(self) -> None:
        """Answers with the model that answers now."""
        before, self._engine = self._engine, self._new_engine()
        before.close()
        if self._is_warm:
            self.warm_up()

    def warm_up(self) -> None:
        """Loads what a text query needs, in the background."""
        self._is_warm = True
        self._start(self._warm)

    def learn(self) -> None:
        """Learns what scores are worth, in the background: seconds, once in a model's life."""
        self._start(self._learn)

    def release_texts(self) -> None:
        """Lets go of what a text query needs; the next one loads it again."""
        self._is_warm = False
        self._models.release_texts()

    def close(self) -> None:
        """Gives up what is under way. Calling it twice is harmless."""
        self._engine.close()

    def _warm(self) -> None:
        self._models.answering.encoder.encode_texts(["a photo"])
        self._engine.warm_up()

    def _learn(self) -> None:
        self._engine.learn()
        if not self._is_warm:
            self._models.release_texts()

    def _start(self, work: Callable[[], None]) -> None:
        threading.Thread(target=self._ready, args=(work,), name="ready", daemon=True).start()

    def _ready(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Cancelled as error:
            log.debug("a search is not made ready ahead: %s", error.message)
        except (PhotoSearchError, DecodeError) as error:
            # The first search meets the same error and tells the user.
            log.warning("a search cannot be made ready ahead: %s", error)
        self._note_image_use()  # what scores are worth is learnt from pictures, too

    def _note_pictures(self, query: Query) -> None:
        has_picture = any(isinstance(term, ImageTerm | PixelsTerm) for term in query.terms)
        if has_picture or "like:" in query.text:
            self._note_image_use()

    def _new_engine(self) -> SearchEngine:
        model = self._models.answering
        return SearchEngine(
            model.encoder, self._store, self._decoder, self._calibrations, model.spec.note
        )
