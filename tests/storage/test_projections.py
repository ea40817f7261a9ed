"""The tables beside the journal say what the journal says, however its events were batched."""

import asyncio
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataagents.core.bidding import Award, AwardOutcome, Bid, Lot
from dataagents.core.cards import AgentCard
from dataagents.core.events import Event, EventKind
from dataagents.core.goals import RunOutcome, RunStatus
from dataagents.core.health import Alert, Health, HealthReport, Metric, Severity
from dataagents.core.messaging import Lineage, Message, Receipt, ReceiptStatus
from dataagents.core.planning import (
    Failure,
    FailureKind,
    Goal,
    Plan,
    PlanDiff,
    PlannedTask,
    Replan,
    TaskResult,
)
from dataagents.core.reasoning import Analysis, Step
from dataagents.core.reflection import Experience, Reflection
from dataagents.core.values import to_json
from dataagents.core.voting import Ballot, Election, Motion, Tally, Verdict
from dataagents.storage import SqliteStore, StoreReader

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)

GOAL = Goal("clean", {"orders": "orders.csv"})
TASK = PlannedTask("profile:orders", "profile")
PLAN = Plan("p1", GOAL, (TASK,), confidence=0.75, seconds=4.0)
FAILURE = Failure("profile:orders", FailureKind.RECOVERABLE, "no column")
REPLAN = Replan(replace(PLAN, id="p2"), "p1", FAILURE, PlanDiff(("a", "b"), ("c",)), NOON)
MOTION = Motion("m", "Release?", ("yes", "no"), ("a", "b"), NOON, about="orders")
TALLY = Tally(Verdict.DECIDED, "yes", ("yes",), {"yes": 2}, 2, 1, 1.0, "67/100", "all")
ELECTION = Election(MOTION, "supermajority", (), {"c": "late"}, TALLY, NOON)

