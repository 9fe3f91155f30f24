"""A model as `photosearch models list --json` tells it. Plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Self

from photosearch.core.status import LibraryStatus
from photosearch.embed.languages import Grade


class Standing(Enum):
    """What a model is to the library and to this machine."""

    IN_USE = auto()  #: it answers
    PREPARING = auto()  #: it was chosen, and answers once it knows every photo
    HERE = auto()
    PARTLY_HERE = auto()  #: some files, or a download that was cut
    NOT_HERE = auto()


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model of the list.

    Attributes:
        model_id: As in the catalogue, or its folder.
        name: Its own name.
        note: What is to be known of it, may be "".
        languages: Codes of those that it knows.
        understands: How well it knows the user's, by code.
        is_usable: All of it is here.
        is_partly_here: Some of it is.
        comes_along: It is part of the program, or in a folder of the user's: never fetched.
        download_bytes: What a download of all of it takes, 0 where nobody knows.
        is_download_known: That is all of it.
        missing_bytes: What a download of what is not here takes.
        is_missing_known: That is all of it.
        disk_bytes: What it takes now.
        shared_bytes: Of that, what another model uses too.
        shared_with: Ids of those models.
        is_int8: It is the form in eight bits of another model.
        damaged_file: Of its files, one that is not what it must be; "" where none was found.
        is_space_in_use: What the library is searched by now was learnt with it, or with a model
            that sees pictures alike.
    """

    model_id: str
    name: str
    note: str
    languages: tuple[str, ...]
    understands: Mapping[str, Grade]
    is_usable: bool
    is_partly_here: bool
    comes_along: bool
    download_bytes: int
    is_download_known: bool
    missing_bytes: int
    is_missing_known: bool
    disk_bytes: int
    shared_bytes: int
    shared_with: tuple[str, ...]
    is_int8: bool
    damaged_file: str
    is_space_in_use: bool

    @classmethod
    def of_json(cls, read: Mapping[str, Any]) -> Self:
        """Reads an entry of the list.

        Raises:
            KeyError: Something is missing.
        """
        return cls(
            model_id=read["model"],
            name=read["name"],
            note=read["note"],
            languages=tuple(read["languages"]),
            understands={code: Grade[word.upper()] for code, word in read["understands"].items()},
            is_usable=read["is_usable"],
            is_partly_here=read["state"] == "partial",
            comes_along=read["comes_along"],
            download_bytes=read["download_bytes"],
            is_download_known=read["is_download_known"],
            missing_bytes=read["missing_bytes"],
            is_missing_known=read["is_missing_known"],
            disk_bytes=read["originals_bytes"] + read["converted_bytes"],
            shared_bytes=read["shared_bytes"],
            shared_with=tuple(read["shared_with"]),
            is_int8=read["is_int8"],
            damaged_file=read["damaged_file"],
            is_space_in_use=read["is_space_in_use"],
        )

    @property
    def is_damaged(self) -> bool:
        """It is here and cannot be used before it is mended."""
        return bool(self.damaged_file)

    @property
    def prepared_bytes(self) -> int:
        """What it will take: its converted form takes about as much as the download once more."""
        return 2 * self.missing_bytes

    @property
    def unshared_bytes(self) -> int:
        """What only it takes."""
        return self.disk_bytes - self.shared_bytes

    def standing(self, status: LibraryStatus | None) -> Standing:
        """Returns what it is to a library; None where nothing is known of one."""
        if status is not None and status.model_id == self.model_id:
            return Standing.IN_USE
        if status is not None and status.filling and status.filling.model_id == self.model_id:
            return Standing.PREPARING
        if self.is_usable:
            return Standing.HERE
        return Standing.PARTLY_HERE if self.is_partly_here else Standing.NOT_HERE
