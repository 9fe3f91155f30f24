"""Which languages the user speaks, and how well a model understands them.

The command line's list and the window choose models by this, not by their names.
"""

from __future__ import annotations

import locale
import os
import tomllib
from collections.abc import Mapping, Sequence
from enum import IntEnum

from photosearch import resources
from photosearch.embed.spec import ModelSpec

#: Other codes of the same language.
_ALIASES = {"no": "nb", "nn": "nb", "iw": "he", "in": "id", "tl": "fil", "jw": "jv"}
#: In the order in which they count; the first that says something is the user's.
_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


class Grade(IntEnum):
    """How well a model understands a language."""

    NOT = 0  #: nobody measured it
    WEAKLY = 1  #: it finds clearly less
    WELL = 2


def primary(code: str) -> str:
    """Returns the language of a code without its region: "pt" for "pt-BR" and "pt_BR.UTF-8"."""
    language = code.replace("_", "-").split(".")[0].split("@")[0].split("-")[0].lower()
    return _ALIASES.get(language, language)


def of_user(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Returns the user's languages as the system knows them, the preferred one first.

    Args:
        environment: Where the system's variables are.
    """
    said = next((environment[name] for name in _VARIABLES if environment.get(name)), "")
    if not said:  # Windows and macOS have none
        said = locale.getlocale()[0] or ""
    codes = [primary(code) for code in said.split(":")]
    return list(dict.fromkeys(code for code in codes if code not in ("", "c", "posix"))) or ["en"]


def grade(spec: ModelSpec, code: str) -> Grade:
    """Returns how well a model understands a language, by its best text tower."""
    best = Grade.NOT
    for text in spec.texts:
        if primary(code) in map(primary, text.languages):
            is_weak = primary(code) in map(primary, text.weak_languages)
            best = max(best, Grade.WEAKLY if is_weak else Grade.WELL)
    return best


def by_fit(specs: Sequence[ModelSpec], codes: Sequence[str]) -> list[ModelSpec]:
    """Returns models in the order in which they suit somebody who speaks these languages.

    The sample model comes last; otherwise the order of the catalogue decides between equals.
    """

    def misfit(spec: ModelSpec) -> tuple[bool, int, int]:
        grades = [grade(spec, code) for code in codes]
        return spec.space.is_sample, -min(grades, default=0), -sum(grades)

    return sorted(specs, key=misfit)


def names() -> Mapping[str, str]:
    """Returns the English names of languages by their codes."""
    path = resources.root() / "languages.toml"
    languages: dict[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))
    return languages


def described(spec: ModelSpec, codes: Sequence[str]) -> str:
    """Returns which of some languages a model understands, for people.

    "German, Japanese and 50 more", "English only; not German".
    """
    name_of = names()
    known = list(dict.fromkeys(primary(code) for code in spec.languages))
    if not known:
        return ""
    asked = list(dict.fromkeys(primary(code) for code in codes))
    parts = {
        wanted: [name_of.get(code, code) for code in asked if grade(spec, code) is wanted]
        for wanted in Grade
    }
    rest = [name_of.get(code, code) for code in known if code not in asked]
    good = ", ".join([*parts[Grade.WELL], *(f"{one} (finds less)" for one in parts[Grade.WEAKLY])])
    if good:
        text = f"{good} and {len(rest)} more" if rest else f"{good} only"
    else:
        text = f"{rest[0]} only" if len(rest) == 1 else f"{len(rest)} others"
    return text + (f"; not {', '.join(parts[Grade.NOT])}" if parts[Grade.NOT] else "")
