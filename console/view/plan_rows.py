"""The rows of plans and their changes: phases, methods as a hierarchy, risks, what is different."""

from collections import Counter
from collections.abc import Iterator, Sequence

from dataagents.console.view.lesson_rows import applied_rows
from dataagents.console.view.lessons import LessonView
from dataagents.console.view.marks import Mark
from dataagents.console.view.parts import began
from dataagents.console.view.plans import (
    DecompositionView,
    DiffView,
    PlanStepView,
    PlanView,
    ReplanView,
)
from dataagents.console.view.row import (
    Stretch,
    TraceRow,
    count,
    figure,
    line,
    lines,
    moment,
    sections,
    stretch,
)
from dataagents.console.view.words import duration
from dataagents.core.planning import StepKind

_MOST_NAMES = 50
"""Tasks that a section names; more are counted. The JSON trace has all of them."""
_DEEPEST = 12
"""Levels by which methods are set in; deeper ones stand below each other."""


def plan_rows(
    plan: PlanView, depth: int, at: str, applied: Sequence[LessonView] = ()
) -> Iterator[TraceRow]:
    """Yield a plan, the lessons it was made with, its phases, methods and risks."""
    at = f"{at}/plan:{plan.id}"
    yield TraceRow(
        depth, "plan", "plan", line(_outline(plan)), Mark.NOTE, at,
        sections=sections(
            ("tasks, in order", few(plan.tasks)),
            ("estimated", _estimate(plan)),
            ("critical path", few(plan.critical_path) if plan.seconds else ""),
            ("schedule", few(tuple(
                f"{figure(slot.start)} to {figure(slot.finish)} s: {slot.task}"
                for slot in plan.schedule
            ))),
            ("done once instead of more often", lines(plan.merged)),
            ("cost", figure(plan.cost)),
            ("chosen by", plan.objective),
        ),
        spans=_planning(plan),
    )  # fmt: skip
    yield from applied_rows(applied, depth + 1, at)
    for phase in plan.phases:
        yield TraceRow(
            depth + 1, "phase", phase.name, line(phase.summary), Mark.NOTE,
            f"{at}/phase:{phase.name}", seconds=phase.seconds,
            sections=sections(("what it did", phase.summary)),
        )  # fmt: skip
    yield from _methods(plan.decompositions, depth + 1, at)
    yield from _risks(plan, depth + 1, at)


def replan_rows(
    replan: ReplanView, depth: int, at: str, before: PlanView | None = None
) -> Iterator[TraceRow]:
    """Yield a change of plan: what made it, what is different, and methods not used before."""
    at, diff = f"{at}/replan:{replan.plan.id}", replan.diff
    signs = [*(f"+{task}" for task in diff.added), *(f"-{task}" for task in diff.removed)]
    changes = " ".join([*signs, *(f"~{task}" for task in diff.moved)])
    yield TraceRow(
        depth, "replan", f"replan {replan.trigger}".rstrip(),
        line(f"{changes or 'same tasks'}: {replan.reason}"), Mark.WARN, at,
        sections=sections(
            ("why", f"{replan.reason} ({replan.failure})"),
            ("change", change(diff)),
            ("added", few(diff.added)),
            ("removed", few(diff.removed)),
            ("moved", few(diff.moved)),
            ("kept", few(diff.kept)),
            ("new plan", _outline(replan.plan)),
        ),
        spans=_planning(replan.plan),
    )  # fmt: skip
    used = {(each.task, each.method) for each in before.decompositions} if before else set()
    fresh = [each for each in replan.plan.decompositions if (each.task, each.method) not in used]
    yield from _methods(fresh, depth + 1, at)


def plan_step_row(step: PlanStepView, depth: int, at: str) -> TraceRow:
    """Return that a task was tried again, or that an execution ended early."""
    mark = Mark.FAIL if step.step == StepKind.ABORTED else Mark.WARN
    return TraceRow(
        depth, "execution", step.step, line(step.detail), mark, f"{at}/execution:{step.number}",
        sections=sections(
            ("what happened", step.step),
            ("why", step.detail),
            ("after", duration(step.seconds)),
        ),
        spans=moment(step.at),
    )  # fmt: skip


def change(diff: DiffView) -> str:
    """Return how much a change of plan changed, in figures."""
    due = len(diff.kept) + len(diff.removed)
    signs = f"+{len(diff.added)} -{len(diff.removed)} ~{len(diff.moved)}"
    same = not (diff.added or diff.removed or diff.moved)
    stability = "" if diff.stability is None else f", stability {diff.stability:.2f}"
    return f"{'the same tasks' if same else signs}, kept {len(diff.kept)} of {due}{stability}"


def few(names: Sequence[str]) -> str:
    """Return names, one a line, as many as can be looked through, and how many more there are."""
    shown = "\n".join(names[:_MOST_NAMES])
    more = len(names) - _MOST_NAMES
    return f"{shown}\nand {more} more" if more > 0 else shown


def _planning(plan: PlanView) -> tuple[Stretch, ...]:
    """Return when a plan was made: its phases ended when it was recorded."""
    if plan.at is None:
        return ()
    taken = sum(phase.seconds or 0.0 for phase in plan.phases)
    return stretch(began(plan.at, taken), plan.at)


def _outline(plan: PlanView) -> str:
    parts = [count(len(plan.tasks), "task")]
    if plan.confidence is not None:
        parts.append(f"confidence {plan.confidence:.2f}")
    estimate = _estimate(plan)
    return ", ".join([*parts, f"estimated {estimate}"] if estimate else parts)


def _estimate(plan: PlanView) -> str:
    if plan.seconds is None:
        return ""
    path = f"{duration(plan.seconds)} on the critical path"
    return path if plan.total_seconds is None else f"{path}, {duration(plan.total_seconds)} in all"


def _methods(found: Sequence[DecompositionView], depth: int, at: str) -> Iterator[TraceRow]:
    levels: dict[str, int] = {}
    seen: Counter[str] = Counter()
    for each in found:
        # A parent comes before what it was broken into; where it does not, nothing is set in.
        level = levels.get(each.parent, -1) + 1 if each.parent else 0
        if each.id:
            levels[each.id] = level
        yield TraceRow(
            depth + min(level, _DEEPEST), "method", each.task,
            line(
                f"by {each.method}: {', '.join(each.into) or 'nothing left to do'}"
                + (f" ({each.why})" if each.why else "")
            ),
            Mark.NOTE, f"{at}/method:{_once(seen, each.id or each.task)}",
            sections=sections(
                ("method", each.method),
                ("why this one", each.why),
                ("breaks it into", few(each.into)),
                ("methods that did not fit", lines(each.rejected)),
                ("part of", each.parent),
            ),
        )  # fmt: skip


def _risks(plan: PlanView, depth: int, at: str) -> Iterator[TraceRow]:
    seen: Counter[str] = Counter()
    for risk in plan.risks:
        yield TraceRow(
            depth, "risk", f"risk in {risk.task}", line(risk.impact), Mark.NOTE,
            f"{at}/risk:{_once(seen, risk.task)}", score=risk.probability,
            sections=sections(
                ("impact", risk.impact),
                ("mitigation", risk.mitigation),
                ("contingency", risk.contingency),
                ("costs confidence", figure(risk.loss or None)),
            ),
        )  # fmt: skip


def _once(seen: Counter[str], name: str) -> str:
    """Return a name that was not returned before."""
    seen[name] += 1
    return name if seen[name] == 1 else f"{name}#{seen[name]}"
