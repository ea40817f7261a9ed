"""The contract of reflectors."""

import math
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta

from dataagents.core.models import LanguageModel
from dataagents.core.planning import Failure, FailureKind, PlannedTask, Trigger
from dataagents.core.reflection import (
    Delivery,
    Experience,
    Lesson,
    Lessons,
    LessonState,
    MethodUse,
    Mishap,
    Reflection,
    Reflector,
)
from dataagents.core.testing.clock import START
from dataagents.core.values import from_json, to_json


class StillDesk:
    """A reflector's desk on which time stands still and every reflection has the same id.

    Args:
        model: The language model; None for a desk without one.
        at: The time it always is.
    """

    def __init__(self, model: LanguageModel | None = None, at: datetime = START) -> None:
        self._model = model
        self._at = at

    @property
    def model(self) -> LanguageModel | None:
        """The model that it was given."""
        return self._model

    def now(self) -> datetime:
        """Return a time that never changes."""
        return self._at

    def new_id(self) -> str:
        """Return an id that never changes."""
        return "reflection"


def experience(number: int = 1, *, success: bool = True, quality: float | None = 0.9) -> Experience:
    """Return what a run of one task taught: agent `a` did it, or failed at it."""
    failures = () if success else (Failure("work(x)", FailureKind.RECOVERABLE, "out of order"),)
    return Experience(
        id=f"experience-{number}",
        at=START + timedelta(hours=number),
        goal="clean",
        sources=("x",),
        success=success,
        seconds=2.0,
        quality=quality,
        deliveries=(Delivery("work", "a", success, 0.9, 0.9, 1.0),),
        failures=failures,
        run=f"run-{number}",
    )


def drifted(number: int = 1, *, source: str = "x", replans: int = 1) -> Experience:
    """Return what a run taught in which the schema of a source drifted, and the plan changed."""
    return replace(
        experience(number),
        sources=(source,),
        replans=replans,
        mishaps=(Mishap("work", source, Trigger.DRIFT, "2 new columns", remedy=("adapt",)),),
        methods=(MethodUse("do", "fast", source, False), MethodUse("do", "slow", source, True)),
    )


async def taught(
    reflector: Reflector,
    runs: Sequence[Experience],
    lessons: Sequence[Lesson] = (),
    model: LanguageModel | None = None,
) -> dict[str, Lesson]:
    """Return the lessons after run upon run, each reflected on as a kernel does it.

    Args:
        reflector: Learns.
        runs: Oldest first.
        lessons: Those that there are before.
        model: The one on the desk.
    """
    book = {lesson.id: lesson for lesson in lessons}
    for place, run in enumerate(runs, start=1):
        desk = StillDesk(model, run.at)
        reflection = await reflector.reflect(runs[:place], tuple(book.values()), desk)
        book |= {each.lesson.id: each.lesson for each in reflection.adaptations}
    return book