HAPPENED: tuple[tuple[str, str, object, str, dict[str, Any]], ...] = (
    (EventKind.RUN_STARTED, "r", GOAL, "runs", {"id": "r", "goal": "clean"}),
    (EventKind.RUN_ENDED, "r", RunOutcome("r", RunStatus.FAILED, 2.5, reason="no plan"), "runs",
     {"status": "failed", "seconds": 2.5, "reason": "no plan"}),
    (EventKind.AGENT_DEPLOYED, "a", AgentCard("a", "profiler"), "agents",
     {"id": "a", "role": "profiler", "state": "ready"}),
    (EventKind.AGENT_HEALTH, "a", HealthReport("a", Health.FAILED, 0.5, NOON, failures=3),
     "agents", {"health": "failed"}),
    (EventKind.AGENT_HEALTH, "a", HealthReport("a", Health.HEALTHY, 0.5, NOON, True, queue=4),
     "health_samples", {"agent": "a", "health": "healthy", "processing": 1, "queue": 4}),
    (EventKind.AGENT_REMOVED, "a", {"reason": "told"}, "agents",
     {"state": "stopped", "role": "profiler"}),
    (EventKind.TASK_STARTED, TASK.id, TASK, "tasks", {"id": TASK.id, "name": "profile"}),
    (EventKind.TASK_ENDED, TASK.id, TaskResult(TASK.id, True, quality=0.9, agent="a", seconds=1.0),
     "tasks", {"success": 1, "quality": 0.9, "agent": "a", "failure": None}),
    (EventKind.PLAN_MADE, "p1", PLAN, "plans",
     {"id": "p1", "tasks": 1, "confidence": 0.75, "replaces": None}),
    (EventKind.PLAN_REPLACED, "p2", REPLAN, "replans",
     {"id": "p2", "tasks": 1, "replaces": "p1", "failed_task": "profile:orders",
      "failure": "recoverable", "kept": 2, "added": 1, "removed": 0}),
    (EventKind.STEP_TAKEN, "q", Step(2, "t", "look", {}, "o", 0.5, NOON, 0.1, error="e", tokens=7),
     "steps", {"reasoning": "q", "number": 2, "action": "look", "failed": 1, "tokens": 7}),
    (EventKind.ANALYSIS_MADE, "orders", Analysis("orders", "quality", 0.8), "analyses",
     {"dataset": "orders", "kind": "quality", "score": 0.8}),
    (EventKind.MESSAGE_SENT, "m1", Message("m1", "a", "b", NOON, conversation="c"), "messages",
     {"id": "m1", "sender": "a", "recipient": "b", "type": "data_request", "conversation": "c"}),
    (EventKind.MESSAGE_SETTLED, "m1", Receipt("m1", "b", ReceiptStatus.EXPIRED, NOON), "messages",
     {"status": "expired", "seconds": 0.0}),
    (EventKind.ELECTION_OPENED, "m", MOTION, "elections", {"about": "orders", "verdict": None}),
    (EventKind.BALLOT_CAST, "m", Ballot("a", "yes", 0.9, "ok", NOON), "ballots",
     {"election": "m", "voter": "a", "choice": "yes", "confidence": 0.9}),
    (EventKind.ELECTION_CLOSED, "m", ELECTION, "elections",
     {"rule": "supermajority", "verdict": "decided", "decision": "yes", "voted": 2,
      "abstained": 1, "confidence": 1.0}),
    (EventKind.AUCTION_OPENED, "l", Lot("l", TASK, NOON, budget=9.0), "auctions",
     {"lot": "l", "task": TASK.id, "budget": 9.0}),
    (EventKind.BID_MADE, "l", Bid("a", 2.0, 0.9, NOON), "bids",
     {"lot": "l", "bidder": "a", "cost": 2.0, "reputation": 1.0}),
    (EventKind.AUCTION_CLOSED, "l", Award("l", AwardOutcome.AWARDED, "best", "a", 2.0), "awards",
     {"lot": "l", "outcome": "awarded", "winner": "a", "price": 2.0}),
    (EventKind.EXPERIENCE_KEPT, "x", Experience("x", NOON, "clean", (), True, 2.0, 0.9, run="r"),
     "experiences", {"id": "x", "run": "r", "success": 1, "quality": 0.9, "replans": 0}),
    (EventKind.REFLECTION_MADE, "f", Reflection("f", NOON, "went well"), "reflections",
     {"id": "f", "summary": "went well", "patterns": 0, "adaptations": 0}),
    (EventKind.METRIC_SAMPLED, "queue", Metric("queue", 3, "messages", NOON), "metrics",
     {"name": "queue", "value": 3.0, "unit": "messages"}),
    (EventKind.ALERT_RAISED, "w", Alert("w", "slow", "a", Severity.WARNING, "d", NOON), "alerts",
     {"id": "w", "rule": "slow", "subject": "a", "severity": "warning", "ended": None}),
    (EventKind.ALERT_ENDED, "w", Alert("w", "slow", "a", Severity.WARNING, "d", NOON), "alerts",
     {"id": "w", "ended": 25}),
    (EventKind.ALERT_ACKNOWLEDGED, "w", {"acknowledged": {"by": "anna"}}, "alerts",
     {"id": "w", "ended": 25, "acknowledged": 26}),
    (EventKind.ELECTION_RECALLED, "m", {"motion": "m", "reason": "new data"}, "elections",
     {"id": "m", "verdict": "decided", "recalled": 27}),
    (EventKind.LESSON_CHANGED, "le", {"change": "learned"}, "lessons", {"id": "le", "seq": 28}),
    (EventKind.LESSON_CHANGED, "le", {"change": "kept"}, "lessons", {"id": "le", "seq": 29}),
    (EventKind.COMMAND_RECEIVED, "cmd", {"kind": "pause"}, "commands",
     {"id": "cmd", "seq": 30, "answered": None}),
    (EventKind.COMMAND_EXECUTED, "cmd", {"state": "executed"}, "commands",
     {"id": "cmd", "seq": 30, "answered": 31}),
    (EventKind.COMMAND_REFUSED, "other", {"state": "refused"}, "commands",
     {"id": "other", "seq": 32, "answered": 32}),
    (EventKind.LINEAGE_RECORDED, "out", Lineage("out", ("in1", "in2"), "join", NOON), "lineage",
     {"dataset": "out", "source": "in2", "operation": "join"}),
)  # fmt: skip


def happened(make: Callable[..., Event]) -> list[Event]:
    return [
        make(kind, subject, dict(body) if isinstance(body, dict) else to_json(body), run="r")
        for kind, subject, body, _, _ in HAPPENED
    ]


def tables(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    connection = sqlite3.connect(path)
    try:
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            " AND name NOT IN ('store', 'blobs', 'blob_refs', 'pruning')"
        ).fetchall()
        return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for (name,) in names}
    finally:
        connection.close()


async def written(path: Path, units: Sequence[Sequence[Event]]) -> dict[str, Any]:
    async with SqliteStore(path) as store:
        for unit in units:
            await store.commit(unit)
    return tables(path)


