"""Which tables of `columns` a filter is decided by, so that they are read before it is.

Called by `derived.Derived`. Pure.
"""

from __future__ import annotations

from photosearch.core.filters import (
    AllOf,
    AnyOf,
    Filter,
    Has,
    Not,
    NumberField,
    NumberIn,
    TakenIn,
    TextField,
    TextIs,
    Trait,
)


def needed(where: Filter) -> set[str]:
    """The tables of `Columns` that a filter is decided by."""
    match where:
        case AllOf(parts) | AnyOf(parts):
            return {"times"}.union(*map(needed, parts))
        case Not(part):
            return needed(part)
        case (
            TextIs(TextField.FOLDER | TextField.ONLY_ON)
            | NumberIn(NumberField.SIZE)
            | Has(Trait.OFFLINE)
        ):
            return {"times", "files"}
        case TextIs(TextField.TYPE):
            return {"times", "files", "facts"}
        case (
            TakenIn()
            | TextIs(TextField.NAME | TextField.TAG | TextField.ALBUM | TextField.CAPTION)
            | TextIs(TextField.PERSON)
            | NumberIn(NumberField.MONTH | NumberField.WEEKDAY | NumberField.HOUR)
            | Has(Trait.TAG | Trait.ALBUM | Trait.PERSON)
        ):
            return {"times"}
        case _:
            return {"times", "facts"}
