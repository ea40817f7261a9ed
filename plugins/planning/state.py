"""The state of a search: changed in place, and taken back by a trail.

An action costs what it changes, however many facts there are, and going back costs the same.
"""

from collections.abc import Hashable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from dataagents.core.planning import State
from dataagents.core.values import Json, JsonObject


class _Absent:
    """What a fact that nobody made has instead of a value."""


ABSENT: Final = _Absent()


def freeze(value: Json | _Absent) -> Hashable:
    """Return a hashable value that is equal for equal JSON only: true is not 1, -0.0 is not 0.0."""
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, bool | int):
        # Python's hashes of -1 and -2 are equal.
        return (value.__class__, value if value >= 0 else str(value))
    if isinstance(value, float):
        return (float, repr(value))
    if isinstance(value, list | tuple):
        return (list, *map(freeze, value))
    if isinstance(value, Mapping):
        return (dict, *((key, freeze(each)) for key, each in value.items()))
    return ABSENT


class Facts:
    """Facts, with a way back, and on demand a digest that is kept up to date."""

    def __init__(self, state: State) -> None:
        self.known: dict[str, Json] = dict(state)
        self.view: State = MappingProxyType(self.known)
        """What conditions, effects and subtasks get."""
        self.trail: list[tuple[str, Json | _Absent]] = []
        """What was changed, and the value before; the latest last."""
        self.digest: int | None = None
        """The same for equal states; None until `start_digest`."""

    def apply(self, effect: JsonObject) -> None:
        """Make facts true."""
        known, trail = self.known, self.trail
        for fact, value in effect.items():
            old = known.get(fact, ABSENT)
            if old is not value:
                trail.append((fact, old))
                known[fact] = value
                if self.digest is not None:
                    self.digest ^= self._key(fact, old) ^ self._key(fact, value)

    def undo(self, mark: int) -> None:
        """Take back everything that was changed since the trail had this length."""
        known, trail = self.known, self.trail
        while len(trail) > mark:
            fact, old = trail.pop()
            if self.digest is not None:
                self.digest ^= self._key(fact, old) ^ self._key(fact, known[fact])
            if isinstance(old, _Absent):
                del known[fact]
            else:
                known[fact] = old

    def at_first(self) -> State:
        """Return the state before all changes."""
        known = dict(self.known)
        for fact, old in reversed(self.trail):
            if isinstance(old, _Absent):
                known.pop(fact, None)
            else:
                known[fact] = old
        return known

    def start_digest(self) -> None:
        """Start to keep the digest: the keys of all facts combined, in whatever order they came.

        As with Zobrist's keys ("A New Hashing Method with Application for Game Playing", 1970), a
        change costs what it changes; here the key is a hash, so that none has to be kept.
        """
        self.digest = 0
        for fact, value in self.known.items():
            self.digest ^= self._key(fact, value)

    def projected(self, facts: tuple[str, ...]) -> tuple[Hashable, ...]:
        """Return the values of some facts, hashable."""
        known = self.known
        return tuple([freeze(known.get(fact, ABSENT)) for fact in facts])

    @property
    def entries(self) -> int:
        """How many entries it holds, for an estimate of its memory."""
        return len(self.known) + len(self.trail)

    def _key(self, fact: str, value: Json | _Absent) -> int:
        return 0 if isinstance(value, _Absent) else hash((fact, freeze(value)))


class Recording(Mapping[str, Json]):
    """A view of facts that remembers what was asked for."""

    def __init__(self, known: Mapping[str, Json]) -> None:
        self._known = known
        self.reads: set[str] = set()
        self.everything = False
        """Whether it was gone through as a whole."""

    def __getitem__(self, fact: str) -> Json:
        self.reads.add(fact)
        return self._known[fact]

    def __iter__(self) -> Iterator[str]:
        self.everything = True
        return iter(self._known)

    def __len__(self) -> int:
        self.everything = True
        return len(self._known)
