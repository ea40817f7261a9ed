"""Projections: what each kind of event adds to the tables beside the journal.

Every function here is pure: an event in, rows for statements out.
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from dataagents.core.events import Event, EventKind
from dataagents.storage import statements
from dataagents.storage.fields import Fields, MalformedBodyError, Row

Projected: TypeAlias = tuple[str, Row]
"""A statement and the row for it; the writer adds the event's `seq`."""


def project(event: Event) -> tuple[Projected, ...]:
    """Return what an event adds to the tables.

    An event of an unknown kind adds nothing. Neither does one whose body has a field of the wrong
    type: the journal has it as it came, and the tables hold only what can be trusted.
    """
    projection = _PROJECTIONS.get(event.kind)
    if projection is None:
        return ()
    try:
        return tuple(projection(event, Fields(event.body)))
    except MalformedBodyError:
        return ()


def _run_started(event: Event, body: Fields) -> Iterator[Projected]:
    yield statements.RUN_STARTED, {"id": event.subject, "goal": body.text("task")}


def _run_ended(event: Event, body: Fields) -> Iterator[Projected]:
    outcome = body.read(texts="status reason", numbers="seconds")
    yield statements.RUN_ENDED, {"id": event.subject, **outcome}


def _agent_deployed(event: Event, body: Fields) -> Iterator[Projected]:
    yield statements.AGENT, {"id": event.subject, "role": body.text("role"), "state": "ready"}


def _agent_refused(event: Event, body: Fields) -> Iterator[Projected]:
    yield statements.AGENT, {"id": event.subject, "role": body.text("role"), "state": "refused"}


def _agent_removed(event: Event, body: Fields) -> Iterator[Projected]:
    yield statements.AGENT, {"id": event.subject, "role": body.text("role"), "state": "stopped"}


def _agent_health(event: Event, body: Fields) -> Iterator[Projected]:
    sample = body.read(
        texts="health", flags="processing", numbers="seconds", integers="queue failures"
    )
    yield statements.AGENT_HEALTH, {"id": event.subject, "health": sample["health"]}
    yield statements.HEALTH_SAMPLE, {"agent": event.subject, **sample}


def _task_started(event: Event, body: Fields) -> Iterator[Projected]:
    task = body.read(texts="name", integers="attempt")
    yield statements.TASK_STARTED, {"run": event.run or "", "id": event.subject, **task}


def _task_ended(event: Event, body: Fields) -> Iterator[Projected]:
    result = body.read(texts="agent failure", flags="success", numbers="quality score seconds")
    yield statements.TASK_ENDED, {"run": event.run or "", "id": event.subject, **result}


def _plan_made(event: Event, body: Fields) -> Iterator[Projected]:
    yield statements.PLAN, {**_plan(event, body), **_change(Fields({}))}


def _plan_replaced(event: Event, body: Fields) -> Iterator[Projected]:
    yield statements.PLAN, {**_plan(event, body.within("plan")), **_change(body)}


def _plan(event: Event, plan: Fields) -> Row:
    figures = plan.read(numbers="confidence seconds")
    return {"id": event.subject, "tasks": plan.count("tasks"), **figures}


def _change(replan: Fields) -> Row:
    failure = replan.within("failure")
    return {
        "replaces": replan.text("replaces"),
        "failed_task": failure.text("task"),
        "failure": failure.text("kind"),
        "kept": replan.count("kept"),
        "added": replan.count("added"),
        "removed": replan.count("removed"),
    }


def _step_taken(event: Event, body: Fields) -> Iterator[Projected]:
    step = body.read(texts="action", integers="number tokens", numbers="score quality seconds cost")
    failed = body.text("error") is not None
    yield statements.STEP, {"reasoning": event.subject, "failed": failed, **step}


def _analysis_made(event: Event, body: Fields) -> Iterator[Projected]:
    analysis = body.read(texts="kind", numbers="score")
    yield statements.ANALYSIS, {"dataset": event.subject, **analysis}


def _message_sent(event: Event, body: Fields) -> Iterator[Projected]:
    message = body.read(texts="type sender recipient conversation reply_to")
    yield statements.MESSAGE_SENT, {"id": event.subject, **message}


def _message_settled(event: Event, body: Fields) -> Iterator[Projected]:
    receipt = body.read(texts="status", numbers="seconds")
    yield statements.MESSAGE_SETTLED, {"id": event.subject, **receipt}


