"""The workload of `workload.py`, but its store acknowledges before it has written anything.

It shows that the kills would find that: `python liar.py FOLDER ROUND`.
"""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import workload

from dataagents.core.events import Event
from dataagents.storage import SqliteStore


class Hasty(SqliteStore):
    """Promises what it has not done yet."""

    async def commit(self, unit: Sequence[Event]) -> None:
        asyncio.create_task(super().commit(unit))  # noqa: RUF006  # nobody waits: that is the lie


if __name__ == "__main__":
    workload.SqliteStore = Hasty  # type: ignore[misc]
    asyncio.run(workload.work(Path(sys.argv[1]), sys.argv[2]))
