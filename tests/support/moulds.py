"""Moulds: a few recorded scenes, cast again and again with other names at other times.

Building an event from its dataclasses and encoding it takes some thirty microseconds; ten million
would take minutes. A mould encodes the events of one scene once, by the store's own code, with
marks such as `@{run}` in the place of what differs, and fills in the marks of all of them at once.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeAlias

from dataagents.core.events import Event
from dataagents.storage.encoding import encode

EPOCH = datetime(2001, 1, 1, microsecond=500, tzinfo=UTC)
"""When each scene begins as it is written; half a millisecond, so that no fraction is left out."""

Fields: TypeAlias = list[Any]
Pick: TypeAlias = Callable[[Fields], tuple[Any, ...]]

_MARK = re.compile(r"@\{id(\d+)\}|@\{(\w+)\}|(2001-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6})")
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_BETWEEN = "\x1f"


def base32(number: int, length: int) -> str:
    """Return a number as `core.ids` writes it."""
    characters = []
    for _ in range(length):
        number, digit = divmod(number, 32)
        characters.append(_ALPHABET[digit])
    return "".join(reversed(characters))


ORDER = tuple(base32(number, 2) for number in range(1024))
"""The middle of an id: which of those of one millisecond it is."""


@lru_cache(maxsize=64)
def id_head(milliseconds: int) -> str:
    """Return how the ids of a millisecond begin."""
    return base32(milliseconds, 9)


@lru_cache(maxsize=8192)
def _second(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def time_text(microseconds: int) -> str:
    """Return a time since 1970 as ISO 8601, without its zone."""
    seconds, fraction = divmod(microseconds, 1_000_000)
    return f"{_second(seconds)}.{fraction:06}"


@dataclass(frozen=True, slots=True)
class Shape:
    """Where in the fields of a cast one event has its columns."""

    offset: int
    """Microseconds since the scene began."""
    row: Pick
    """The columns of the journal from `at` on: an event gets its id when it gets its place."""
    projected: tuple[tuple[str, Pick], ...]
    blobs: tuple[tuple[str, int, bytes | None], ...]
    """Path of a large value, its place among the fields, and its digest if it has no marks."""


Cast: TypeAlias = tuple[int, Shape, Fields]
"""When an event happens, in microseconds since 1970; where its columns are, and what they hold."""


class Mould:
    """Events of one scene, with marks in them.

    Marks are `@{run}`, `@{id7}` for an id of the scene's own, and whatever names a cast is given.
    Times of the scene count from `EPOCH`.
    """

    def __init__(self, events: Sequence[Event]) -> None:
        self._texts: dict[str, int] = {}
        self._constants: list[Any] = []
        self._times: dict[str, int] = {}
        self.shapes = tuple(map(self._shape, events))
        self._text = _BETWEEN.join(self._texts)
        self._tail = self._constants[::-1]

    def __len__(self) -> int:
        return len(self.shapes)

    def cast(self, start: int, tag: str, names: Mapping[str, str]) -> list[Cast]:
        """Return the events as they are when the scene begins at a time.

        Args:
            start: Microseconds since 1970.
            tag: Four characters that end its ids; no two scenes of a millisecond have the same.
            names: Name of a mark → what stands there.
        """
        filled = {name: time_text(start + offset) for name, offset in self._times.items()}
        filled |= {"head": id_head(start // 1000), "tag": tag}
        filled |= names
        fields: Fields = (self._text % filled).split(_BETWEEN) + self._tail
        return [(start + shape.offset, shape, fields) for shape in self.shapes]

    def _shape(self, event: Event) -> Shape:
        encoded = encode(event, "a mould")
        return Shape(
            (event.at - EPOCH) // timedelta(microseconds=1),
            self._pick(encoded.row[1:]),
            tuple((statement, self._pick(row)) for statement, row in encoded.projected),
            tuple(
                (
                    blob.path,
                    self._place(blob.body),
                    None if _MARK.search(blob.body) else blob.digest,
                )
                for blob in encoded.blobs
            ),
        )

    def _pick(self, row: Sequence[object]) -> Pick:
        places = [self._place(value) for value in row]
        if len(places) == 1:
            (place,) = places
            return lambda fields: (fields[place],)
        return itemgetter(*places)

    def _place(self, value: object) -> int:
        if isinstance(value, str):
            text = _MARK.sub(self._filling, value.replace("%", "%%"))
            return self._texts.setdefault(text, len(self._texts))
        # Constants stand at the end of the fields, in reverse: how many texts there are is open.
        self._constants.append(value)
        return -len(self._constants)

    def _filling(self, mark: re.Match[str]) -> str:
        number, name, time = mark.groups()
        if number is not None or name == "run":
            return f"%(head)s{ORDER[int(number or 0)]}%(tag)s"
        if name is not None:
            return f"%({name})s"
        offset = (datetime.fromisoformat(f"{time}+00:00") - EPOCH) // timedelta(microseconds=1)
        self._times[f"t{offset}"] = offset
        return f"%(t{offset})s"
