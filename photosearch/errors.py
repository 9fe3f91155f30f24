"""Every error that Photosearch raises on purpose.

An error carries a sentence that says what is wrong and names the file or value, and a hint that
says what the user can do. The window shows both, the command line prints both and exits with
`exit_code`. Whatever does not derive from `PhotoSearchError` is a bug.
"""

from __future__ import annotations


class PhotoSearchError(Exception):
    """Root of all errors raised on purpose.

    Args:
        message: What is wrong, naming the file or value.
        hint: What the user can do about it; may be empty.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(PhotoSearchError):
    """The request itself is wrong: an unknown option, folder or value."""

    exit_code = 2


class QueryError(UsageError):
    """A search that cannot be understood: empty, too long, an example picture that is none."""


class LibraryError(PhotoSearchError):
    """The library or its disk is in the way."""

    exit_code = 3


class StoreError(LibraryError):
    """The database refused: disk full, locked, not ours."""


class CorruptStoreError(StoreError):
    """The database file is damaged. It has been kept aside, never overwritten."""


class NewerStoreError(StoreError):
    """The database was written by a newer Photosearch."""


class EngineError(LibraryError):
    """The engine process could not be started or reached, or it went away."""


class ModelError(PhotoSearchError):
    """A model is missing, damaged or cannot be used."""

    exit_code = 4


class ModelMissingError(ModelError):
    """A model cannot be loaded at all: nothing that was given to it is at fault."""


class ModelMemoryError(ModelError):
    """There is not enough memory for what a model was given; later there may be."""


class Cancelled(PhotoSearchError):  # noqa: N818 - a state, not a fault
    """The work was stopped because somebody asked for it."""