def _election_opened(event: Event, body: Fields) -> Iterator[Projected]:
    motion = body.read(texts="about question")
    yield statements.ELECTION_OPENED, {"id": event.subject, **motion}


def _election_closed(event: Event, body: Fields) -> Iterator[Projected]:
    tally = body.within("tally")
    figures = tally.read(texts="verdict decision", numbers="confidence", integers="abstained")
    row: Row = {"rule": body.text("rule"), "voted": tally.integer("cast"), **figures}
    yield statements.ELECTION_CLOSED, {"id": event.subject, **row}


def _ballot_cast(event: Event, body: Fields) -> Iterator[Projected]:
    ballot = body.read(texts="voter choice", numbers="confidence")
    yield statements.BALLOT, {"election": event.subject, **ballot}


def _auction_opened(event: Event, body: Fields) -> Iterator[Projected]:
    task = body.within("task").text("id")
    yield statements.AUCTION, {"lot": event.subject, "task": task, **body.read(numbers="budget")}


def _bid_made(event: Event, body: Fields) -> Iterator[Projected]:
    bid = body.read(texts="bidder", numbers="cost quality seconds reputation")
    yield statements.BID, {"lot": event.subject, **bid}


def _auction_closed(event: Event, body: Fields) -> Iterator[Projected]:
    award = body.read(
        texts="outcome winner runner_up", numbers="price expected_quality expected_seconds"
    )
    yield statements.AWARD, {"lot": event.subject, **award}


def _experience_kept(event: Event, body: Fields) -> Iterator[Projected]:
    experience = body.read(
        texts="goal", flags="success", numbers="quality seconds", integers="replans"
    )
    run = body.text("run") or event.run
    yield statements.EXPERIENCE, {"id": event.subject, "run": run, **experience}


def _reflection_made(event: Event, body: Fields) -> Iterator[Projected]:
    row: Row = {"patterns": body.count("patterns"), "adaptations": body.count("adaptations")}
    yield statements.REFLECTION, {"id": event.subject, "summary": body.text("summary"), **row}


def _metric_sampled(event: Event, body: Fields) -> Iterator[Projected]:
    yield statements.METRIC, {"name": event.subject, **body.read(texts="unit", numbers="value")}


def _alert_raised(event: Event, body: Fields) -> Iterator[Projected]:
    yield statements.ALERT_RAISED, {"id": event.subject, **body.read(texts="rule subject severity")}


def _alert_ended(event: Event, body: Fields) -> Iterator[Projected]:
    yield statements.ALERT_ENDED, {"id": event.subject}


def _lineage_recorded(event: Event, body: Fields) -> Iterator[Projected]:
    operation = body.text("operation")
    for source in dict.fromkeys(body.texts("sources")):
        row: Row = {"dataset": event.subject, "source": source, "operation": operation}
        yield statements.LINEAGE, row


_PROJECTIONS: dict[str, Callable[[Event, Fields], Iterator[Projected]]] = {
    EventKind.RUN_STARTED: _run_started,
    EventKind.RUN_ENDED: _run_ended,
    EventKind.AGENT_DEPLOYED: _agent_deployed,
    EventKind.AGENT_REFUSED: _agent_refused,
    EventKind.AGENT_REMOVED: _agent_removed,
    EventKind.AGENT_HEALTH: _agent_health,
    EventKind.TASK_STARTED: _task_started,
    EventKind.TASK_ENDED: _task_ended,
    EventKind.PLAN_MADE: _plan_made,
    EventKind.PLAN_REPLACED: _plan_replaced,
    EventKind.STEP_TAKEN: _step_taken,
    EventKind.ANALYSIS_MADE: _analysis_made,
    EventKind.MESSAGE_SENT: _message_sent,
    EventKind.MESSAGE_SETTLED: _message_settled,
    EventKind.ELECTION_OPENED: _election_opened,
    EventKind.ELECTION_CLOSED: _election_closed,
    EventKind.BALLOT_CAST: _ballot_cast,
    EventKind.AUCTION_OPENED: _auction_opened,
    EventKind.BID_MADE: _bid_made,
    EventKind.AUCTION_CLOSED: _auction_closed,
    EventKind.EXPERIENCE_KEPT: _experience_kept,
    EventKind.REFLECTION_MADE: _reflection_made,
    EventKind.METRIC_SAMPLED: _metric_sampled,
    EventKind.ALERT_RAISED: _alert_raised,
    EventKind.ALERT_ENDED: _alert_ended,
    EventKind.LINEAGE_RECORDED: _lineage_recorded,
}
