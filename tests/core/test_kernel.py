"""A kernel's life: opening, closing, what its plugins cost it, and who watches."""

import asyncio
import re
from dataclasses import replace

import pytest
from sample_plugins import CONFIG, GOAL, FakeDataTools, Watching

from dataagents.core import (
    AgentConfig,
    ConfigError,
    DataAgentsError,
    Goal,
    InputError,
    Kernel,
    KernelConfig,
    RunStatus,
    Strategy,
    StrategyError,
    hookimpl,
)
from dataagents.core.boundary import Boundary
from dataagents.core.errors import ClosedError, StoreError
from dataagents.core.events import Event
from dataagents.core.planning import FailureKind, GoalLimits
from dataagents.core.registry import Built
from dataagents.core.services.stream import EventStream
from dataagents.core.testing import FakeClock, MemoryStore
from dataagents.core.voting import Tally, Verdict


async def test_two_kernels_in_one_process_share_nothing(tools: FakeDataTools):
    other_tools = FakeDataTools()
    async with (
        Kernel(CONFIG, plugins=[tools]) as one,
        Kernel(CONFIG.model_copy(update={"agents": ()}), plugins=[other_tools]) as other,
    ):
        await one.run(GOAL)
        assert len(one.votes) == 2
        assert other.votes == ()
        assert len(other.roster) == 0
        assert other.current_plan is None
        assert one.plugins[0] is not other.plugins[0]


async def test_a_kernel_that_is_not_open_says_so():
    kernel = Kernel(CONFIG)
    with pytest.raises(ClosedError, match="async with"):
        await kernel.run(GOAL)
    async with kernel:
        pass
    with pytest.raises(ClosedError):
        kernel.health()


async def test_a_kernel_can_be_opened_again(tools: FakeDataTools):
    kernel = Kernel(CONFIG, plugins=[tools])
    for _ in range(2):
        async with kernel:
            assert (await kernel.run(GOAL)).outcome.status is RunStatus.DONE
            assert {plugin.state for plugin in kernel.plugins} == {"loaded", "disabled"}


async def test_an_unknown_kind_of_agent_is_an_error_only_when_somebody_asked_for_it():
    from dataagents.core.errors import UnknownStrategyError

    config = KernelConfig(agents=(AgentConfig(id="x", kind="profilr"),))
    with pytest.raises(UnknownStrategyError, match="Did you mean 'profiler'"):
        async with Kernel(config):
            pass
    async with Kernel(KernelConfig(disabled_plugins=("team",))) as kernel:
        assert len(kernel.roster) == 0


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("wieghted-noisy-or", "Did you mean 'weighted-noisy-or'"),
        ("supermajority", "'supermajority' can't decide about cells: it has no bulk()"),
    ],
)
async def test_a_rule_that_can_not_decide_about_cells_is_said_at_once(rule, told):
    config = KernelConfig.parse({"strategies": {"cell_rule": rule}})
    with pytest.raises(DataAgentsError, match=re.escape(told)):
        async with Kernel(config):
            pass


async def test_the_usual_rule_about_cells_is_not_missed_where_nobody_provides_it():
    config = KernelConfig.parse(
        {"strategies": {"voting_rule": "wild"}, "agents": [], "disabled_plugins": ["voting"]}
    )
    async with Kernel(config, plugins=[Wild()]) as kernel:
        assert {each.name: each.state for each in kernel.plugins}["voting"] == "disabled"


