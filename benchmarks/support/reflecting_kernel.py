"""The same episodes through a kernel: experiences in, reflections, lessons out, buffer and all.

An episode is a run whose plan uses the methods in the order that the lessons give, those without a
lesson after the others. Where a method fails, the run replans and takes the next, as the kernel
does; so a run can tell of several methods. Only the first is the choice that is measured.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from dataagents.core import Kernel, KernelConfig, PlannedTask
from dataagents.core.reflection import Experience, Lessons, MethodUse
from support.reflection_episodes import REPAIRS, SOURCE, Record, World

_START = datetime(2026, 1, 1, tzinfo=UTC)


async def played_by_kernel(world: World, *, reflecting: bool = True) -> Record:
    """Let the reflector choose in each episode; without it, the domain's order stays."""
    rates: list[float] = []
    worked = 0
    config = KernelConfig(agents=(), monitoring=False, seed=world.seed)
    async with Kernel(config) as kernel:
        for episode, fault in enumerate(world.faults):
            task = f"fault-{fault}"
            goal = PlannedTask("clean", "clean", args={"datasets": [SOURCE]})
            lessons = kernel.reflection.lessons(goal) if reflecting else Lessons()
            order = _order(task, lessons)
            uses = _uses(world, episode, task, order)
            rates.append(world.rate(episode, order[0]))
            worked += uses[0].success
            if reflecting:
                await kernel.reflect(_experience(episode, uses, lessons))
    return Record(rates, worked)


def _order(task: str, lessons: Lessons) -> list[int]:
    """Return the repairs as a planner tries them."""
    known = [lessons.preferences.get(f"{task}/{repair}") for repair in REPAIRS]
    places = range(len(REPAIRS))
    return sorted(places, key=lambda n: (known[n] is None, -(known[n] or 0.0), n))


def _uses(world: World, episode: int, task: str, order: list[int]) -> tuple[MethodUse, ...]:
    uses: list[MethodUse] = []
    for repair in order:
        uses.append(MethodUse(task, REPAIRS[repair], SOURCE, world.works(episode, repair)))
        if uses[-1].success:
            break
    return tuple(uses)


def _experience(episode: int, uses: tuple[MethodUse, ...], lessons: Lessons) -> Experience:
    made = Experience(
        id=f"{episode}", at=_START + timedelta(hours=episode), goal="clean", sources=(SOURCE,),
        success=uses[-1].success, seconds=1.0, quality=None, run=f"{episode}",
    )  # fmt: skip
    return replace(
        made, methods=uses, replans=sum(not use.success for use in uses), applied=lessons.applied
    )
