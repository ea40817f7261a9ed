"""A kernel to be killed by `durability.py`: prints READY once it takes work, then works.

python durability_worker.py STORE
"""

import asyncio
import sys
from datetime import UTC, datetime
from itertools import count

from dataagents.core import Kernel, KernelConfig
from dataagents.core.events import Event
from dataagents.storage import SqliteStore


async def work(path: str) -> None:
    """Open a store and a kernel, say so, and commit events until the end."""
    config = KernelConfig(agents=(), monitoring=False)
    async with SqliteStore(path) as store, Kernel(config, store=store) as kernel:
        print("READY", flush=True)
        for number in count():
            name = f"{kernel.id}-{number}"
            await store.commit((Event(name, datetime.now(UTC), "benchmark.row", name, {}),))


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1]))
