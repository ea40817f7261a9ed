"""Faults 15, 16, 19 and 20: plugins that raise, hang, return nonsense, or end the process.

Each concern gets one such strategy in the place of a good one, and a whole run goes on with it:
it comes to an end, with a typed reason where it failed, and health says which plugin it was.
"""

import asyncio
from collections.abc import Callable, Container, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pytest
from plugin_zoo import METHODS, RAISING, RETURNING, Specimen, plugin_with
from sample_agents import Echo, card
from sample_messages import message
from sample_plugins import CONFIG, GOAL, FakeDataTools

from dataagents.core import Agent, Kernel, Message, RunResult, RunStatus
from dataagents.core.config import StrategyChoices
from dataagents.core.desk import Desk
from dataagents.core.errors import DataAgentsError, StrategyError
from dataagents.core.health import PluginHealth
from dataagents.core.messaging import EVERYONE, ReceiptStatus
from dataagents.core.planning import PlannedTask
from dataagents.core.testing import FakeClock, MemoryStore, kernel_for

T = TypeVar("T")

CHOSEN = {
    "reasoners": "reasoner", "analysts": "analyst", "transports": "transport", "routers": "router",
    "voting_rules": "voting_rule", "auctions": "auction", "planners": "planner",
    "reflectors": "reflector", "allocators": "allocator", "organizers": "organizer",
}  # fmt: skip
"""Concern → the setting that chooses its strategy; of the others all are used."""

IN_A_RUN = sorted(set(METHODS) - {"allocators", "organizers", "routers"})
HARMLESS = {"analysts", "reflectors", "observers", "outputs"}
"""Concerns without which a run still does what it was asked for."""


SLIP_PAST = ("raises a base exception", "cancels")
"""What `except Exception` does not catch: that is tried on every concern for every commit."""


def pairs(ways: Mapping[str, object], every: int = 3, always: Container[str] = ()) -> list[Any]:
    """Return each concern with each way; what is not in turn is left to the nightly.

    Args:
        ways: What to try.
        every: One in so many is in turn, other ones for the next concern.
        always: Ways that are always in turn.
    """
    return [
        pytest.param(
            concern, way,
            marks=() if way in always or (place + number) % every == 0 else pytest.mark.slow,
        )
        for place, concern in enumerate(IN_A_RUN)
        for number, way in enumerate(ways)
    ]  # fmt: skip


def broken_kernel(
    concern: str, specimen: Specimen, clock: FakeClock, store: MemoryStore | None = None
) -> Kernel:
    changes: dict[str, object] = {"strategy_timeout": 5.0, "grace": 1.0}
    if concern in CHOSEN:
        changes["strategies"] = StrategyChoices(**{CHOSEN[concern]: "zoo"})
    if concern == "interceptors":
        changes["strategies"] = StrategyChoices(interceptors=("zoo",))
    config = CONFIG.model_copy(update=changes)
    plugins = FakeDataTools(), plugin_with(concern, specimen)
    return kernel_for(*plugins, config=config, clock=clock, store=store)


class Hang:
    """Hangs whoever awaits it, and knows whether somebody does."""

    def __init__(self, *, stubborn: bool = False) -> None:
        self.hanging = 0
        self.released = asyncio.Event()
        self._stubborn = stubborn

    async def __call__(self) -> None:
        self.hanging += 1
        try:
            while not self.released.is_set():
                try:
                    await self.released.wait()
                except asyncio.CancelledError:
                    if not self._stubborn:
                        raise
        finally:
            self.hanging -= 1


async def finished(clock: FakeClock, task: "asyncio.Task[T]", hang: Hang) -> T:
    """Let time pass while something hangs, until a task is over; but not while a thread works."""
    passed = 0
    while not task.done():
        if hang.hanging:
            assert passed < 24 * 60, "it hangs for more than a day"
            passed += 1
            await clock.advance(60)
        else:
            await asyncio.sleep(0)
    return await task


async def run_with(
    concern: str, act: Callable[[], object], clock: FakeClock, out: Path
) -> tuple[RunResult, PluginHealth, Specimen, MemoryStore]:
    store, specimen = MemoryStore(), Specimen(concern, act)

    async def whole() -> tuple[RunResult, PluginHealth]:
        async with broken_kernel(concern, specimen, clock, store) as kernel:
            result = await kernel.run(GOAL, out=out)
            (health,) = (each for each in kernel.health().plugins if each.name.endswith("Zoo"))
        return result, health

    if isinstance(act, Hang):
        result, health = await finished(clock, asyncio.create_task(whole()), act)
    else:
        result, health = await whole()
    return result, health, specimen, store


