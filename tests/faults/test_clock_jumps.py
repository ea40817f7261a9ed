"""The wall clock is set, forward and back: limits go by the steady one, ids stay in order."""

import asyncio
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_agents import Echo, Held, Voter, card
from sample_messages import message

from dataagents.core import Agent, Desk, Kernel, KernelConfig, Lot, Offer
from dataagents.core.clock import Steady
from dataagents.core.ids import IdSource
from dataagents.core.messaging import Assurance, ReceiptStatus
from dataagents.core.planning import PlannedTask
from dataagents.core.testing import FakeClock

HOUR = 3600.0
JUMPS = pytest.mark.parametrize("jump", [HOUR, -HOUR, 10 * 365 * 24 * HOUR], ids=str)


def kernel_of(clock: FakeClock) -> Kernel:
    return Kernel(KernelConfig(agents=(), monitoring=False, seed=1), clock=clock)


@JUMPS
@pytest.mark.parametrize("assurance", list(Assurance))
async def test_a_message_on_its_way_keeps_its_seconds(
    clock: FakeClock, jump: float, assurance: Assurance
):
    async with kernel_of(clock) as kernel:
        await kernel.deploy(Echo("echo"))
        sent = message(kernel, "echo", within=10, assurance=assurance)
        clock.jump(jump)
        assert (await kernel.hub.send(sent)).ok


@JUMPS
async def test_a_handler_is_stopped_after_its_seconds_no_sooner_and_no_later(
    clock: FakeClock, jump: float
):
    async with kernel_of(clock) as kernel:
        held = Held("held")
        await kernel.deploy(held)
        sending = asyncio.create_task(kernel.hub.send(message(kernel, "held", within=10)))
        await held.started.wait()
        clock.jump(jump)
        await clock.advance(9.9)
        assert not sending.done()
        await clock.advance(0.2)
        assert (await sending).status is ReceiptStatus.AGENT_FAILED


@JUMPS
async def test_a_message_that_waits_expires_after_its_seconds(clock: FakeClock, jump: float):
    async with kernel_of(clock) as kernel:
        held = Held("held")
        await kernel.deploy(held)
        first = asyncio.create_task(kernel.hub.send(message(kernel, "held")))
        await held.started.wait()
        waiting = asyncio.create_task(kernel.hub.send(message(kernel, "held", within=10)))
        await clock.settle()
        clock.jump(jump)
        await clock.advance(9.9)
        assert not waiting.done()
        await clock.advance(0.2)
        assert (await waiting).status is ReceiptStatus.EXPIRED
        held.release.set()
        assert (await first).ok


@JUMPS
async def test_a_vote_is_decided_by_all_who_answered_in_time(clock: FakeClock, jump: float):
    class Setting(Voter):
        async def vote(self, motion: object, desk: Desk):  # type: ignore[no-untyped-def]
            clock.jump(jump)
            return self._vote

    async with kernel_of(clock) as kernel:
        for agent in (Voter("a", "yes"), Setting("b", "yes"), Voter("c", "yes")):
            await kernel.deploy(agent)
        election = await kernel.vote("Go?", ["yes", "no"], deadline=5)
        assert election.decision == "yes"
        assert not election.missing


@JUMPS
async def test_no_bid_is_late_because_the_clock_was_set(clock: FakeClock, jump: float):
    class Bidding(Agent):
        async def bid(self, lot: Lot, desk: Desk) -> Offer:
            clock.jump(jump)
            return Offer(1.0, 0.9)

    async with kernel_of(clock) as kernel:
        await kernel.deploy(Bidding(card("bidder", work=1.0)))
        award = await kernel.auction(PlannedTask("work", "work"))
        assert award.winner == "bidder"
        assert not award.rejected


@given(st.lists(st.floats(-1e8, 1e8), max_size=50))
def test_ids_stay_unique_and_in_order_whatever_the_clock_does(jumps: list[float]):
    clock = FakeClock()
    source = IdSource(clock, Random(1))
    made = [source()]
    for jump in jumps:
        clock.jump(jump)
        made += [source(), source()]
    assert made == sorted(set(made))


async def test_the_steady_clock_counts_on(clock: FakeClock):
    steady = Steady(clock)
    began = steady()
    assert began == clock.now()
    clock.jump(-HOUR)
    await clock.advance(2.5)
    assert (steady() - began).total_seconds() == 2.5
    assert (clock.now() - began).total_seconds() == 2.5 - HOUR
