"""A run's trace as rows: the tree that the trace screen and `dataagents trace` both show."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dataagents.console.safe_text import safe_text
from dataagents.console.view.marks import Mark
from dataagents.console.view.runs import (
    AuctionView,
    ElectionView,
    PlanView,
    ReasoningView,
    ReflectionView,
    ReplanView,
    RunPart,
    RunView,
    StepView,
    TaskView,
)
from dataagents.core.reasoning import FINAL_RESULT
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


@dataclass(frozen=True, slots=True)
class TraceRow:
    """One line of a trace."""

    depth: int
    kind: str
    """`plan`, `method`, `risk`, `task`, `auction`, `bid`, `reasoning`, `step`, `vote`, `ballot`,
    `replan`, `reflection`, `messages` or `outcome`."""
    label: str
    detail: str
    mark: Mark
    address: str
    """Stays the same as the run goes on, for example `run:ID/task:load(a)/step:3`."""
    agent: str = ""
    seconds: float | None = None
    score: float | None = None
    sections: tuple[tuple[str, str], ...] = ()
    """Heading and text of everything there is to read about it; texts may have lines."""

    @property
    def title(self) -> str:
        """The label with its kind before it, where the label doesn't say it."""
        return self.label if self.label.startswith(self.kind) else f"{self.kind} {self.label}"


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
        case TaskView():
            yield from _task(part, depth, at)
        case AuctionView():
            yield from _auction(part, depth, at)
        case ReasoningView():
            yield from _reasoning(part, depth, at, 0)
        case ElectionView():
            yield from _election(part, depth, at)
        case ReflectionView():
            yield _reflection(part, depth, at)


def _line(text: str) -> str:
    return safe_text(text, limit=300)


def _sections(*pairs: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in pairs if pair[1])


def _lines(pairs: Mapping[str, str]) -> str:
    return "\n".join(f"{key}: {value}" for key, value in pairs.items())


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _plan(plan: PlanView, depth: int, at: str) -> Iterator[TraceRow]:
    at = f"{at}/plan:{plan.id}"
    detail = _count(len(plan.tasks), "task")
    if plan.confidence is not None:
        detail += f", confidence {plan.confidence:.2f}"
    yield TraceRow(
        depth, "plan", "plan", detail, Mark.NOTE, at, seconds=plan.seconds or None,
        sections=_sections(("tasks, in order", "\n".join(plan.tasks))),
    )  # fmt: skip
    for each in plan.decompositions:
        yield TraceRow(
            depth + 1, "method", each.task,
            _line(f"by {each.method}: {', '.join(each.into) or 'nothing left to do'}"),
            Mark.NOTE, f"{at}/method:{each.task}",
            sections=_sections(
                ("method", each.method),
                ("breaks it into", "\n".join(each.into)),
                ("methods that did not fit", _lines(each.rejected)),
            ),
        )  # fmt: skip
    for risk in plan.risks:
        yield TraceRow(
            depth + 1, "risk", f"risk in {risk.task}", _line(risk.impact), Mark.NOTE,
            f"{at}/risk:{risk.task}", score=risk.probability,
            sections=_sections(("impact", risk.impact), ("mitigation", risk.mitigation)),
        )  # fmt: skip


