"""What the window says of a model: languages, sizes, state, results. Any thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication

from photosearch.core.status import Filling, LibraryStatus
from photosearch.embed.bytes_meter import BytesProgress
from photosearch.embed.languages import Grade, primary
from photosearch.gui.amounts import size_text, time_left
from photosearch.gui.model_entry import ModelEntry, Standing

_SEPARATOR = " · "


def _tr(text: str, count: int = -1) -> str:
    return QCoreApplication.translate("Models", text, "", count)


def tag(entry: ModelEntry) -> str:
    """Returns which form of a model it is, "" for the whole one."""
    return _tr("smaller and faster, 8 bits") if entry.is_int8 else ""


def languages(entry: ModelEntry, names: Mapping[str, str]) -> str:
    """Returns for whom a model is: "German and 49 more languages", "English only".

    Args:
        entry: The model.
        names: Names of languages by code.
    """
    if not entry.languages:
        return ""
    graded = {
        wanted: [names.get(code, code) for code, it in entry.understands.items() if it is wanted]
        for wanted in Grade
    }
    weak = [_tr("%1 (finds less)").replace("%1", name) for name in graded[Grade.WEAKLY]]
    good = ", ".join([*graded[Grade.WELL], *weak])
    others = [code for code in map(primary, entry.languages) if code not in entry.understands]
    others = list(dict.fromkeys(others))
    if good and not others:
        return _tr("%1 only").replace("%1", good)
    if good and len(others) == 1:
        return _tr("%1 and %2").replace("%1", good).replace("%2", names.get(others[0], others[0]))
    if good:
        return _tr("%1 and %Ln more languages", len(others)).replace("%1", good)
    if len(others) == 1:
        return _tr("%1 only").replace("%1", names.get(others[0], others[0]))
    return _tr("%Ln other languages", len(others))


def lack(entry: ModelEntry, names: Mapping[str, str]) -> str:
    """Returns which of the user's languages a model does not know: "Not German", else ""."""
    missing = [names.get(code, code) for code, it in entry.understands.items() if it is Grade.NOT]
    if not missing or not entry.languages:
        return ""
    return _tr("Not %1").replace("%1", ", ".join(missing))


def facts(entry: ModelEntry) -> str:
    """Returns what a model costs, this form of it alone."""
    parts = []
    if (entry.is_usable or entry.is_damaged) and entry.unshared_bytes:
        parts.append(_tr("%1 on disk").replace("%1", size_text(entry.unshared_bytes)))
    elif not (entry.is_usable or entry.is_damaged or entry.comes_along):
        parts.append(_download(entry))
    if entry.shared_bytes:
        shared = _tr("%1 shared with %2").replace("%1", size_text(entry.shared_bytes))
        parts.append(shared.replace("%2", entry.shared_with[0]))
    return _SEPARATOR.join(parts)


def _download(entry: ModelEntry) -> str:
    if not entry.missing_bytes:
        return _tr("nobody noted its size")
    if entry.is_partly_here:
        is_known = entry.is_download_known
        text = _tr("%1 of %2 here") if is_known else _tr("%1 here, of more than %2")
        text = text.replace("%1", size_text(entry.disk_bytes))
    elif entry.is_missing_known:
        text = _tr("%2 to download, about %3 on disk")
    else:
        text = _tr("more than %2 to download, %3 on disk")
    wanted_bytes = entry.download_bytes if entry.is_partly_here else entry.missing_bytes
    return text.replace("%2", size_text(wanted_bytes)).replace(
        "%3", size_text(entry.prepared_bytes)
    )


def state(entry: ModelEntry, standing: Standing, status: LibraryStatus | None) -> str:
    """Returns how a model stands: "In use", "Being prepared: 43 %", "Here"."""
    filling = status.filling if status is not None else None
    if entry.is_damaged:
        return _tr("Damaged")
    if standing is Standing.PREPARING and filling is not None:
        return _tr("Being prepared: %1 %").replace("%1", str(percent(filling)))
    if standing is Standing.IN_USE:
        if not entry.is_usable:
            return _tr("In use, but not here")
        return _tr("In use until the next is ready") if filling is not None else _tr("In use")
    if standing is Standing.HERE:
        return _tr("Comes along") if entry.comes_along else _tr("Here")
    return _tr("Partly here") if standing is Standing.PARTLY_HERE else _tr("Not here")


def damage(entry: ModelEntry) -> str:
    """Returns which of a model's files is damaged, "" where none is known to be."""
    return (
        _tr("Damaged: %1.").replace("%1", _named([entry.damaged_file])) if entry.is_damaged else ""
    )


def percent(filling: Filling) -> int:
    """Returns how much of the library a model knows; 100 only where that is all of it."""
    return 100 * filling.vector_count // max(1, filling.vector_count + filling.missing_count)


def progress(now: BytesProgress) -> str:
    """Returns how far bytes are: "492 MB of 1.1 GB · 9 MB/s · 54 s left"."""
    text = _tr("%1 of %2").replace("%1", size_text(now.done_bytes))
    parts = [text.replace("%2", size_text(now.total_bytes))]
    if now.bytes_per_s > 0:
        parts.append(_tr("%1/s").replace("%1", size_text(now.bytes_per_s)))
    if now.eta_s is not None:
        parts.append(time_left(now.eta_s))
    return _SEPARATOR.join(parts)


def checked(verdict: Mapping[str, Any]) -> str:
    """Returns what `models verify` found."""
    if verdict["is_good"]:
        count, unproved_count = verdict["proved_count"], len(verdict["unproved"])
        one, many = (
            _tr("1 file is what it must be."),
            _tr("%Ln files are what they must be.", count),
        )
        text = one if count == 1 else many
        if not count and not unproved_count:
            return _tr("It comes along, and nothing was made of it yet that could be checked.")
        if unproved_count:
            text += " " + _tr("Without a hash to compare: %Ln.", unproved_count)
        return text
    wrong = []
    if verdict["damaged"]:
        wrong.append(_tr("Damaged: %1.").replace("%1", _named(verdict["damaged"])))
    if verdict["missing"]:
        wrong.append(_tr("Missing: %1.").replace("%1", _named(verdict["missing"])))
    return " ".join(wrong)


def compared(answer: Mapping[str, Any]) -> str:
    """Returns what `models check` found."""
    text = {
        "nearly_the_same": _tr("The faster form finds nearly the same photos"),
        "mostly_the_same": _tr("The faster form finds mostly the same photos"),
        "others": _tr("The faster form finds other photos: better stay with this one"),
    }[answer["verdict"]]
    whole, rounded = answer["fp32"], answer["int8"]
    ratio = rounded["photos_per_s"] / max(whole["photos_per_s"], 1e-9)
    more = _tr(" (%1 of the ten nearest in common, on %2 photos). It is %3 times as fast.")
    more = more.replace("%1", f"{answer['overlap_at_10']:.0%}")
    more = more.replace("%2", str(answer["photo_count"]))
    return text + more.replace("%3", f"{ratio:.1f}")


def _named(files: Sequence[str]) -> str:
    """Names the first files, and how many more there are."""
    shown = [name.replace("\\", "/").rsplit("/", 1)[-1] for name in files[:3]]
    text = ", ".join(shown)
    more_count = len(files) - len(shown)
    return text + (_tr(" and %Ln more", more_count) if more_count else "")
