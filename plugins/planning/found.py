"""What a search found: actions, why they are there, and what it took."""

from collections import Counter
from dataclasses import dataclass

from dataagents.core.planning import Decomposition, Task, TaskNetwork
from dataagents.plugins.planning.guidance import DEAD, FIRST, WORSE
from dataagents.plugins.planning.layout import label
from dataagents.plugins.planning.observed import observed_order
from dataagents.plugins.planning.ordering import is_silent, kept_order
from dataagents.plugins.planning.search import Search


@dataclass(frozen=True, slots=True)
class Action:
    """A primitive task in its place."""

    task: Task
    parent: str = ""
    """Id of the decomposition that it comes from; empty for a root task."""
    before: tuple[int, ...] = ()
    """Positions of the actions that it has to come after because of its methods, as far as
    `ordering` keeps that; the facts that it shares with others are not considered."""


@dataclass(frozen=True, slots=True)
class Found:
    """A plan, before it is laid out."""

    actions: tuple[Action, ...]
    choices: tuple[Decomposition, ...]
    confidence: float = 1.0
    """Product of the success probabilities of the methods and operators used."""
    cost: float = 0.0
    """Sum of the costs of the methods and operators used."""
    summary: str = ""
    """What the search did, in words."""


def snapshot(search: Search, better: str = "") -> Found:
    """Return the plan that a search is at.

    Args:
        search: One that has just found a plan.
        better: In what it is better than the first plan, for the choices that make it so.
    """
    labels: dict[int, str] = {}

    def called(task: Task) -> str:
        """Return a task's label: most are asked for twice, as a subtask and as a task."""
        known = labels.get(id(task))
        if known is None:
            known = labels[id(task)] = label(task)
        return known

    names: list[str] = []
    seen: Counter[str] = Counter()
    for choice in search.choices:
        name = called(choice.task)
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    decompositions: list[Decomposition] = []
    for name, choice in zip(names, search.choices, strict=True):
        tasks = choice.network.tasks if isinstance(choice.network, TaskNetwork) else choice.network
        rejected = {key: why for key, why in choice.rejected.items() if key != choice.method.name}
        why = choice.why
        if DEAD in rejected.values():
            if better:
                why = better
                rejected = {
                    key: WORSE if value == DEAD else value for key, value in rejected.items()
                }
            elif why.startswith(FIRST):
                why = why.replace(FIRST, "the first that leads to a plan", 1)
        decompositions.append(
            Decomposition(
                task=called(choice.task),
                method=choice.method.name,
                into=tuple(map(called, tasks)),
                rejected=rejected,
                why=why,
                id=name,
                parent=names[choice.parent] if choice.parent >= 0 else "",
            )
        )
    order = kept_order(search.acts, search.choices)
    if search.groups and any(map(is_silent, (act.operator for act in search.acts))):
        observed = observed_order(search.acts, search.facts.at_first())
        pairs = zip(order, observed, strict=True)
        order = tuple(tuple(sorted({*before, *seen})) for before, seen in pairs)
    actions = tuple(
        Action(act.cell.task, names[act.cell.parent] if act.cell.parent >= 0 else "", before)
        for act, before in zip(search.acts, order, strict=True)
    )
    return Found(actions, tuple(decompositions), search.chance, search.cost, told(search))


def told(search: Search) -> str:
    """Return what a search did, in words."""
    done = search.statistics
    figures = {
        "tasks looked at": done.nodes,
        "dead ends": done.dead_ends,
        "known failures met again": done.memo_hits,
        "jumped over": done.backjumps,
        "loops": done.loops,
        "plans" if done.plans > 1 else "plan": done.plans,
    }
    return ", ".join(f"{count:,} {what}" for what, count in figures.items() if count)
