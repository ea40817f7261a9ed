"""The store: a journal in SQLite, and what can be read from it."""

from dataagents.storage.connection import doubt_about_sqlite
from dataagents.storage.lock import Holder
from dataagents.storage.queue import StoreLimits
from dataagents.storage.reader import LATEST, StoreReader
from dataagents.storage.rows import AgentRow, RunRow, StoredEvent
from dataagents.storage.store import SqliteStore, StoreHealth, StoreState

__all__ = [
    "LATEST",
    "AgentRow",
    "Holder",
    "RunRow",
    "SqliteStore",
    "StoreHealth",
    "StoreLimits",
    "StoreReader",
    "StoreState",
    "StoredEvent",
    "doubt_about_sqlite",
]
