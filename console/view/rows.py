"""A run's trace as rows: the tree that the trace screen and `dataagents trace` both show."""

from collections.abc import Iterator, Mapping

from dataagents.console.view.marks import Mark
from dataagents.console.view.reasoning_rows import reasoning_rows
from dataagents.console.view.row import TraceRow, figure, line, lines, sections
from dataagents.console.view.runs import (
    AuctionView,
    ElectionView,
    HierarchyView,
    PlanView,
    ReasoningView,
    ReflectionView,
    ReplanView,
    RunPart,
    RunView,
    TaskView,
)
from dataagents.core.values import Json, to_json

RUN_MARKS: Mapping[str, Mark] = {
    "running": Mark.BUSY,
    "done": Mark.OK,
    "withheld": Mark.WARN,
    "interrupted": Mark.WARN,
    "cancelled": Mark.WARN,
    "undecided": Mark.WARN,
    "rejected": Mark.FAIL,
    "failed": Mark.FAIL,
}
_TASK_MARKS: Mapping[str, Mark] = {
    "planned": Mark.IDLE,
    "dropped": Mark.IDLE,
    "running": Mark.BUSY,
    "done": Mark.OK,
    "failed": Mark.FAIL,
}


def trace_rows(run: RunView) -> tuple[TraceRow, ...]:
    """Return the rows of a run, parents before children."""
    rows: list[TraceRow] = []
    root = f"run:{run.id}"
    for part in run.parts:
        rows.extend(_part(part, 0, root))
    if run.messages:
        lost = f", {run.failed_messages} did not arrive" if run.failed_messages else ""
        mark = Mark.WARN if run.failed_messages else Mark.NOTE
        rows.append(
            TraceRow(0, "messages", "messages", f"{run.messages}{lost}", mark, f"{root}/messages")
        )
    if run.status not in ("", "running"):
        rows.append(_outcome(run, root))
    return tuple(rows)


def trace_json(run: RunView) -> dict[str, Json]:
    """Return the whole trace as plain JSON; its texts are safe to print."""
    trace = to_json(run)
    del trace["revision"]
    return trace


def _part(part: RunPart, depth: int, at: str) -> Iterator[TraceRow]:
    match part:
        case PlanView():
            yield from _plan(part, depth, at)
        case ReplanView():
            yield _replan(part, depth, at)
        case HierarchyView():
            yield _hierarchy(part, depth, at)
        case TaskView():
            yield from _task(part, depth, at)
        case AuctionView():
            yield from _auction(part, depth, at)
        case ReasoningView():
            yield from reasoning_rows(part, depth, at, 0)
        case ElectionView():
            yield from _election(part, depth, at)
        case ReflectionView():
            yield _reflection(part, depth, at)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _plan(plan: PlanView, depth: int, at: str) -> Iterator[TraceRow]:
    at = f"{at}/plan:{plan.id}"
    detail = _count(len(plan.tasks), "task")
    if plan.confidence is not None:
        detail += f", confidence {plan.confidence:.2f}"
    yield TraceRow(
        depth, "plan", "plan", detail, Mark.NOTE, at, seconds=plan.seconds or None,
        sections=sections(("tasks, in order", "\n".join(plan.tasks))),
    )  # fmt: skip
    for each in plan.decompositions:
        yield TraceRow(
            depth + 1, "method", each.task,
            line(f"by {each.method}: {', '.join(each.into) or 'nothing left to do'}"),
            Mark.NOTE, f"{at}/method:{each.task}",
            sections=sections(
                ("method", each.method),
                ("breaks it into", "\n".join(each.into)),
                ("methods that did not fit", lines(each.rejected)),
            ),
        )  # fmt: skip
    for risk in plan.risks:
        yield TraceRow(
            depth + 1, "risk", f"risk in {risk.task}", line(risk.impact), Mark.NOTE,
            f"{at}/risk:{risk.task}", score=risk.probability,
            sections=sections(("impact", risk.impact), ("mitigation", risk.mitigation)),
        )  # fmt: skip


def _hierarchy(hierarchy: HierarchyView, depth: int, at: str) -> TraceRow:
    groups, tasks = len(hierarchy.leaders), len(hierarchy.delegations)
    detail = (
        f"{hierarchy.coordinator} over {_count(groups, 'group')} on "
        f"{_count(hierarchy.levels, 'level')}, {_count(tasks, 'task')} delegated"
    )
    lost = hierarchy.unassigned
    return TraceRow(
        depth, "hierarchy", "hierarchy", line(detail), Mark.WARN if lost else Mark.NOTE,
        f"{at}/hierarchy", hierarchy.coordinator,
        sections=sections(
            ("why", hierarchy.reason),
            ("complexity", figure(hierarchy.complexity)),
            ("span of control", str(hierarchy.span)),
            ("when one fails", hierarchy.on_failure),
            ("leaders", lines(hierarchy.leaders)),
            ("delegations", lines(hierarchy.delegations)),
            ("nobody does", lines(lost)),
        ),
    )  # fmt: skip


