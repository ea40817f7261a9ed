"""One store, and one kernel after another on it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path

from crashes import CONFIG, Member

from dataagents.core import Kernel
from dataagents.core.testing import FakeClock, MemoryStore
from dataagents.core.testing.clock import START
from dataagents.core.testing.kernels import kernel_for
from dataagents.storage import SqliteStore

Stores = Callable[[], AbstractAsyncContextManager[MemoryStore | SqliteStore]]
"""Opens the same store, each time that a kernel does."""


def in_memory() -> Stores:
    memory = MemoryStore()

    @asynccontextmanager
    async def opened() -> AsyncIterator[MemoryStore]:
        yield memory

    return opened


def in_folder(folder: Path) -> Stores:
    return lambda: SqliteStore(folder / "store.db")


@asynccontextmanager
async def on(
    stores: Stores, *agents: Member, hours: int = 0, **changes: object
) -> AsyncIterator[Kernel]:
    config = CONFIG.model_copy(update=changes)
    clock = FakeClock(START + timedelta(hours=hours))
    async with stores() as store, kernel_for(config=config, store=store, clock=clock) as kernel:
        for agent in agents:
            await kernel.deploy(agent)
        yield kernel
