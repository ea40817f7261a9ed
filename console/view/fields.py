"""Fields: the border where an event's body becomes values that can be shown.

A body was written by a kernel of some version and holds what agents and models said. So nothing
here raises: a field that is missing or of another type is absent, and every text is made safe.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import cast

from dataagents.console.safe_text import safe_text

NAME_LENGTH = 200
"""Characters of an id or a name that are kept."""
_LARGEST = 2**1023
"""Whole numbers from here on are no floating-point ones."""
_KNOWN = 4_096
"""Ids, names and words that are remembered with what is shown for them."""


def name(text: str | None) -> str:
    """Return an id or a name on one line; empty for None."""
    if not text:
        return ""
    return _name(text) if len(text) <= NAME_LENGTH else safe_text(text, limit=NAME_LENGTH)


@lru_cache(_KNOWN)
def _name(text: str) -> str:
    return safe_text(text, limit=NAME_LENGTH)


class Fields:
    """A JSON object, read field by field."""

    __slots__ = ("_body",)

    def __init__(self, body: object) -> None:
        self._body: Mapping[str, object] = body if isinstance(body, Mapping) else {}

    def __contains__(self, key: str) -> bool:
        return key in self._body

    def __bool__(self) -> bool:
        return bool(self._body)

    def text(self, key: str) -> str:
        """Return a text with its lines; what is no text comes as JSON, nothing as empty."""
        return _shown(self._body.get(key))

    def name(self, key: str) -> str:
        """Return an id or a name on one line; empty when there is none."""
        value = self._body.get(key)
        return name(value) if isinstance(value, str) else ""

    def line(self, key: str) -> str:
        """Return a text on one line, however long; empty when there is none."""
        value = self._body.get(key)
        return safe_text(value) if isinstance(value, str) else ""

    def number(self, key: str) -> float | None:
        """Return a finite number."""
        value = self._body.get(key)
        if type(value) is int:  # no bool, which is an int, too
            return float(value) if abs(value) < _LARGEST else None
        return value if type(value) is float and math.isfinite(value) else None

    def count(self, key: str) -> int:
        """Return a whole number; 0 when there is none."""
        return int(self.number(key) or 0)

    def flag(self, key: str) -> bool:
        """Return whether a field is true."""
        return self._body.get(key) is True

    def time(self, key: str) -> datetime | None:
        """Return a time with its zone."""
        value = self._body.get(key)
        try:
            found = datetime.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            return None
        return found if found is not None and found.tzinfo is not None else None

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the texts of a list, each on one line."""
        return tuple(name(_shown(item)) for item in self._items(key))

    def counts(self, key: str) -> tuple[int, ...]:
        """Return the whole numbers of a list."""
        return tuple(item for item in self._items(key) if type(item) is int)

    def pairs(self, key: str) -> dict[str, str]:
        """Return an object as names and texts."""
        value = self._body.get(key)
        if not isinstance(value, Mapping):
            return {}
        items = cast(Mapping[object, object], value).items()
        return {name(str(inner)): _shown(item) for inner, item in items}

    def part(self, key: str) -> "Fields":
        """Return the object in a field; an empty one when there is none."""
        return Fields(self._body.get(key))

    def objects(self) -> Iterator[tuple[str, "Fields"]]:
        """Yield the name and the object of each field; what is no object comes as an empty one."""
        for key, value in self._body.items():
            yield name(str(key)), Fields(value)

    def parts(self, key: str) -> tuple["Fields", ...]:
        """Return the objects of a list."""
        return tuple(Fields(item) for item in self._items(key))

    def _items(self, key: str) -> Sequence[object]:
        value = self._body.get(key)
        return cast(Sequence[object], value) if isinstance(value, list | tuple) else ()


def _shown(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        value = json.dumps(value, ensure_ascii=False, default=str)
    return safe_text(value, lines=True)
