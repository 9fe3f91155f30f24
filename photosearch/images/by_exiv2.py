"""EXIF, XMP and IPTC as exiv2 reads them, made plain values.

Called by `header` in a decoder process, by one thread at a time. Only this module imports exiv2,
and only `header` this one, when there is something to read: the engine starts without it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import exiv2

from photosearch.images.guard import FOREIGN_ERRORS
from photosearch.images.header import NO_HEADER, Header, Properties

#: The last is what its bindings raise for an exception of C++ that they do not know.
_ERRORS = (*FOREIGN_ERRORS, exiv2.Exiv2Error, SystemError)
#: More entries than any camera or editor writes; what follows is left out.
_MAX_ENTRIES = 20_000
#: A longer value is no fact (previews, the cameras' own notes, an editor's history).
_MAX_VALUE_BYTES = 64_000
_MAX_ITEMS = 1_000
#: The namespaces of what `metadata` looks for: an editor's history may hold thousands of others.
_XMP_WANTED = tuple(
    f"Xmp.{prefix}."
    for prefix in (
        *("dc", "xmp", "exif", "exifEX", "tiff", "aux", "photoshop", "lr", "digiKam", "mediapro"),
        *("MicrosoftPhoto", "MicrosoftPhoto_1_", "mwg-rs", "MP", "iptc", "iptcExt", "acdsee"),
        "acdsee-rs",
    )
)
#: Where cameras note the lens, from before EXIF had a place for it: group and name.
_LENS_NOTES = frozenset(
    {
        *(("Canon", "LensModel"), ("CanonCs", "LensType"), ("Panasonic", "LensType")),
        *((f"NikonLd{version}", "LensIDNumber") for version in (1, 2, 3)),
        *(("OlympusEq", "LensModel"), ("OlympusEq", "LensType"), ("Minolta", "LensID")),
        *(("Pentax", "LensType"), ("PentaxDng", "LensType"), ("Samsung2", "LensType")),
        *(("Sony1", "LensID"), ("Sony2", "LensID"), ("Sony2", "LensSpec")),
    }
)
_CLASSES = (exiv2.AsciiValue, exiv2.CommentValue, exiv2.StringValue, exiv2.DataValue)
#: ISO 2022's escape for UTF-8, as the IPTC field "coded character set" holds it.
_UTF8_ESCAPE = "\x1b%G"


def read_by_exiv2(source: Path | bytes) -> tuple[Header, bool]:
    """Returns what exiv2 found, and whether it read to the end without an error. Never fails."""
    is_whole = True
    try:
        # Its complaints would go to the terminal of whoever started the engine.
        exiv2.LogMsg.setLevel(exiv2.LogMsg.Level.mute)
        with _opened(source) as image:
            try:
                image.readMetadata()
            except _ERRORS:
                is_whole = False  # what it found before is there all the same
            return _plain(image), is_whole
    except _ERRORS:
        return NO_HEADER, False


@contextmanager
def _opened(source: Path | bytes) -> Iterator[exiv2.Image]:
    if isinstance(source, bytes):
        yield exiv2.ImageFactory.open(source)
        return
    try:
        name = str(source.absolute())
        name.encode()
    except UnicodeEncodeError:
        # exiv2 takes names in UTF-8 only; only Linux has others, and it has this way round.
        with source.open("rb") as file:
            yield exiv2.ImageFactory.open(f"/proc/self/fd/{file.fileno()}")
    else:
        yield exiv2.ImageFactory.open(name)


def _plain(image: exiv2.Image) -> Header:
    groups: dict[str, dict[int, object]] = {
        "Image": {},
        "Photo": {},
        "GPSInfo": {},
        "PanasonicRaw": {},
    }
    lens = ""
    exif = image.exifData()
    for datum in _entries(exif):
        with suppress(*_ERRORS):
            name = datum.groupName()
            group = groups.get(name)
            if group is not None and datum.size() <= _MAX_VALUE_BYTES:
                group.setdefault(datum.tag(), _exif_value(datum.value()))
            elif not lens and (name, datum.tagName()) in _LENS_NOTES:
                # WORKAROUND python-exiv2 0.19: `lensName` ends the process on some files.
                lens = _lens_of(datum, exif)
    main = {**groups["PanasonicRaw"], **groups["Image"]}
    return Header(
        main=main,
        details={**main, **groups["Photo"]},
        gps=groups["GPSInfo"],
        xmp=_xmp(image.xmpData()),
        iptc=_iptc(image.iptcData()),
        lens=lens,
    )


def _entries(entries: Iterable[exiv2.Metadatum]) -> Iterator[exiv2.Metadatum]:
    return itertools.islice(iter(entries), _MAX_ENTRIES)


def _exif_value(value: exiv2.Value) -> object:
    """A value as Pillow gives it: texts as str of Latin-1, bytes, numbers, tuples of numbers."""
    if isinstance(value, exiv2.AsciiValue):
        return bytes(value.data()).decode("latin-1")
    if isinstance(value, _CLASSES):
        return bytes(value.data())
    numbers = tuple(_number(item) for item in itertools.islice(iter(value), _MAX_ITEMS))
    return numbers[0] if len(numbers) == 1 else numbers


def _number(item: object) -> object:
    if not isinstance(item, tuple):
        return item
    numerator, denominator = item
    return numerator / denominator if denominator else math.nan


def _lens_of(datum: exiv2.Exifdatum, exif: exiv2.ExifData) -> str:
    """The lens by an entry of the camera's notes, where its number means one lens only."""
    name = str(datum.print(exif))
    # "(254)" is a number without a name; several that share one are joined by "or", "|".
    return "" if name.startswith("(") or " or " in name or "|" in name else name


def _xmp(data: exiv2.XmpData) -> Properties:
    found: dict[str, tuple[str, ...]] = {}
    for datum in _entries(data):
        with suppress(*_ERRORS):
            key = datum.key()
            if key.startswith(_XMP_WANTED) and datum.size() <= _MAX_VALUE_BYTES:
                found.setdefault(key, _xmp_texts(datum.value()))
    return found


def _xmp_texts(value: exiv2.Value) -> tuple[str, ...]:
    if isinstance(value, exiv2.LangAltValue):
        languages = sorted(value.keys(), key=lambda language: language != "x-default")
        return tuple(str(value[language]) for language in languages[:_MAX_ITEMS])
    if isinstance(value, exiv2.XmpArrayValue):
        return tuple(str(item) for item in itertools.islice(iter(value), _MAX_ITEMS))
    return (str(value),)


def _iptc(data: exiv2.IptcData) -> Properties:
    found: dict[str, list[str]] = {}
    is_utf8 = False
    for datum in _entries(data):
        with suppress(*_ERRORS):
            key, value = datum.key(), datum.value()
            if datum.size() > _MAX_VALUE_BYTES:
                continue
            text = _iptc_text(value, is_utf8=is_utf8)
            is_utf8 = is_utf8 or (key == "Iptc.Envelope.CharacterSet" and text == _UTF8_ESCAPE)
            texts = found.setdefault(key, [])
            if len(texts) < _MAX_ITEMS:
                texts.append(text)
    return {key: tuple(texts) for key, texts in found.items()}


def _iptc_text(value: exiv2.Value, *, is_utf8: bool) -> str:
    if not isinstance(value, _CLASSES):
        return str(value)
    written = bytes(value.data())
    if is_utf8:
        return written.decode("utf-8", "replace")
    try:  # most programs write UTF-8 without saying so
        return written.decode("utf-8")
    except UnicodeDecodeError:
        return written.decode("latin-1")