async def test_what_can_not_be_built_costs_only_itself(tools: FakeDataTools):
    def explode(options: object) -> object:
        raise RuntimeError("no licence")

    class Halfway:
        @hookimpl
        def register_tools(self):
            return [Strategy("broken-tool", explode)]

        @hookimpl
        def register_outputs(self):
            return [Strategy("broken-output", explode)]

        @hookimpl
        def register_agents(self):
            return [
                Strategy("broken-kind", explode),
                Strategy("odd-kind", lambda options: lambda card: "no agent"),
            ]

        @hookimpl
        def register_voting_rules(self):
            return [Strategy("broken-rule", explode)]

    odd = (AgentConfig(id="a", kind="broken-kind"), AgentConfig(id="b", kind="odd-kind"))
    config = CONFIG.model_copy(update={"agents": (*CONFIG.agents, *odd)})
    store = MemoryStore()
    async with Kernel(config, plugins=[tools, Halfway()], store=store) as kernel:
        assert (await kernel.run(GOAL)).outcome.status is RunStatus.DONE
        health = next(each for each in kernel.health().plugins if "Halfway" in each.name)
        assert health.failures == 4
    refused = {event.subject: event.body["reason"] for event in store.of("agent.refused")}
    assert "no licence" in str(refused["a"])
    assert "returned str, not Agent" in str(refused["b"])
    chosen = KernelConfig.parse({"strategies": {"voting_rule": "broken-rule"}})
    with pytest.raises(StrategyError, match="no licence"):
        async with Kernel(chosen, plugins=[Halfway()]):
            pass


async def test_a_run_that_can_not_be_recorded_raises_and_does_not_hang(tools: FakeDataTools):
    class Failing(MemoryStore):
        async def commit(self, unit):
            if any(event.kind == "election.opened" for event in unit):
                raise StoreError("x.db", "the disk is full")
            await super().commit(unit)

    store = Failing()
    async with Kernel(CONFIG, plugins=[tools], store=store) as kernel:
        with pytest.raises(StoreError, match="the disk is full"):
            await kernel.run(GOAL)
    assert store.of("run.ended")[0].body["status"] == "suspended"


async def test_a_run_that_takes_too_long_ends_at_its_limit(tools: FakeDataTools, clock: FakeClock):
    async def hang(request, bench):
        await asyncio.Event().wait()

    tools.tools["analyze_schema"].run = hang  # type: ignore[method-assign]
    goal = Goal("clean", {"orders": "x"}, GoalLimits(seconds=60))
    async with Kernel(CONFIG, plugins=[tools], clock=clock) as kernel:
        running = asyncio.create_task(kernel.run(goal))
        await clock.advance(59)
        assert not running.done()
        await clock.advance(2)
        result = await running
    assert result.outcome.status is RunStatus.FAILED
    assert result.outcome.reason == "used up its 60 s"


async def test_options_of_a_strategy_that_nobody_provides_are_refused():
    config = KernelConfig(options={"supermajorty": {"threshold": 0.9}})
    with pytest.raises(ConfigError, match="Did you mean 'supermajority'"):
        async with Kernel(config):
            pass


async def test_a_goal_without_inputs_is_the_callers_mistake_not_the_planners(
    tools: FakeDataTools,
):
    async with Kernel(CONFIG, plugins=[tools]) as kernel:
        for _ in range(6):
            with pytest.raises(InputError, match="has no input"):
                await kernel.plan(Goal("clean"))
        assert (await kernel.run(GOAL)).outcome.status is RunStatus.DONE


async def test_a_plan_in_which_tasks_wait_for_each_other_says_so(tools: FakeDataTools):
    async with Kernel(CONFIG, plugins=[tools]) as kernel:
        plan = await kernel.plan(GOAL)
        first = replace(plan.tasks[0], depends_on=(plan.tasks[1].id,))
        execution = await kernel.execute(replace(plan, tasks=(first, *plan.tasks[1:])))
    assert not execution.success
    assert "waits for decide_schema(orders), which never comes" in execution.reason


async def test_a_failed_run_remembers_what_it_could_not_get_past(tools: FakeDataTools):
    tools.reject_input("analyze_schema")
    async with Kernel(CONFIG, plugins=[tools]) as kernel:
        await kernel.run(GOAL)
        (failure,) = kernel.experiences[0].failures
    assert (failure.task, failure.kind) == ("analyze_schema(orders)", FailureKind.INPUT)


class Wild:
    def tally(self, motion, ballots):
        return Tally(Verdict.DECIDED, "neither", (), {}, 1, 0, 1.0, "1", "so be it")

    @hookimpl
    def register_voting_rules(self):
        return [Strategy("wild", lambda options: self)]


