"""What happens to agents that fail: restarted, replaced, given up; drained and redeployed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_agents import Echo, Held

from dataagents.core import (
    Agent,
    Deployed,
    Desk,
    HealthAnswer,
    InputError,
    Kernel,
    KernelConfig,
    Refused,
    Strategy,
    hookimpl,
)
from dataagents.core.cards import AgentCard, AgentState
from dataagents.core.config import AgentConfig
from dataagents.core.deployment import Drained
from dataagents.core.messaging import MessageType, ReceiptStatus
from dataagents.core.operation import RestartSettings, delay_before, may_restart
from dataagents.core.planning import PlannedTask, TaskResult
from dataagents.core.services.recorder import NOWHERE
from dataagents.core.testing import FakeClock, MemoryStore


class Worker(Agent):
    """Sick while the factory says so; counts how often it was built."""

    def __init__(self, card: AgentCard, factory: "Factory") -> None:
        super().__init__(card)
        self._factory = factory

    async def check_health(self, sample: object, desk: Desk) -> HealthAnswer:
        if self.card.id in self._factory.sick:
            return HealthAnswer(healthy=False, detail="out of order")
        return HealthAnswer(healthy=True, processing=True)

    async def execute(self, task: PlannedTask, desk: Desk) -> TaskResult:
        self._factory.started.set()
        await self._factory.release.wait()
        return TaskResult(task.id, success=True, effects={"by": self.card.id})


class Factory:
    """A plugin whose agents can be made sick."""

    def __init__(self) -> None:
        self.sick: set[str] = set()
        self.built: list[str] = []
        self.broken = False
        self.started, self.release = asyncio.Event(), asyncio.Event()
        self.release.set()

    def make(self, card: AgentCard) -> Agent:
        if self.broken:
            raise ValueError("no licence")
        self.built.append(card.id)
        return Worker(card, self)

    @hookimpl
    def register_agents(self):
        return [Strategy("worker", lambda options: self.make)]


def member(id: str, **more: object) -> AgentConfig:
    return AgentConfig(id=id, kind="worker", capabilities={"work": 0.9}, **more)


@asynccontextmanager
async def team(
    factory: Factory, *members: AgentConfig, store: MemoryStore | None = None, **settings: object
) -> AsyncIterator[tuple[Kernel, FakeClock]]:
    clock = FakeClock()
    config = KernelConfig(seed=1, agents=members, quarantine_after=50, **settings)
    async with Kernel(config, clock=clock, store=store, plugins=[factory]) as kernel:
        yield kernel, clock


def deployment(kernel: Kernel):
    return kernel._open.deployment


def alerts(kernel: Kernel) -> set[tuple[str, str]]:
    return {(each.rule, each.subject) for each in kernel.monitor.alerts}


async def test_an_agent_that_failed_is_built_anew_after_a_pause(store: MemoryStore):
    factory = Factory()
    async with team(factory, member("a"), store=store) as (kernel, clock):
        factory.sick.add("a")
        await clock.advance(20)
        assert kernel.roster.reports["a"].health == "failed"
        assert factory.built == ["a"]
        factory.sick.clear()
        await clock.advance(5)
        assert factory.built == ["a", "a"]
        assert kernel.roster.ready == ("a",)
        assert kernel.roster.reports["a"].health == "healthy"
        await clock.advance(60)
        assert ("agent_failed", "a") not in alerts(kernel)
    (restarted,) = store.of("agent.restarted")
    assert restarted.body["success"] is True
    assert "out of order" in str(restarted.body["reason"])
    assert "restart 1 in this hour" in str(restarted.body["reason"])


async def test_an_agent_that_comes_to_itself_in_the_pause_is_left_alone():
    factory = Factory()
    async with team(factory, member("a"), restarts=RestartSettings(backoff=60)) as (kernel, clock):
        factory.sick.add("a")
        await clock.advance(20)
        factory.sick.clear()
        await clock.advance(120)
        assert factory.built == ["a"]
        assert kernel.roster.ready == ("a",)


async def test_one_that_stays_sick_is_restarted_later_each_time_and_then_given_up(
    store: MemoryStore,
):
    factory = Factory()
    restarts = RestartSettings(backoff=10, hourly=3)
    async with team(factory, member("a"), store=store, restarts=restarts) as (kernel, clock):
        factory.sick.add("a")
        await clock.advance(300)
        assert factory.built == ["a"] * 4
        assert kernel.roster.reports["a"].health == "failed"
        assert ("agent_given_up", "a") in alerts(kernel)
        (alert,) = [each for each in kernel.monitor.alerts if each.rule == "agent_given_up"]
        assert "restarted 3 times in an hour" in alert.detail
        assert "nobody can stand in" in alert.detail
        pauses = [event.at for event in store.of("agent.restarted")]
        first, second = pauses[1] - pauses[0], pauses[2] - pauses[1]
        assert second > first
        factory.sick.clear()
        assert isinstance(await deployment(kernel).redeploy("a"), Deployed)
        await clock.advance(60)
        assert alerts(kernel) == set()


async def test_after_an_hour_there_is_a_new_budget():
    factory = Factory()
    restarts = RestartSettings(backoff=1, hourly=1)
    async with team(factory, member("a"), restarts=restarts) as (_, clock):
        factory.sick.add("a")
        await clock.advance(60)
        assert len(factory.built) == 2
        await clock.advance(3600)
        assert len(factory.built) == 3


async def test_one_of_the_team_that_can_do_the_same_stands_in(store: MemoryStore):
    factory = Factory()
    restarts = RestartSettings(backoff=1, hourly=1)
    members = (member("a"), member("b"))
    async with team(factory, *members, store=store, restarts=restarts) as (kernel, clock):
        factory.sick.add("a")
        await clock.advance(60)
        assert tuple(kernel.roster.cards) == ("b",)
        assert alerts(kernel) == set()
    (replaced,) = store.of("agent.replaced")
    assert (replaced.subject, replaced.body["by"]) == ("a", "b")


async def test_one_in_reserve_is_built_only_when_it_has_to_stand_in():
    factory = Factory()
    restarts = RestartSettings(backoff=1, hourly=0)
    members = (member("a"), member("spare", standby=True))
    async with team(factory, *members, restarts=restarts) as (kernel, clock):
        assert kernel.roster.ready == ("a",)
        factory.sick.add("a")
        await clock.advance(60)
        assert factory.built == ["a", "spare"]
        assert kernel.roster.ready == ("spare",)


async def test_nobody_stands_in_for_what_only_one_can_do():
    factory = Factory()
    other = AgentConfig(id="b", kind="worker", capabilities={"other": 1.0})
    restarts = RestartSettings(hourly=0)
    async with team(factory, member("a"), other, restarts=restarts) as (kernel, clock):
        factory.sick.add("a")
        await clock.advance(60)
        assert set(kernel.roster.cards) == {"a", "b"}
        assert ("agent_given_up", "a") in alerts(kernel)


async def test_a_factory_that_fails_costs_a_restart_not_the_kernel(store: MemoryStore):
    factory = Factory()
    async with team(factory, member("a"), store=store) as (kernel, clock):
        factory.sick.add("a")
        factory.broken = True
        await clock.advance(40)
        assert "no licence" in str(store.of("agent.restarted")[0].body["problem"])
        factory.broken = False
        factory.sick.clear()
        await clock.advance(120)
        assert kernel.roster.ready == ("a",)


async def test_restarts_can_be_turned_off():
    factory = Factory()
    async with team(factory, member("a"), restarts=RestartSettings(enabled=False)) as (
        kernel, clock,
    ):  # fmt: skip
        factory.sick.add("a")
        await clock.advance(300)
        assert factory.built == ["a"]
        assert ("agent_failed", "a") in alerts(kernel)


async def test_what_was_given_as_an_object_says_that_it_can_not_be_rebuilt(kernel: Kernel):
    await kernel.deploy(Echo("echo"))
    for change in (deployment(kernel).restart, deployment(kernel).redeploy):
        with pytest.raises(InputError, match=r"as an object.*Remove it, and deploy a new one"):
            await change("echo")
    with pytest.raises(InputError, match=r"no such agent.*Did you mean 'echo'"):
        await deployment(kernel).restart("ecko")
    assert kernel.roster.ready == ("echo",)


async def test_an_agent_that_drains_finishes_what_it_has_and_takes_nothing_new(store: MemoryStore):
    factory = Factory()
    async with team(factory, member("a"), member("b"), store=store) as (kernel, clock):
        factory.release.clear()
        first = asyncio.create_task(kernel.delegate(PlannedTask("one", "work"), "a"))
        await factory.started.wait()
        second = asyncio.create_task(kernel.delegate(PlannedTask("two", "work"), "a"))
        await clock.settle()
        draining = asyncio.create_task(deployment(kernel).drain("a", "upgrade"))
        await clock.advance(1)
        assert kernel.roster.state("a") is AgentState.DRAINING
        assert kernel.roster.ready == ("b",)
        await clock.advance(10)
        assert kernel.roster.reports["a"].health == "draining"
        refused = asyncio.create_task(kernel.delegate(PlannedTask("late", "work"), "a"))
        await clock.settle()
        factory.release.set()
        await clock.advance(1)
        assert (await first).success
        assert (await second).success
        late = await refused
        assert not late.success
        assert "drains" in str(late.error)
        assert await draining == Drained("a")
        assert "a" not in kernel.roster
    (removed,) = store.of("agent.removed")
    assert removed.body["reason"] == "drained: upgrade"
    last = store.of("agent.health")[-1]
    assert (last.subject, last.body["health"]) == ("a", "stopped")


async def test_what_is_not_finished_in_time_is_handed_back(kernel: Kernel, clock: FakeClock):
    held = Held("held")
    await kernel.deploy(held)
    sent = [
        asyncio.create_task(
            kernel.hub.send(
                kernel.hub.compose("t", "held", MessageType.DATA_REQUEST, {}, context=NOWHERE)
            )
        )
        for _ in range(2)
    ]
    await held.started.wait()
    draining = asyncio.create_task(deployment(kernel).drain("held", within=5))
    await clock.settle()
    with pytest.raises(InputError, match="being drained or restarted already"):
        await deployment(kernel).drain("held")
    await clock.advance(6)
    drained = await draining
    assert (drained.finished, drained.left) == (False, 2)
    held.release.set()
    statuses = {(await each).status for each in sent}
    assert ReceiptStatus.UNKNOWN_RECIPIENT in statuses


async def test_a_drain_that_is_given_up_leaves_the_agent_in_the_team(
    kernel: Kernel, clock: FakeClock
):
    held = Held("held")
    await kernel.deploy(held)
    message = kernel.hub.compose("t", "held", MessageType.DATA_REQUEST, {}, context=NOWHERE)
    sending = asyncio.create_task(kernel.hub.send(message))
    await held.started.wait()
    draining = asyncio.create_task(deployment(kernel).drain("held"))
    await clock.settle()
    draining.cancel()
    await asyncio.gather(draining, return_exceptions=True)
    held.release.set()
    await sending
    await clock.advance(10)
    assert kernel.roster.ready == ("held",)


async def test_redeploying_drains_and_builds_anew_and_brings_a_drained_one_back():
    factory = Factory()
    async with team(factory, member("a")) as (kernel, _):
        assert isinstance(await deployment(kernel).redeploy("a"), Deployed)
        assert factory.built == ["a", "a"]
        await deployment(kernel).drain("a")
        assert "a" not in kernel.roster
        assert isinstance(await deployment(kernel).redeploy("a"), Deployed)
        assert kernel.roster.ready == ("a",)
        factory.sick.add("a")
        assert isinstance(await deployment(kernel).redeploy("a"), Refused)
        factory.sick.clear()
        assert isinstance(await deployment(kernel).restart("a"), Deployed)


async def test_a_kernel_that_closes_restarts_nobody():
    factory = Factory()
    async with team(factory, member("a"), restarts=RestartSettings(backoff=60)) as (_, clock):
        factory.sick.add("a")
        await clock.advance(30)
    assert factory.built == ["a"]


@given(
    st.lists(st.floats(0, 3599), max_size=20),
    st.integers(0, 10),
    st.floats(0.1, 100),
    st.floats(0.1, 1000),
)
def test_pauses_grow_up_to_a_limit_and_keep_half_of_themselves(ages, hourly, backoff, longest):
    settings = RestartSettings(backoff=backoff, longest=longest, hourly=hourly)
    now = 10_000.0
    restarts = [now - age for age in ages]
    most = min(longest, backoff * 2 ** len(ages))
    assert most / 2 <= delay_before(restarts, now, settings, Random(1)) <= most
    assert may_restart(restarts, now, settings) is (len(ages) < hourly)
