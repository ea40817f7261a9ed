"""The nearest valid choice, for errors that help."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known name that looks most like `word`, or None when none is close."""
    matches = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return matches[0] if matches else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a sentence that points to the valid choices; it starts with a space."""
    choices = sorted(known)
    close = nearest(word, choices)
    if close is not None:
        return f" Did you mean {close!r}?"
    return f" Known: {', '.join(choices)}." if choices else ""
