"""Each concern is usable without the others."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sample_agents import Broken, Echo, card
from sample_plugins import FakeDataTools

from dataagents.core import (
    Agent,
    Desk,
    Event,
    Goal,
    Kernel,
    KernelConfig,
    Message,
    MessageType,
    PlannedTask,
    Strategy,
    StrategyError,
    TaskResult,
    hookimpl,
)
from dataagents.core.messaging import Receipt, ReceiptStatus
from dataagents.core.planning import FailureKind
from dataagents.core.reflection import Delivery, Experience
from dataagents.core.testing import FakeClock, MemoryStore, kernel_for
from dataagents.core.tracing import TraceContext
from dataagents.core.values import JsonObject

TASK = PlannedTask("count(x)", "count")


def experience(number: int, **changes: object) -> Experience:
    made = Experience(
        id=str(number),
        at=datetime(2026, 1, 1, tzinfo=UTC),
        goal="clean",
        sources=("orders",),
        success=True,
        seconds=1.0,
        quality=0.9,
        deliveries=(Delivery("t", "worker", success=True, promised_quality=1, score=1, seconds=1),),
    )
    return replace(made, **changes)


async def test_delegation_alone(kernel: Kernel):
    class Worker(Agent):
        async def execute(self, task: PlannedTask, desk: Desk) -> TaskResult:
            return TaskResult(task.id, success=True, effects={"n": 3}, summary="counted")

    await kernel.deploy(Worker(card("worker")))
    result = await kernel.delegate(TASK, "worker")
    assert (result.success, result.effects, result.agent) == (True, {"n": 3}, "worker")


async def test_delegating_to_nobody_or_to_a_broken_agent_is_a_result(kernel: Kernel):
    nobody = await kernel.delegate(TASK, "nobody")
    assert nobody.failure is FailureKind.RECOVERABLE
    assert "no route to 'nobody'" in (nobody.error or "")
    await kernel.deploy(Broken("broken"))
    assert "broken on purpose" in ((await kernel.delegate(TASK, "broken")).error or "")


async def test_an_agent_that_returns_something_else_than_it_should_is_told_so(kernel: Kernel):
    class Odd(Agent):
        async def execute(self, task: PlannedTask, desk: Desk) -> TaskResult:
            return {"success": True}  # type: ignore[return-value]

    await kernel.deploy(Odd(card("odd")))
    result = await kernel.delegate(TASK, "odd")
    assert "returned dict, not TaskResult" in (result.error or "")


async def test_execution_alone():
    tools = FakeDataTools()
    config = KernelConfig(disabled_plugins=("data",))
    async with kernel_for(tools, config=config) as kernel:
        plan = await kernel.plan(Goal("clean", {"orders": "x.csv"}))
        execution = await kernel.execute(plan)
        assert execution.success
        assert execution.state["routed:orders"] == {"clean": 98, "quarantine": 2}
        assert plan == kernel.plans[0]


async def test_a_plan_from_a_known_state_leaves_out_what_is_known():
    async with kernel_for() as kernel:
        state = {"schema:orders": {}, "schema_decision:orders": {"accepted": True}}
        plan = await kernel.plan(Goal("clean", {"orders": "x"}), state)
    assert plan.tasks[0].id == "validate_data(orders)"


async def test_reflection_alone_keeps_a_bounded_number_of_experiences(
    kernel: Kernel, store: MemoryStore
):
    assert "no experience" in (await kernel.reflect()).summary
    for number in range(501):
        await kernel.reflect(experience(number))
    assert len(kernel.experiences) == 400
    assert kernel.experiences[-1].id == "500"
    assert len(store.of("experience.kept")) == 501


async def test_a_stored_experience_of_somebody_else_teaches_nothing(
    clock: FakeClock, store: MemoryStore
):
    await store.commit([Event("e", clock.now(), "experience.kept", "x", {"odd": True})])
    await store.commit([Event("r", clock.now(), "reflection.made", "x", {"odd": True})])
    async with Kernel(KernelConfig(agents=()), clock=clock, store=store) as kernel:
        assert kernel.experiences == ()


async def test_an_agent_asks_and_tells_others_at_its_desk(kernel: Kernel):
    class Relay(Agent):
        async def handle(self, message: Message, desk: Desk) -> JsonObject | None:
            if message.reply_to is not None:
                return None
            reply = await desk.ask("echo", {"n": 1})
            told = await desk.send("echo", {"n": 2}, type=MessageType.PIPELINE_STATUS)
            lost = await desk.ask("nobody", {})
            assert isinstance(reply, Message)
            assert isinstance(lost, Receipt)
            assert desk.context.agent == "relay"
            assert desk.now() == message.at
            return {"reply": reply.payload, "told": told.ok, "lost": lost.status}

    echo = Echo("echo")
    await kernel.deploy(echo)
    await kernel.deploy(Relay(card("relay")))
    sent = kernel.hub.compose(
        "application", "relay", MessageType.DATA_REQUEST, {}, context=TraceContext(run="r1")
    )
    reply = await kernel.hub.request(sent)
    assert isinstance(reply, Message)
    assert reply.payload == {
        "reply": {"echo": {"n": 1}},
        "told": True,
        "lost": ReceiptStatus.UNKNOWN_RECIPIENT,
    }
    assert [(each.run, each.hops) for each in echo.heard] == [("r1", 1), ("r1", 1)]


async def test_a_request_that_nobody_replies_to_says_so(kernel: Kernel):
    await kernel.deploy(Agent(card("quiet")))
    sent = kernel.hub.compose(
        "application", "quiet", MessageType.DATA_REQUEST, {}, context=TraceContext()
    )
    answer = await kernel.hub.request(sent)
    assert isinstance(answer, Receipt)
    assert answer.reason == "handled without a reply"


async def test_health_names_what_is_quarantined_and_what_failed():
    class BadRule:
        def tally(self, motion, ballots):
            raise ZeroDivisionError

        @hookimpl
        def register_voting_rules(self):
            return [Strategy("bad", lambda options: self)]

    config = KernelConfig.parse({"strategies": {"voting_rule": "bad"}, "quarantine_after": 2})
    async with kernel_for(BadRule(), config=config) as kernel:
        for _ in range(3):
            with pytest.raises(StrategyError):
                await kernel.vote("?", ("a", "b"))
        plugin = next(each for each in kernel.health().plugins if "BadRule" in each.name)
    assert plugin.failures == 2
    assert plugin.quarantined == ("voting rule bad",)
