"""Typed reading of a body's fields: an absent one is None, one of the wrong type is refused."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias, TypeVar, cast

from dataagents.core.values import Json, JsonObject

T = TypeVar("T")
Row: TypeAlias = dict[str, str | int | float | None]
"""Column → value."""

_LARGEST = 2**63 - 1
"""What fits into an INTEGER column."""


class MalformedBodyError(ValueError):
    """Raised when a field of a body has another type than its kind of event gives it."""


class Fields:
    """The fields of one JSON object."""

    def __init__(self, body: JsonObject) -> None:
        self._body = body

    def read(
        self, *, texts: str = "", numbers: str = "", integers: str = "", flags: str = ""
    ) -> Row:
        """Return a row of the fields named; names are separated by spaces."""
        row: Row = {name: self.text(name) for name in texts.split()}
        row.update((name, self.number(name)) for name in numbers.split())
        row.update((name, self.integer(name)) for name in integers.split())
        row.update((name, self.flag(name)) for name in flags.split())
        return row

    def text(self, name: str) -> str | None:
        """Return a string."""
        return self._take(name, str)

    def number(self, name: str) -> float | None:
        """Return a number as a float."""
        value = self._body.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST:
            return float(value)
        return self._take(name, float)

    def integer(self, name: str) -> int | None:
        """Return a whole number that a column can hold."""
        value = self._take(name, int)
        if isinstance(value, bool) or (value is not None and abs(value) > _LARGEST):
            raise MalformedBodyError(name)
        return value

    def flag(self, name: str) -> bool | None:
        """Return true or false."""
        return self._take(name, bool)

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

    def _take(self, name: str, type_: type[T]) -> T | None:
        value = self._body.get(name)
        if value is None or isinstance(value, type_):
            return value
        raise MalformedBodyError(name)
