"""Backoff: how long to wait before something that failed is tried again."""

from random import Random

from tenacity import RetryCallState


class Backoff:
    """Exponential backoff with full jitter: the pauses of whatever tenacity tries again.

    The pause before attempt n + 1 is drawn from [0, first * 2^(n-1)] (Brooker, "Exponential
    Backoff And Jitter", AWS Architecture Blog, 2015), so what failed together does not come back
    together. Tenacity's own strategy draws from the interpreter's one source, which no seed of a
    kernel reaches.

    Args:
        seed: Seed of what is drawn; another every time when None.
        first: Seconds of the longest first pause.
        longest: Seconds of the longest pause ever.
    """

    def __init__(self, seed: int | None, *, first: float, longest: float) -> None:
        self._rng = Random(seed)
        self._first = first
        self._longest = longest

    def __call__(self, state: RetryCallState) -> float:
        """Return the seconds to wait after an attempt; they are numbered from 1."""
        doublings = min(state.attempt_number - 1, 60)  # beyond that a float has no room
        return self._rng.uniform(0.0, min(self._longest, self._first * 2.0**doublings))
