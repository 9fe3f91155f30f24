"""What every command needs: which library is meant, and a connection to its engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer

from photosearch.engine.client import EngineClient, connect


@dataclass(frozen=True, slots=True)
class Session:
    """The global options.

    Attributes:
        library: Directory of the library.
    """

    library: Path

    @contextmanager
    def client(self, *, warm: bool = False) -> Iterator[EngineClient]:
        """Connects to the library's engine, starting it where nobody has.

        Args:
            warm: Have it load the model ahead, since a search follows.

        Raises:
            PhotoSearchError: The engine cannot open the library or cannot be reached.
        """
        client = connect(self.library, warm=warm)
        try:
            yield client
        finally:
            client.close()


def of(context: typer.Context) -> Session:
    """Returns the session that the global options made."""
    session = context.obj
    assert isinstance(session, Session)
    return session
