"""Mailboxes: who is served when, what happens when one is full, how storms end."""

import asyncio

import pytest
from sample_agents import Echo, Held, card
from sample_messages import message

from dataagents.core import (
    Agent,
    AgentCard,
    AgentConfig,
    Desk,
    Kernel,
    KernelConfig,
    Message,
    MessageType,
    Strategy,
    hookimpl,
)
from dataagents.core.messaging import EVERYONE, Assurance, Receipt, ReceiptStatus
from dataagents.core.testing import FakeClock, MemoryStore
from dataagents.core.values import JsonObject


def kernel_with(clock: FakeClock, **settings: object) -> Kernel:
    config = KernelConfig(seed=1, agents=(), monitoring=False, **settings)
    return Kernel(config, clock=clock)


async def start(kernel: Kernel, clock: FakeClock, *sent: Message) -> list[asyncio.Task[Receipt]]:
    tasks = []
    for each in sent:
        tasks.append(asyncio.create_task(kernel.hub.send(each)))
        await clock.settle()
    return tasks


async def held(kernel: Kernel, clock: FakeClock) -> tuple[Held, list[asyncio.Task[Receipt]]]:
    """An agent in the middle of a message."""
    agent = Held("held")
    await kernel.deploy(agent)
    return agent, await start(kernel, clock, message(kernel, "held", {"n": 0}))


async def test_senders_are_served_in_turn(clock: FakeClock):
    async with kernel_with(clock) as kernel:
        agent, tasks = await held(kernel, clock)
        flood = [message(kernel, "held", {"from": "loud"}, sender="loud") for _ in range(4)]
        quiet = [message(kernel, "held", {"from": "quiet"}, sender="quiet") for _ in range(2)]
        tasks += await start(kernel, clock, *flood, *quiet)
        agent.release.set()
        await asyncio.gather(*tasks)
        heard = [each.payload["from"] for each in agent.heard[1:]]
        assert heard == ["loud", "quiet", "loud", "quiet", "loud", "loud"]


async def test_what_one_sender_says_in_one_conversation_stays_in_order(clock: FakeClock):
    async with kernel_with(clock) as kernel:
        agent, tasks = await held(kernel, clock)
        tasks += await start(
            kernel, clock,
            message(kernel, "held", {"n": 1}, conversation="talk"),
            message(kernel, "held", {"n": 2}, conversation="talk", priority=9),
            message(kernel, "held", {"n": 3}, priority=5),
        )  # fmt: skip
        agent.release.set()
        await asyncio.gather(*tasks)
        assert [each.payload["n"] for each in agent.heard] == [0, 3, 1, 2]


async def test_a_full_mailbox_can_make_its_senders_wait(clock: FakeClock):
    async with kernel_with(clock, mailbox_size=1, mailbox_overflow="wait") as kernel:
        agent, tasks = await held(kernel, clock)
        tasks += await start(kernel, clock, *(message(kernel, "held", {"n": n}) for n in (1, 2, 3)))
        assert kernel.hub.waiting("held") == 1
        assert not any(task.done() for task in tasks)
        agent.release.set()
        assert {(await task).status for task in tasks} == {ReceiptStatus.DELIVERED}
        assert [each.payload["n"] for each in agent.heard] == [0, 1, 2, 3]


async def test_waiting_for_room_ends_at_the_deadline_or_when_the_sender_leaves(clock: FakeClock):
    async with kernel_with(clock, mailbox_size=1, mailbox_overflow="wait") as kernel:
        agent, tasks = await held(kernel, clock)
        late, gone, last = await start(
            kernel, clock,
            message(kernel, "held", {"n": 1}),
            message(kernel, "held", {"n": 2}, within=3),
            message(kernel, "held", {"n": 3}),
        )  # fmt: skip
        await clock.advance(4)
        assert (await gone).status is ReceiptStatus.EXPIRED
        last.cancel()
        await asyncio.gather(last, return_exceptions=True)
        agent.release.set()
        assert (await late).ok
        assert (await kernel.hub.send(message(kernel, "held", {"n": 4}))).ok
        assert [each.payload["n"] for each in agent.heard] == [0, 1, 4]
        await asyncio.gather(*tasks)


