"""A hierarchy as a tree: who leads whom, and who does what."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from dataagents.console.view.marks import Mark
from dataagents.console.view.plan_tree import tasks_of
from dataagents.console.view.row import TraceRow, count, figure, line, lines, moment, sections
from dataagents.console.view.rows import TASK_MARKS
from dataagents.console.view.runs import AssignmentView, HierarchyView, RunView, TaskView

_WORST = (Mark.FAIL, Mark.BUSY, Mark.OK)
"""Marks of tasks, in the order in which one of them marks a whole group."""


def delegation_rows(hierarchy: HierarchyView, run: RunView) -> tuple[TraceRow, ...]:
    """Return a hierarchy as rows: the coordinator, groups with their leaders, agents, tasks.

    Which group is below which other one is not on record, so all stand below the coordinator; how
    many levels there were is said there.

    Args:
        hierarchy: One of the run's parts.
        run: The run, for what became of the tasks.
    """
    return tuple(_rows(hierarchy, run))


def _rows(hierarchy: HierarchyView, run: RunView) -> Iterator[TraceRow]:
    root = f"run:{run.id}"
    at = f"{root}/hierarchy"
    states = tasks_of(run)
    groups: dict[str, list[AssignmentView]] = {group: [] for group in hierarchy.leaders}
    for each in hierarchy.assignments:
        groups.setdefault(each.group, []).append(each)
    yield _coordinator(hierarchy, at)
    for group, assignments in groups.items():
        leader = hierarchy.leaders.get(group, "")
        place = f"{at}/group:{group}"
        yield _group(group, leader, assignments, states, place)
        yield from _agents(assignments, states, place, root)
    for task, why in hierarchy.unassigned.items():
        yield TraceRow(
            1, "unassigned", task, line(f"nobody does it: {why}"), Mark.WARN, f"{root}/task:{task}",
            sections=sections(("nobody does it, since", why)),
        )  # fmt: skip


def _coordinator(hierarchy: HierarchyView, at: str) -> TraceRow:
    detail = (
        f"coordinates {count(len(hierarchy.leaders), 'group')} on "
        f"{count(hierarchy.levels, 'level')}: {hierarchy.reason}"
    )
    return TraceRow(
        0, "coordinator", hierarchy.coordinator, line(detail),
        Mark.WARN if hierarchy.unassigned else Mark.NOTE, at, hierarchy.coordinator,
        sections=sections(
            ("why it looks like this", hierarchy.reason),
            ("complexity of the plan", figure(hierarchy.complexity)),
            ("most that one has below", str(hierarchy.span)),
            ("when an agent fails", hierarchy.on_failure),
            ("nobody does", lines(hierarchy.unassigned)),
        ),
        spans=moment(hierarchy.at),
    )  # fmt: skip


def _group(
    group: str,
    leader: str,
    assignments: Sequence[AssignmentView],
    states: Mapping[str, TaskView],
    at: str,
) -> TraceRow:
    marks = [_mark(states, each.task) for each in assignments]
    done, failed = marks.count(Mark.OK), marks.count(Mark.FAIL)
    agents = len({each.agent for each in assignments})
    detail = f"{count(len(marks), 'task')} for {count(agents, 'agent')}, {done} done"
    return TraceRow(
        1, "group", group,
        line(f"led by {leader or 'nobody on record'}, {detail}"
             + (f", {failed} failed" if failed else "")),
        next((mark for mark in _WORST if mark in marks), Mark.IDLE), at, leader,
        sections=sections(
            ("leader", leader),
            ("tasks", "\n".join(f"{each.task}: {each.agent}" for each in assignments)),
        ),
    )  # fmt: skip


def _agents(
    assignments: Sequence[AssignmentView], states: Mapping[str, TaskView], at: str, root: str
) -> Iterator[TraceRow]:
    given: dict[str, list[str]] = defaultdict(list)
    for each in assignments:
        given[each.agent].append(each.task)
    for agent, tasks in given.items():
        marks = [_mark(states, task) for task in tasks]
        yield TraceRow(
            2, "agent", agent, line(f"{count(len(tasks), 'task')}, {marks.count(Mark.OK)} done"),
            next((mark for mark in _WORST if mark in marks), Mark.IDLE), f"{at}/agent:{agent}",
            agent, sections=sections(("tasks", "\n".join(tasks))),
        )  # fmt: skip
        for task in tasks:
            yield _task(task, agent, states.get(task), f"{root}/task:{task}")


def _task(task: str, agent: str, state: TaskView | None, at: str) -> TraceRow:
    if state is None:
        return TraceRow(3, "task", task, "not begun", Mark.IDLE, at, agent)
    done_by = state.agent or agent
    other = f"by {done_by} in place of {agent}: " if done_by != agent else ""
    outcome = state.error or state.summary or state.stage or state.status
    return TraceRow(
        3, "task", task, line(other + outcome), _mark({task: state}, task), at, done_by,
        state.seconds, state.score,
        sections(
            ("state", state.status),
            ("delegated to", agent),
            ("done by", done_by if done_by != agent else ""),
            ("comes to", state.error or state.summary),
        ),
        tuple((each.at, each.until) for each in state.tries),
    )  # fmt: skip


def _mark(states: Mapping[str, TaskView], task: str) -> Mark:
    state = states.get(task)
    return Mark.IDLE if state is None else TASK_MARKS.get(state.status, Mark.NOTE)
