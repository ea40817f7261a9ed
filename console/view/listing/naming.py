"""Naming: which field of a list an operator means."""

from collections.abc import Sequence
from typing import TypeVar

from dataagents.console.view.listing.field import Field
from dataagents.core.errors import InputError
from dataagents.core.suggestions import did_you_mean

RowT = TypeVar("RowT")


def field_named(name: str, fields: Sequence[Field[RowT]], *, otherwise: str = "") -> Field[RowT]:
    """Return the field of that name, or the one with that heading, in any case of letters.

    Args:
        name: What was written.
        fields: The fields there are.
        otherwise: A sentence for the error: what to write when no field was meant.

    Raises:
        InputError: There is none; names the nearest.
    """
    wanted = name.casefold()
    for field in fields:
        if field.name.casefold() == wanted:
            return field
    for field in fields:
        if field.title and field.title.casefold() == wanted:
            return field
    known = did_you_mean(wanted, (field.name for field in fields)).strip()
    raise InputError(f"field {name!r}", "there is none", hint=f"{known} {otherwise}".strip())
