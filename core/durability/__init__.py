"""Durability: what is known of a run that did not end, and how its steps go on after a crash."""

from dataagents.core.durability.effects import Verifiable, after_crash, key_of
from dataagents.core.durability.files import FileRecord, FileStamp, Stamps, changes
from dataagents.core.durability.steps import (
    AfterCrash,
    Decision,
    Intent,
    StepBook,
    StepRecord,
    StepStatus,
    Verdict,
    body_of,
    digest,
    idempotency_key,
)
from dataagents.core.durability.unfinished import (
    JOURNALED,
    STEPS,
    Repeats,
    Unfinished,
    unfinished_run,
)

__all__ = [
    "JOURNALED",
    "STEPS",
    "AfterCrash",
    "Decision",
    "FileRecord",
    "FileStamp",
    "Intent",
    "Repeats",
    "Stamps",
    "StepBook",
    "StepRecord",
    "StepStatus",
    "Unfinished",
    "Verdict",
    "Verifiable",
    "after_crash",
    "body_of",
    "changes",
    "digest",
    "idempotency_key",
    "key_of",
    "unfinished_run",
]
