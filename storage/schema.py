"""The tables: one append-only journal that is the truth, and projections that answer questions.

A projection holds what is searched, sorted or added up, and the `seq` of the event it came from;
times, run, task, agent and the long body stay in the journal and are reached by a join.
"""

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
