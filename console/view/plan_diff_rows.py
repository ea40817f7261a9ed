"""What is different between two plans, task by task, and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dataagents.console.view.cells import Cell
from dataagents.console.view.lessons import LessonView, ReflectionView
from dataagents.console.view.marks import Mark
from dataagents.console.view.plan_rows import change
from dataagents.console.view.plan_tree import plan_address, tasks_of
from dataagents.console.view.plans import DecompositionView, DiffView, PlanView, ReplanView
from dataagents.console.view.row import line
from dataagents.console.view.runs import RunView, TaskView
from dataagents.core.planning import PlannedTask
from dataagents.core.planning.diff import compare
from dataagents.core.reflection import LessonKind

_TONES: Mapping[str, str] = {"-": "fail", "+": "ok", "~": "warn", "!": "strong", "=": "dim"}
"""Sign of a row → how it is shown; the sign alone says it, too."""
_MARKS: Mapping[str, Mark] = {"-": Mark.FAIL, "+": Mark.OK, "~": Mark.WARN, "!": Mark.WARN}


@dataclass(frozen=True, slots=True)
class DiffRow:
    """A line of a difference."""

    sign: str
    """`-` gone, `+` new, `~` moved or done in another way, `=` as it was, `!` what made it so."""
    kind: str
    """`task`, `method`, `trigger`, `failure`, `lesson`, `reflection` or `change`."""
    label: str
    why: str
    address: str = ""
    """Where there is more about it; empty where there isn't."""

    @property
    def mark(self) -> Mark:
        """The state that stands for its sign."""
        return _MARKS.get(self.sign, Mark.NOTE)

    def cells(self) -> tuple[Cell, Cell, Cell]:
        """Return its sign, what it is about, and why."""
        tone = _TONES.get(self.sign, "")
        return Cell(self.sign, tone), Cell(self.label, tone), Cell(self.why)


def plan_diff(
    before: PlanView | None, after: PlanView, run: RunView, replan: ReplanView | None = None
) -> tuple[DiffRow, ...]:
    """Return what is different: first what caused it, then methods, then tasks in their order.

    Args:
        before: The plan that was in force; None when it is not on record.
        after: The plan that took its place, or any other plan to compare with.
        run: The run of the later plan.
        replan: The change as it was recorded; None for plans that did not replace each other.
    """
    diff = replan.diff if replan is not None else _compared(before, after)
    rows: list[DiffRow] = list(_causes(replan, before, run)) if replan is not None else []
    rows.append(DiffRow("!", "change", "change", line(change(diff))))
    rows += _methods(before, after, plan_address(run, after))
    rows += _tasks(before, after, diff, run, replan)
    return tuple(rows)


def replan_of_plan(run: RunView, plan: str) -> ReplanView | None:
    """Return the change that brought a plan of a run; None when it was the first."""
    found = (part for part in run.parts if isinstance(part, ReplanView) and part.plan.id == plan)
    return next(found, None)


def _compared(before: PlanView | None, after: PlanView) -> DiffView:
    earlier = [PlannedTask(task, task) for task in (before.tasks if before else ())]
    later = [PlannedTask(task, task) for task in after.tasks]
    diff = compare(earlier, later)
    moved = tuple(move.task for move in diff.moved)
    return DiffView(diff.kept, diff.added, diff.removed, moved, diff.stability)


def _causes(replan: ReplanView, before: PlanView | None, run: RunView) -> Iterator[DiffRow]:
    root = f"run:{run.id}"
    if replan.trigger:
        yield DiffRow("!", "trigger", replan.trigger, line(replan.reason))
    if replan.task:
        failed = tasks_of(run).get(replan.task)
        who = f"{failed.agent}: " if failed is not None and failed.agent else ""
        why = line(f"{who}{replan.reason} ({replan.failure})")
        yield DiffRow("!", "failure", replan.task, why, f"{root}/task:{replan.task}")
    for lesson in run.applied:
        if foresees(lesson, replan.task, replan.trigger, before):
            why = f"an earlier run taught it: {lesson.evidence}; {lesson.effect or 'no effect'}"
            yield DiffRow("!", "lesson", lesson.title, line(why), f"lesson:{lesson.id}")
    for part in run.parts:
        if isinstance(part, ReflectionView):
            yield from _taught(part, replan, before)