async def test_a_full_mailbox_can_drop_its_oldest(clock: FakeClock):
    async with kernel_with(clock, mailbox_size=2, mailbox_overflow="drop_oldest") as kernel:
        agent, tasks = await held(kernel, clock)
        tasks += await start(kernel, clock, *(message(kernel, "held", {"n": n}) for n in (1, 2, 3)))
        assert (await tasks[1]).status is ReceiptStatus.MAILBOX_FULL
        assert (await tasks[1]).reason == "dropped for a newer message"
        agent.release.set()
        await asyncio.gather(*tasks)
        assert [each.payload["n"] for each in agent.heard] == [0, 2, 3]


async def test_an_agent_has_the_mailbox_that_is_configured_for_it(clock: FakeClock):
    made: list[Held] = []

    class Plugin:
        @hookimpl
        def register_agents(self):
            def make(card: AgentCard) -> Held:
                made.append(Held(card.id))
                return made[-1]

            return [Strategy("holding", lambda options: make)]

    own = AgentConfig(id="held", kind="holding", mailbox_size=1, mailbox_overflow="drop_oldest")
    config = KernelConfig(agents=(own,), monitoring=False)
    async with Kernel(config, plugins=[Plugin()], clock=clock) as kernel:
        tasks = await start(kernel, clock, *(message(kernel, "held", {"n": n}) for n in range(3)))
        assert (await tasks[1]).status is ReceiptStatus.MAILBOX_FULL
        made[0].release.set()
        await asyncio.gather(*tasks)
        assert [each.payload["n"] for each in made[0].heard] == [0, 2]


async def test_a_flood_of_work_leaves_the_other_lanes_open(kernel: Kernel, clock: FakeClock):
    agent = Held("held")
    await kernel.deploy(agent)
    tasks = await start(kernel, clock, *(message(kernel, "held") for _ in range(5)))
    assert (await tasks[-1]).status is ReceiptStatus.MAILBOX_FULL
    assert (await kernel.monitor.check("held")).health == "healthy"
    agent.release.set()
    await asyncio.gather(*tasks)


async def test_an_idle_agent_costs_no_task_and_no_lane(kernel: Kernel, clock: FakeClock):
    before = len(asyncio.all_tasks())
    for name in ("a", "b", "c"):
        await kernel.deploy(Echo(name))
    await clock.settle()
    assert len(asyncio.all_tasks()) == before


async def test_queued_is_answered_before_the_handler_had_it(
    kernel: Kernel, clock: FakeClock, store: MemoryStore
):
    agent = Held("held")
    await kernel.deploy(agent)
    sent = message(kernel, "held", assurance=Assurance.QUEUED)
    assert (await kernel.hub.send(sent)).status is ReceiptStatus.QUEUED
    agent.release.set()
    await clock.settle()
    settled = [each for each in store.of("message.settled") if each.subject == sent.id]
    assert [each.body["status"] for each in settled] == ["delivered"]


async def test_a_queued_message_whose_handler_fails_is_a_dead_letter(
    kernel: Kernel, clock: FakeClock
):
    class Failing(Agent):
        async def handle(self, message: Message, desk: Desk) -> None:
            raise ValueError("no")

    await kernel.deploy(Failing(card("failing")))
    await kernel.hub.send(message(kernel, "failing", assurance=Assurance.QUEUED))
    await clock.settle()
    letter = kernel.hub.dead_letters[-1]
    assert (letter.receipt.status, "no" in letter.receipt.reason) == ("agent_failed", True)
    assert kernel.health().failures == {"failing": 1}
    assert kernel.health().dead_letters == 1


