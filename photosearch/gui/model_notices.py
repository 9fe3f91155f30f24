"""What is said when work on a model's files came to its end. GUI thread."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QCoreApplication

from photosearch.embed.spec import INT8_SUFFIX
from photosearch.errors import PhotoSearchError
from photosearch.gui import model_words
from photosearch.gui.amounts import size_text
from photosearch.gui.hints import Advice, advice
from photosearch.gui.model_files import Job, JobKind
from photosearch.gui.widgets.notice import Notice, Tone


def _tr(text: str) -> str:
    return QCoreApplication.translate("Models", text)


def done(job: Job, answer: Any) -> tuple[Notice, Job | None]:
    """Returns what to say of a job that is done, and what the notice's button does.

    Args:
        job: What was done.
        answer: The command's answer.
    """
    match job.kind:
        case JobKind.DOWNLOAD | JobKind.IMPORT:
            return _arrived(answer), None
        case JobKind.EXPORT:
            text = _tr("Written to %1 (%2). On the other machine, import it here.")
            size = size_text(answer["bytes"])
            return _good(text.replace("%2", size).replace("%1", answer["path"])), None
        case JobKind.REMOVE:
            text = _tr("%1 are free again.").replace("%1", size_text(answer["freed_bytes"]))
            return _good(
                text if answer["freed_bytes"] else _tr("Other models need its files.")
            ), None
        case JobKind.VERIFY | JobKind.REPAIR:
            return _checked(job, answer)
        case JobKind.USE | JobKind.USE_AT_ONCE:
            return _good(
                _chosen(answer["missing_count"], at_once=job.kind is not JobKind.USE)
            ), None
        case JobKind.FORGET:
            text = _tr("Forgotten, of %1 photos.")
            return _good(text.replace("%1", f"{answer['forgotten_photo_count']:,}")), None
        case JobKind.CHECK:
            return _compared(job, answer)


def failed(job: Job, error: PhotoSearchError) -> tuple[Notice, Job | None]:
    """Returns what to say of a job that went wrong, and what the notice's button does."""
    told = advice(error)
    text = told.text
    if told.is_damaged and job.kind is not JobKind.REPAIR:
        return repair(told)
    if job.kind in (JobKind.DOWNLOAD, JobKind.REPAIR):
        return Notice(text, Tone.NEGATIVE, _tr("Try again"), can_close=True), job
    return Notice(text, Tone.NEGATIVE, can_close=True), None


def repair(told: Advice) -> tuple[Notice, Job | None]:
    """Returns what to say of a damaged model, and what mends it."""
    notice = Notice(told.text, Tone.NEGATIVE, _tr("Repair"), can_close=True)
    return notice, Job(JobKind.REPAIR, told.model_id)


def stopped(job: Job) -> Notice:
    """Returns what to say of a job that the user stopped."""
    if job.kind is JobKind.DOWNLOAD:
        return _good(_tr("Stopped. What has come is kept; the next download goes on from there."))
    return _good(_tr("Stopped."))


def _arrived(found: list[dict[str, Any]]) -> Notice:
    usable = [one["name"] for one in found if one["is_usable"]]
    if usable:
        return _good(_tr("Ready to be used: %1.").replace("%1", ", ".join(usable)))
    names = ", ".join(one["name"] for one in found)
    text = _tr("Taken in, but files are missing yet: %1.").replace("%1", names)
    return Notice(text, Tone.WARNING, can_close=True)


def _checked(job: Job, verdict: dict[str, Any]) -> tuple[Notice, Job | None]:
    text = model_words.checked(verdict)
    if verdict["is_good"]:
        return _good(text), None
    notice = Notice(text, Tone.WARNING, _tr("Repair"), can_close=True)
    return notice, replace(job, kind=JobKind.REPAIR)


def _chosen(missing_count: int, *, at_once: bool) -> str:
    if not missing_count:
        return _tr("It is in use.")
    count = f"{missing_count:,}"
    if at_once:
        return _tr("It is in use. Photos that it has still to see: %1.").replace("%1", count)
    return _tr(
        "It is being prepared, the present one answers. Photos that it has to see: %1."
    ).replace("%1", count)


def _compared(job: Job, answer: dict[str, Any]) -> tuple[Notice, Job | None]:
    text = model_words.compared(answer)
    if answer["verdict"] == "others":
        return Notice(text, Tone.WARNING, can_close=True), None
    notice = Notice(text, action=_tr("Use the faster form"), can_close=True)
    return notice, Job(JobKind.USE, f"{job.model_id}{INT8_SUFFIX}")


def _good(text: str) -> Notice:
    return Notice(text, can_close=True)