@pytest.mark.parametrize(("concern", "way"), pairs(RAISING, every=6, always=SLIP_PAST))
async def test_a_strategy_that_fails_costs_its_calls_and_is_counted(
    concern: str, way: str, clock: FakeClock, tmp_path: Path
):
    result, health, specimen, store = await run_with(concern, RAISING[way], clock, tmp_path / "o")
    assert specimen.calls > 0
    assert health.failures > 0
    assert store.of("run.ended"), "the run is on record"
    if concern in HARMLESS:
        assert result.outcome.status is RunStatus.DONE
    elif result.outcome.status is not RunStatus.DONE:
        assert result.outcome.reason


@pytest.mark.parametrize(("concern", "what"), pairs(RETURNING))
async def test_a_strategy_that_returns_nonsense_costs_its_calls(
    concern: str, what: str, clock: FakeClock, tmp_path: Path
):
    result, health, specimen, _ = await run_with(concern, RETURNING[what], clock, tmp_path / "o")
    assert specimen.calls > 0
    if concern in HARMLESS:
        assert result.outcome.status is RunStatus.DONE
    elif result.outcome.status is not RunStatus.DONE:
        assert result.outcome.reason
    if concern != "observers":  # nobody looks at what an observer returns
        assert health.failures > 0


EVERYTHING = {**RAISING, **RETURNING, "a tuple of no names": lambda: ([], None)}


@pytest.mark.parametrize("way", EVERYTHING)
async def test_a_router_that_is_broken_costs_the_messages_that_need_it(way: str, clock: FakeClock):
    async with broken_kernel("routers", Specimen("routers", EVERYTHING[way]), clock) as kernel:
        (receipt,) = await kernel.hub.broadcast(message(kernel, EVERYONE))
        assert receipt.status is ReceiptStatus.UNKNOWN_RECIPIENT
        assert (await kernel.hub.send(message(kernel, "router"))).ok, "a name needs no router"
        failed = [each.name for each in kernel.health().plugins if each.failures]
        assert failed == ["plugin_zoo.Zoo"]


@pytest.mark.parametrize("way", EVERYTHING)
async def test_an_allocator_that_is_broken_is_an_error_that_names_it(way: str, clock: FakeClock):
    specimen = Specimen("allocators", EVERYTHING[way])
    async with broken_kernel("allocators", specimen, clock) as kernel:
        with pytest.raises(StrategyError, match=r"plugin_zoo\.Zoo: allocator zoo: "):
            await kernel.allocate([PlannedTask("validate", "validate")])


@pytest.mark.parametrize("way", EVERYTHING)
async def test_an_organizer_that_is_broken_ends_the_coordination(way: str, clock: FakeClock):
    specimen = Specimen("organizers", EVERYTHING[way])
    async with broken_kernel("organizers", specimen, clock) as kernel:
        result = await kernel.coordinate(GOAL)
        assert not result.success
        assert "organizer zoo" in result.reason


class Rogue(Agent):
    """Does the same whatever it is told."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__(card("rogue"))
        self.act = act

    async def handle(self, message: Message, desk: Desk) -> None:
        found = self.act()
        return await found if asyncio.iscoroutine(found) else found  # type: ignore[return-value]


@pytest.mark.parametrize("way", EVERYTHING)
async def test_an_agent_that_is_broken_costs_its_message_and_no_other(way: str, clock: FakeClock):
    config = CONFIG.model_copy(update={"agents": (), "quarantine_after": 50})
    async with Kernel(config, clock=clock) as kernel:
        await kernel.deploy(Rogue(EVERYTHING[way]))
        await kernel.deploy(Echo("echo"))
        for _ in range(3):
            receipt, other = await asyncio.gather(
                kernel.hub.send(message(kernel, "rogue")), kernel.hub.send(message(kernel, "echo"))
            )
            assert other.ok
            assert receipt.ok == (way == "none")
            assert receipt.ok or "agent rogue: data_request: " in receipt.reason


async def test_a_strategy_that_hangs_is_stopped_at_its_limit_and_in_the_end_not_called(
    clock: FakeClock, tmp_path: Path
):
    for concern in ("observers", "outputs", "planners", "reasoners", "reflectors", "transports"):
        result, health, *_ = await run_with(concern, Hang(), clock, tmp_path / concern)
        assert health.failures > 0, concern
        if concern in HARMLESS:
            assert result.outcome.status is RunStatus.DONE
        else:
            assert result.outcome.reason


async def test_a_strategy_that_swallows_its_cancellation_is_left_behind_and_named(
    clock: FakeClock, tmp_path: Path
):
    stubborn = Hang(stubborn=True)
    store, specimen = MemoryStore(), Specimen("planners", stubborn)
    async with broken_kernel("planners", specimen, clock, store) as kernel:
        with pytest.raises(DataAgentsError, match="did not return within"):
            await finished(clock, asyncio.create_task(kernel.plan(GOAL)), stubborn)
        assert any("planner zoo" in each for each in kernel.health().strays)
        left = [each for each in asyncio.all_tasks() if "planner zoo" in each.get_name()]
        assert left == [], "the end of the loop doesn't wait for it"
        stubborn.released.set()
        await clock.settle()
        assert kernel.health().strays == ()
