"""A plan as a tree: compound tasks, the methods that broke them, what did not fit, what is done."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from dataagents.console.view.marks import Mark
from dataagents.console.view.plan_rows import few
from dataagents.console.view.plans import (
    DecompositionView,
    PlannedTaskView,
    PlanView,
    ReplanView,
)
from dataagents.console.view.row import TraceRow, figure, line, lines, sections
from dataagents.console.view.rows import TASK_MARKS
from dataagents.console.view.runs import RunView, TaskView
from dataagents.console.view.words import duration

_Node = DecompositionView | PlannedTaskView


def plans_of(run: RunView) -> tuple[PlanView, ...]:
    """Return the plans of a run, in the order in which they came into force."""
    return tuple(
        part if isinstance(part, PlanView) else part.plan
        for part in run.parts
        if isinstance(part, PlanView | ReplanView)
    )


def tasks_of(run: RunView) -> Mapping[str, TaskView]:
    """Return task id → what became of it."""
    return {part.id: part for part in run.parts if isinstance(part, TaskView)}


def plan_address(run: RunView, plan: PlanView) -> str:
    """Return the address that a plan has in the trace of its run."""
    first = next(iter(plans_of(run)), None)
    kind = "plan" if first is None or plan.id == first.id else "replan"
    return f"run:{run.id}/{kind}:{plan.id}"


def plan_tree(plan: PlanView, run: RunView) -> tuple[TraceRow, ...]:
    """Return the hierarchy of a plan, parents before children, in the order of their subtasks.

    Below a compound task come the methods that did not fit, with the condition that kept each of
    them away, and then what the method that was taken broke it into. A task has the state that
    the run brought it to.

    Args:
        plan: One of the run's plans.
        run: The run.
    """
    return tuple(_rows(plan, run))


def _rows(plan: PlanView, run: RunView) -> Iterator[TraceRow]:
    known = _planned(plan)
    children = _children(plan, known)
    states, critical = tasks_of(run), frozenset(plan.critical_path if plan.seconds else ())
    at, root = plan_address(run, plan), f"run:{run.id}"
    seen: Counter[str] = Counter()
    # A plan may be nested as deeply as it has tasks: nothing here calls itself.
    stack: list[tuple[_Node, int]] = [(each, 0) for each in reversed(children.pop("", []))]
    while stack:
        node, depth = stack.pop()
        if isinstance(node, PlannedTaskView):
            yield _task(node, depth, root, states.get(node.id), node.id in critical)
            continue
        seen[node.id or node.task] += 1
        again = seen[node.id or node.task]
        place = f"{at}/method:{node.id or node.task}" + (f"#{again}" if again > 1 else "")
        yield _method(node, depth, place)
        for name, why in node.rejected.items():
            yield _alternative(name, why, depth + 1, place)
        # Taken out, so that not even a decomposition that is its own parent is met twice.
        below = children.pop(node.id, []) if node.id else []
        stack += [(each, depth + 1) for each in reversed(below)]


def _planned(plan: PlanView) -> list[PlannedTaskView]:
    """Return the tasks; of a plan that an older version recorded, no more than their ids."""
    known = {each.id: each for each in plan.details}
    return [known.get(task) or PlannedTaskView(task, task) for task in plan.tasks]


def _children(plan: PlanView, tasks: list[PlannedTaskView]) -> dict[str, list[_Node]]:
    """Return id of a decomposition → what it was broken into, in the order of its subtasks."""
    places: dict[str, dict[str, int]] = {
        each.id: {name: place for place, name in reversed(list(enumerate(each.into)))}
        for each in plan.decompositions
        if each.id
    }
    found: dict[str, list[tuple[int, _Node]]] = defaultdict(list)
    nodes: list[_Node] = [*plan.decompositions, *tasks]
    for node in nodes:
        parent = node.parent if node.parent in places else ""
        names = places.get(parent, {})
        label = node.task if isinstance(node, DecompositionView) else node.id
        # Equal subtasks are told apart by a number behind their names.
        named = (each for each in (node.id, label, label.rpartition("#")[0]) if each in names)
        place = next(named, None)
        found[parent].append((len(names) if place is None else names[place], node))
    return {
        parent: [node for _, node in sorted(below, key=lambda pair: pair[0])]
        for parent, below in found.items()
    }


def _method(node: DecompositionView, depth: int, at: str) -> TraceRow:
    way = f"method: {node.method}" + (f" ({node.why})" if node.why else "")
    return TraceRow(
        depth, "method", node.task, line(way if node.into else f"{way}, nothing left to do"),
        Mark.NOTE if node.into else Mark.IDLE, at,
        sections=sections(
            ("method", node.method),
            ("why this one", node.why),
            ("breaks it into", few(node.into)),
            ("methods that did not fit", lines(node.rejected)),
            ("part of", node.parent),
        ),
    )  # fmt: skip


def _alternative(name: str, why: str, depth: int, at: str) -> TraceRow:
    return TraceRow(
        depth, "alternative", name, line(f"does not fit: {why}"), Mark.IDLE,
        f"{at}/alternative:{name}",
        sections=sections(("method", name), ("does not fit, since", why)),
    )  # fmt: skip


def _task(
    task: PlannedTaskView, depth: int, root: str, state: TaskView | None, critical: bool
) -> TraceRow:
    status = "planned" if state is None else state.status
    outcome = "" if state is None else state.error or state.summary or state.stage
    estimate = f"about {duration(task.seconds)}" if task.seconds else ""
    asked = f"votes: {task.question}" if task.question else ""
    way = "on the critical path" if critical else ""
    words = [part for part in (status, outcome, asked, estimate, way) if part]
    return TraceRow(
        depth, "task", task.id, line(", ".join(words)),
        TASK_MARKS.get(status, Mark.NOTE), f"{root}/task:{task.id}",
        "" if state is None else state.agent,
        None if state is None else state.seconds,
        None if state is None else state.score,
        sections(
            ("state", status),
            ("comes to", outcome),
            ("decided by a vote", task.question),
            ("comes after", few(task.depends_on)),
            ("needs to be known", few(task.reads)),
            ("makes known", few(task.writes)),
            ("asks of who does it", lines(task.requires)),
            ("estimated", duration(task.seconds) if task.seconds else ""),
            ("critical", "a delay of it delays the whole" if critical else ""),
            ("data quality", "" if state is None else figure(state.quality)),
            ("part of", task.parent),
        ),
        () if state is None else tuple((each.at, each.until) for each in state.tries),
    )  # fmt: skip
