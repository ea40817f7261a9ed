"""The fold of events into runs and their traces."""

from collections.abc import Callable, Iterable, Mapping

from dataagents.console.view.fields import Fields, name
from dataagents.console.view.lessons import LessonView, lesson_of, reflection_of
from dataagents.console.view.parts import (
    answer_of,
    auction_of,
    award_of,
    ballot_of,
    began,
    begin_try,
    bid_of,
    election_of,
    end_try,
    hierarchy_of,
    request_of,
    step_of,
)
from dataagents.console.view.plans import plan_of, plan_step_of, replan_of
from dataagents.console.view.runs import (
    AuctionView,
    ElectionView,
    ReasoningView,
    RunPart,
    RunView,
    TaskPart,
    TaskView,
)
from dataagents.console.view.words import progress
from dataagents.core.events import Event, EventKind
from dataagents.core.goals import PAUSED, RUNNING, UNDER_WAY
from dataagents.core.messaging import MessageType, ReceiptStatus

OUTSIDE = "-"
"""Id under which everything is shown that happened outside of a run."""

_ARRIVED = (ReceiptStatus.DELIVERED, ReceiptStatus.QUEUED)
_Handler = Callable[[RunView, Event, Fields], None]


class RunsFold:
    """All runs, oldest first."""

    def __init__(self) -> None:
        self.runs: dict[str, RunView] = {}
        self._tasks: dict[tuple[str, str], TaskView] = {}
        self._reasonings: dict[str, ReasoningView] = {}
        self._elections: dict[str, ElectionView] = {}
        self._auctions: dict[str, AuctionView] = {}
        self._lessons: dict[str, LessonView] = {}
        self._handlers: Mapping[str, _Handler] = {
            EventKind.RUN_STARTED: self._run_started,
            EventKind.RUN_RESUMED: self._run_resumed,
            EventKind.RUN_PAUSED: self._run_held,
            EventKind.RUN_CONTINUED: self._run_held,
            EventKind.RUN_ENDED: self._run_ended,
            EventKind.PLAN_MADE: self._plan_made,
            EventKind.HIERARCHY_FORMED: self._hierarchy_formed,
            EventKind.PLAN_REPLACED: self._plan_replaced,
            EventKind.PLAN_STEP: self._plan_step,
            EventKind.TASK_STARTED: self._task_started,
            EventKind.TASK_PROGRESS: self._task_progress,
            EventKind.TASK_ENDED: self._task_ended,
            EventKind.STEP_STARTED: self._durable_step,
            EventKind.STEP_ENDED: self._durable_step,
            EventKind.STEP_TAKEN: self._step_taken,
            EventKind.REASONING_ENDED: self._reasoning_ended,
            EventKind.ELECTION_OPENED: self._election_opened,
            EventKind.BALLOT_CAST: self._ballot_cast,
            EventKind.ELECTION_CLOSED: self._election_closed,
            EventKind.ELECTION_RECALLED: self._election_recalled,
            EventKind.AUCTION_OPENED: self._auction_opened,
            EventKind.BID_MADE: self._bid_made,
            EventKind.AUCTION_CLOSED: self._auction_closed,
            EventKind.MESSAGE_SENT: self._message_sent,
            EventKind.MESSAGE_SETTLED: self._message_settled,
            EventKind.EXPERIENCE_KEPT: self._experience_kept,
            EventKind.REFLECTION_MADE: self._reflection_made,
        }

    def apply(self, event: Event) -> None:
        """Take one event; kinds that are part of no trace are passed over."""
        if event.kind in (EventKind.KERNEL_STARTED, EventKind.KERNEL_STOPPED):
            self.interrupt()
        if event.kind == EventKind.LESSON_CHANGED:
            self._lesson_changed(event, Fields(event.body))
        handler = self._handlers.get(event.kind)
        if handler is None:
            return
        run = self._run(event)
        run.revision += 1
        handler(run, event, Fields(event.body))
        run.latest = event.at

    def interrupt(self) -> None:
        """Note that a kernel is gone, and took its runs with it."""
        for run in self.runs.values():
            if run.status in UNDER_WAY:
                run.status = "interrupted"
                run.revision += 1

    def _run(self, event: Event) -> RunView:
        known = name(event.run) or OUTSIDE
        run = self.runs.get(known)
        if run is None:
            run = self.runs[known] = RunView(known, "", event.at)
            if known == OUTSIDE:
                run.goal, run.status = "outside of a run", ""
        return run

    def _task(self, run: RunView, id: str | None) -> TaskView:
        known = name(id)
        task = self._tasks.get((run.id, known))
        if task is None:
            task = self._tasks[run.id, known] = TaskView(known)
            run.parts.append(task)
        return task

    def _add(self, run: RunView, task: str | None, part: TaskPart) -> None:
        parts: list[TaskPart] | list[RunPart] = self._task(run, task).parts if task else run.parts
        parts.append(part)

    def _run_started(self, run: RunView, event: Event, body: Fields) -> None:
        run.goal, run.inputs = body.name("task"), body.pairs("inputs")
        run.started, run.status = event.at, "running"

    def _run_resumed(self, run: RunView, event: Event, body: Fields) -> None:
        run.status, run.seconds, run.reason, run.ended = "running", None, "", None

    def _run_held(self, run: RunView, event: Event, body: Fields) -> None:
        run.status = PAUSED if event.kind == EventKind.RUN_PAUSED else RUNNING

    def _run_ended(self, run: RunView, event: Event, body: Fields) -> None:
        run.status = body.name("status") or "ended"
        run.seconds, run.reason = body.number("seconds"), body.text("reason")
        run.summary, run.ended = body.pairs("summary"), event.at

    def _plan_made(self, run: RunView, event: Event, body: Fields) -> None:
        plan = plan_of(body)
        plan.at, plan.by = event.at, name(event.agent)
        run.parts.append(plan)
        for task in plan.tasks:
            self._task(run, task)

    def _hierarchy_formed(self, run: RunView, event: Event, body: Fields) -> None:
        run.parts.append(hierarchy_of(event, body))

    def _plan_replaced(self, run: RunView, event: Event, body: Fields) -> None:
        replan = replan_of(body)
        replan.at, replan.plan.at, replan.plan.by = event.at, event.at, name(event.agent)
        run.parts.append(replan)
        for removed in replan.diff.removed:
            task = self._task(run, removed)
            if task.status == "planned":
                task.status = "dropped"
        for planned in replan.plan.tasks:
            self._task(run, planned).status = "planned"

    def _plan_step(self, run: RunView, event: Event, body: Fields) -> None:
        step = plan_step_of(body, run.revision)
        step.at = event.at
        self._add(run, body.name("task"), step)

    def _task_started(self, run: RunView, event: Event, body: Fields) -> None:
        task = self._task(run, event.subject)
        task.status, task.attempts = "running", task.attempts + 1
        task.agent, task.error, task.summary, task.stage = name(event.agent), "", "", ""
        begin_try(task, event.at, run.latest)

    def _task_progress(self, run: RunView, event: Event, body: Fields) -> None:
        task = self._task(run, event.subject)
        if task.status == "running":
            task.stage = progress(body)

    def _task_ended(self, run: RunView, event: Event, body: Fields) -> None:
        task = self._task(run, event.subject)
        task.status = "done" if body.flag("success") else "failed"
        task.agent = body.name("agent") or name(event.agent)
        task.summary, task.error = body.text("summary"), body.text("error")
        task.quality, task.score = body.number("quality"), body.number("score")
        task.seconds, task.stage = body.number("seconds"), ""
        task.election = body.name("election")
        end_try(task, event.at)

    def _durable_step(self, run: RunView, event: Event, body: Fields) -> None:
        if event.task is not None:
            return  # an action of a task, which the step of its reasoning shows
        step = self._task(run, f"{body.count('n')}. {name(event.subject)}")
        ended = event.kind == EventKind.STEP_ENDED
        step.status = (body.name("status") or "done") if ended else "running"
        if ended:
            end_try(step, event.at)
        else:
            begin_try(step, event.at, run.latest)

    def _reasoning(self, run: RunView, event: Event) -> ReasoningView:
        found = self._reasonings.get(event.subject)
        if found is None:
            found = ReasoningView(name(event.subject), name(event.agent), at=event.at)
            self._reasonings[event.subject] = found
            self._add(run, event.task, found)
        return found

    def _step_taken(self, run: RunView, event: Event, body: Fields) -> None:
        reasoning, step = self._reasoning(run, event), step_of(event, body)
        reasoning.steps.append(step)
        reasoning.at = min(reasoning.at or step.at, began(step.at, step.model_seconds))
        if step.tokens is not None:
            reasoning.tokens = (reasoning.tokens or 0) + step.tokens
        if step.cost is not None:
            reasoning.cost = (reasoning.cost or 0.0) + step.cost

    def _reasoning_ended(self, run: RunView, event: Event, body: Fields) -> None:
        reasoning = self._reasoning(run, event)
        answer_of(reasoning, event, body)
        reasoning.at = min(reasoning.at or event.at, began(event.at, reasoning.seconds))

    def _election_opened(self, run: RunView, event: Event, body: Fields) -> None:
        election = self._elections[event.subject] = election_of(event, body)
        self._add(run, event.task, election)

    def _ballot_cast(self, run: RunView, event: Event, body: Fields) -> None:
        election = self._elections.get(event.subject)
        if election is not None:
            ballot = ballot_of(body)
            ballot.at = ballot.at or event.at
            election.ballots.append(ballot)

    def _election_closed(self, run: RunView, event: Event, body: Fields) -> None:
        election = self._elections.get(event.subject)
        if election is None:
            return
        tally, election.until = body.part("tally"), event.at
        election.rule, election.missing = body.name("rule"), body.pairs("missing")
        election.verdict, election.decision = tally.name("verdict"), tally.text("decision")
        election.sentence = tally.text("reason")

    def _election_recalled(self, run: RunView, event: Event, body: Fields) -> None:
        election = self._elections.get(event.subject)
        if election is not None:
            election.verdict, election.decision = "recalled", ""
            election.sentence += f"; recalled: {body.text('reason')}"

    def _auction_opened(self, run: RunView, event: Event, body: Fields) -> None:
        auction = self._auctions[event.subject] = auction_of(event, body)
        self._add(run, auction.task, auction)

    def _bid_made(self, run: RunView, event: Event, body: Fields) -> None:
        auction = self._auctions.get(event.subject)
        if auction is not None:
            auction.bids.append(bid_of(body))

    def _auction_closed(self, run: RunView, event: Event, body: Fields) -> None:
        auction = self._auctions.get(event.subject)
        if auction is not None:
            award_of(auction, event, body)

    def _message_sent(self, run: RunView, event: Event, body: Fields) -> None:
        run.messages += 1
        if event.task and body.name("type") == MessageType.TASK_REQUEST:
            self._task(run, event.task).request = request_of(event, body)

    def _message_settled(self, run: RunView, event: Event, body: Fields) -> None:
        if body.name("status") not in _ARRIVED:
            run.failed_messages += 1

    def _lesson_changed(self, event: Event, body: Fields) -> None:
        # It may be of no run, and of a run it is told by the reflection: so it is no part of one.
        self._lessons[name(event.subject)] = lesson_of(body.part("lesson"))

    def _experience_kept(self, run: RunView, event: Event, body: Fields) -> None:
        run.applied = [
            self._lessons.get(each) or LessonView(each) for each in body.texts("applied")
        ]

    def _reflection_made(self, run: RunView, event: Event, body: Fields) -> None:
        run.parts.append(reflection_of(event, body))


def fold(runs: RunsFold, events: Iterable[Event]) -> RunsFold:
    """Apply events to a fold and return it; the order is the journal's."""
    for event in events:
        runs.apply(event)
    return runs