async def test_a_rule_that_decides_for_something_else_is_not_believed():
    config = KernelConfig.parse({"strategies": {"voting_rule": "wild"}, "agents": []})
    async with Kernel(config, plugins=[Wild()]) as kernel:
        with pytest.raises(StrategyError, match="'neither', which is no option"):
            await kernel.vote("?", ("a", "b"))


async def test_observers_see_everything_and_a_broken_one_costs_itself(tools: FakeDataTools):
    class Broken:
        async def observe(self, events):
            raise RuntimeError("no")

        @hookimpl
        def register_observers(self):
            return [Strategy("broken", lambda options: self)]

    watching = Watching()
    async with Kernel(CONFIG, plugins=[tools, Broken(), watching]) as kernel:
        await kernel.run(GOAL)
        await watching.saw("run.ended")
        health = {each.name: each for each in kernel.health().observers}
        assert health["broken"].failures > 0
        assert health["watching"].failures == 0
        assert any(plugin.quarantined for plugin in kernel.health().plugins)
    assert watching.events[-1].kind == "kernel.stopped"


async def test_an_observer_that_hangs_does_not_hold_up_the_exit_for_every_batch(clock: FakeClock):
    class Hanging:
        async def observe(self, events):
            await asyncio.Event().wait()

    boundary = Boundary(clock, quarantine_after=9, grace=1)
    stream = EventStream(boundary, limit=5)
    stream.add(Built("test", "hanging", Hanging()))
    stream.publish([Event(str(number), clock.now(), "x", "y", {}) for number in range(2_000)])
    stream.start()
    closing = asyncio.create_task(stream.close())
    await clock.advance(6)
    await closing
    assert stream.health[0].lost == 2_000


async def test_a_slow_observer_loses_the_oldest_and_the_number_is_known(clock: FakeClock):
    watching = Watching()
    stream = EventStream(Boundary(clock, quarantine_after=3, grace=1), limit=1, capacity=10)
    stream.add(Built("test", "watching", watching))
    events = [Event(str(number), clock.now(), "x", "y", {}) for number in range(25)]
    stream.publish(events)
    await stream.close()
    assert [event.id for event in watching.events] == [str(number) for number in range(15, 25)]
    assert stream.health[0].lost == 15


async def test_an_observer_that_says_what_it_wants_gets_nothing_else(clock: FakeClock):
    class Choosy(Watching):
        def wants(self, kind: str) -> bool:
            if kind == "odd":
                raise ValueError("no idea")
            return kind == "good"

    choosy = Choosy()
    stream = EventStream(Boundary(clock, quarantine_after=3, grace=1), limit=1)
    stream.add(Built("test", "choosy", choosy))
    assert [stream.wanted(kind) for kind in ("good", "bad", "odd")] == [True, False, True]
    stream.publish([Event(kind, clock.now(), kind, "y", {}) for kind in ("good", "bad", "odd")])
    await stream.close()
    assert [event.kind for event in choosy.events] == ["good", "odd"]


async def test_what_an_observer_wants_holds_for_a_second(clock: FakeClock):
    class Fickle(Watching):
        asked = 0
        mood = False

        def wants(self, kind: str) -> bool:
            self.asked += 1
            return self.mood

    fickle = Fickle()
    stream = EventStream(Boundary(clock, quarantine_after=3, grace=1), limit=1)
    stream.add(Built("test", "fickle", fickle))
    event = Event("1", clock.now(), "x", "y", {})
    assert not stream.wanted("x")
    fickle.mood = True
    stream.publish([event])
    assert not stream.wanted("x")
    assert fickle.asked == 1
    await clock.advance(1)
    stream.publish([event])
    assert stream.wanted("x")
    assert fickle.asked == 2
    await stream.close()
    assert fickle.events == [event]


async def test_an_observer_that_comes_later_is_asked_too(clock: FakeClock):
    stream = EventStream(Boundary(clock, quarantine_after=3, grace=1), limit=1)
    assert not stream.wanted("x")
    stream.add(Built("test", "watching", Watching()))
    assert stream.wanted("x")
    await stream.close()
