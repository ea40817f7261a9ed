"""Quantities: shares, sizes and periods as people write them on a command line."""

import re
from datetime import timedelta

from dataagents.core import InputError

_MEGABYTES = {"MB": 1, "GB": 1024, "TB": 1024 * 1024}
_SMALLEST = 64
"""Megabytes; what `memory_limit_mb` takes."""
_HOURS = {"h": 1, "d": 24, "w": 24 * 7}
_LONGEST = 24 * 365 * 1_000
"""Hours; beyond that there are no dates to count from."""
_NUMBER = r"\d+(?:\.\d*)?|\.\d+"


def share(option: str, text: str | None) -> float | None:
    """Return a share in [0, 1] that was written as `5%` or `0.05`; None for None.

    Raises:
        InputError: It is neither.
    """
    if text is None:
        return None
    found = re.fullmatch(rf"({_NUMBER})\s*(%?)", text.strip())
    value = float(found[1]) / (100 if found[2] else 1) if found else -1.0
    if not 0 <= value <= 1:
        hint = "Write it as 0.05 or 5%."
        raise InputError(f"{option} {text}", "it is no share between 0 and 1", hint=hint)
    return value


def megabytes(option: str, text: str) -> int:
    """Return a size that was written as `2GB` or `512MB`, in megabytes.

    Raises:
        InputError: It is none, or too small to work with.
    """
    found = re.fullmatch(rf"({_NUMBER})\s*([MGT])I?B?", text.strip().upper())
    if found is None:
        hint = "Write it as 2GB or 512MB."
        raise InputError(f"{option} {text}", "it is no size", hint=hint)
    size = int(float(found[1]) * _MEGABYTES[f"{found[2]}B"])
    if size < _SMALLEST:
        hint = f"Give at least {_SMALLEST}MB."
        raise InputError(f"{option} {text}", "it is too little to work with", hint=hint)
    return size


def period(option: str, text: str) -> timedelta:
    """Return a time that was written as `30d`, `12h` or `2w`.

    Raises:
        InputError: It is none.
    """
    found = re.fullmatch(rf"({_NUMBER})\s*([hdw])", text.strip().lower())
    if found is None or float(found[1]) * _HOURS[found[2]] > _LONGEST:
        hint = "Write it as 30d, 12h or 2w."
        raise InputError(f"{option} {text}", "it is no period", hint=hint)
    return timedelta(hours=float(found[1]) * _HOURS[found[2]])
