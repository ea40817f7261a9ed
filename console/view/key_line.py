"""The keys that work now, fitted into one line."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

_EVERYWHERE = 2
"""Keys at the end that work everywhere, help among them; they are the last to give way."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key and what it does now."""

    key: str
    """As the terminal calls it."""
    label: str
    """As people call it."""
    word: str
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class PlacedKey:
    """A key and the cells that it takes."""

    key: Key
    begin: int
    width: int
    """Its room to both sides is part of it."""


def place_keys(keys: Sequence[Key], width: int) -> tuple[PlacedKey, ...]:
    """Return the keys that fit into a width: with less room between them, or fewer of them."""
    kept, room = list(keys), 2
    while kept and sum(_width(key, room) for key in kept) > width:
        if room == 2:
            room = 1
        else:
            del kept[-_EVERYWHERE - 1 if len(kept) > _EVERYWHERE else -1]
    placed: list[PlacedKey] = []
    begin = 0
    for key in kept:
        placed.append(PlacedKey(key, begin, _width(key, room)))
        begin += placed[-1].width
    return tuple(placed)


def _width(key: Key, room: int) -> int:
    return cell_len(key.label) + 1 + cell_len(key.word) + room
