"""Kernels for `dataagents act`, one after the other: a line names a store, an empty one closes it.

The team of each is three voters and a person, who is asked something at once.
"""

import asyncio
import sys

from dataagents.core import Agent, AgentCard, Kernel, KernelConfig, Vote
from dataagents.core.commands.person import Person
from dataagents.storage import SqliteStore


class Yes(Agent):
    async def vote(self, motion, desk):
        return Vote("freeze", 1.0)


async def kernel_on(path: str) -> None:
    settings = {"agents": (), "command_interval": 0.01, "monitoring": False}
    config = KernelConfig.parse({**settings, "strategy_timeout": 600, "consensus_timeout": 500})
    async with SqliteStore(path) as store, Kernel(config, store=store, discover=True) as kernel:
        for number in (1, 2, 3):
            await kernel.deploy(Yes(AgentCard(f"validator-{number}", "validator", {})))
        await kernel.vote("Freeze?", ("freeze", "evolve"), about="orders")
        await kernel.deploy(Person(AgentCard("anna", "person", {})))
        kernel.roster.arm("anna")
        vote = asyncio.ensure_future(
            kernel.vote("Really?", ("freeze", "evolve"), voters=("anna",), about="orders")
        )
        while not kernel.elections.booth.asked:  # noqa: ASYNC110  # nothing tells of it
            await asyncio.sleep(0)
        say("ready")
        await asyncio.to_thread(sys.stdin.readline)
        vote.cancel()
        await asyncio.gather(vote, return_exceptions=True)
    say("closed")


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    while path := sys.stdin.readline().strip():
        asyncio.run(kernel_on(path))
