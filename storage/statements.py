"""The statements that projections write with; each writes its own columns of its own table.

A statement takes the event's `seq`, then a value for each column in the order in which it is named
here.

A batch runs all rows of one statement together, in the order of `STATEMENTS`: what begins something
stands before what ends it. So it makes no difference how events are grouped into batches.
"""

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

Batch: TypeAlias = Sequence[tuple[str, Iterable[Any]]]
"""Statements in order, each with the rows that it is run for."""

# The journal passes over an event that it has; then nothing bears this `seq`, and its rows are
# passed over with it.
_IS_NEW = "EXISTS (SELECT 1 FROM journal WHERE seq = ?1)"


def _insert(table: str, columns: str, *, seq: str = "seq", replacing: str = "") -> str:
    """Return an insert; `replacing` names a key whose older row is overwritten."""
    names = (seq, *columns.split())
    values = ", ".join(f"?{number}" for number in range(1, len(names) + 1))
    statement = f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} WHERE {_IS_NEW}"
    if not replacing:
        return statement
    changes = ", ".join(f"{name} = excluded.{name}" for name in names)
    return f"{statement} ON CONFLICT ({replacing}) DO UPDATE SET {changes}"


def _update(table: str, key: str, columns: str = "", *, seq: str) -> str:
    """Return an update; the values of the key come before those of the columns."""
    names = (seq, *key.split(), *columns.split())
    settings = [f"{name} = ?{number}" for number, name in enumerate(names, start=1)]
    keys = len(key.split())
    changes = ", ".join((settings[0], *settings[keys + 1 :]))
    where = " AND ".join(settings[1 : keys + 1])
    return f"UPDATE {table} SET {changes} WHERE {where} AND {_IS_NEW}"


BLOB = "INSERT INTO blobs (digest, size, body) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING"
BLOB_REF = f"""
INSERT INTO blob_refs (seq, path, blob)
SELECT ?1, ?2, blobs.id FROM blobs WHERE digest = ?3 AND {_IS_NEW}
"""

RUN_STARTED = _insert("runs", "id goal", seq="started", replacing="id")
# What ends a pause touches no other status; a pause before a new start is none of this one.
RUN_HELD = f"""
UPDATE runs SET status = ?3 WHERE id = ?2
AND CASE WHEN ?3 IS NULL THEN status = 'paused' ELSE started < ?1 END AND {_IS_NEW}
"""
RUN_ENDED = _update("runs", "id", "status seconds reason", seq="ended")
AGENT = (
    _insert("agents", "id role state")
    + " ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, state = excluded.state,"
    + " role = coalesce(excluded.role, role)"
)
AGENT_HEALTH = _update("agents", "id", "health", seq="checked")
HEALTH_SAMPLE = _insert("health_samples", "agent health processing seconds queue failures")
TASK_STARTED = _insert("tasks", "run id name attempt", seq="started", replacing="run, id")
TASK_ENDED = _update("tasks", "run id", "agent success failure quality score seconds", seq="ended")
PLAN = _insert(
    "plans", "id tasks confidence seconds replaces failed_task failure kept added removed"
)
STEP = _insert("steps", "reasoning number action score quality failed seconds tokens cost")
ANALYSIS = _insert("analyses", "dataset kind score")
MESSAGE_SENT = _insert(
    "messages",
    "id type sender recipient conversation reply_to guaranteed",
    seq="sent",
    replacing="id",
)
MESSAGE_SETTLED = _update("messages", "id", "status seconds", seq="settled")
MESSAGE_RESENT = _update("messages", "id", seq="resent")
ELECTION_OPENED = _insert("elections", "id about question", seq="opened", replacing="id")
ELECTION_CLOSED = _update(
    "elections", "id", "rule verdict decision voted abstained confidence", seq="closed"
)
ELECTION_RECALLED = _update("elections", "id", seq="recalled")
BALLOT = _insert("ballots", "election voter choice confidence")
AUCTION = _insert("auctions", "lot task budget", seq="opened", replacing="lot")
BID = _insert("bids", "lot bidder cost quality seconds reputation")
AWARD = _insert("awards", "lot outcome winner price expected_quality expected_seconds runner_up")
EXPERIENCE = _insert("experiences", "id run goal success quality seconds replans")
REFLECTION = _insert("reflections", "id summary patterns adaptations")
METRIC = _insert("metrics", "name value unit")
ALERT_RAISED = _insert("alerts", "id rule subject severity", seq="raised", replacing="id")
ALERT_ENDED = _update("alerts", "id", seq="ended")
ALERT_ACKNOWLEDGED = _update("alerts", "id", seq="acknowledged")
LESSON = _insert("lessons", "id", replacing="id")
COMMAND_RECEIVED = (
    _insert("commands", "id") + " ON CONFLICT (id) DO UPDATE SET seq = min(seq, excluded.seq)"
)
COMMAND_ANSWERED = f"""
INSERT INTO commands (seq, id, answered) SELECT ?1, ?2, ?1 WHERE {_IS_NEW}
ON CONFLICT (id) DO UPDATE SET seq = min(seq, excluded.seq), answered = excluded.answered
"""
LINEAGE = _insert("lineage", "dataset source operation")

STATEMENTS = (
    RUN_STARTED, RUN_HELD, RUN_ENDED, AGENT, AGENT_HEALTH, HEALTH_SAMPLE, TASK_STARTED,
    TASK_ENDED, PLAN, STEP, ANALYSIS, MESSAGE_SENT, MESSAGE_SETTLED, MESSAGE_RESENT,
    ELECTION_OPENED, ELECTION_CLOSED, ELECTION_RECALLED, BALLOT, AUCTION, BID, AWARD,
    EXPERIENCE, REFLECTION, METRIC, ALERT_RAISED, ALERT_ACKNOWLEDGED, ALERT_ENDED, LESSON,
    COMMAND_RECEIVED, COMMAND_ANSWERED, LINEAGE,
)  # fmt: skip
"""In the order in which a batch runs them."""
