"""Any plan that text can say, for Hypothesis."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from hypothesis import strategies as st

from photosearch.core.filters import (
    EVERY_PHOTO,
    Filter,
    Has,
    Near,
    NumberField,
    NumberIn,
    TakenIn,
    TextField,
    TextIs,
    Trait,
)
from photosearch.core.query import Box, ImageTerm, Term, TextTerm
from photosearch.search.plan import Combine, Plan
from photosearch.search.tokens import printable
from photosearch.search.wheres import all_of, any_of, negated


def _cleaned(text: str) -> str:
    return " ".join(printable(text).split())


_SAID = st.text(min_size=1, max_size=12).map(_cleaned).filter(bool)
_BOUNDS = {
    NumberField.RATING: (0, 5),
    NumberField.MONTH: (1, 12),
    NumberField.WEEKDAY: (1, 7),
    NumberField.HOUR: (0, 23),
}
_REAL = {
    NumberField.APERTURE,
    NumberField.EXPOSURE,
    NumberField.FOCAL,
    NumberField.MEGAPIXELS,
}


@st.composite
def _numbers(draw: st.DrawFn) -> NumberIn:
    field = draw(st.sampled_from(NumberField))
    low, high = _BOUNDS.get(field, (0, 10**12))
    values = st.integers(low, high).map(float)
    if field in _REAL:
        values = st.decimals(0, 10_000, places=3).map(float)
    ends = draw(st.lists(values, min_size=1, max_size=2))
    if len(ends) == 2:
        return NumberIn(field, min(ends), max(ends))
    return draw(st.sampled_from([NumberIn(field, ends[0]), NumberIn(field, None, ends[0])]))


@st.composite
def _taken(draw: st.DrawFn) -> TakenIn:
    days = draw(st.lists(st.dates(min_value=date(1, 1, 1)), min_size=1, max_size=2))
    if len(days) == 2:
        return TakenIn(min(days), max(days))
    return draw(st.sampled_from([TakenIn(days[0]), TakenIn(None, days[0])]))


def _text_is(field: TextField, text: str) -> TextIs:
    if field is TextField.TYPE:
        text = "heic"
    if field in {TextField.FOLDER, TextField.ONLY_ON}:
        text = "/".join(filter(str.strip, text.replace("\\", "/").split("/"))) or "x"
        text = " ".join(text.split())
    return TextIs(field, text)


_CONDITIONS: st.SearchStrategy[Filter] = st.one_of(
    st.builds(_text_is, st.sampled_from(TextField), _SAID),
    _numbers(),
    _taken(),
    st.builds(
        Near,
        st.decimals(-90, 90, places=6).map(float),
        st.decimals(-180, 180, places=6).map(float),
        st.decimals("0.001", 20_000, places=6).map(float),
        st.just("") | _SAID,
    ),
    st.sampled_from(Trait).map(Has),
)
_FILTERS = st.recursive(
    _CONDITIONS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(all_of),
        st.lists(inner, min_size=2, max_size=3).map(any_of),
        inner.map(negated),
    ),
    max_leaves=6,
)
_SHARES = st.lists(st.decimals(0, 1, places=3).map(float), min_size=2, max_size=2, unique=True)
_BOXES = st.builds(lambda x, y: Box(min(x), min(y), max(x), max(y)), _SHARES, _SHARES)
_PATHS = st.text(min_size=1).filter(lambda text: "\0" not in text).map(lambda t: Path(f"/{t}"))
_WEIGHTS = st.decimals("0.01", "99.99", places=2).map(float)
_WORDS = st.sampled_from(["dog", "海", "e-mail", "16:9", "-5", "Ç"])
_PLAIN = st.lists(_WORDS, min_size=2).map(" ".join)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Draws a plan."""
    is_weighted = draw(st.booleans())
    terms: list[Term] = []
    words: list[str] = []
    alternatives: list[tuple[int, ...]] = []
    sign = st.sampled_from([1.0, -1.0])
    for _ in range(draw(st.integers(0, 4))):
        weight = draw(sign) * (draw(_WEIGHTS) if is_weighted else 1.0)
        match draw(st.sampled_from(["phrase", "run", "picture", "alternatives"])):
            case "phrase":
                text = draw(_SAID)
                terms.append(TextTerm(text, weight))
                words.extend([text] if weight > 0 else [])
            case "run":
                text = draw(_PLAIN)
                terms.append(TextTerm(text))
                words.extend(text.split())
            case "picture":
                terms.append(ImageTerm(draw(_PATHS), weight, draw(st.none() | _BOXES)))
            case "alternatives" if not is_weighted:
                group = draw(st.lists(_SAID.map(TextTerm), min_size=2, max_size=3))
                alternatives.append(tuple(range(len(terms), len(terms) + len(group))))
                terms.extend(group)
    where = draw(_FILTERS)
    if any(term.weight > 0 for term in terms):
        where = draw(st.sampled_from([EVERY_PHOTO, where]))
    # Numbers stand before something only where the whole is a sum.
    is_sum = any(abs(term.weight) != 1 for term in terms)
    return Plan(
        tuple(terms),
        where,
        Combine.SUM if is_sum else Combine.AND,
        () if alternatives else tuple(words),
        (),
        tuple(alternatives),
    )