def _taught(
    reflection: ReflectionView, replan: ReplanView, before: PlanView | None
) -> Iterator[DiffRow]:
    for each in reflection.adaptations:
        if foresees(each.lesson, replan.task, replan.trigger, before):
            why = line(f"the run {each.change} it from this: {each.reason}")
            yield DiffRow("!", "lesson", each.lesson.title, why, f"lesson:{each.lesson.id}")


def foresees(lesson: LessonView, task: str, trigger: str, plan: PlanView | None) -> bool:
    """Return whether a lesson is about a task failing, or being due for another plan, like this.

    Args:
        lesson: Any lesson; it has to be one that foresees something.
        task: Id of the task; empty when it is not about one.
        trigger: What made the plan change; empty when not on record.
        plan: The plan that the task is of, where its operator's name is.
    """
    if lesson.kind != LessonKind.FORESIGHT:
        return False
    details = plan.details if plan is not None else []
    names = {task.partition("(")[0], *(each.name for each in details if each.id == task)}
    about = lesson.subject.partition("@")[0]
    if task:
        return about in names and lesson.trigger in ("", trigger)
    return bool(trigger) and lesson.trigger == trigger


def _methods(before: PlanView | None, after: PlanView, at: str) -> Iterator[DiffRow]:
    if before is None:
        return
    used = {each.id or each.task: each for each in before.decompositions}
    for each in after.decompositions:
        known = used.get(each.id or each.task)
        address = f"{at}/method:{each.id or each.task}"
        if known is None:
            yield DiffRow("+", "method", each.task, line(_way(each)), address)
        elif known.method != each.method:
            left = each.rejected.get(known.method, "")
            since = f"; {known.method} does not fit: {left}" if left else ""
            why = line(f"{_way(each)} in place of {known.method}{since}")
            yield DiffRow("~", "method", each.task, why, address)


def _way(each: DecompositionView) -> str:
    return f"method: {each.method}" + (f" ({each.why})" if each.why else "")


def _tasks(
    before: PlanView | None,
    after: PlanView,
    diff: DiffView,
    run: RunView,
    replan: ReplanView | None,
) -> Iterator[DiffRow]:
    states, root = tasks_of(run), f"run:{run.id}"
    added, removed, moved = set(diff.added), set(diff.removed), set(diff.moved)
    ways = _ways(after)
    for task in _merged(before, after, diff.removed):
        address = f"{root}/task:{task}"
        if task in removed:
            yield DiffRow("-", "task", task, line(_gone(task, states, replan)), address)
        elif task in added:
            way = ways.get(task)
            why = f"a part of {way.task} by the {_way(way)}" if way is not None else ""
            yield DiffRow("+", "task", task, line(why), address)
        elif task in moved:
            yield DiffRow("~", "task", task, "at another place", address)
        else:
            done = task not in after.tasks
            yield DiffRow("=", "task", task, "was done before" if done else "", address)


def _ways(plan: PlanView) -> Mapping[str, DecompositionView]:
    """Return task → what put it into a plan; in older records, whatever names it says so."""
    known = {each.id: each for each in plan.decompositions if each.id}
    ways = {task: each for each in plan.decompositions for task in each.into}
    return ways | {each.id: known[each.parent] for each in plan.details if each.parent in known}


def _merged(before: PlanView | None, after: PlanView, removed: Sequence[str]) -> Iterator[str]:
    """Yield every task of both plans once: the later plan's order, and what it lacks in between."""
    later, given = set(after.tasks), set[str]()
    behind: dict[str, list[str]] = {"": []}
    last = ""
    for task in (*(before.tasks if before is not None else ()), *removed):
        if task in later:
            last = task
        elif task not in given:
            given.add(task)
            behind.setdefault(last, []).append(task)
    yield from behind[""]
    for task in after.tasks:
        yield task
        yield from behind.get(task, ())


def _gone(task: str, states: Mapping[str, TaskView], replan: ReplanView | None) -> str:
    state = states.get(task)
    if replan is not None and task == replan.task:
        return f"failed: {replan.reason}"
    if state is not None and state.error:
        return f"failed: {state.error}"
    return "was done" if state is not None and state.status == "done" else ""
