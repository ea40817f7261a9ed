"""A kernel at work, to be killed: says what it tries, and what was acknowledged to it.

    python workload.py FOLDER ROUND

Prints a line at the moment when a thing is so: `READY` once the store is open and what was left is
resumed, `TRY id` before something is submitted, `ACK id` once it is acknowledged, `EFFECT id` when
a step acts on the world. It goes on until it is killed.
"""

import asyncio
import os
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

from dataagents.core import Kernel, KernelConfig, Message, MessageType
from dataagents.core.durability import AfterCrash, Intent
from dataagents.core.events import Event
from dataagents.core.messaging import Assurance
from dataagents.core.services.durability.steps import DurableRun
from dataagents.core.tracing import TraceContext
from dataagents.core.values import Json
from dataagents.storage import SqliteStore

PRODUCED = "crash.produced"
PRODUCERS, SENDERS, PROGRAMS = 4, 2, 3
PAUSE = 0.002
"""Seconds between two things of one producer, so that a hundred rounds leave a small store."""
CONFIG = KernelConfig(agents=(), monitoring=False, disabled_plugins=("data", "reporting"))


def say(word: str, id: str = "") -> None:
    """Print a line with one system call: it is there, or it isn't."""
    os.write(1, f"{word} {id}".strip().encode() + b"\n")


async def produce(store: SqliteStore, name: str) -> None:
    """Commit units of one to three events, and some of them again, as who is in doubt does."""
    number = 0
    while True:
        unit: list[Event] = []
        for _ in range(1 + number % 3):
            number += 1
            row = f"{name}-{number}"
            say("TRY", row)
            unit.append(Event(row, datetime.now(UTC), PRODUCED, row, {"unit": len(unit)}))
        await store.commit(unit)
        for event in unit:
            say("ACK", event.id)
        if number % 5 == 0:
            await store.commit(unit)
        await asyncio.sleep(PAUSE)


async def send(kernel: Kernel, name: str) -> None:
    """Send messages that are tried until they were handled."""
    number = 0
    while True:
        number += 1
        sent = kernel.hub.compose(
            name,
            "receiver",
            MessageType.DATA_REQUEST,
            {"number": number},
            context=TraceContext(),
            assurance=Assurance.GUARANTEED,
        )
        say("TRY", sent.id)
        receipt = await kernel.hub.send(sent)
        if not receipt.ok:
            raise RuntimeError(receipt.reason)
        say("ACK", sent.id)
        await asyncio.sleep(PAUSE)


async def receive(message: Message) -> None:
    """Handle a message."""


class World:
    """What steps act on: a file that a line is added to, as an account is charged.

    Args:
        path: The file; a line is there as a whole or not at all.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        self._path = path

    async def act(self, key: str) -> Json:
        """Act once, and say so."""
        os.write(self._file, f"{key}\n".encode())
        say("EFFECT", key)
        return {"key": key}

    async def verify(self, key: str) -> Json:
        """Find out whether it was acted under a key, as a bank answers for a transfer."""
        return {"key": key} if key in self._path.read_text().splitlines() else None


async def go_through(run: DurableRun, world: World) -> None:
    """Go through a program's steps, from the first: what is on record is not done again."""
    number = 0
    while True:
        number += 1
        act, note = f"{run.id}-act-{number}", f"{run.id}-note-{number}"
        say("TRY", act)
        await run.step(
            act,
            number,
            world.act,
            external=True,
            policy=policy_of(number),
            verify=world.verify,
            following=Intent(note, number) if number % 3 else None,
        )
        say("ACK", act)
        say("TRY", note)
        after = Intent(
            f"{run.id}-act-{number + 1}", number + 1, external=True, policy=policy_of(number + 1)
        )
        await run.step(note, number, take_note, following=after if number % 2 else None)
        say("ACK", note)
        await asyncio.sleep(PAUSE)


def policy_of(number: int) -> AfterCrash:
    """Return what becomes of an action that may have happened."""
    return AfterCrash.VERIFY if number % 4 else AfterCrash.SKIP


async def take_note(key: str) -> Json:
    """Do something that nobody outside notices."""
    return key


async def work(folder: Path, round: str) -> None:
    """Open the store, go on where the killed one stood, and work until the end."""
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(SqliteStore(folder / "store.db"))
        kernel = await stack.enter_async_context(Kernel(CONFIG, store=store))
        kernel.hub.register("receiver", receive)
        runs = [
            await stack.enter_async_context(kernel.steps.open(f"program-{number}"))
            for number in range(PROGRAMS)
        ]
        world = World(folder / "world")
        say("READY")
        async with asyncio.TaskGroup() as group:
            for number in range(PRODUCERS):
                group.create_task(produce(store, f"round-{round}-producer-{number}"))
            for number in range(SENDERS):
                group.create_task(send(kernel, f"sender-{number}"))
            for run in runs:
                group.create_task(go_through(run, world))


if __name__ == "__main__":
    asyncio.run(work(Path(sys.argv[1]), sys.argv[2]))
