"""The contract of reflectors."""

import math
from collections.abc import Sequence
from copy import deepcopy
from datetime import datetime, timedelta

from dataagents.core.planning import Failure, FailureKind, PlannedTask
from dataagents.core.reflection import Delivery, Experience, Reflection, Reflector
from dataagents.core.testing.clock import START
from dataagents.core.values import from_json, to_json


class StillDesk:
    """A reflector's desk on which time stands still and every reflection has the same id."""

    def now(self) -> datetime:
        """Return a time that never changes."""
        return START

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


class ReflectorContract:
    """What every reflector holds to."""

    def reflector(self) -> Reflector:
        """Return the reflector under test."""
        raise NotImplementedError

    async def test_the_same_experiences_give_the_same_reflection(self) -> None:
        """Learning is repeatable, and leaves the experiences as they were."""
        lived = _lived()
        before = deepcopy(lived)
        first = await self.reflector().reflect(lived, StillDesk())
        assert await self.reflector().reflect(lived, StillDesk()) == first
        assert lived == before

    async def test_there_is_a_reflection_without_experience(self) -> None:
        """The first run of all has nothing to learn from."""
        reflection = await self.reflector().reflect((), StillDesk())
        assert reflection.summary
        assert reflection.adaptations == ()

    async def test_it_takes_its_time_and_id_from_the_desk(self) -> None:
        """A reflector has no clock of its own."""
        reflection = await self.reflector().reflect(_lived(), StillDesk())
        assert (reflection.id, reflection.at) == ("reflection", START)

    async def test_an_unmeasured_quality_is_no_figure(self) -> None:
        """Runs that measured nothing can be reflected on."""
        lived = [experience(number, quality=None) for number in range(3)]
        for trend in (await self.reflector().reflect(lived, StillDesk())).trends:
            assert math.isfinite(trend.before)
            assert math.isfinite(trend.now)

    async def test_a_reflection_can_be_stored(self) -> None:
        """It is the same after it went through the journal."""
        reflection = await self.reflector().reflect(_lived(), StillDesk())
        assert from_json(Reflection, to_json(reflection)) == reflection

    async def test_recalling_is_pure_and_gives_factors(self) -> None:
        """Lessons are repeatable; a reputation is a finite factor, and never below 0."""
        reflector = self.reflector()
        known = (await reflector.reflect(_lived(), StillDesk()),)
        before = deepcopy(known)
        task = PlannedTask("work(x)", "work")
        lessons = reflector.recall(task, known)
        assert self.reflector().recall(task, known) == lessons
        assert known == before
        for factor in lessons.reputation.values():
            assert math.isfinite(factor)
            assert factor >= 0

    def test_nothing_is_recalled_of_nothing(self) -> None:
        """Without reflections there are no lessons."""
        lessons = self.reflector().recall(PlannedTask("work(x)", "work"), ())
        assert (dict(lessons.reputation), lessons.warnings) == ({}, ())


def _lived() -> Sequence[Experience]:
    outcomes = (True, False, False, True)
    return tuple(
        experience(number, success=success, quality=0.9 if success else 0.5)
        for number, success in enumerate(outcomes)
    )
