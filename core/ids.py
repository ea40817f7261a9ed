"""Cheap identifiers that sort by the time they were made.

Fifteen characters of Crockford's base 32 (no i, l, o, u): nine for milliseconds since 1970, two for
the order within a millisecond, four that are drawn once per source and keep two kernels apart.
The idea is ULID's; it is shorter because the random part is drawn once, not for every id.
"""

from datetime import datetime
from random import Random

from dataagents.core.clock import Clock

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_SEQUENCE_BITS = 10
_LAST_SEQUENCE = (1 << _SEQUENCE_BITS) - 1


def _encode(number: int, length: int) -> str:
    characters: list[str] = []
    for _ in range(length):
        number, digit = divmod(number, 32)
        characters.append(_ALPHABET[digit])
    return "".join(reversed(characters))


_ORDER = tuple(_encode(sequence, 2) for sequence in range(1 << _SEQUENCE_BITS))


class IdSource:
    """Makes ids; one belongs to one kernel."""

    def __init__(self, clock: Clock, rng: Random) -> None:
        self._clock = clock
        # The start is mixed in: kernels with the same seed write to one store, one after another.
        started = int(clock.now().timestamp() * 1000)
        self._tag = _encode((rng.getrandbits(20) ^ started) & 0xFFFFF, 4)
        self._last = 0
        self._head = (-1, "")

    def __call__(self, at: datetime | None = None) -> str:
        """Return a new id, greater than all ids of this source before it.

        Args:
            at: The time, where it is known already; the clock is asked otherwise.
        """
        now = int((at or self._clock.now()).timestamp() * 1000) << _SEQUENCE_BITS
        # A clock that stands still or jumps back only counts on: order is kept.
        self._last = last = now if now > self._last else self._last + 1
        milliseconds, sequence = last >> _SEQUENCE_BITS, last & _LAST_SEQUENCE
        if milliseconds != self._head[0]:
            self._head = milliseconds, _encode(milliseconds, 9)
        return f"{self._head[1]}{_ORDER[sequence]}{self._tag}"
