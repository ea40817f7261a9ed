"""The book of lessons: which ones there are, and who may change them in which way."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from math import isfinite

from dataagents.core.errors import InputError
from dataagents.core.events import Event
from dataagents.core.reflection import Adaptation, Lesson, LessonState
from dataagents.core.suggestions import did_you_mean
from dataagents.core.values import from_json

MOST_LESSONS = 500
"""How many lessons there may be; when there are more, the one changed longest ago goes."""
WINDOW = 4_000
"""How many changes are read back. No lesson was written longer ago than half of that."""

_WORDS = {
    LessonState.PINNED: "pinned",
    LessonState.DISABLED: "disabled",
    LessonState.TRIAL: "enabled",
    LessonState.FORGOTTEN: "forgotten",
}
"""State that a person may choose → what that is called."""
_OF_PERSONS = (LessonState.PINNED, LessonState.DISABLED)


class LessonBook:
    """All lessons of a kernel, each in its newest form."""

    def __init__(self) -> None:
        self._lessons: OrderedDict[str, Lesson] = OrderedDict()
        """The one changed longest ago first."""
        self._written: dict[str, int] = {}
        """Lesson → number of the change that wrote it down last."""
        self._changes = 0

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        """All lessons, the forgotten ones included."""
        return tuple(self._lessons.values())

    def restore(self, events: Iterable[Event]) -> None:
        """Take over what earlier kernels wrote, oldest first; what nobody can read is left out."""
        for event in events:
            try:
                self._keep(from_json(Adaptation, event.body).lesson)
            except InputError:
                continue

    def apply(self, adaptation: Adaptation) -> Adaptation | None:
        """Apply what a reflector learned.

        Returns:
            What was applied: the value is within the lesson's bounds. None when it may not be: a
            person decided about the lesson, it would become another one, or a figure is none.
        """
        lesson = adaptation.lesson
        known = self._lessons.get(lesson.id)
        if not all(map(isfinite, (lesson.value, lesson.low, lesson.high))):
            return None
        if lesson.low > lesson.high or lesson.state in (*_OF_PERSONS, LessonState.FORGOTTEN):
            return None
        if known is not None:
            same = (known.kind, known.subject) == (lesson.kind, lesson.subject)
            if known.state in _OF_PERSONS or not same:
                return None
        bounded = min(max(lesson.value, lesson.low), lesson.high)
        self._keep(replace(lesson, value=bounded))
        return replace(adaptation, lesson=self._lessons[lesson.id])

    def change(
        self, lesson: str, state: LessonState, reason: str, by: str, at: datetime
    ) -> Adaptation:
        """Let a person decide about a lesson; that holds whatever is learned afterwards.

        Args:
            lesson: Its id.
            state: PINNED and DISABLED hold until somebody says otherwise; TRIAL gives it back to
                the reflector, which watches it anew; FORGOTTEN takes it and its evidence away.
            reason: Why, in the person's words.
            by: Who.
            at: When.

        Raises:
            InputError: There is no such lesson, or only reflection can bring it into that state.
        """
        known = self._lessons.get(lesson)
        if known is None or known.state is LessonState.FORGOTTEN:
            there = [each.id for each in self.lessons if each.state is not LessonState.FORGOTTEN]
            hint = did_you_mean(lesson, there).strip() or "There are no lessons yet."
            raise InputError(f"lesson {lesson!r}", "there is no such lesson", hint=hint)
        if state not in _WORDS:
            choices = ", ".join(_WORDS)
            raise InputError(f"lesson {lesson!r}", f"nobody can make it {state}; only {choices}")
        changed = replace(known, state=state)
        if state is LessonState.TRIAL:
            changed = replace(changed, uses=0, observed=None)
        if state is LessonState.FORGOTTEN:
            changed = replace(changed, at=at, samples=0, uses=0, observed=None, counts={})
        self._keep(changed)
        return Adaptation(_WORDS[state], changed, reason, by)

    def adopt(self, lessons: Sequence[Lesson], reason: str, by: str) -> tuple[Adaptation, ...]:
        """Take over lessons of another book, in the place of those of the same kind and subject.

        Raises:
            InputError: One of them is none: its figures, its bounds or its id; none is taken over.
        """
        ids = {(each.kind, each.subject): each.id for each in self.lessons}
        for lesson in lessons:
            figures = (lesson.low, lesson.value, lesson.high)
            if not all(map(isfinite, figures)) or sorted(figures) != list(figures):
                problem = f"its value {lesson.value:g} is not in {lesson.low:g} to {lesson.high:g}"
                raise InputError(f"lesson {lesson.id!r}", problem)
            about = (lesson.kind, lesson.subject)
            if ids.setdefault(about, lesson.id) != lesson.id:
                problem = f"{ids[about]!r} is about the same {lesson.kind} of {lesson.subject!r}"
                raise InputError(f"lesson {lesson.id!r}", problem)
        for lesson in lessons:
            self._keep(lesson)
        return tuple(Adaptation("imported", lesson, reason, by) for lesson in lessons)

    def stale(self) -> tuple[Adaptation, ...]:
        """Return lessons that have to be written down again, so that reading back finds them."""
        old = [
            lesson
            for lesson in self.lessons
            if self._changes - self._written[lesson.id] > WINDOW // 2
        ]
        for lesson in old:
            self._keep(lesson)
        return tuple(Adaptation("kept", lesson, "as before") for lesson in old)

    def _keep(self, lesson: Lesson) -> None:
        self._changes += 1
        self._written[lesson.id] = self._changes
        self._lessons[lesson.id] = lesson
        self._lessons.move_to_end(lesson.id)
        if len(self._lessons) > MOST_LESSONS:
            free = (each.id for each in self.lessons if each.state not in _OF_PERSONS)
            gone = next(free, lesson.id)
            del self._lessons[gone], self._written[gone]
