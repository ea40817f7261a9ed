"""Samples: what was measured lately of each figure and subject."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

_MOST = 512
"""Samples of one figure of one subject that are kept."""
_MOST_SUBJECTS = 10_000
"""Subjects of one figure that are kept; of more, the one that came first is forgotten."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One value at one moment."""

    at: float
    """Seconds since the epoch."""
    value: float


class History:
    """The latest samples, by figure and subject.

    Args:
        spans: Figure → seconds that its samples are kept for; of others only the latest is.
    """

    def __init__(self, spans: Mapping[str, float]) -> None:
        self._spans = dict(spans)
        self._series: dict[str, dict[str, deque[Sample]]] = {}

    def add(self, figure: str, subject: str, sample: Sample) -> None:
        """Keep a sample; those of a later time are dropped then: a clock was set back."""
        subjects = self._series.setdefault(figure, {})
        series = subjects.setdefault(subject, deque(maxlen=_MOST))
        if len(subjects) > _MOST_SUBJECTS:
            del subjects[next(iter(subjects))]
        while series and sample.at < series[-1].at:
            series.pop()
        series.append(sample)
        oldest = sample.at - self._spans.get(figure, 0.0)
        while len(series) > 1 and series[0].at < oldest:
            series.popleft()

    def of(self, figure: str, subject: str) -> Sequence[Sample]:
        """Return the samples of a figure and subject, oldest first."""
        return tuple(self._series.get(figure, {}).get(subject, ()))

    def subjects(self, figure: str) -> tuple[str, ...]:
        """Return what a figure is known of."""
        return tuple(self._series.get(figure, ()))

    def forget(self, subject: str, figures: Iterable[str]) -> None:
        """Forget the given figures of a subject that is gone."""
        for figure in figures:
            self._series.get(figure, {}).pop(subject, None)


def since(samples: Sequence[Sample], start: float) -> Sequence[Sample]:
    """Return the samples from a moment on, oldest first."""
    first = next((place for place, each in enumerate(samples) if each.at >= start), len(samples))
    return tuple(islice(samples, first, None))
