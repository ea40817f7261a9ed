"""A run's trace as rows: the tree that the trace screen and `dataagents trace` both show."""

from collections.abc import Iterator, Mapping

from dataagents.console.view.lesson_rows import reflection_rows
from dataagents.console.view.lessons import ReflectionView
from dataagents.console.view.marks import Mark
from dataagents.console.view.plan_rows import plan_rows, plan_step_row, replan_rows
from dataagents.console.view.plans import PlanStepView, PlanView, ReplanView
from dataagents.console.view.reasoning_rows import reasoning_rows
from dataagents.console.view.row import (
    TraceRow,
    count,
    figure,
    line,
    lines,
    moment,
    sections,
    stretch,
)
from dataagents.console.view.runs import (
    AuctionView,
    ElectionView,
    HierarchyView,
    ReasoningView,
    RunPart,
    RunView,
    TaskView,
)
from dataagents.core.goals import UNDER_WAY
from dataagents.core.values import Json, to_json

RUN_MARKS: Mapping[str, Mark] = {
    "running": Mark.BUSY,
    "paused": Mark.WARN,
    "done": Mark.OK,
    "withheld": Mark.WARN,
    "interrupted": Mark.WARN,
    "cancelled": Mark.WARN,
    "undecided": Mark.WARN,
    "rejected": Mark.FAIL,
    "failed": Mark.FAIL,
}
TASK_MARKS: Mapping[str, Mark] = {
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
    applied = tuple(run.applied)
    before: PlanView | None = None
    for part in run.parts:
        if isinstance(part, PlanView):
            rows.extend(plan_rows(part, 0, root, applied))
            applied, before = (), part
        elif isinstance(part, ReplanView):
            rows.extend(replan_rows(part, 0, root, before))
            before = part.plan
        else:
            rows.extend(_part(part, 0, root))
    if run.messages:
        lost = f", {run.failed_messages} did not arrive" if run.failed_messages else ""
        mark = Mark.WARN if run.failed_messages else Mark.NOTE
        rows.append(
            TraceRow(0, "messages", "messages", f"{run.messages}{lost}", mark, f"{root}/messages")
        )
    if run.status not in ("", *UNDER_WAY):
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
            yield from plan_rows(part, depth, at)
        case ReplanView():
            yield from replan_rows(part, depth, at)
        case PlanStepView():
            yield plan_step_row(part, depth, at)
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
            yield from reflection_rows(part, depth, at)


def _hierarchy(hierarchy: HierarchyView, depth: int, at: str) -> TraceRow:
    groups, tasks = len(hierarchy.leaders), len(hierarchy.delegations)
    detail = (
        f"{hierarchy.coordinator} over {count(groups, 'group')} on "
        f"{count(hierarchy.levels, 'level')}, {count(tasks, 'task')} delegated"
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
        spans=moment(hierarchy.at),
    )  # fmt: skip


def _task(task: TaskView, depth: int, at: str) -> Iterator[TraceRow]:
    at = f"{at}/task:{task.id}"
    again = f" (attempt {task.attempts})" if task.attempts > 1 else ""
    now = task.error or task.summary or task.stage or task.status
    yield TraceRow(
        depth, "task", task.id, line(now) + again,
        TASK_MARKS.get(task.status, Mark.NOTE), at, task.agent, task.seconds, task.score,
        sections(
            ("status", task.status + again),
            ("agent", task.agent),
            ("stage", task.stage),
            ("error", task.error),
            ("summary", task.summary),
            ("data quality", figure(task.quality)),
        ),
        tuple((each.at, each.until) for each in task.tries),
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
        mark, detail = Mark.BUSY, f"{count(len(auction.bids), 'bid')} so far"
    elif auction.winner:
        mark, detail = Mark.OK, f"{auction.winner} of {count(len(auction.bids), 'bid')}"
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
        spans=stretch(auction.at, auction.until),
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
            spans=moment(bid.at),
        )  # fmt: skip


def _election(election: ElectionView, depth: int, at: str) -> Iterator[TraceRow]:
    at = f"{at}/vote:{election.id}"
    if not election.verdict:
        mark = Mark.BUSY
        result = f"{len(election.ballots)} of {count(len(election.voters), 'ballot')}"
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
        spans=stretch(election.at, election.until),
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
            spans=moment(ballot.at),
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
        spans=moment(run.ended),
    )  # fmt: skip
