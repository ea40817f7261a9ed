"""Guidance: which method of a task is tried first, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from dataagents.core.planning import Domain, Method, Plan, PlannedTask, Task
from dataagents.plugins.planning.layout import label


@dataclass(frozen=True, slots=True)
class Way:
    """A method, and why it would be taken when it fits."""

    method: Method
    why: str


Ways = Sequence[Way]
FIRST = "the first that fits"
DEAD = "led to no plan"
"""What is said of a method that was tried in vain."""
WORSE = "led to no better plan"


class Guidance:
    """Orders methods as the domain does, those with a preference by it within their places."""

    def __init__(self, domain: Domain, preferences: Mapping[str, float], seed: int = 0) -> None:
        listed: dict[str, list[Method]] = {}
        for method in domain.methods:
            listed.setdefault(method.task, []).append(method)
        rng = Random(seed)
        self._ways = {task: _ordered(found, preferences, rng) for task, found in listed.items()}

    def ways(self, task: Task) -> Ways:
        """Return the methods of a task in the order to try them."""
        return self._ways.get(task.name, ())


class Keeping(Guidance):
    """Prefers what a plan in force did, except for one decomposition that failed."""

    def __init__(
        self,
        domain: Domain,
        preferences: Mapping[str, float],
        plan: Plan,
        avoid: str | None,
        seed: int = 0,
    ) -> None:
        super().__init__(domain, preferences, seed)
        self._kept = {each.task: each.method for each in reversed(plan.decompositions)}
        self._unfit = {
            each.task: frozenset(
                method for method, reason in each.rejected.items() if reason not in (DEAD, WORSE)
            )
            for each in reversed(plan.decompositions)
        }
        self._avoid = avoid

    def ways(self, task: Task) -> Ways:
        """Return the methods of a task, that of the plan in force early, or last if it failed."""
        ways = super().ways(task)
        if len(ways) < 2:
            return ways
        name = label(task)
        used = self._kept.get(name)
        if name == self._avoid:
            rest = [
                Way(way.method, f"instead of {used}") for way in ways if way.method.name != used
            ]
            same = [Way(way.method, "again") for way in ways if way.method.name == used]
            return [*rest, *same]
        place = next((at for at, way in enumerate(ways) if way.method.name == used), None)
        if place is None:
            return ways
        # What did not fit then comes before it as ever: it may fit now, and often says that
        # nothing is left to do. Only what was passed over for it waits.
        unfit = self._unfit.get(name, frozenset())
        before = [way for way in ways[:place] if way.method.name in unfit]
        passed = [way for way in ways[:place] if way.method.name not in unfit]
        return [*before, Way(ways[place].method, "kept"), *passed, *ways[place + 1 :]]


def ancestors(plan: Plan, task: str, domain: Domain) -> tuple[str, ...]:
    """Return what a planned task comes from and could be done otherwise, the nearest first.

    Args:
        plan: The plan in force.
        task: Id of one of its tasks.
        domain: Says what else there is.
    """
    made = {each.id: each for each in plan.decompositions}
    choice = next((_parent(each, plan) for each in plan.tasks if each.id == task), "")
    found: list[str] = []
    while choice in made:
        name = made[choice].task.partition("(")[0]
        if sum(method.task == name for method in domain.methods) > 1:
            found.append(made[choice].task)
        choice = made[choice].parent
    return tuple(dict.fromkeys(found))


def _parent(task: PlannedTask, plan: Plan) -> str:
    """Return what a task comes from, also in a plan that does not say so by itself."""
    name = label(Task(task.name, task.args))
    return task.parent or next((each.id for each in plan.decompositions if name in each.into), "")


def _ordered(methods: Sequence[Method], preferences: Mapping[str, float], rng: Random) -> Ways:
    """Return the ways of one task; equal preferences are ordered by chance, from the seed.

    Methods that were never tried keep their places: often they say that nothing is left to do, and
    have to come before those that would do it again.
    """
    known = [(preferences.get(f"{each.task}/{each.name}"), rng.random(), each) for each in methods]
    liked = sorted(
        ((value, chance, each) for value, chance, each in known if value is not None),
        key=lambda entry: (-entry[0], entry[1]),
    )
    preferred = iter(
        [Way(each, f"preferred: {value:.2f} from earlier runs") for value, _, each in liked]
    )
    only = "the only way" if len(methods) == 1 else FIRST
    return tuple(Way(each, only) if value is None else next(preferred) for value, _, each in known)
