"""Quantiles: exact ones, of as many values as a window keeps."""

from collections.abc import Sequence


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return a quantile of values in ascending order; 0 when there are none.

    Between two values it is interpolated linearly (Hyndman & Fan 1996, definition 7), as numpy and
    `statistics.quantiles(method="inclusive")` do.
    """
    if not ordered:
        return 0.0
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
