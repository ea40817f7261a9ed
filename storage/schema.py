"""The tables: one append-only journal that is the truth, and projections that answer questions.

A projection holds what is searched, sorted or added up, and the `seq` of the event it came from;
times, run, task, agent and the long body stay in the journal and are reached by a join.
"""

from collections.abc import Sequence
from typing import Final

APPLICATION_ID = 0x44414754
"""Marks a SQLite file as one of ours; it spells DAGT."""

CREATE = """
CREATE TABLE journal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    run TEXT,
    task TEXT,
    agent TEXT,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX journal_kind ON journal (kind);
CREATE INDEX journal_run ON journal (run) WHERE run IS NOT NULL;
CREATE TRIGGER journal_keeps_rows BEFORE DELETE ON journal
BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_keeps_values BEFORE UPDATE ON journal
BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;

CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    goal TEXT,
    started INTEGER NOT NULL REFERENCES journal,
    ended INTEGER REFERENCES journal,
    status TEXT,
    seconds REAL,
    reason TEXT
) STRICT;
CREATE TABLE agents (
    id TEXT PRIMARY KEY,
    role TEXT,
    state TEXT NOT NULL,
    seq INTEGER NOT NULL REFERENCES journal,
    health TEXT,
    checked INTEGER REFERENCES journal
) STRICT;
CREATE TABLE health_samples (
    seq INTEGER PRIMARY KEY REFERENCES journal,
    agent TEXT NOT NULL,
    health TEXT,
    processing INTEGER,
    seconds REAL,
    queue INTEGER,
    failures INTEGER
) STRICT;
CREATE INDEX health_samples_agent ON health_samples (agent);
CREATE TABLE tasks (
    run TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT,
    attempt INTEGER,
    started INTEGER NOT NULL REFERENCES journal,
    ended INTEGER REFERENCES journal,
    agent TEXT,
    success INTEGER,
    failure TEXT,
    quality REAL,
    score REAL,
    seconds REAL,
    PRIMARY KEY (run, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE plans (
    seq INTEGER PRIMARY KEY REFERENCES journal,
    id TEXT NOT NULL,
    tasks INTEGER,
    confidence REAL,
    seconds REAL,
    replaces TEXT,
    failed_task TEXT,
    failure TEXT,
    kept INTEGER,
    added INTEGER,
    removed INTEGER
) STRICT;
CREATE VIEW replans AS SELECT * FROM plans WHERE replaces IS NOT NULL;
CREATE TABLE steps (
    seq INTEGER PRIMARY KEY REFERENCES journal,
    reasoning TEXT NOT NULL,
    number INTEGER,
    action TEXT,
    score REAL,
    quality REAL,
    failed INTEGER,
    seconds REAL,
    tokens INTEGER,
    cost REAL
) STRICT;
CREATE INDEX steps_reasoning ON steps (reasoning);
CREATE TABLE analyses (
    seq INTEGER PRIMARY KEY REFERENCES journal,
    dataset TEXT NOT NULL,
    kind TEXT,
    score REAL
) STRICT;
CREATE TABLE messages (
    id TEXT PRIMARY KEY,
    sent INTEGER NOT NULL REFERENCES journal,
    type TEXT,
    sender TEXT,
    recipient TEXT,
    conversation TEXT,
    reply_to TEXT,
    status TEXT,
    seconds REAL,
    settled INTEGER REFERENCES journal
) STRICT;
CREATE INDEX messages_conversation ON messages (conversation) WHERE conversation IS NOT NULL;
CREATE TABLE elections (
    id TEXT PRIMARY KEY,
    opened INTEGER NOT NULL REFERENCES journal,
    about TEXT,
    question TEXT,
    closed INTEGER REFERENCES journal,
    rule TEXT,
    verdict TEXT,
    decision TEXT,
    voted INTEGER,
    abstained INTEGER,
    confidence REAL
) STRICT;
CREATE TABLE ballots (
    seq INTEGER PRIMARY KEY REFERENCES journal,
    election TEXT NOT NULL,
    voter TEXT,
    choice TEXT,
    confidence REAL
) STRICT;
CREATE INDEX ballots_election ON ballots (election);
CREATE TABLE auctions (
    lot TEXT PRIMARY KEY,
    opened INTEGER NOT NULL REFERENCES journal,
    task TEXT,
    budget REAL
) STRICT;
CREATE TABLE bids (
    seq INTEGER PRIMARY KEY REFERENCES journal,
    lot TEXT NOT NULL,
    bidder TEXT,
    cost REAL,
    quality REAL,
    seconds REAL,
    reputation REAL
) STRICT;
CREATE INDEX bids_lot ON bids (lot);
CREATE TABLE awards (
    seq INTEGER PRIMARY KEY REFERENCES journal,
    lot TEXT NOT NULL,
    outcome TEXT,
    winner TEXT,
    price REAL,
    expected_quality REAL,
    expected_seconds REAL,
    runner_up TEXT
) STRICT;
CREATE INDEX awards_lot ON awards (lot);
CREATE TABLE experiences (
    seq INTEGER PRIMARY KEY REFERENCES journal,
    id TEXT NOT NULL,
    run TEXT,
    goal TEXT,
    success INTEGER,
    quality REAL,
    seconds REAL,
    replans INTEGER
) STRICT;
CREATE INDEX experiences_run ON experiences (run);
CREATE TABLE reflections (
    seq INTEGER PRIMARY KEY REFERENCES journal,
    id TEXT NOT NULL,
    summary TEXT,
    patterns INTEGER,
    adaptations INTEGER
) STRICT;
CREATE TABLE metrics (
    seq INTEGER PRIMARY KEY REFERENCES journal,
    name TEXT NOT NULL,
    value REAL,
    unit TEXT
) STRICT;
CREATE INDEX metrics_name ON metrics (name);
CREATE TABLE alerts (
    id TEXT PRIMARY KEY,
    raised INTEGER NOT NULL REFERENCES journal,
    rule TEXT,
    subject TEXT,
    severity TEXT,
    ended INTEGER REFERENCES journal
) STRICT;
CREATE TABLE lineage (
    seq INTEGER NOT NULL REFERENCES journal,
    dataset TEXT NOT NULL,
    source TEXT NOT NULL,
    operation TEXT,
    PRIMARY KEY (seq, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX lineage_dataset ON lineage (dataset);
"""

