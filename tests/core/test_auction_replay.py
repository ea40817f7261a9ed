"""An auction on record leads to the same award once more, whatever its rules."""

from dataclasses import replace

import pytest
from sample_agents import Broken, card

from dataagents.core import Agent, Event, InputError, Kernel, KernelConfig, PlannedTask, TaskResult
from dataagents.core.bidding import Weights
from dataagents.core.desk import Desk
from dataagents.core.plugin_manager import PluginManager
from dataagents.core.reflection import Delivery, Experience
from dataagents.core.registry import Registry
from dataagents.core.services.bidding.replay import (
    recorded_award,
    replay_allocation,
    replay_auction,
)
from dataagents.core.testing import MemoryStore, kernel_for
from dataagents.core.testing.clock import START
from dataagents.core.values import from_json, to_json

TASK = PlannedTask("dig(hole)", "dig", requires={"dig": 0.5}, seconds=3)
OPTIONS = {"contract-net": {"minimum_quality": 0.3}, "vickrey": {"minimum_quality": 0.2}}
CONFIG = KernelConfig.parse({"agents": [], "options": OPTIONS})


class Failing(Agent):
    async def execute(self, task: PlannedTask, desk: Desk) -> TaskResult:
        raise ValueError("broken on purpose")


@pytest.fixture(scope="module")
def registry() -> Registry:
    return PluginManager(plugins=(), discover=True, disabled=(), strict=True).load()


async def deploy_team(kernel: Kernel) -> None:
    """Deploy agents that win, fail, can't, won't, and one with a reputation."""
    deliveries = tuple(Delivery("dig", "known", False, 0.9, 0.9, 1.0) for _ in range(4))
    await kernel.reflect(Experience("e", START, "dig", (), False, 1.0, None, deliveries))
    for name, cost, level in (("known", 4.0, 0.9), ("b", 5.0, 0.7), ("c", 7.5, 1.0)):
        await kernel.deploy(Failing(card(name, cost, dig=level)))
    await kernel.deploy(Broken("broken", dig=1.0))
    await kernel.deploy(Agent(card("weak", dig=0.2)))
    await kernel.deploy(Agent(card("dear", 500.0, dig=1.0)))


def as_stored(events: list[Event]) -> list[Event]:
    """Return events as they come back from a store."""
    return [from_json(Event, to_json(event)) for event in events]


@pytest.mark.parametrize("rule", ["sealed-bid", "vickrey", "english", "contract-net"])
@pytest.mark.parametrize("reserve", [None, 20.0])
async def test_every_auction_replays_to_the_same_award(
    store: MemoryStore, registry: Registry, rule: str, reserve: float | None
):
    async with kernel_for(config=CONFIG, store=store) as kernel:
        await deploy_team(kernel)
        award = await kernel.auction(
            TASK, auction=rule, reserve=reserve, weights=Weights(quality=1.5, seconds=0.5)
        )
    events = as_stored([event for event in store.events if event.subject == award.lot])
    assert award.winner is not None
    assert {bid.reputation for bid in award.bids} == {0.5, 1.0}
    assert "weak" in award.ineligible
    assert "broken" in award.rejected
    assert recorded_award(events) == replay_auction(events, registry) == award


async def test_every_rule_that_is_bundled_is_replayed_here(registry: Registry):
    assert set(registry.auctions) == {"sealed-bid", "vickrey", "english", "contract-net"}
    assert set(registry.allocators) == {"assignment", "makespan"}


async def test_awards_after_failures_replay_too(store: MemoryStore, registry: Registry):
    config = CONFIG.model_copy(
        update={"strategies": CONFIG.strategies.model_copy(update={"auction": "contract-net"})}
    )
    async with kernel_for(config=config, store=store) as kernel:
        await deploy_team(kernel)
        contract = await kernel.contract(TASK)
    assert len(contract.attempts) == 3
    events = as_stored([event for event in store.events if event.subject == contract.award.lot])
    for number, award in enumerate(contract.awards):
        until = [event for event in events if event.kind != "auction.closed"]
        until += [event for event in events if event.kind == "auction.closed"][: number + 1]
        assert replay_auction(until, registry) == award


@pytest.mark.parametrize("allocator", ["assignment", "makespan"])
async def test_every_allocation_replays_to_the_same_awards(
    store: MemoryStore, registry: Registry, allocator: str
):
    config = CONFIG.model_copy(
        update={"strategies": CONFIG.strategies.model_copy(update={"allocator": allocator})}
    )
    tasks = [replace(TASK, id=f"dig({n})") for n in range(5)]
    async with kernel_for(config=config, store=store) as kernel:
        await deploy_team(kernel)
        allocation = await kernel.allocate(tasks, budget=100)
    assert {award.winner for award in allocation.awards} <= {"known", "b", "c"}
    assert replay_allocation(as_stored(store.events), registry) == allocation


async def test_a_changed_record_comes_to_another_award(store: MemoryStore, registry: Registry):
    async with kernel_for(config=CONFIG, store=store) as kernel:
        await deploy_team(kernel)
        award = await kernel.auction(TASK, auction="vickrey")
    changed = [
        replace(event, body={**event.body, "cost": 99.0}) if event.agent == award.winner else event
        for event in store.events
        if event.subject == award.lot
    ]
    assert replay_auction(changed, registry).winner != award.winner


async def test_what_is_no_auction_is_refused(store: MemoryStore, registry: Registry):
    async with kernel_for(config=CONFIG, store=store) as kernel:
        await deploy_team(kernel)
        award = await kernel.auction(TASK)
        allocation = await kernel.allocate([TASK])
    events = [event for event in store.events if event.subject == award.lot]
    with pytest.raises(InputError, match="there are 0 auctions"):
        replay_auction([], registry)
    with pytest.raises(InputError, match="never closed"):
        replay_auction(events[:-1], registry)
    lot = allocation.awards[0].lot
    with pytest.raises(InputError, match="is part of allocation"):
        replay_auction([each for each in store.events if each.subject == lot], registry)
    with pytest.raises(InputError, match="there are 0 allocations"):
        replay_allocation(events, registry)