@pytest.mark.parametrize("number", range(len(HAPPENED)), ids=[item[0] for item in HAPPENED])
async def test_what_happened_is_found_in_its_table(path, event, number):
    _, _, _, table, expected = HAPPENED[number]
    # One unit each, so that a place in the journal is the event's number.
    await written(path, [[one] for one in happened(event)[: number + 1]])
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    rows = [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]
    connection.close()
    assert [{key: row[key] for key in expected} for row in rows][-1] == expected


async def test_every_table_has_a_test_and_is_filled(path, event):
    full = await written(path, [happened(event)])
    assert {table for table, rows in full.items() if not rows} == set()
    assert set(full) == {item[3] for item in HAPPENED} - {"replans"} | {"journal"}


async def test_tables_made_again_from_the_journal_are_the_same(path, tmp_path, event):
    live = await written(path, [[one] for one in happened(event)])
    async with StoreReader(path) as reader:
        journal = [stored.event for stored in await reader.events()]
    assert await written(tmp_path / "again.db", [journal]) == live


SUBJECTS = st.sampled_from(["a", "b"])
CHANGES = st.sampled_from(
    [
        (EventKind.RUN_STARTED, {"task": "clean"}),
        (EventKind.RUN_ENDED, {"status": "done", "seconds": 1}),
        (EventKind.RUN_ENDED, {"status": "failed", "reason": "why"}),
        (EventKind.AGENT_DEPLOYED, {"role": "profiler"}),
        (EventKind.AGENT_REFUSED, {}),
        (EventKind.AGENT_REMOVED, {}),
        (EventKind.AGENT_HEALTH, {"health": "healthy"}),
        (EventKind.AGENT_HEALTH, {"health": 5}),
        (EventKind.MESSAGE_SENT, {"sender": "a"}),
        (EventKind.MESSAGE_SETTLED, {"status": "delivered"}),
        (EventKind.ALERT_RAISED, {}),
        (EventKind.ALERT_ACKNOWLEDGED, {}),
        (EventKind.ALERT_ENDED, {}),
        (EventKind.ELECTION_OPENED, {"question": "?"}),
        (EventKind.ELECTION_RECALLED, {}),
        (EventKind.LESSON_CHANGED, {}),
        (EventKind.COMMAND_RECEIVED, {}),
        (EventKind.COMMAND_EXECUTED, {}),
        (EventKind.COMMAND_REFUSED, {}),
        ("note.made", {}),
    ]
)


def begun_first(changes: list[tuple[str, tuple[str, dict[str, Any]]]]) -> bool:
    """Whether nothing is told to end before it began, as the kernel never does."""
    begun: set[tuple[str, str]] = set()
    for subject, (kind, _) in changes:
        what, _, verb = kind.partition(".")
        if verb in ("started", "deployed", "refused", "removed", "sent", "raised", "opened"):
            begun.add((what, subject))
        elif (
            verb in ("ended", "health", "settled", "acknowledged", "recalled")
            and (what, subject) not in begun
        ):
            return False
    return True


@settings(max_examples=30)
@given(st.lists(st.tuples(SUBJECTS, CHANGES), max_size=25).filter(begun_first))
def test_batching_never_changes_what_the_tables_say(changes):
    events = [
        Event(f"e{number}", NOON, kind, subject, body)
        for number, (subject, (kind, body)) in enumerate(changes)
    ]
    with tempfile.TemporaryDirectory() as folder:
        single = asyncio.run(written(Path(folder) / "single.db", [[one] for one in events]))
        together = asyncio.run(written(Path(folder) / "together.db", [events]))
    assert single == together


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("step.taken", {"number": "three"}),
        ("step.taken", {"number": True}),
        ("step.taken", {"tokens": 2**63}),
        ("step.taken", {"score": "high"}),
        ("step.taken", {"error": {"a": 1}}),
        ("plan.made", {"tasks": 3}),
        ("plan.replaced", {"plan": [1]}),
        ("lineage.recorded", {"sources": ["a", 1]}),
        ("agent.health", {"processing": "yes"}),
        ("somebody.else", {"number": "three"}),
    ],
)
async def test_a_body_that_is_malformed_is_kept_and_not_projected(path, event, kind, body):
    sent = event(kind, "s", body)
    full = await written(path, [[sent, event("step.taken", "good")]])
    assert len(full["journal"]) == 2
    assert {table: len(rows) for table, rows in full.items() if rows} == {"journal": 2, "steps": 1}
    async with StoreReader(path) as reader:
        assert (await reader.events())[0].event == sent
