"""The workload of `workload.py`, but its store acknowledges before it has written anything.

It shows that the kills would find that: `python liar.py FOLDER ROUND`.
"""

import asyncio
import sys
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import workload

from dataagents.core.events import Event
from dataagents.storage import SqliteStore

HELD = 5
"""Units that are promised and not written, at any time: a kill always finds some of them lost."""


class Hasty(SqliteStore):
    """Promises at once, and writes a unit when others have come, as a disk does with its cache."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._cache: deque[Sequence[Event]] = deque()

    async def commit(self, unit: Sequence[Event]) -> None:
        self._cache.append(unit)
        if len(self._cache) > HELD:
            await super().commit(self._cache.popleft())


if __name__ == "__main__":
    workload.SqliteStore = Hasty  # type: ignore[misc]
    asyncio.run(workload.work(Path(sys.argv[1]), sys.argv[2]))
