"""A process that owns a store until it is killed; run as `python child.py STORE FIRST`.

It says what was acknowledged, a line for each event, and never ends by itself.
"""

import asyncio
import sys
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from dataagents.core.events import Event
from dataagents.storage import SqliteStore


async def main(path: Path, first: int) -> None:
    numbers = count(first)
    async with SqliteStore(path) as store:

        async def produce() -> None:
            while True:
                name = f"{next(numbers):08}"
                body = {"number": 1, "action": "look", "pair": name}
                at = datetime.now(UTC)
                unit = [Event(f"{part}{name}", at, "step.taken", "r", body) for part in "ab"]
                await store.commit(unit)
                sys.stdout.write(name + "\n")
                sys.stdout.flush()

        await asyncio.gather(*(produce() for _ in range(8)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
