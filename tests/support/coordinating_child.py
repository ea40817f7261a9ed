"""A kernel in the middle of things, until it is killed; run as `python FILE STORE`.

It holds a vote in which one voter has voted and another one ponders, and has a guaranteed message
under way. A line says when each of them is on the disk.
"""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from dataagents.core import (
    Agent,
    AgentCard,
    Desk,
    Kernel,
    KernelConfig,
    Message,
    Motion,
    Strategy,
    Vote,
    hookimpl,
)
from dataagents.core.events import Event, EventKind
from dataagents.core.messaging import Assurance, MessageType
from dataagents.core.tracing import TraceContext
from dataagents.storage import SqliteStore

PLACE = TraceContext(run="run-1", task="decide")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Slow(Agent):
    """Votes for `keep`, or never comes to a decision; never comes to the end of a message."""

    def __init__(self, id: str, *, decided: bool) -> None:
        super().__init__(AgentCard(id, "waits"))
        self.decided = decided

    async def vote(self, motion: Motion, desk: Desk) -> Vote:
        if not self.decided:
            await asyncio.Event().wait()
        return Vote("keep", 0.9, "says so")

    async def handle(self, message: Message, desk: Desk) -> None:
        if message.type is MessageType.DATA_REQUEST:
            say(f"message {message.id}")  # it was on the disk before it got here
            await asyncio.Event().wait()


class Telling:
    """Sees events once they are on the disk."""

    async def observe(self, events: Sequence[Event]) -> None:
        for event in events:
            if event.kind == EventKind.BALLOT_CAST:
                say(f"ballot {event.subject} {event.body['voter']}")


class Plugin:
    """Brings the observer."""

    @hookimpl
    def register_observers(self):
        return [Strategy("telling", lambda options: Telling())]


async def main(path: Path) -> None:
    config = KernelConfig(agents=(), monitoring=False)
    plugins = [Plugin()]
    async with SqliteStore(path) as store, Kernel(config, store=store, plugins=plugins) as kernel:
        for name, decided in (("quick", True), ("slow", False)):
            await kernel.deploy(Slow(name, decided=decided))
        kind, assurance = MessageType.DATA_REQUEST, Assurance.GUARANTEED
        compose = kernel.hub.compose
        sent = compose("application", "slow", kind, {"n": 1}, context=PLACE, assurance=assurance)
        kernel.hub.post(sent)
        await kernel.elections.vote("Keep it?", ("keep", "drop"), context=PLACE)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
