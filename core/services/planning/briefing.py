"""Briefing: what earlier runs taught about a goal, in the form in which a planner uses it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dataagents.core.planning import Goal, Plan, PlannedTask
from dataagents.core.reflection import Lessons
from dataagents.core.services.planning.foresight import FORESEEN, source_of
from dataagents.core.values import Json, JsonObject


@dataclass(frozen=True, slots=True)
class Briefing:
    """What a plan was made with, beside its goal."""

    facts: JsonObject = field(default_factory=dict)
    """What is foreseen for each data set: `foreseen:{source}` → task → what to expect."""
    preferences: Mapping[str, float] = field(default_factory=dict)
    applied: tuple[str, ...] = ()
    """Ids of the lessons that it comes from."""
    provided: frozenset[str] = frozenset()
    """Data sets that the plan treats in another way because of what is foreseen."""
    run: str = ""


def subject_of(goal: Goal) -> PlannedTask:
    """Return a goal as what lessons are recalled for."""
    return PlannedTask(id=goal.task, name=goal.task, args={"datasets": list(goal.inputs)})


def brief(goal: Goal, lessons: Lessons, run: str) -> Briefing:
    """Return the briefing for a goal; foresight about data sets that are no input is left out."""
    foreseen: dict[str, dict[str, Json]] = {}
    for subject, facts in lessons.foresight.items():
        task, _, source = subject.partition("@")
        if source in goal.inputs:
            foreseen.setdefault(source, {})[task] = dict(facts)
    return Briefing(
        facts={FORESEEN.format(source): tasks for source, tasks in foreseen.items()},
        preferences=dict(lessons.preferences),
        applied=lessons.applied,
        run=run,
    )


def differing(goal: Goal, one: Plan, other: Plan) -> frozenset[str]:
    """Return the data sets that two plans for a goal treat in different ways."""
    ways = [_by_source(plan.tasks) for plan in (one, other)]
    return frozenset(each for each in goal.inputs if ways[0].get(each) != ways[1].get(each))


def _by_source(tasks: Sequence[PlannedTask]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for task in tasks:
        found.setdefault(source_of(task), []).append(task.id)
    return found
