"""Tells names of fields from other words before a colon, and what a wrong name means. Pure.

`search/tokens` asks. The guess is what helps: who writes `year:2021` knows another program.
"""

from __future__ import annotations

import re
import unicodedata
from difflib import get_close_matches

from photosearch.errors import QueryError
from photosearch.search.fields import ALIASES, FIELDS

#: A picture by its path; no filter, but written like one.
LIKE = "like"
#: What is said of the place before it; no filter by itself.
WITHIN = "within"
_VALID = {LIKE: "the path of a picture", WITHIN: "a distance, such as 10km"}
#: How like a field's name an unknown one must be to be taken for a slip: "datee", not "game".
_SLIP = 0.8
_QUOTE_IT = "To search for the words as they stand, put them in quotes."
_NAME = re.compile(r"([^\W\d_][^\s:：\"()]+)([:：])")  # noqa: RUF001 - what Asian keyboards write
#: Behind the colon of no field: an address, `std::sort`, a smile, the end of a group.
_NO_VALUE = re.compile(r"//|:|-?[()]")
_BLANK = re.compile(r"\s|$")
_NOTHING = re.compile(r"\s*(?:\)|$)")
#: What other programs and languages call the fields.
_MEANT = {
    "date:": "year years day days time when datum fecha data jahr année año ano anno дата год",
    "after:": "from",
    "before:": "until till to",
    "in:": "path dir directory ordner dossier carpeta cartella pasta папка",
    "name:": "file filename title dateiname datei fichier archivo nome nom",
    "type:": "ext extension kind filetype mime",
    "camera:": "make model kamera appareil cámara камера",
    "lens:": "objektiv objectif objetivo obiettivo",
    "person:": (
        "persons face faces who wer qui quién quien chi quem кто personne visage gesicht personen"
        " persona cara volto pessoa rosto человек люди лицо 人物 人"
    ),
    "place:": (
        "town where ort stadt land lieu ville pays lugar ciudad país luogo città paese cidade"
        " место город страна 場所 地点"
    ),
    "only-on:": "only onlyon nur seulement solo apenas только",
    "tag:": "keyword keywords label labels subject schlagwort",
    "album:": "collection",
    "caption:": "description comment text",
    "rating:": "star score bewertung sterne",
    "exposure:": "shutter shutterspeed speed",
    "aperture:": "fnumber fstop",
    "focal:": "focallength mm",
    "megapixels:": "mp resolution",
    "size:": "filesize bytes",
    "is:favourite": "favourite favorite favourites favorites fav favorit",
    "like:": "image picture photo similar",
    'place:"Rome", near:"Rome" or has:gps': "location gps geo",
}
_MEANT_BY = {name: meant for meant, names in _MEANT.items() for name in names.split()}
#: What there is no field for, and why.
_MISSING = {
    **dict.fromkeys(
        ("color", "colour", "farbe", "couleur"),
        "Say colours in words, such as: red car.",
    ),
}


def at(text: str, start: int) -> re.Match[str] | None:
    """Returns the word of letters with a colon that stands there: its name is the first group."""
    found = _NAME.match(text, start)
    if found and (
        all(unicodedata.category(sign)[0] in "LM" for sign in found[1]) or known(found[1])
    ):
        return found
    return None


def known(name: str) -> str:
    """Returns the field of a name in any case, "" for none."""
    name = name.lower()
    name = ALIASES.get(name, name)
    return name if name in FIELDS or name in {LIKE, WITHIN} else ""


def field_of(text: str, found: re.Match[str], place: str) -> str:
    """Returns the field that a word with a colon names, or "" where it is text.

    Args:
        text: What was typed.
        found: The word, from `at`.
        place: It and where it stands, for messages.

    Raises:
        QueryError: There is no such field, or it is given no value.
    """
    name = known(found[1])
    if name and _NOTHING.match(text, found.end()):
        valid = FIELDS[name].valid if name in FIELDS else _VALID[name]
        raise QueryError(f"{place} says nothing.", f"Behind the colon comes {valid}. {_QUOTE_IT}")
    if _BLANK.match(text, found.end()):
        return ""
    if name or _NO_VALUE.match(text, found.end()):
        return name
    meant = _meant(found[1].lower())
    if found[2] != ":" and not meant:
        return ""  # Asian scripts put no blank behind the colon of a title
    raise QueryError(f"There is no field {place}.", f"{meant or _some()} {_QUOTE_IT}")


def without_colon(word: str) -> str:
    """Takes the colon from a field's name that is only a word, as in "in: the garden"."""
    return word[:-1] if word[-1:] in {":", "："} and known(word[:-1]) else word  # noqa: RUF001


def _meant(name: str) -> str:
    """Returns what a wrong name was meant for, as a sentence; "" where nothing is near."""
    if name in _MISSING:
        return _MISSING[name]
    if name not in _MEANT_BY:
        fields = [*FIELDS, *ALIASES, LIKE, WITHIN]
        near = get_close_matches(name, [*fields, *_MEANT_BY, *_MISSING], 1, _SLIP)
        if not near:
            return ""
        name = near[0]
        if name in _MISSING:
            return _MISSING[name]
    return f"Did you mean {_quoted(_MEANT_BY.get(name) or f'{known(name)}:')}?"


def _quoted(meant: str) -> str:
    return meant if '"' in meant else f'"{meant}"'


def _some() -> str:
    return "There are date, in, name, type, camera, rating, tag, near and others."