KEEP_LESS = """
CREATE TABLE store (id TEXT NOT NULL, epoch INTEGER NOT NULL) STRICT;
INSERT INTO store VALUES (lower(hex(randomblob(8))), 0);
CREATE TABLE blobs (
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE TABLE blob_refs (
    seq INTEGER NOT NULL REFERENCES journal,
    path TEXT NOT NULL,
    blob INTEGER NOT NULL REFERENCES blobs,
    PRIMARY KEY (seq, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_refs_blob ON blob_refs (blob);
CREATE VIEW events AS
SELECT seq, id, at, kind, subject, run, task, agent, body,
    CASE WHEN EXISTS (SELECT 1 FROM blob_refs WHERE blob_refs.seq = journal.seq) THEN (
        SELECT json_group_array(json_array(json(blob_refs.path), json(blobs.body)))
        FROM blob_refs JOIN blobs ON blobs.id = blob_refs.blob
        WHERE blob_refs.seq = journal.seq
    ) END AS parts
FROM journal;
CREATE TABLE pruning (seq INTEGER PRIMARY KEY) STRICT;
DROP TRIGGER journal_keeps_rows;
CREATE TRIGGER journal_keeps_rows BEFORE DELETE ON journal
WHEN NOT EXISTS (SELECT 1 FROM pruning WHERE pruning.seq = old.seq)
BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
"""
"""Version 2: what a store is called, large values kept once, and a way to let old events go.

`pruning` names the events that the same transaction deletes, and is empty outside of one; the
journal lets go of no other. `events` is the journal with the large values of each body beside it.
"""

KEEP_MESSAGES = """
ALTER TABLE messages ADD COLUMN guaranteed INTEGER;
ALTER TABLE messages ADD COLUMN resent INTEGER;
CREATE INDEX messages_unsettled ON messages (sent)
WHERE guaranteed = 1 AND (settled IS NULL OR settled < sent);
CREATE INDEX messages_undelivered ON messages (settled)
WHERE resent IS NULL AND status NOT IN ('delivered', 'queued');
"""
"""Version 3: which messages a kernel has to deliver again, and which ones can be sent again."""

AGENT_BLOCK = 10
"""How far a place is shifted to the right to get the block that an agent's events are found by."""

