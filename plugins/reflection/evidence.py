"""Evidence: what a lesson has counted already, by source, and how much one source may say.

A lesson carries its counts, so it outlives the experiences behind it. The evidence of each source
is kept apart and counts for at most so many tasks: however often one source repeats itself, it says
no more than that. What is older fades: each source remembers its latest hundred tasks or so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite

from dataagents.core.reflection import Experience, Lesson, LessonState
from dataagents.core.values import Json, JsonObject

LAST = "last"
"""Key in a lesson's counts: the id of the newest experience that was counted."""
_SOURCES = "sources"
_MEMORY = 100.0
_MOST_SOURCES = 50


class Review:
    """What one reflection goes through: all experiences, and the lessons there are.

    Args:
        lived: All experiences, oldest first.
        lessons: All lessons, in whatever state.
        now: The kernel's time.
    """

    def __init__(
        self, lived: Sequence[Experience], lessons: Sequence[Lesson], now: datetime
    ) -> None:
        self.lived = lived
        self.lessons = {lesson.id: lesson for lesson in lessons}
        self.now = now
        self._places = {experience.id: place for place, experience in enumerate(lived)}

    @property
    def last(self) -> str:
        """Id of the newest experience; empty without any."""
        return self.lived[-1].id if self.lived else ""

    def decided(self, id: str) -> bool:
        """Return whether a person decided about a lesson: then it stays as it is."""
        lesson = self.lessons.get(id)
        return lesson is not None and lesson.state in (LessonState.PINNED, LessonState.DISABLED)

    def start(self, id: str) -> int:
        """Return the place of the first experience that a lesson has not counted.

        All are news to a lesson whose newest one is gone: only older ones were pruned. One that was
        forgotten has no counts, and learns from what came after that.
        """
        lesson = self.lessons.get(id)
        if lesson is None:
            return 0
        last = lesson.counts.get(LAST)
        if isinstance(last, str):
            return self._places.get(last, -1) + 1
        later = (n for n, each in enumerate(self.lived) if each.at > lesson.at)
        return next(later, len(self.lived))


@dataclass(slots=True)
class Count:
    """What was counted of one source."""

    done: float = 0.0
    succeeded: float = 0.0
    kept: float = 0.0
    """Successes, those that kept a promise in part counting in part."""

    def add(self, kept: float, *, success: bool) -> None:
        """Count one more; the older ones fade when there are many."""
        fade = min(1.0, _MEMORY / (self.done + 1.0))
        self.done = self.done * fade + 1.0
        self.succeeded = self.succeeded * fade + success
        self.kept = self.kept * fade + kept


@dataclass(slots=True)
class Ledger:
    """What a lesson has counted, by source."""

    sources: dict[str, Count] = field(default_factory=dict)

    @classmethod
    def of(cls, lesson: Lesson | None) -> "Ledger":
        """Return the counts of a lesson; whatever makes no sense in them counts nothing."""
        ledger = cls()
        found = lesson.counts.get(_SOURCES) if lesson is not None else None
        for source, figures in (found if isinstance(found, dict) else {}).items():
            count = _count(figures)
            if count is not None:
                ledger.sources[source] = count
        return ledger

    def add(self, source: str, kept: float, *, success: bool) -> None:
        """Count one more of a source; the source with least evidence makes room for a new one."""
        count = self.sources.get(source)
        if count is None:
            if len(self.sources) >= _MOST_SOURCES:
                del self.sources[min(self.sources, key=lambda each: self.sources[each].done)]
            count = self.sources[source] = Count()
        count.add(kept, success=success)

    @property
    def done(self) -> int:
        """How much was counted."""
        return round(sum(count.done for count in self.sources.values()))

    @property
    def succeeded(self) -> int:
        """How much of that succeeded."""
        return round(sum(count.succeeded for count in self.sources.values()))

    @property
    def kept(self) -> float:
        """How much succeeded, in whole and in part."""
        return sum(count.kept for count in self.sources.values())

    def bounded(self, most: float) -> tuple[float, float]:
        """Return (kept, done), each source counting for at most `most` tasks."""
        kept = done = 0.0
        for count in self.sources.values():
            weight = min(1.0, most / count.done) if count.done else 0.0
            kept += weight * count.kept
            done += weight * count.done
        return kept, done

    def written(self, last: str) -> JsonObject:
        """Return it as a lesson's counts."""
        sources: dict[str, Json] = {
            source: [count.done, count.succeeded, count.kept]
            for source, count in self.sources.items()
        }
        return {LAST: last, _SOURCES: sources}


def whole(counts: Mapping[str, Json], name: str) -> int:
    """Return a counted number; 0 when there is none."""
    value = counts.get(name)
    return value if isinstance(value, int) and value > 0 else 0


def _count(figures: Json) -> Count | None:
    numbers = [
        float(each)
        for each in (figures if isinstance(figures, list) else [])
        if isinstance(each, int | float) and isfinite(each) and each >= 0
    ]
    if len(numbers) != 3:
        return None
    done, succeeded, kept = numbers
    return Count(done, min(succeeded, done), min(kept, succeeded, done))