async def test_a_handler_that_will_not_stop_is_left_behind_and_the_lane_goes_on(clock: FakeClock):
    release = asyncio.Event()

    class Stubborn(Echo):
        async def handle(self, message: Message, desk: Desk) -> JsonObject | None:
            while not release.is_set() and not message.payload:
                try:
                    await release.wait()
                except asyncio.CancelledError:
                    continue
            return await super().handle(message, desk)

    async with kernel_with(clock, grace=1.0) as kernel:
        agent = Stubborn("stubborn")
        await kernel.deploy(agent)
        first, second = await start(
            kernel, clock,
            message(kernel, "stubborn", within=2), message(kernel, "stubborn", {"n": 2}),
        )  # fmt: skip
        await clock.advance(2)
        assert (await first).status is ReceiptStatus.AGENT_FAILED
        assert "within 2 s" in (await first).reason
        await clock.advance(1.5)
        assert (await second).ok
        assert kernel.health().strays == ("stubborn",)
        release.set()
        await clock.settle()
        assert kernel.health().strays == ()


async def test_an_agent_that_sends_too_much_is_told_so(clock: FakeClock):
    async with kernel_with(clock, max_message_rate=3) as kernel:
        await kernel.deploy(Echo("a"))
        await kernel.deploy(Echo("b"))
        send = kernel.hub.send
        one = [await send(message(kernel, "b", sender="a")) for _ in range(4)]
        assert [receipt.ok for receipt in one] == [True, True, True, False]
        assert one[-1].reason == "'a' has sent 3 messages this second (max_message_rate)"
        assert (await send(message(kernel, "b"))).ok, "the application is no agent"
        await clock.advance(1)
        assert (await send(message(kernel, "b", sender="a"))).ok


async def test_a_storm_ends(clock: FakeClock):
    class Shouting(Agent):
        def __init__(self, id: str) -> None:
            super().__init__(card(id))
            self.heard = 0

        async def handle(self, message: Message, desk: Desk) -> None:
            self.heard += 1
            for name in "abcdef":
                await desk.send(name, {}, type=MessageType.DATA_REQUEST)

    async with kernel_with(clock, max_message_rate=50, mailbox_overflow="refuse") as kernel:
        agents = [Shouting(name) for name in "abcdef"]
        for agent in agents:
            await kernel.deploy(agent)
        await kernel.hub.broadcast(message(kernel, EVERYONE))
        await clock.settle()
        assert sum(agent.heard for agent in agents) <= 6 + 6 * 50
        assert all(kernel.hub.waiting(name) == 0 for name in "abcdef")


@pytest.mark.parametrize("assurance", list(Assurance))
async def test_leaving_the_kernel_drains_what_need_not_wait(clock: FakeClock, assurance: Assurance):
    echo = Echo("echo")
    async with kernel_with(clock) as kernel:
        await kernel.deploy(echo)
        tasks = [
            asyncio.create_task(kernel.hub.send(message(kernel, "echo", assurance=assurance)))
            for _ in range(50)
        ]
        await asyncio.sleep(0)
    assert all(receipt.ok for receipt in await asyncio.gather(*tasks))
    assert len(echo.heard) == 50


async def test_leaving_the_kernel_hands_back_what_would_have_to_wait(clock: FakeClock):
    store = MemoryStore()
    config = KernelConfig(seed=1, agents=(), monitoring=False)
    async with Kernel(config, clock=clock, store=store) as kernel:
        await kernel.deploy(Held("held"))
        sent = [message(kernel, "held", assurance=Assurance.QUEUED) for _ in range(3)]
        for each in sent:
            await kernel.hub.send(each)
        await clock.settle()
        letters = kernel.hub
    settled = {each.subject: each.body["status"] for each in store.of("message.settled")}
    assert [settled[each.id] for each in sent] == [
        "agent_failed", "unknown_recipient", "unknown_recipient",
    ]  # fmt: skip
    assert {each.message.id for each in letters.dead_letters} == {each.id for each in sent}
