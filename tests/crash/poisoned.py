"""A kernel whose agent dies of one message, as of a library that crashes: `poisoned.py STORE`.

The first process sends that message and harmless ones. One that outlives what it has to deliver
prints what was handled in it, and the dead letters, and ends.
"""

import asyncio
import os
import sys
from pathlib import Path

from dataagents.core import Kernel, KernelConfig, Message, MessageType
from dataagents.core.messaging import Assurance
from dataagents.core.tracing import TraceContext
from dataagents.storage import SqliteStore

CONFIG = KernelConfig(
    agents=(), monitoring=False, disabled_plugins=("data", "reporting"), delivery_attempts=2
)


async def handle(message: Message) -> None:
    """Handle a message, or die of it."""
    if message.payload["poison"]:
        os._exit(9)
    os.write(1, f"handled {message.payload['number']}\n".encode())


async def main(path: Path, *, first: bool) -> None:
    """Send, or bring home what was sent."""
    async with SqliteStore(path) as store, Kernel(CONFIG, store=store) as kernel:
        kernel.hub.register("ann", handle)
        kernel.hub.welcome("ann")
        for number in range(10 if first else 0):
            payload = {"number": number, "poison": number == 9}
            kernel.hub.post(
                kernel.hub.compose(
                    "ben",
                    "ann",
                    MessageType.DATA_REQUEST,
                    payload,
                    context=TraceContext(),
                    assurance=Assurance.GUARANTEED,
                )
            )
        while await store.unsettled(1):  # noqa: ASYNC110  # nobody says when the last is at home
            await asyncio.sleep(0.005)
        for letter in kernel.hub.dead_letters:
            os.write(1, f"dead {letter.message.payload['number']}\n".encode())


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), first=not Path(sys.argv[1]).exists()))
