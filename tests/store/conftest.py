"""What the store's tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .inside import Library
from .samples import SPACE


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "library")
    library.store.ensure_space(SPACE)
    yield library
    library.store.close()
