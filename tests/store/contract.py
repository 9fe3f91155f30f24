"""What every `core.ports.Store` must do.

A test module of an implementation subclasses `StoreContract` and provides two fixtures: `store`,
an empty one, and `open_again`, which closes it and opens it anew.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from photosearch.core.store import Store

from .contract_away import AwayContract
from .contract_broken import BrokenContract
from .contract_companions import CompanionsContract
from .contract_failures import FailuresContract
from .contract_folders import FoldersContract
from .contract_listed import ListedContract
from .contract_moves import MovesContract
from .contract_names import NamesContract
from .contract_oddities import OdditiesContract
from .contract_photos import PhotosContract
from .contract_saying import SayingContract
from .contract_search import SearchContract
from .contract_spaces import SpacesContract
from .contract_threads import ThreadsContract
from .contract_thumbnails import ThumbnailsContract
from .contract_userdata import UserDataContract
from .samples import OTHER_SPACE, SPACE


class StoreContract(
    FoldersContract,
    PhotosContract,
    OdditiesContract,
    FailuresContract,
    AwayContract,
    BrokenContract,
    SearchContract,
    SpacesContract,
    ThreadsContract,
    UserDataContract,
    NamesContract,
    MovesContract,
    ListedContract,
    CompanionsContract,
    SayingContract,
    ThumbnailsContract,
):
    """All parts of the contract."""

    @pytest.fixture
    def folder_id(self, store: Store, tmp_path: Path) -> int:
        """A folder of the store; both spaces are there too."""
        store.ensure_space(SPACE)
        store.ensure_space(OTHER_SPACE)
        return store.add_folder(tmp_path / "photos").id
