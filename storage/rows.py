"""What the read side returns: plain values, decoded."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from dataagents.core.events import Event
from dataagents.core.goals import PAUSED, RUNNING
from dataagents.core.records import quick
from dataagents.storage.encoding import decode_body


@quick
@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event and its place in the journal."""

    seq: int
    """Grows with every event; there may be gaps."""
    event: Event

    @property
    def place(self) -> int:
        """The same, as pages call it."""
        return self.seq


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run, as a list shows it."""

    id: str
    goal: str
    status: str
    """A `goals.RunStatus`, or one of `goals.UNDER_WAY` as long as no end was recorded."""
    started: datetime
    ended: datetime | None = None
    seconds: float | None = None
    score: float | None = None
    """Mean data quality that the run ended with, in [0, 1]; None when none was measured."""
    reason: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    """Name of a data set → its path."""


@dataclass(frozen=True, slots=True)
class AgentRow:
    """An agent, as it was last seen."""

    id: str
    role: str
    state: str
    """`ready`, `refused` or `stopped`: what became of its deployment."""
    since: datetime
    health: str | None = None
    """A `health.Health`; None before its first check."""
    checked: datetime | None = None


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message of a conversation, and what became of it."""

    id: str
    type: str
    sender: str
    recipient: str
    at: datetime
    payload: Mapping[str, object] = field(default_factory=dict)
    reply_to: str | None = None
    run: str | None = None
    status: str | None = None
    """A `messaging.ReceiptStatus`; None for a reply, and for what is still on its way."""
    reason: str = ""
    seconds: float | None = None


MESSAGES = """
SELECT messages.id, messages.type, messages.sender, messages.recipient, sent.at, sent.body,
    sent.parts, messages.reply_to, sent.run, messages.status, settled.body, messages.seconds
FROM messages
JOIN events AS sent ON sent.seq = messages.sent
LEFT JOIN journal AS settled ON settled.seq = messages.settled
"""

RELATED_LINEAGE = """
WITH RECURSIVE related (dataset) AS (
    SELECT :dataset
    UNION
    SELECT {far} FROM lineage JOIN related ON {near} = related.dataset
)
SELECT body, parts FROM events WHERE seq IN (
    SELECT seq FROM lineage WHERE {near} IN (SELECT dataset FROM related)
) ORDER BY seq
"""
"""Bodies and parts of all lineage that leads on from a data set, `near` being its end of each."""

RUN_COLUMNS = """
runs.id, runs.goal, began.body, began.parts, began.at, finished.at, runs.status,
    runs.seconds, runs.reason, coalesce(runs.ended > runs.started, false),
    (SELECT quality FROM experiences WHERE run = runs.id ORDER BY seq DESC LIMIT 1)
"""
"""What `run_row` takes."""

RUNS = f"""
SELECT {RUN_COLUMNS}
FROM runs
JOIN events AS began ON began.seq = runs.started
LEFT JOIN journal AS finished ON finished.seq = runs.ended
"""

AGENTS = """
SELECT agents.id, agents.role, agents.state, deployed.at, agents.health, checked.at
FROM agents
JOIN journal AS deployed ON deployed.seq = agents.seq
LEFT JOIN journal AS checked ON checked.seq = agents.checked
ORDER BY agents.id
"""


def run_row(row: Sequence[Any]) -> RunRow:
    """Return a row of `RUNS` as a value."""
    run, goal, body, parts, started, ended, status, seconds, reason, is_over, score = row
    given: Mapping[str, object] = decode_body(body, parts)
    inputs = given.get("inputs")
    paths = cast("dict[str, object]", inputs) if isinstance(inputs, dict) else {}
    inputs = {name: str(path) for name, path in paths.items()}
    began = datetime.fromisoformat(started)
    if not is_over:
        return RunRow(
            run, goal or "", PAUSED if status == PAUSED else RUNNING, began, inputs=inputs
        )
    return RunRow(
        run, goal or "", status or "", began, datetime.fromisoformat(ended), seconds, score,
        reason or "", inputs,
    )  # fmt: skip


def message_row(row: Sequence[Any]) -> MessageRow:
    """Return a row of `MESSAGES` as a value."""
    name, kind, sender, recipient, at, sent, parts, reply_to, run, status, settled, seconds = row
    receipt: dict[str, object] = json.loads(settled) if settled else {}
    return MessageRow(
        name, kind or "", sender or "", recipient or "", datetime.fromisoformat(at),
        decode_body(sent, parts).get("payload", {}), reply_to, run, status,
        str(receipt.get("reason", "")), seconds,
    )  # fmt: skip


def agent_row(row: Sequence[Any]) -> AgentRow:
    """Return a row of `AGENTS` as a value."""
    agent, role, state, since, health, checked = row
    return AgentRow(
        agent, role or "", state, datetime.fromisoformat(since), health,
        datetime.fromisoformat(checked) if checked else None,
    )  # fmt: skip
