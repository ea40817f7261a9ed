"""Typed reading of a body's fields: an absent one is None, one of the wrong type is refused."""

from collections.abc import Mapping, Sequence
from typing import cast

from dataagents.core.values import Json, JsonObject

_LARGEST = 2**63 - 1
"""What fits into an INTEGER column."""


class MalformedBodyError(ValueError):
    """Raised when a field of a body has another type than its kind of event gives it."""


class Fields:
    """The fields of one JSON object."""

    def __init__(self, body: JsonObject) -> None:
        self._body = body

    def __bool__(self) -> bool:
        return bool(self._body)

    # These are asked a dozen times for each event: they don't share their check, which would double
    # what they cost.

    def text(self, name: str) -> str | None:
        """Return a string."""
        value = self._body.get(name)
        if value is None or isinstance(value, str):
            return value
        raise MalformedBodyError(name)

    def number(self, name: str) -> float | None:
        """Return a number as a float."""
        value = self._body.get(name)
        if value is None or isinstance(value, float):
            return value
        whole = self.integer(name)
        return None if whole is None else float(whole)

    def integer(self, name: str) -> int | None:
        """Return a whole number that a column can hold."""
        value = self._body.get(name)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST:
            return value
        raise MalformedBodyError(name)

    def flag(self, name: str) -> bool | None:
        """Return true or false."""
        value = self._body.get(name)
        if value is None or isinstance(value, bool):
            return value
        raise MalformedBodyError(name)

    def count(self, name: str) -> int | None:
        """Return the length of a list."""
        items = self._items(name)
        return None if items is None else len(items)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of strings; none when it is absent."""
        items = self._items(name) or ()
        if not all(isinstance(item, str) for item in items):
            raise MalformedBodyError(name)
        return cast("tuple[str, ...]", tuple(items))

    def within(self, name: str) -> "Fields":
        """Return the fields of an object inside this one; an absent one has none."""
        value = self._body.get(name)
        if value is None:
            return Fields({})
        if not isinstance(value, Mapping):
            raise MalformedBodyError(name)
        return Fields(value)

    def _items(self, name: str) -> Sequence[Json] | None:
        value = self._body.get(name)
        if value is None or isinstance(value, list | tuple):
            return value
        raise MalformedBodyError(name)
