"""Fault 25: a plugin that sends a million messages. Others go on, and memory stays flat.

What is bounded is counted, not timed: how many messages the flooder gets through while another
sender waits for one answer, and how many are held in memory at the most.
"""

import asyncio
import gc
import tracemalloc
from collections.abc import Iterator

import pytest
from sample_agents import Echo, Held, card
from sample_messages import message

from dataagents.core import Agent, Desk, Kernel, KernelConfig, Message
from dataagents.core.messaging import Assurance, ReceiptStatus
from dataagents.core.testing import FakeClock

FLOOD = 5_000
MANY = 1_000_000


class Deaf(Agent):
    """Keeps nothing of what it hears."""

    async def handle(self, message: Message, desk: Desk) -> None:
        pass


def kernel_of(clock: FakeClock, **settings: object) -> Kernel:
    config = KernelConfig(agents=(), monitoring=False, seed=1, **settings)
    return Kernel(config, clock=clock)


@pytest.fixture
def tracing() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


async def flood(kernel: Kernel, to: str, number: int) -> dict[ReceiptStatus, int]:
    counts: dict[ReceiptStatus, int] = {}
    for _ in range(number):
        flooding = message(kernel, to, {"x": "y" * 100}, sender="loud")
        receipt = await kernel.hub.send(flooding)
        counts[receipt.status] = counts.get(receipt.status, 0) + 1
    return counts


async def test_a_flood_is_refused_above_the_rate_and_memory_is_flat(
    clock: FakeClock, tracing: None
):
    async with kernel_of(
        clock, max_message_rate=100, history=100, remembered_messages=200
    ) as kernel:
        await kernel.deploy(Echo("loud"))
        victim = Echo("victim")
        await kernel.deploy(victim)
        await flood(kernel, "victim", 2_000)
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        counts = await flood(kernel, "victim", FLOOD)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
        assert sum(counts.values()) == counts[ReceiptStatus.REFUSED] == FLOOD
        assert len(victim.heard) == 100, "no second has passed"
        assert after - before < 50 * FLOOD, "bytes, for messages of 100 and more"
        assert len(kernel.hub.dead_letters) <= 100


async def test_a_flooder_waits_for_room_and_the_mailbox_stays_bounded(clock: FakeClock):
    async with kernel_of(clock, mailbox_size=10, mailbox_overflow="wait") as kernel:
        held = Held("held")
        await kernel.deploy(held)
        sending = [
            asyncio.create_task(kernel.hub.send(message(kernel, "held", sender="loud")))
            for _ in range(200)
        ]
        await clock.settle()
        assert kernel.hub.waiting("held") == 10
        assert not any(each.done() for each in sending)
        held.release.set()
        receipts = await asyncio.gather(*sending)
        assert all(each.ok for each in receipts)


@pytest.mark.parametrize("crowd", [1, 10])
async def test_another_sender_waits_for_one_message_of_each_flooder_not_for_the_flood(
    clock: FakeClock, crowd: int
):
    """Fair share: the bound on what somebody else has to wait for, whatever the backlog."""
    async with kernel_of(clock, mailbox_size=5_000) as kernel:
        held = Held("held")
        await kernel.deploy(held)
        first = asyncio.create_task(kernel.hub.send(message(kernel, "held", {"from": "first"})))
        await held.started.wait()
        for number in range(crowd):
            for _ in range(300):
                loud = message(
                    kernel, "held", {"from": "loud"}, sender=f"loud {number}",
                    assurance=Assurance.QUEUED,
                )  # fmt: skip
                assert (await kernel.hub.send(loud)).status is ReceiptStatus.QUEUED
        quiet = [
            asyncio.create_task(
                kernel.hub.send(message(kernel, "held", {"from": "quiet"}, sender="quiet"))
            )
            for _ in range(3)
        ]
        await clock.settle()
        held.release.set()
        await asyncio.gather(first, *quiet)
        order = [each.payload["from"] for each in held.heard[1:]]
        turns = [place for place, sender in enumerate(order) if sender == "quiet"]
        assert turns == [crowd, 2 * crowd + 1, 3 * crowd + 2]


async def test_a_flood_does_not_keep_other_agents_from_their_turn(clock: FakeClock):
    """Two agents, one flooded: the other one handles its message in the same turns as always."""

    async def turns_of_one_message(flooded: int) -> int:
        async with kernel_of(clock, mailbox_size=100_000) as kernel:
            await kernel.deploy(Echo("flooded"))
            await kernel.deploy(Echo("other"))
            for _ in range(flooded):
                loud = message(kernel, "flooded", sender="loud", assurance=Assurance.QUEUED)
                await kernel.hub.send(loud)
            turns, asking = 0, asyncio.create_task(kernel.hub.send(message(kernel, "other")))
            while not asking.done():
                turns += 1
                await asyncio.sleep(0)
            assert (await asking).ok
        return turns

    assert await turns_of_one_message(5_000) <= await turns_of_one_message(0) + 2


@pytest.mark.slow
async def test_a_million_messages_leave_memory_as_it_was(clock: FakeClock):
    def resident() -> int:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
            return int(file.read().split()[1]) * 4096

    async with kernel_of(clock, max_message_rate=MANY) as kernel:
        await kernel.deploy(Deaf(card("loud")))
        await kernel.deploy(Deaf(card("victim")))
        await flood(kernel, "victim", MANY // 10)
        before = resident()
        await flood(kernel, "victim", MANY - MANY // 10)
        assert resident() - before < 50_000_000
