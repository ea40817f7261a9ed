-- A store as version 1 wrote it: every table, and a body that is large.
PRAGMA application_id = 1145128788;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE agents (
    id TEXT PRIMARY KEY,
    role TEXT,
    state TEXT NOT NULL,
    seq INTEGER NOT NULL REFERENCES journal,
    health TEXT,
    checked INTEGER REFERENCES journal
) STRICT;
INSERT INTO "agents" VALUES('a','profiler','stopped',6,'healthy',5);
CREATE TABLE alerts (
    id TEXT PRIMARY KEY,
    raised INTEGER NOT NULL REFERENCES journal,
    rule TEXT,
    subject TEXT,
    severity TEXT,
    ended INTEGER REFERENCES journal
) STRICT;
INSERT INTO "alerts" VALUES('w',24,'slow','a','warning',25);
CREATE TABLE analyses (
    seq INTEGER PRIMARY KEY REFERENCES journal,
    dataset TEXT NOT NULL,
    kind TEXT,
    score REAL
) STRICT;
INSERT INTO "analyses" VALUES(12,'orders','quality',0.8);
CREATE TABLE auctions (
    lot TEXT PRIMARY KEY,
    opened INTEGER NOT NULL REFERENCES journal,
    task TEXT,
    budget REAL
) STRICT;
INSERT INTO "auctions" VALUES('l',18,'profile:orders',9.0);
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
INSERT INTO "awards" VALUES(20,'l','awarded','a',2.0,NULL,NULL,NULL);
CREATE TABLE ballots (
    seq INTEGER PRIMARY KEY REFERENCES journal,
    election TEXT NOT NULL,
    voter TEXT,
    choice TEXT,
    confidence REAL
) STRICT;
INSERT INTO "ballots" VALUES(16,'m','a','yes',0.9);
CREATE TABLE bids (
    seq INTEGER PRIMARY KEY REFERENCES journal,
    lot TEXT NOT NULL,
    bidder TEXT,
    cost REAL,
    quality REAL,
    seconds REAL,
    reputation REAL
) STRICT;
INSERT INTO "bids" VALUES(19,'l','a',2.0,0.9,NULL,1.0);
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
INSERT INTO "elections" VALUES('m',15,'orders','Release?',17,'supermajority','decided','yes',2,1,1.0);
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
INSERT INTO "experiences" VALUES(21,'x','r','clean',1,0.9,2.0,0);
CREATE TABLE health_samples (
    seq INTEGER PRIMARY KEY REFERENCES journal,
    agent TEXT NOT NULL,
    health TEXT,
    processing INTEGER,
    seconds REAL,
    queue INTEGER,
    failures INTEGER
) STRICT;
INSERT INTO "health_samples" VALUES(4,'a','unhealthy',0,0.5,0,3);
INSERT INTO "health_samples" VALUES(5,'a','healthy',1,0.5,4,0);
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
INSERT INTO "journal" VALUES(1,'e000001','2026-11-24T12:00:01+00:00','run.started','r','r',NULL,NULL,'{"task":"clean","inputs":{"orders":"orders.csv"},"limits":{"seconds":null,"reasoning_steps":null},"settings":{}}');
INSERT INTO "journal" VALUES(2,'e000002','2026-11-24T12:00:02+00:00','run.ended','r','r',NULL,NULL,'{"run":"r","status":"failed","seconds":2.5,"summary":{},"reason":"no plan"}');
INSERT INTO "journal" VALUES(3,'e000003','2026-11-24T12:00:03+00:00','agent.deployed','a','r',NULL,NULL,'{"id":"a","role":"profiler","capabilities":{},"cost":1.0,"summary":"","human":false}');
INSERT INTO "journal" VALUES(4,'e000004','2026-11-24T12:00:04+00:00','agent.health','a','r',NULL,NULL,'{"agent":"a","health":"unhealthy","seconds":0.5,"at":"2026-11-24T12:00:00Z","processing":false,"detail":"","queue":0,"failures":3}');
INSERT INTO "journal" VALUES(5,'e000005','2026-11-24T12:00:05+00:00','agent.health','a','r',NULL,NULL,'{"agent":"a","health":"healthy","seconds":0.5,"at":"2026-11-24T12:00:00Z","processing":true,"detail":"","queue":4,"failures":0}');
INSERT INTO "journal" VALUES(6,'e000006','2026-11-24T12:00:06+00:00','agent.removed','a','r',NULL,NULL,'{"reason":"told"}');
INSERT INTO "journal" VALUES(7,'e000007','2026-11-24T12:00:07+00:00','task.started','profile:orders','r',NULL,NULL,'{"id":"profile:orders","name":"profile","args":{},"requires":{},"tools":[],"depends_on":[],"reads":[],"writes":[],"question":"","seconds":0.0,"priority":1,"facts":{},"success_probability":1.0,"cost":0.0,"resources":{},"parent":""}');
INSERT INTO "journal" VALUES(8,'e000008','2026-11-24T12:00:08+00:00','task.ended','profile:orders','r',NULL,NULL,'{"task":"profile:orders","success":true,"effects":{},"summary":"","error":null,"failure":null,"quality":0.9,"score":null,"agent":"a","reasoning":null,"election":null,"seconds":1.0}');
INSERT INTO "journal" VALUES(9,'e000009','2026-11-24T12:00:09+00:00','plan.made','p1','r',NULL,NULL,'{"id":"p1","goal":{"task":"clean","inputs":{"orders":"orders.csv"},"limits":{"seconds":null,"reasoning_steps":null},"settings":{}},"tasks":[{"id":"profile:orders","name":"profile","args":{},"requires":{},"tools":[],"depends_on":[],"reads":[],"writes":[],"question":"","seconds":0.0,"priority":1,"facts":{},"success_probability":1.0,"cost":0.0,"resources":{},"parent":""}],"decompositions":[],"risks":[],"confidence":0.75,"seconds":4.0,"total_seconds":0.0,"cost":0.0,"schedule":{"slots":[],"critical_path":[],"makespan":0.0,"workers":null},"merged":[],"phases":[],"objective":"first"}');
INSERT INTO "journal" VALUES(10,'e000010','2026-11-24T12:00:10+00:00','plan.replaced','p2','r',NULL,NULL,'{"plan":{"id":"p2","goal":{"task":"clean","inputs":{"orders":"orders.csv"},"limits":{"seconds":null,"reasoning_steps":null},"settings":{}},"tasks":[{"id":"profile:orders","name":"profile","args":{},"requires":{},"tools":[],"depends_on":[],"reads":[],"writes":[],"question":"","seconds":0.0,"priority":1,"facts":{},"success_probability":1.0,"cost":0.0,"resources":{},"parent":""}],"decompositions":[],"risks":[],"confidence":0.75,"seconds":4.0,"total_seconds":0.0,"cost":0.0,"schedule":{"slots":[],"critical_path":[],"makespan":0.0,"workers":null},"merged":[],"phases":[],"objective":"first"},"replaces":"p1","failure":{"task":"profile:orders","kind":"recoverable","reason":"no column","trigger":"failed task"},"diff":{"kept":["a","b"],"added":["c"],"removed":[],"moved":[],"why":"","stability":1.0},"at":"2026-11-24T12:00:00Z"}');
INSERT INTO "journal" VALUES(11,'e000011','2026-11-24T12:00:11+00:00','step.taken','q','r',NULL,NULL,'{"number":2,"thought":"t","action":"look","action_input":{},"observation":"o","score":0.5,"at":"2026-11-24T12:00:00Z","seconds":0.1,"quality":null,"error":"e","by":"","model_seconds":0.0,"tokens":7,"cost":0.0}');
INSERT INTO "journal" VALUES(12,'e000012','2026-11-24T12:00:12+00:00','analysis.made','orders','r',NULL,NULL,'{"dataset":"orders","kind":"quality","score":0.8,"figures":{}}');
INSERT INTO "journal" VALUES(13,'e000013','2026-11-24T12:00:13+00:00','message.sent','m1','r',NULL,NULL,'{"id":"m1","sender":"a","recipient":"b","at":"2026-11-24T12:00:00Z","type":"data_request","payload":{},"schema_info":{},"requires_validation":true,"conversation":"c","reply_to":null,"priority":1,"deadline":null,"hops":0,"run":null,"task":null,"waiting":[],"assurance":"handled","lineage":[],"path":[]}');
INSERT INTO "journal" VALUES(14,'e000014','2026-11-24T12:00:14+00:00','message.settled','m1','r',NULL,NULL,'{"message":"m1","recipient":"b","status":"expired","at":"2026-11-24T12:00:00Z","reason":"","seconds":0.0}');
INSERT INTO "journal" VALUES(15,'e000015','2026-11-24T12:00:15+00:00','election.opened','m','r',NULL,NULL,'{"id":"m","question":"Release?","options":["yes","no"],"voters":["a","b"],"at":"2026-11-24T12:00:00Z","deadline_seconds":30.0,"quorum":1,"context":{},"about":"orders","proposals":[],"without_proposal":{},"weights":{},"rule":"","rule_options":{},"recalls":null,"run":null,"task":null}');
INSERT INTO "journal" VALUES(16,'e000016','2026-11-24T12:00:16+00:00','ballot.cast','m','r',NULL,NULL,'{"voter":"a","choice":"yes","confidence":0.9,"reason":"ok","at":"2026-11-24T12:00:00Z","ranking":[],"approvals":[],"scores":null,"vetoes":[]}');
INSERT INTO "journal" VALUES(17,'e000017','2026-11-24T12:00:17+00:00','election.closed','m','r',NULL,NULL,'{"motion":{"id":"m","question":"Release?","options":["yes","no"],"voters":["a","b"],"at":"2026-11-24T12:00:00Z","deadline_seconds":30.0,"quorum":1,"context":{},"about":"orders","proposals":[],"without_proposal":{},"weights":{},"rule":"","rule_options":{},"recalls":null,"run":null,"task":null},"rule":"supermajority","ballots":[],"missing":{"c":"late"},"tally":{"verdict":"decided","decision":"yes","leaders":["yes"],"counts":{"yes":2},"cast":2,"abstained":1,"confidence":1.0,"threshold":"67/100","reason":"all","quorum":1,"figures":{},"tie_broken":""},"closed":"2026-11-24T12:00:00Z","recalled":null}');
INSERT INTO "journal" VALUES(18,'e000018','2026-11-24T12:00:18+00:00','auction.opened','l','r',NULL,NULL,'{"id":"l","task":{"id":"profile:orders","name":"profile","args":{},"requires":{},"tools":[],"depends_on":[],"reads":[],"writes":[],"question":"","seconds":0.0,"priority":1,"facts":{},"success_probability":1.0,"cost":0.0,"resources":{},"parent":""},"at":"2026-11-24T12:00:00Z","deadline_seconds":10.0,"budget":9.0,"bidders":null,"run":null,"reserve":null,"weights":{"quality":1.0,"cost":1.0,"seconds":0.0},"auction":"","terms":{},"batch":null,"round":1,"asking":null}');
INSERT INTO "journal" VALUES(19,'e000019','2026-11-24T12:00:19+00:00','bid.made','l','r',NULL,NULL,'{"bidder":"a","cost":2.0,"quality":0.9,"at":"2026-11-24T12:00:00Z","seconds":null,"reason":"","reputation":1.0,"round":1}');
INSERT INTO "journal" VALUES(20,'e000020','2026-11-24T12:00:20+00:00','auction.closed','l','r',NULL,NULL,'{"lot":"l","outcome":"awarded","reason":"best","winner":"a","price":2.0,"expected_seconds":null,"expected_quality":null,"runner_up":null,"bids":[],"ineligible":{},"at":null,"task":"","rejected":{},"scores":{},"rounds":1,"retries":0,"seconds_allowed":null,"failed":[]}');
INSERT INTO "journal" VALUES(21,'e000021','2026-11-24T12:00:21+00:00','experience.kept','x','r',NULL,NULL,'{"id":"x","at":"2026-11-24T12:00:00Z","goal":"clean","sources":[],"success":true,"seconds":2.0,"quality":0.9,"deliveries":[],"failures":[],"replans":0,"run":"r","methods":[],"mishaps":[],"records":null,"applied":[],"judgements":[]}');
INSERT INTO "journal" VALUES(22,'e000022','2026-11-24T12:00:22+00:00','reflection.made','f','r',NULL,NULL,'{"id":"f","at":"2026-11-24T12:00:00Z","summary":"went well","patterns":[],"trends":[],"insights":[],"adaptations":[],"integrated":true,"run":null}');
INSERT INTO "journal" VALUES(23,'e000023','2026-11-24T12:00:23+00:00','metric.sampled','queue','r',NULL,NULL,'{"name":"queue","value":3.0,"unit":"messages","at":"2026-11-24T12:00:00Z","labels":{}}');
INSERT INTO "journal" VALUES(24,'e000024','2026-11-24T12:00:24+00:00','alert.raised','w','r',NULL,NULL,'{"id":"w","rule":"slow","subject":"a","severity":"warning","detail":"d","at":"2026-11-24T12:00:00Z"}');
INSERT INTO "journal" VALUES(25,'e000025','2026-11-24T12:00:25+00:00','alert.ended','w','r',NULL,NULL,'{"id":"w","rule":"slow","subject":"a","severity":"warning","detail":"d","at":"2026-11-24T12:00:00Z"}');
INSERT INTO "journal" VALUES(26,'e000026','2026-11-24T12:00:26+00:00','lineage.recorded','out','r',NULL,NULL,'{"dataset":"out","sources":["in1","in2"],"operation":"join","at":"2026-11-24T12:00:00Z","run":null,"task":null,"agent":null,"columns":{}}');
INSERT INTO "journal" VALUES(27,'big','2026-11-24T12:01:30+00:00','note.made','s','r',NULL,NULL,'{"text":"long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long ","$blob":1}');
CREATE TABLE lineage (
    seq INTEGER NOT NULL REFERENCES journal,
    dataset TEXT NOT NULL,
    source TEXT NOT NULL,
    operation TEXT,
    PRIMARY KEY (seq, source)
) STRICT, WITHOUT ROWID;
INSERT INTO "lineage" VALUES(26,'out','in1','join');
INSERT INTO "lineage" VALUES(26,'out','in2','join');
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
INSERT INTO "messages" VALUES('m1',13,'data_request','a','b','c',NULL,'expired',0.0,14);
CREATE TABLE metrics (
    seq INTEGER PRIMARY KEY REFERENCES journal,
    name TEXT NOT NULL,
    value REAL,
    unit TEXT
) STRICT;
INSERT INTO "metrics" VALUES(23,'queue',3.0,'messages');
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
INSERT INTO "plans" VALUES(9,'p1',1,0.75,4.0,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "plans" VALUES(10,'p2',1,0.75,4.0,'p1','profile:orders','recoverable',2,1,0);
CREATE TABLE reflections (
    seq INTEGER PRIMARY KEY REFERENCES journal,
    id TEXT NOT NULL,
    summary TEXT,
    patterns INTEGER,
    adaptations INTEGER
) STRICT;
INSERT INTO "reflections" VALUES(22,'f','went well',0,0);
CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    goal TEXT,
    started INTEGER NOT NULL REFERENCES journal,
    ended INTEGER REFERENCES journal,
    status TEXT,
    seconds REAL,
    reason TEXT
) STRICT;
INSERT INTO "runs" VALUES('r','clean',1,2,'failed',2.5,'no plan');
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
INSERT INTO "steps" VALUES(11,'q',2,'look',0.5,NULL,1,0.1,7,0.0);
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
INSERT INTO "tasks" VALUES('r','profile:orders','profile',NULL,7,8,'a',1,NULL,0.9,NULL,1.0);
CREATE INDEX journal_kind ON journal (kind);
CREATE INDEX journal_run ON journal (run) WHERE run IS NOT NULL;
CREATE TRIGGER journal_keeps_rows BEFORE DELETE ON journal
BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_keeps_values BEFORE UPDATE ON journal
BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
CREATE INDEX health_samples_agent ON health_samples (agent);
CREATE VIEW replans AS SELECT * FROM plans WHERE replaces IS NOT NULL;
CREATE INDEX steps_reasoning ON steps (reasoning);
CREATE INDEX messages_conversation ON messages (conversation) WHERE conversation IS NOT NULL;
CREATE INDEX ballots_election ON ballots (election);
CREATE INDEX bids_lot ON bids (lot);
CREATE INDEX awards_lot ON awards (lot);
CREATE INDEX experiences_run ON experiences (run);
CREATE INDEX metrics_name ON metrics (name);
CREATE INDEX lineage_dataset ON lineage (dataset);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('journal',27);
COMMIT;