def _replan(replan: ReplanView, depth: int, at: str) -> TraceRow:
    changes = " ".join(
        [*(f"+{task}" for task in replan.added), *(f"-{task}" for task in replan.removed)]
    )
    return TraceRow(
        depth, "replan", "replan", line(f"{changes or 'same tasks'}: {replan.reason}"), Mark.WARN,
        f"{at}/replan:{replan.plan.id}",
        sections=sections(
            ("why", f"{replan.reason} ({replan.failure})"),
            ("added", "\n".join(replan.added)),
            ("removed", "\n".join(replan.removed)),
            ("kept", "\n".join(replan.kept)),
        ),
    )  # fmt: skip


def _task(task: TaskView, depth: int, at: str) -> Iterator[TraceRow]:
    at = f"{at}/task:{task.id}"
    again = f" (attempt {task.attempts})" if task.attempts > 1 else ""
    now = task.error or task.summary or task.stage or task.status
    yield TraceRow(
        depth, "task", task.id, line(now) + again,
        _TASK_MARKS.get(task.status, Mark.NOTE), at, task.agent, task.seconds, task.score,
        sections(
            ("status", task.status + again),
            ("agent", task.agent),
            ("stage", task.stage),
            ("error", task.error),
            ("summary", task.summary),
            ("data quality", figure(task.quality)),
        ),
    )  # fmt: skip
    taken = 0
    for part in task.parts:
        if isinstance(part, ReasoningView):
            yield from reasoning_rows(part, depth + 1, at, taken)
            taken += len(part.steps)
        else:
            yield from _part(part, depth + 1, at)


def _auction(auction: AuctionView, depth: int, at: str) -> Iterator[TraceRow]:
    at = f"{at}/auction:{auction.id}"
    if not auction.outcome:
        mark, detail = Mark.BUSY, f"{_count(len(auction.bids), 'bid')} so far"
    elif auction.winner:
        mark, detail = Mark.OK, f"{auction.winner} of {_count(len(auction.bids), 'bid')}"
        detail += f", runner-up {auction.runner_up}" if auction.runner_up else ""
    else:
        mark, detail = Mark.FAIL, line(auction.reason)
    yield TraceRow(
        depth, "auction", "auction", detail, mark, at, auction.winner,
        sections=sections(
            ("award", auction.reason),
            ("price", figure(auction.price)),
            ("could not take part", lines(auction.ineligible)),
        ),
    )  # fmt: skip
    for bid in auction.bids:
        won = auction.winner == bid.bidder
        yield TraceRow(
            depth + 1, "bid", bid.bidder,
            line(
                f"cost {figure(bid.cost)}, quality {figure(bid.quality)}"
                + (f": {bid.reason}" if bid.reason else "")
            ),
            Mark.OK if won else Mark.NOTE, f"{at}/bid:{bid.bidder}", bid.bidder, bid.seconds,
            sections=sections(
                ("cost", figure(bid.cost)),
                ("quality promised", figure(bid.quality)),
                ("reputation", figure(bid.reputation)),
                ("reason", bid.reason),
            ),
        )  # fmt: skip


def _election(election: ElectionView, depth: int, at: str) -> Iterator[TraceRow]:
    at = f"{at}/vote:{election.id}"
    if not election.verdict:
        mark = Mark.BUSY
        result = f"{len(election.ballots)} of {_count(len(election.voters), 'ballot')}"
    else:
        mark = Mark.OK if election.decision else Mark.WARN
        result = election.decision or election.verdict
    yield TraceRow(
        depth, "vote", "vote", line(f"{election.question} → {result}"), mark, at,
        sections=sections(
            ("question", election.question),
            ("about", election.about),
            ("options", "\n".join(election.options)),
            ("result", election.sentence or result),
            ("rule", f"{election.rule}, quorum {election.quorum}" if election.rule else ""),
            ("no ballot", lines(election.missing)),
        ),
    )  # fmt: skip
    for ballot in election.ballots:
        yield TraceRow(
            depth + 1, "ballot", ballot.voter,
            line(f"{ballot.choice or 'abstains'}: {ballot.reason}"),
            Mark.NOTE, f"{at}/ballot:{ballot.voter}", ballot.voter,
            score=ballot.confidence if ballot.choice else None,
            sections=sections(
                ("choice", ballot.choice or "abstains"),
                ("confidence", figure(ballot.confidence)),
                ("reason", ballot.reason),
            ),
        )  # fmt: skip


def _reflection(reflection: ReflectionView, depth: int, at: str) -> TraceRow:
    return TraceRow(
        depth, "reflection", "reflection", line(reflection.summary), Mark.NOTE,
        f"{at}/reflection:{reflection.id}",
        sections=sections(
            ("summary", reflection.summary),
            ("patterns", "\n".join(reflection.patterns)),
            ("trends", "\n".join(reflection.trends)),
            ("insights", "\n".join(reflection.insights)),
            ("what changes", "\n".join(reflection.adaptations)),
        ),
    )  # fmt: skip


def _outcome(run: RunView, root: str) -> TraceRow:
    return TraceRow(
        0, "outcome", run.status, line(run.reason or "; ".join(
            f"{key}: {value}" for key, value in run.summary.items()
        )),
        RUN_MARKS.get(run.status, Mark.NOTE), f"{root}/outcome", seconds=run.seconds,
        sections=sections(
            ("status", run.status), ("reason", run.reason), ("summary", lines(run.summary))
        ),
    )  # fmt: skip