def _replan(replan: ReplanView, depth: int, at: str) -> TraceRow:
    changes = " ".join(
        [*(f"+{task}" for task in replan.added), *(f"-{task}" for task in replan.removed)]
    )
    return TraceRow(
        depth, "replan", "replan", _line(f"{changes or 'same tasks'}: {replan.reason}"), Mark.WARN,
        f"{at}/replan:{replan.plan.id}",
        sections=_sections(
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
        depth, "task", task.id, _line(now) + again,
        _TASK_MARKS.get(task.status, Mark.NOTE), at, task.agent, task.seconds, task.score,
        _sections(
            ("status", task.status + again),
            ("agent", task.agent),
            ("stage", task.stage),
            ("error", task.error),
            ("summary", task.summary),
            ("data quality", _figure(task.quality)),
        ),
    )  # fmt: skip
    taken = 0
    for part in task.parts:
        if isinstance(part, ReasoningView):
            yield from _reasoning(part, depth + 1, at, taken)
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
        mark, detail = Mark.FAIL, _line(auction.reason)
    yield TraceRow(
        depth, "auction", "auction", detail, mark, at, auction.winner,
        sections=_sections(
            ("award", auction.reason),
            ("price", _figure(auction.price)),
            ("could not take part", _lines(auction.ineligible)),
        ),
    )  # fmt: skip
    for bid in auction.bids:
        won = auction.winner == bid.bidder
        yield TraceRow(
            depth + 1, "bid", bid.bidder,
            _line(
                f"cost {_figure(bid.cost)}, quality {_figure(bid.quality)}"
                + (f": {bid.reason}" if bid.reason else "")
            ),
            Mark.OK if won else Mark.NOTE, f"{at}/bid:{bid.bidder}", bid.bidder, bid.seconds,
            sections=_sections(
                ("cost", _figure(bid.cost)),
                ("quality promised", _figure(bid.quality)),
                ("reputation", _figure(bid.reputation)),
                ("reason", bid.reason),
            ),
        )  # fmt: skip


def _reasoning(reasoning: ReasoningView, depth: int, at: str, taken: int) -> Iterator[TraceRow]:
    """Yield a reasoning; `taken` is how many steps its task took in reasonings before it."""
    ended = reasoning.stop == FINAL_RESULT
    mark = Mark.BUSY if not reasoning.stop else Mark.OK if ended else Mark.WARN
    stopped = f" (stopped at {reasoning.stop})" if reasoning.stop and not ended else ""
    yield TraceRow(
        depth, "reasoning", "reasoning", _line(reasoning.summary or "goes on") + stopped, mark,
        f"{at}/reasoning:{reasoning.id}", reasoning.agent, reasoning.seconds, reasoning.score,
        _sections(("summary", reasoning.summary), ("stopped at", reasoning.stop)),
    )  # fmt: skip
    for offset, step in enumerate(reasoning.steps, taken + 1):
        yield _step(step, depth + 1, f"{at}/step:{offset}")


def _step(step: StepView, depth: int, at: str) -> TraceRow:
    return TraceRow(
        depth, "step", f"{step.number} {step.action}", _line(step.error or step.observation),
        Mark.FAIL if step.error else Mark.OK, at, step.agent, step.seconds, step.score,
        _sections(
            ("thought", step.thought),
            ("action", f"{step.action} {step.input}"),
            ("observation", step.observation),
            ("error", step.error),
            ("data quality", _figure(step.quality)),
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
        depth, "vote", "vote", _line(f"{election.question} → {result}"), mark, at,
        sections=_sections(
            ("question", election.question),
            ("about", election.about),
            ("options", "\n".join(election.options)),
            ("result", election.sentence or result),
            ("rule", f"{election.rule}, quorum {election.quorum}" if election.rule else ""),
            ("no ballot", _lines(election.missing)),
        ),
    )  # fmt: skip
    for ballot in election.ballots:
        yield TraceRow(
            depth + 1, "ballot", ballot.voter,
            _line(f"{ballot.choice or 'abstains'}: {ballot.reason}"),
            Mark.NOTE, f"{at}/ballot:{ballot.voter}", ballot.voter,
            score=ballot.confidence if ballot.choice else None,
            sections=_sections(
                ("choice", ballot.choice or "abstains"),
                ("confidence", _figure(ballot.confidence)),
                ("reason", ballot.reason),
            ),
        )  # fmt: skip


def _reflection(reflection: ReflectionView, depth: int, at: str) -> TraceRow:
    return TraceRow(
        depth, "reflection", "reflection", _line(reflection.summary), Mark.NOTE,
        f"{at}/reflection:{reflection.id}",
        sections=_sections(
            ("summary", reflection.summary),
            ("patterns", "\n".join(reflection.patterns)),
            ("trends", "\n".join(reflection.trends)),
            ("insights", "\n".join(reflection.insights)),
            ("what changes", "\n".join(reflection.adaptations)),
        ),
    )  # fmt: skip


def _outcome(run: RunView, root: str) -> TraceRow:
    return TraceRow(
        0, "outcome", run.status, _line(run.reason or "; ".join(
            f"{key}: {value}" for key, value in run.summary.items()
        )),
        RUN_MARKS.get(run.status, Mark.NOTE), f"{root}/outcome", seconds=run.seconds,
        sections=_sections(
            ("status", run.status), ("reason", run.reason), ("summary", _lines(run.summary))
        ),
    )  # fmt: skip
