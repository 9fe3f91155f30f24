"""What an error's hint says in the window: a button where the command line has a command.

Hints are written for both. The window's rule: whatever has a `photosearch ...` command in it is for
the terminal, and is replaced by words and a button for the same. Any thread.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from photosearch.errors import PhotoSearchError

_COMMAND = re.compile(r'(?:^|: |, |")photosearch [a-z]')
#: A command about models: what is to be done, and with which one.
_ABOUT_MODEL = re.compile(r"\bphotosearch models ([a-z]+) ?(.*)")
_REPAIR = " --repair"
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class Advice:
    """An error as the window tells it.

    Attributes:
        text: What is wrong and what can be done.
        action: Text of the button that opens the window of models, "" for none.
        model_id: Where to open it, "" for no model in particular.
        is_damaged: The model's files are to be mended.
    """

    text: str
    action: str = ""
    model_id: str = ""
    is_damaged: bool = False


def _tr(text: str) -> str:
    return QCoreApplication.translate("Hints", text)


def advice(error: PhotoSearchError) -> Advice:
    """Returns an error as the window tells it."""
    told = _ABOUT_MODEL.search(error.hint)
    if told is None:
        return Advice(_with(error, ""))
    verb, rest = told.groups()
    if verb == "verify" and _REPAIR in rest:
        text = _with(error, _tr("Photosearch can mend it."))
        model_id = rest.partition(_REPAIR)[0]  # the path of a folder may have spaces
        return Advice(text, _tr("Repair…"), model_id, is_damaged=True)
    if verb == "download":
        text = _with(error, _tr("Download it, or import it from another machine."))
        return Advice(text, _tr("Download…"), rest.partition(",")[0].strip(" ."))
    if verb in ("import", "export"):
        return Advice(_with(error, _tr("Or import it from another machine.")), _tr("Models…"))
    return Advice(_with(error, ""), _tr("Choose another model"))


def words(error: PhotoSearchError) -> str:
    """Returns what is wrong and what can be done, without a button."""
    return advice(error).text


def _with(error: PhotoSearchError, instead: str) -> str:
    """Returns message and hint, with other words in the place of its sentences with commands."""
    return " ".join(filter(None, (error.message, without_commands(error.hint, instead))))


def without_commands(text: str, instead: str = "") -> str:
    """Returns a text without the sentences that are for the terminal.

    Args:
        text: One or more sentences.
        instead: What stands in the place of the first of those.
    """
    sentences: list[str] = []
    for sentence in _SENTENCE_END.split(text):
        is_command = _COMMAND.search(sentence) is not None
        if not is_command or instead not in sentences:
            sentences.append(instead if is_command else sentence)
    return " ".join(filter(None, sentences))
