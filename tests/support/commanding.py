"""Commands of operators, and a kernel that takes them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from hierarchy_team import Meter, Worker

from dataagents.core import Kernel, KernelConfig
from dataagents.core.commands import (
    Command,
    CommandAnswer,
)
from dataagents.core.testing import FakeClock, kernel_for
from dataagents.core.testing.clock import START
from dataagents.core.testing.commands import CommandedStore

INTERVAL = 0.5


def command(kind: str, target: str, **rest: object) -> Command:
    made = {"made": START, "expires": START + timedelta(hours=1), "epoch": 1, "reason": "why not"}
    return Command(
        **{"id": f"{kind} {target}", "actor": "anna"} | made | rest, kind=kind, target=target
    )


@asynccontextmanager
async def commanded(**settings: object) -> AsyncIterator[tuple[Kernel, CommandedStore, FakeClock]]:
    store, clock = CommandedStore(), FakeClock()
    chosen = KernelConfig.parse({"agents": (), "monitoring": False, "seed": 1, **settings})
    async with kernel_for(config=chosen, store=store, clock=clock) as kernel:
        yield kernel, store, clock


async def answered(
    store: CommandedStore, clock: FakeClock, *wanted: Command
) -> list[CommandAnswer]:
    """Issue commands and return the answers; those about one target take an interval each."""
    store.commands.issue(*wanted)
    await clock.advance(INTERVAL * len(wanted))
    return [store.commands.answers[each.id] for each in wanted]


class Leisurely(Worker):
    """Takes its time for each task."""

    def __init__(self, id: str, meter: Meter, clock: FakeClock) -> None:
        super().__init__(id, meter)
        self.clock = clock
        self.started = asyncio.Event()

    async def execute(self, task, desk):
        self.started.set()
        await self.clock.sleep(10)
        return await super().execute(task, desk)
