"""Why a photo could not be taken in: a code with arguments, a sentence only at the edge."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from photosearch.core.photo import FilePlace, FileStamp


class Stage(StrEnum):
    """Where on its way into the library a photo failed."""

    READ = "read"
    DECODE = "decode"
    ENCODE = "encode"
    WRITE = "write"


class FailureCode(StrEnum):
    """Every reason we know. The values are stored: never change one."""

    EMPTY = "empty"
    NO_PERMISSION = "no_permission"
    VANISHED = "vanished"
    DANGLING_LINK = "dangling_link"
    LINK_LOOP = "link_loop"
    NOT_A_FILE = "not_a_file"
    READ_ERROR = "read_error"
    ONLINE_ONLY = "online_only"
    FOLDER_UNREADABLE = "folder_unreadable"
    OTHER_DISK = "other_disk"
    NOT_AN_IMAGE = "not_an_image"
    TRUNCATED = "truncated"
    DAMAGED = "damaged"
    TOO_LARGE = "too_large"
    UNSUPPORTED = "unsupported"
    TIMED_OUT = "timed_out"
    DECODER_DIED = "decoder_died"
    OUT_OF_MEMORY = "out_of_memory"
    ENCODE_FAILED = "encode_failed"
    ENGINE_DIED = "engine_died"
    WRITE_FAILED = "write_failed"


_SENTENCES: dict[FailureCode, str] = {
    FailureCode.EMPTY: "The file is empty (0 bytes).",
    FailureCode.NO_PERMISSION: "You may not read this file. Change its permissions and try again.",
    FailureCode.VANISHED: "The file went away while it was being read.",
    FailureCode.DANGLING_LINK: "The link points to a file that does not exist.",
    FailureCode.LINK_LOOP: "The link points, by way of others, to itself.",
    FailureCode.NOT_A_FILE: "It is no ordinary file.",
    FailureCode.ONLINE_ONLY: (
        "Its content is online only, and is not fetched. Keep it on this computer to have it read."
    ),
    FailureCode.READ_ERROR: "The disk could not read it: {detail}.",
    FailureCode.FOLDER_UNREADABLE: "This folder could not be listed: {detail}.",
    FailureCode.OTHER_DISK: (
        "Another disk is in the place of the one whose photos are known here. They are kept until"
        " it is back; to have this one read instead, remove the watched folder and add it again."
    ),
    FailureCode.NOT_AN_IMAGE: "Its name says picture, its content does not.",
    FailureCode.TRUNCATED: "The file ends too early; the copy may be incomplete.",
    FailureCode.DAMAGED: "The picture data is damaged: {detail}.",
    FailureCode.TOO_LARGE: (
        "{width_px} x {height_px} pixels are more than the {limit_mp} megapixels allowed."
    ),
    FailureCode.UNSUPPORTED: "This kind of picture cannot be read yet: {detail}.",
    FailureCode.TIMED_OUT: "Reading it took longer than {limit_s} s and was given up.",
    FailureCode.DECODER_DIED: "Reading it crashed the decoder.",
    FailureCode.OUT_OF_MEMORY: "There was not enough memory for it.",
    FailureCode.ENCODE_FAILED: "The model could not take it: {detail}.",
    FailureCode.ENGINE_DIED: (
        "The engine stopped twice while it was at this file; it is left out until it changes."
    ),
    FailureCode.WRITE_FAILED: "It could not be stored: {detail}.",
}

#: Failures that may mend by themselves: tried again at each index run, not only after the file
#: has changed.
TRANSIENT_CODES = frozenset(
    {
        FailureCode.NO_PERMISSION,
        FailureCode.VANISHED,
        FailureCode.DANGLING_LINK,
        FailureCode.READ_ERROR,
        FailureCode.FOLDER_UNREADABLE,
        FailureCode.OTHER_DISK,
        FailureCode.OUT_OF_MEMORY,
        FailureCode.WRITE_FAILED,
    }
)

#: Failures of directories: what lies there is not read.
FOLDER_CODES = frozenset({FailureCode.FOLDER_UNREADABLE, FailureCode.OTHER_DISK})

FailureArgs = dict[str, str | int | float]


@dataclass(frozen=True, slots=True)
class FailureReason:
    """A code and the values its sentence needs."""

    code: FailureCode
    args: FailureArgs = field(default_factory=dict)

    def sentence(self) -> str:
        """The reason in English, for people."""
        return _SENTENCES[self.code].format_map(_Missing(self.args))


class _Missing(dict[str, object]):
    """Keeps an unknown value visible instead of failing to report a failure."""

    def __missing__(self, key: str) -> str:
        return "?"


@dataclass(frozen=True, slots=True)
class PhotoFailure:
    """A file that could not be taken in.

    Attributes:
        place: Folder and path below it.
        stamp: Size and time at the last try; None where even that could not be read.
        stage: How far it came.
        reason: Why not further.
        space_key: The embedding space the failure belongs to; "" where every space fails alike.
        tries: How often it was tried.
        first_seen_ns: When it failed first, Unix time in ns; 0 before it is stored.
        path: Absolute path, filled in by the store when it reads failures back.
    """

    place: FilePlace
    stamp: FileStamp | None
    stage: Stage
    reason: FailureReason
    space_key: str = ""
    tries: int = 1
    first_seen_ns: int = 0
    path: Path | None = None


def unread_sentence(file_count: int, folder_count: int) -> str:
    """Says how much could not be read, in English: "3 files and 1 folder could not be read"."""
    counts = {"file": file_count, "folder": folder_count}
    told = [
        f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
        for noun, count in counts.items()
        if count
    ]
    return f"{' and '.join(told)} could not be read" if told else "Everything could be read"
