"""Projections: what each kind of event adds to the tables beside the journal.

Every function here is pure: an event in, rows for statements out.
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from dataagents.core.events import Event, EventKind
from dataagents.core.goals import PAUSED
from dataagents.core.messaging import Assurance
from dataagents.storage import statements
from dataagents.storage.fields import Fields, MalformedBodyError

Row: TypeAlias = tuple[str | int | float | None, ...]
Projected: TypeAlias = tuple[str, Row]
"""A statement and values in its order; the writer puts the `seq` of the event before them."""


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
    yield statements.RUN_STARTED, (event.subject, body.text("task"))
    yield statements.RUN_HELD, (event.subject, None)


def _run_held(event: Event, body: Fields) -> Iterator[Projected]:
    status = PAUSED if event.kind == EventKind.RUN_PAUSED else None
    yield statements.RUN_HELD, (event.subject, status)


def _run_ended(event: Event, body: Fields) -> Iterator[Projected]:
    outcome = (body.text("status"), body.number("seconds"), body.text("reason"))
    yield statements.RUN_ENDED, (event.subject, *outcome)


def _agent_deployed(event: Event, body: Fields) -> Iterator[Projected]:
    yield statements.AGENT, (event.subject, body.text("role"), "ready")


def _agent_refused(event: Event, body: Fields) -> Iterator[Projected]:
    yield statements.AGENT, (event.subject, body.text("role"), "refused")


def _agent_removed(event: Event, body: Fields) -> Iterator[Projected]:
    yield statements.AGENT, (event.subject, body.text("role"), "stopped")


def _agent_health(event: Event, body: Fields) -> Iterator[Projected]:
    health = body.text("health")
    load = (body.flag("processing"), body.number("seconds"), body.integer("queue"))
    yield statements.AGENT_HEALTH, (event.subject, health)
    yield statements.HEALTH_SAMPLE, (event.subject, health, *load, body.integer("failures"))


def _task_started(event: Event, body: Fields) -> Iterator[Projected]:
    task = (body.text("name"), body.integer("attempt"))
    yield statements.TASK_STARTED, (event.run or "", event.subject, *task)


def _task_ended(event: Event, body: Fields) -> Iterator[Projected]:
    outcome = (body.text("agent"), body.flag("success"), body.text("failure"))
    figures = (body.number("quality"), body.number("score"), body.number("seconds"))
    yield statements.TASK_ENDED, (event.run or "", event.subject, *outcome, *figures)


def _plan_made(event: Event, body: Fields) -> Iterator[Projected]:
    yield statements.PLAN, (*_plan(event, body), *_change(Fields({})))


def _plan_replaced(event: Event, body: Fields) -> Iterator[Projected]:
    yield statements.PLAN, (*_plan(event, body.within("plan")), *_change(body))


def _plan(event: Event, plan: Fields) -> Row:
    figures = (plan.number("confidence"), plan.number("seconds"))
    return (event.subject, plan.count("tasks"), *figures)


def _change(replan: Fields) -> Row:
    failure = replan.within("failure")
    cause = (replan.text("replaces"), failure.text("task"), failure.text("kind"))
    # Before there was a diff, what it says was written beside the plan.
    diff = replan.within("diff") or replan
    return (*cause, diff.count("kept"), diff.count("added"), diff.count("removed"))


def _step_taken(event: Event, body: Fields) -> Iterator[Projected]:
    did = (body.integer("number"), body.text("action"), body.number("score"))
    failed = body.text("error") is not None
    took = (body.number("seconds"), body.integer("tokens"), body.number("cost"))
    yield statements.STEP, (event.subject, *did, body.number("quality"), failed, *took)


def _analysis_made(event: Event, body: Fields) -> Iterator[Projected]:
    yield statements.ANALYSIS, (event.subject, body.text("kind"), body.number("score"))


def _message_sent(event: Event, body: Fields) -> Iterator[Projected]:
    way = (body.text("type"), body.text("sender"), body.text("recipient"))
    thread = (body.text("conversation"), body.text("reply_to"))
    guaranteed = body.text("assurance") == Assurance.GUARANTEED or None
    yield statements.MESSAGE_SENT, (event.subject, *way, *thread, guaranteed)


def _message_settled(event: Event, body: Fields) -> Iterator[Projected]:
    yield statements.MESSAGE_SETTLED, (event.subject, body.text("status"), body.number("seconds"))


def _message_resent(event: Event, body: Fields) -> Iterator[Projected]:
    yield statements.MESSAGE_RESENT, (event.subject,)


def _election_opened(event: Event, body: Fields) -> Iterator[Projected]:
    yield statements.ELECTION_OPENED, (event.subject, body.text("about"), body.text("question"))


def _election_closed(event: Event, body: Fields) -> Iterator[Projected]:
    tally = body.within("tally")
    outcome = (body.text("rule"), tally.text("verdict"), tally.text("decision"))
    figures = (tally.integer("cast"), tally.integer("abstained"), tally.number("confidence"))
    yield statements.ELECTION_CLOSED, (event.subject, *outcome, *figures)


def _election_recalled(event: Event, body: Fields) -> Iterator[Projected]:
    yield statements.ELECTION_RECALLED, (event.subject,)


def _ballot_cast(event: Event, body: Fields) -> Iterator[Projected]:
    ballot = (body.text("voter"), body.text("choice"), body.number("confidence"))
    yield statements.BALLOT, (event.subject, *ballot)


def _auction_opened(event: Event, body: Fields) -> Iterator[Projected]:
    task = body.within("task").text("id")
    yield statements.AUCTION, (event.subject, task, body.number("budget"))


def _bid_made(event: Event, body: Fields) -> Iterator[Projected]:
    offer = (body.text("bidder"), body.number("cost"), body.number("quality"))
    record = (body.number("seconds"), body.number("reputation"))
    yield statements.BID, (event.subject, *offer, *record)


def _auction_closed(event: Event, body: Fields) -> Iterator[Projected]:
    outcome = (body.text("outcome"), body.text("winner"), body.number("price"))
    expected = (body.number("expected_quality"), body.number("expected_seconds"))
    yield statements.AWARD, (event.subject, *outcome, *expected, body.text("runner_up"))


def _experience_kept(event: Event, body: Fields) -> Iterator[Projected]:
    about = (body.text("run") or event.run, body.text("goal"), body.flag("success"))
    figures = (body.number("quality"), body.number("seconds"), body.integer("replans"))
    yield statements.EXPERIENCE, (event.subject, *about, *figures)


def _reflection_made(event: Event, body: Fields) -> Iterator[Projected]:
    counts = (body.count("patterns"), body.count("adaptations"))
    yield statements.REFLECTION, (event.subject, body.text("summary"), *counts)


def _metric_sampled(event: Event, body: Fields) -> Iterator[Projected]:
    yield statements.METRIC, (event.subject, body.number("value"), body.text("unit"))


def _alert_raised(event: Event, body: Fields) -> Iterator[Projected]:
    alert = (body.text("rule"), body.text("subject"), body.text("severity"))
    yield statements.ALERT_RAISED, (event.subject, *alert)


def _alert_ended(event: Event, body: Fields) -> Iterator[Projected]:
    yield statements.ALERT_ENDED, (event.subject,)


def _alert_acknowledged(event: Event, body: Fields) -> Iterator[Projected]:
    yield statements.ALERT_ACKNOWLEDGED, (event.subject,)


def _lesson_changed(event: Event, body: Fields) -> Iterator[Projected]:
    yield statements.LESSON, (event.subject,)


def _command_received(event: Event, body: Fields) -> Iterator[Projected]:
    yield statements.COMMAND_RECEIVED, (event.subject,)


def _command_answered(event: Event, body: Fields) -> Iterator[Projected]:
    yield statements.COMMAND_ANSWERED, (event.subject,)


def _lineage_recorded(event: Event, body: Fields) -> Iterator[Projected]:
    operation = body.text("operation")
    for source in dict.fromkeys(body.texts("sources")):
        yield statements.LINEAGE, (event.subject, source, operation)


_PROJECTIONS: dict[str, Callable[[Event, Fields], Iterator[Projected]]] = {
    EventKind.RUN_STARTED: _run_started,
    EventKind.RUN_RESUMED: _run_started,
    EventKind.RUN_PAUSED: _run_held,
    EventKind.RUN_CONTINUED: _run_held,
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
    EventKind.MESSAGE_RESENT: _message_resent,
    EventKind.ELECTION_OPENED: _election_opened,
    EventKind.ELECTION_CLOSED: _election_closed,
    EventKind.ELECTION_RECALLED: _election_recalled,
    EventKind.BALLOT_CAST: _ballot_cast,
    EventKind.AUCTION_OPENED: _auction_opened,
    EventKind.BID_MADE: _bid_made,
    EventKind.AUCTION_CLOSED: _auction_closed,
    EventKind.EXPERIENCE_KEPT: _experience_kept,
    EventKind.REFLECTION_MADE: _reflection_made,
    EventKind.METRIC_SAMPLED: _metric_sampled,
    EventKind.ALERT_RAISED: _alert_raised,
    EventKind.ALERT_ACKNOWLEDGED: _alert_acknowledged,
    EventKind.ALERT_ENDED: _alert_ended,
    EventKind.LESSON_CHANGED: _lesson_changed,
    EventKind.COMMAND_RECEIVED: _command_received,
    EventKind.COMMAND_EXECUTED: _command_answered,
    EventKind.COMMAND_REFUSED: _command_answered,
    EventKind.COMMAND_EXPIRED: _command_answered,
    EventKind.COMMAND_FAILED: _command_answered,
    EventKind.COMMAND_WITHDRAWN: _command_answered,
    EventKind.LINEAGE_RECORDED: _lineage_recorded,
}
