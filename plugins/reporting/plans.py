"""How a plan looks: its phases, its hierarchy as lines that are set in, and its risks.

All lengths are shares of the whole bar, from 0 to 1; the template turns them into a picture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dataagents.core.planning import Decomposition, Phase, Plan, PlannedTask, Risk
from dataagents.plugins.reporting.measures import part_of

MOST_LINES: Final = 250
"""Lines of a hierarchy; a plan with more of them is told in part."""
MOST_RISKS: Final = 40
DEEPEST: Final = 10
"""Levels by which lines are set in; deeper ones stand below each other."""


@dataclass(frozen=True, slots=True)
class Node:
    """A line of the hierarchy: a compound task with its method, or a primitive task."""

    depth: int
    label: str
    method: str
    """Empty for a primitive task."""
    why: str
    into: tuple[str, ...]
    """What it was broken into, where that is not told by lines of its own."""
    rejected: Mapping[str, str]
    seconds: float
    """Estimated; 0 when unknown, and for a compound task."""
    critical: bool
    question: str


@dataclass(frozen=True, slots=True)
class RiskBar:
    """A risk as a bar."""

    task: str
    probability: float
    loss: float
    """How much confidence it costs, as a share of all that could be had."""
    impact: str
    mitigation: str
    contingency: str


@dataclass(frozen=True, slots=True)
class PlanPicture:
    """A plan, laid out."""

    size: int
    """How many tasks."""
    confidence: float
    seconds: float
    total_seconds: float
    cost: float
    objective: str
    """What made it better than others; empty when it was the first one."""
    workers: int | None
    phases: tuple[Phase, ...]
    merged: tuple[tuple[str, tuple[str, ...]], ...]
    nodes: tuple[Node, ...]
    more_nodes: int
    """Lines that are left out."""
    risks: tuple[RiskBar, ...]
    more_risks: int


def plan_of(plan: Plan) -> PlanPicture:
    """Lay a plan out."""
    nodes = _nodes(plan)
    told = len(plan.decompositions) + (len(plan.tasks) if _has_tasks(plan) else 0)
    return PlanPicture(
        size=len(plan.tasks),
        confidence=plan.confidence,
        seconds=plan.seconds,
        total_seconds=plan.total_seconds,
        cost=plan.cost,
        objective="" if plan.objective == "first" else plan.objective.value,
        workers=plan.schedule.workers,
        phases=plan.phases,
        merged=tuple((each.kept, each.dropped) for each in plan.merged[:MOST_LINES]),
        nodes=tuple(nodes),
        more_nodes=told - len(nodes),
        risks=tuple(_risk(risk) for risk in plan.risks[:MOST_RISKS]),
        more_risks=max(0, len(plan.risks) - MOST_RISKS),
    )


def _risk(risk: Risk) -> RiskBar:
    return RiskBar(
        task=risk.task,
        probability=part_of(risk.probability, 1.0),
        loss=part_of(risk.loss, 1.0),
        impact=risk.impact,
        mitigation=risk.mitigation,
        contingency=risk.contingency,
    )


def _nodes(plan: Plan) -> list[Node]:
    """Return the lines of the hierarchy, parents before children, as many as are shown.

    It is a loop over an explicit stack: a decomposition may be as deep as the plan is long.
    """
    # Without estimates every chain is as long as any other.
    critical = frozenset(plan.schedule.critical_path if plan.seconds else ())
    known = {each.id for each in plan.decompositions if each.id}
    below: dict[str, list[Decomposition | PlannedTask]] = {}
    for each in plan.decompositions:
        parent = each.parent if each.parent in known and each.parent != each.id else ""
        below.setdefault(parent, []).append(each)
    # A planner need not say which decomposition a task comes from: then their labels do.
    origins = {label: each.id for each in plan.decompositions if each.id for label in each.into}
    for task in plan.tasks:
        parent = task.parent or origins.get(task.id, "")
        below.setdefault(parent if parent in known else "", []).append(task)
    has_tasks = _has_tasks(plan)
    stack = [(root, 0) for root in reversed(below.get("", ()))]
    nodes: list[Node] = []
    while stack and len(nodes) < MOST_LINES:
        part, depth = stack.pop()
        if isinstance(part, PlannedTask):
            if has_tasks:
                nodes.append(_task(part, depth, critical))
            continue
        children = below.pop(part.id, []) if part.id else []
        nodes.append(_compound(part, depth, () if children else part.into))
        stack.extend((child, depth + 1) for child in reversed(_in_order(part, children)))
    return nodes


def _has_tasks(plan: Plan) -> bool:
    """Return whether a plan says which decomposition its tasks come from."""
    return not plan.decompositions or any(each.id for each in plan.decompositions)


def _in_order(
    parent: Decomposition, children: Sequence[Decomposition | PlannedTask]
) -> list[Decomposition | PlannedTask]:
    """Return children as the method lists them; labels that it does not list come last."""
    places: dict[str, int] = {}
    for number, label in enumerate(parent.into):
        places.setdefault(label, number)
    last = len(places)

    def place(child: Decomposition | PlannedTask) -> int:
        label = child.task if isinstance(child, Decomposition) else child.name
        return places.get(child.id, places.get(label, last))

    return sorted(children, key=place)


def _compound(each: Decomposition, depth: int, into: tuple[str, ...]) -> Node:
    return Node(
        depth=min(depth, DEEPEST),
        label=each.task,
        method=each.method,
        why=each.why,
        into=into[:MOST_LINES],
        rejected=each.rejected,
        seconds=0.0,
        critical=False,
        question="",
    )


def _task(each: PlannedTask, depth: int, critical: frozenset[str]) -> Node:
    return Node(
        depth=min(depth, DEEPEST),
        label=each.id,
        method="",
        why="",
        into=(),
        rejected={},
        seconds=each.seconds,
        critical=each.id in critical,
        question=each.question,
    )