class ReflectorContract:
    """What every reflector holds to."""

    def reflector(self) -> Reflector:
        """Return the reflector under test."""
        raise NotImplementedError

    async def test_the_same_experiences_give_the_same_reflection(self) -> None:
        """Learning is repeatable, and leaves the experiences as they were."""
        lived = _lived()
        before = deepcopy(lived)
        first = await self.reflector().reflect(lived, (), StillDesk())
        assert await self.reflector().reflect(lived, (), StillDesk()) == first
        assert lived == before

    async def test_there_is_a_reflection_without_experience(self) -> None:
        """The first run of all has nothing to learn from."""
        reflection = await self.reflector().reflect((), (), StillDesk())
        assert reflection.summary
        assert reflection.adaptations == ()

    async def test_it_takes_its_time_and_id_from_the_desk(self) -> None:
        """A reflector has no clock of its own."""
        reflection = await self.reflector().reflect(_lived(), (), StillDesk())
        assert (reflection.id, reflection.at) == ("reflection", START)

    async def test_an_unmeasured_quality_is_no_figure(self) -> None:
        """Runs that measured nothing can be reflected on."""
        lived = [experience(number, quality=None) for number in range(3)]
        for trend in (await self.reflector().reflect(lived, (), StillDesk())).trends:
            assert math.isfinite(trend.before)
            assert math.isfinite(trend.now)

    async def test_a_reflection_can_be_stored(self) -> None:
        """It is the same after it went through the journal."""
        reflection = await self.reflector().reflect(_lived(), (), StillDesk())
        assert from_json(Reflection, to_json(reflection)) == reflection

    async def test_a_lesson_stays_within_its_bounds_and_keeps_its_subject(self) -> None:
        """One lesson for a subject of a kind, whatever happens, and no figure without a bound."""
        lessons = await taught(self.reflector(), _lived())
        for lesson in lessons.values():
            assert lesson.low <= lesson.value <= lesson.high
            assert lesson.evidence
        subjects = {(lesson.kind, lesson.subject) for lesson in lessons.values()}
        assert len(subjects) == len(lessons)

    async def test_what_a_person_decided_stays(self) -> None:
        """A pinned and a disabled lesson are not changed by evidence."""
        learned = await taught(self.reflector(), _lived())
        for state in (LessonState.PINNED, LessonState.DISABLED):
            decided = tuple(replace(lesson, state=state) for lesson in learned.values())
            reflection = await self.reflector().reflect(_lived(9), decided, StillDesk())
            assert not {each.lesson.id for each in reflection.adaptations} & learned.keys()

    async def test_lessons_survive_experiences(self) -> None:
        """When the experiences behind them are gone, the lessons are there all the same."""
        learned = tuple((await taught(self.reflector(), _lived())).values())
        reflection = await self.reflector().reflect((experience(99),), learned, StillDesk())
        kept = {lesson.id: lesson for lesson in learned}
        kept |= {each.lesson.id: each.lesson for each in reflection.adaptations}
        assert kept.keys() >= {lesson.id for lesson in learned}
        for lesson in learned:
            assert kept[lesson.id].samples >= lesson.samples

    async def test_recalling_is_pure_and_gives_factors(self) -> None:
        """Lessons are repeatable; a factor is finite, and never below 0."""
        reflector = self.reflector()
        known = tuple((await taught(reflector, _lived())).values())
        before = deepcopy(known)
        task = PlannedTask("clean", "clean", {"datasets": ["x"]})
        lessons = reflector.recall(task, known, 7)
        assert self.reflector().recall(task, known, 7) == lessons
        assert known == before
        assert set(lessons.applied) <= {lesson.id for lesson in known}
        for factor in (*lessons.reputation.values(), *lessons.weights.values()):
            assert math.isfinite(factor)
            assert factor >= 0
        for preference in lessons.preferences.values():
            assert 0 <= preference <= 1

    async def test_what_is_not_in_force_is_not_recalled(self) -> None:
        """Disabled, rolled back or forgotten: it changes nothing."""
        learned = (await taught(self.reflector(), _lived())).values()
        task = PlannedTask("clean", "clean", {"datasets": ["x"]})
        for state in LessonState:
            if not state.applies:
                known = tuple(replace(lesson, state=state) for lesson in learned)
                assert self.reflector().recall(task, known, 0) == Lessons()

    def test_nothing_is_recalled_of_nothing(self) -> None:
        """Without lessons there is nothing to recall."""
        lessons = self.reflector().recall(PlannedTask("work(x)", "work"), (), 0)
        assert lessons == Lessons()


def _lived(first: int = 0) -> Sequence[Experience]:
    outcomes = (True, False, False, True)
    plain = (
        experience(number, success=success, quality=0.9 if success else 0.5)
        for number, success in enumerate(outcomes, start=first)
    )
    return (*plain, drifted(first + 4), drifted(first + 5))