BROWSE = f"""
CREATE INDEX journal_agent ON journal (seq >> {AGENT_BLOCK}, agent) WHERE agent IS NOT NULL;
CREATE INDEX runs_failed ON runs (ended) WHERE status = 'failed';
CREATE INDEX tasks_agent ON tasks (agent, ended, success) WHERE agent IS NOT NULL;
CREATE INDEX tasks_failed ON tasks (ended) WHERE success = 0;
CREATE INDEX steps_failed ON steps (seq) WHERE failed = 1;
CREATE INDEX alerts_critical ON alerts (raised) WHERE severity = 'critical';
DROP INDEX messages_conversation;
CREATE INDEX messages_conversation ON messages (conversation, sent) WHERE conversation IS NOT NULL;
CREATE INDEX messages_lost ON messages (sent) WHERE status NOT IN ('delivered', 'queued');

ALTER TABLE elections ADD COLUMN recalled INTEGER REFERENCES journal;
UPDATE elections SET recalled = found.seq FROM (
    SELECT subject, max(seq) AS seq FROM journal WHERE kind = 'election.recalled' GROUP BY subject
) AS found WHERE elections.id = found.subject;
ALTER TABLE alerts ADD COLUMN acknowledged INTEGER REFERENCES journal;
UPDATE alerts SET acknowledged = found.seq FROM (
    SELECT subject, max(seq) AS seq FROM journal WHERE kind = 'alert.acknowledged' GROUP BY subject
) AS found WHERE alerts.id = found.subject;

CREATE TABLE lessons (
    id TEXT PRIMARY KEY,
    seq INTEGER NOT NULL REFERENCES journal
) STRICT;
INSERT INTO lessons
SELECT subject, max(seq) FROM journal WHERE kind = 'lesson.changed' GROUP BY subject;
CREATE TABLE commands (
    seq INTEGER PRIMARY KEY REFERENCES journal,
    id TEXT NOT NULL UNIQUE,
    answered INTEGER REFERENCES journal
) STRICT;
INSERT INTO commands (seq, id, answered)
SELECT min(seq), subject, max(CASE WHEN kind <> 'command.received' THEN seq END) FROM journal
WHERE kind IN ('command.received', 'command.executed', 'command.refused', 'command.expired',
    'command.failed')
GROUP BY subject;
"""
"""Version 4: what is looked through page by page, and where something failed.

`seq` of a command is its first event: it was received or, where it was never begun, answered.
"""

EVENTS_SINCE = 2
"""Version that has the view `events`."""
OLD_EVENTS = """
CREATE TEMP VIEW IF NOT EXISTS events AS
SELECT seq, id, at, kind, subject, run, task, agent, body, NULL AS parts FROM journal
"""
"""The view `events`, for a reader of a store of version 1."""
MESSAGES_SINCE = 3
"""Version that knows which messages are guaranteed, and which were sent again."""
BROWSED_SINCE = 4
"""Version that has all indexes that pages go by."""

_LATEST = "(SELECT max(seq) FROM journal WHERE kind = '{kind}' AND subject = {table}.id)"
OLD_VIEWS: Final[Sequence[tuple[str, int, str]]] = (
    ("events", EVENTS_SINCE, OLD_EVENTS),
    (
        "messages",
        MESSAGES_SINCE,
        """
CREATE TEMP VIEW IF NOT EXISTS messages AS
SELECT id, sent, type, sender, recipient, conversation, reply_to, status, seconds, settled,
    NULL AS guaranteed, NULL AS resent
FROM main.messages
""",
    ),
    (
        "elections",
        BROWSED_SINCE,
        f"""
CREATE TEMP VIEW IF NOT EXISTS elections AS
SELECT id, opened, about, question, closed, rule, verdict, decision, voted, abstained, confidence,
    {_LATEST.format(kind="election.recalled", table="elections")} AS recalled
FROM main.elections
""",
    ),
    (
        "alerts",
        BROWSED_SINCE,
        f"""
CREATE TEMP VIEW IF NOT EXISTS alerts AS
SELECT id, raised, rule, subject, severity, ended,
    {_LATEST.format(kind="alert.acknowledged", table="alerts")} AS acknowledged
FROM main.alerts
""",
    ),
    (
        "lessons",
        BROWSED_SINCE,
        """
CREATE TEMP VIEW IF NOT EXISTS lessons AS
SELECT subject AS id, max(seq) AS seq FROM journal WHERE kind = 'lesson.changed' GROUP BY subject
""",
    ),
    (
        "commands",
        BROWSED_SINCE,
        """
CREATE TEMP VIEW IF NOT EXISTS commands AS
SELECT min(seq) AS seq, subject AS id,
    max(CASE WHEN kind <> 'command.received' THEN seq END) AS answered
FROM journal
WHERE kind IN ('command.received', 'command.executed', 'command.refused', 'command.expired',
    'command.failed')
GROUP BY subject
""",
    ),
)
"""Tables and views that an older store lacks, or has without a column: name, version, stand-in.

A temporary view comes before a table of its name, so readers ask the same of every version.
"""
