"""Delivery: guaranteed, answered from record, resent, and with what a message carries."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sample_agents import Echo, Held, card
from sample_messages import guaranteed, message

from dataagents.core import (
    Agent,
    Desk,
    InputError,
    Kernel,
    KernelConfig,
    Message,
    Strategy,
    hookimpl,
)
from dataagents.core.lineage import upstream
from dataagents.core.messaging import Assurance, Lineage, Receipt, ReceiptStatus
from dataagents.core.testing import FakeClock, MemoryStore
from dataagents.core.values import JsonObject, from_json


class Flaky(Agent):
    """Fails a number of times, then works."""

    def __init__(self, id: str, failures: int) -> None:
        super().__init__(card(id))
        self.failures = failures
        self.tried = 0

    async def handle(self, message: Message, desk: Desk) -> JsonObject:
        self.tried += 1
        if self.tried <= self.failures:
            raise ValueError(f"failure {self.tried}")
        return {"tried": self.tried}


async def after(clock: FakeClock, work: "asyncio.Task[object]", most: float = 200.0) -> object:
    """Let time pass until a task is done."""
    for _ in range(round(most)):
        if work.done():
            break
        await clock.advance(1)
    return await work


async def test_guaranteed_delivery_tries_until_the_handler_returned(
    kernel: Kernel, clock: FakeClock
):
    flaky = Flaky("flaky", failures=3)
    await kernel.deploy(flaky)
    asking = asyncio.create_task(kernel.hub.request(guaranteed(kernel, "flaky")))
    answer = await after(clock, asking)
    assert isinstance(answer, Message)
    assert answer.payload == {"tried": 4}
    assert clock.monotonic() > 0, "it waited between the tries"
    assert not kernel.hub.dead_letters


async def test_what_fails_however_often_it_is_tried_is_a_dead_letter(
    kernel: Kernel, clock: FakeClock
):
    flaky = Flaky("flaky", failures=100)
    await kernel.deploy(flaky)
    sending = asyncio.create_task(kernel.hub.send(guaranteed(kernel, "flaky")))
    receipt = await after(clock, sending)
    assert isinstance(receipt, Receipt)
    assert receipt.status is ReceiptStatus.AGENT_FAILED
    assert "failure 5 (tried 5 times)" in receipt.reason
    assert [letter.receipt for letter in kernel.hub.dead_letters] == [receipt]


async def test_guaranteed_delivery_ends_at_the_deadline(clock: FakeClock):
    tries: list[float] = []

    class Timed(Flaky):
        async def handle(self, message: Message, desk: Desk) -> JsonObject:
            tries.append(clock.monotonic())
            return await super().handle(message, desk)

    config = KernelConfig(seed=1, agents=(), monitoring=False, delivery_attempts=100)
    async with Kernel(config, clock=clock) as kernel:
        flaky = Timed("flaky", failures=100)
        await kernel.deploy(flaky)
        sending = asyncio.create_task(kernel.hub.send(guaranteed(kernel, "flaky", within=1)))
        receipt = await after(clock, sending)
        assert isinstance(receipt, Receipt)
        assert not receipt.ok
        assert f"(tried {len(tries)} times)" in receipt.reason
        assert 1 < len(tries) < 100, "neither the first failure ended it nor the last try"
        assert tries[-1] < 1, "no try is begun at the deadline"


async def test_kernels_with_one_seed_wait_alike_between_tries():
    async def tried(seed: int) -> float:
        clock = FakeClock()
        async with Kernel(KernelConfig(seed=seed, agents=()), clock=clock) as kernel:
            await kernel.deploy(Flaky("flaky", failures=100))
            await after(clock, asyncio.create_task(kernel.hub.send(guaranteed(kernel, "flaky"))))
            (letter,) = kernel.hub.dead_letters
            return (letter.receipt.at - letter.message.at).total_seconds()

    assert await tried(1) == await tried(1) != await tried(2)


async def test_what_is_too_late_or_misshapen_is_not_tried_again(kernel: Kernel, clock: FakeClock):
    echo = Echo("echo")
    await kernel.deploy(echo)
    late = guaranteed(kernel, "echo", deadline=clock.now() - timedelta(seconds=1))
    misfit = guaranteed(kernel, "echo", schema_info={"rows": "integer"})
    assert (await kernel.hub.send(late)).status is ReceiptStatus.EXPIRED
    assert (await kernel.hub.send(misfit)).status is ReceiptStatus.REFUSED
    assert echo.heard == []


async def test_a_receipt_that_is_lost_does_not_make_the_agent_do_it_twice(clock: FakeClock):
    class Losing:
        """A transport that loses every other receipt, as a network does."""

        async def open(self, receive) -> None:
            self.receive, self.lost = receive, False

        async def deliver(self, message: Message) -> Receipt:
            receipt = await self.receive(message)
            self.lost = not self.lost
            if self.lost and message.assurance is Assurance.GUARANTEED:
                raise OSError("connection reset")
            return receipt

        async def close(self) -> None: ...

    class Plugin:
        @hookimpl
        def register_transports(self):
            return [Strategy("losing", lambda options: Losing())]

    config = KernelConfig.parse(
        {"agents": [], "monitoring": False, "strategies": {"transport": "losing"}}
    )
    async with Kernel(config, plugins=[Plugin()], clock=clock) as kernel:
        echo = Echo("echo")
        await kernel.deploy(echo)
        receipt = await after(
            clock, asyncio.create_task(kernel.hub.send(guaranteed(kernel, "echo", sender="echo")))
        )
        assert isinstance(receipt, Receipt)
        assert receipt.ok
        assert len([each for each in echo.heard if each.reply_to is None]) == 1


async def test_a_duplicate_is_answered_from_record(kernel: Kernel):
    echo = Echo("echo")
    await kernel.deploy(echo)
    sent = message(kernel, "echo", {"n": 1})
    first, again = await kernel.hub.request(sent), await kernel.hub.request(sent)
    assert first == again
    assert len(echo.heard) == 1


async def test_a_duplicate_of_what_is_on_its_way_gets_the_same_answer(
    kernel: Kernel, clock: FakeClock
):
    held = Held("held")
    await kernel.deploy(held)
    sent = message(kernel, "held", {"n": 1})
    both = [asyncio.create_task(kernel.hub.request(sent)) for _ in range(2)]
    await clock.settle()
    held.release.set()
    first, again = await asyncio.gather(*both)
    assert first == again
    assert len(held.heard) == 1


async def test_another_message_under_the_same_id_is_a_conflict(kernel: Kernel):
    await kernel.deploy(Echo("echo"))
    sent = message(kernel, "echo", {"n": 1})
    await kernel.hub.send(sent)
    receipt = await kernel.hub.send(replace(sent, payload={"n": 2}))
    assert receipt.status is ReceiptStatus.CONFLICT
    assert sent.id in receipt.reason


async def test_what_no_handler_has_seen_may_be_sent_again(kernel: Kernel):
    sent = message(kernel, "echo")
    assert not (await kernel.hub.send(sent)).ok
    await kernel.deploy(Echo("echo"))
    assert (await kernel.hub.send(sent)).ok


async def test_a_dead_letter_can_be_sent_again(kernel: Kernel, clock: FakeClock):
    expired = message(kernel, "echo", {"n": 1}, deadline=clock.now() - timedelta(seconds=1))
    await kernel.hub.send(expired)
    echo = Echo("echo")
    await kernel.deploy(echo)
    (letter,) = kernel.hub.dead_letters
    assert (await kernel.hub.resend(letter.message.id, within=5)).ok
    assert [each.payload for each in echo.heard] == [{"n": 1}]
    assert not kernel.hub.dead_letters
    with pytest.raises(InputError, match="there is none with this id"):
        await kernel.hub.resend(letter.message.id)


async def test_what_a_message_carries_is_recorded_before_it_is_delivered(
    kernel: Kernel, store: MemoryStore, clock: FakeClock
):
    await kernel.deploy(Echo("echo"))
    before = len(store.events)
    carried = Lineage("orders:clean", ("orders",), "clean", clock.now(), columns={"a": ("b",)})
    await kernel.hub.send(message(kernel, "echo", lineage=(carried,), sender="cleaner", run="r"))
    recorded = store.events[before:]
    assert [event.kind for event in recorded][:2] == ["lineage.recorded", "message.sent"]
    lineage = from_json(Lineage, recorded[0].body)
    assert (lineage.agent, lineage.run, recorded[0].subject) == ("cleaner", "r", "orders:clean")
    assert [link.source for link in upstream([lineage], "orders:clean")] == ["orders"]


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        ({"x": "y" * 2_000}, "bytes, more than 1000 (max_message_bytes)"),
        ({"x": [[[[[[]]]]]]}, "nested more than 5 deep (max_message_depth)"),
        ({"x": object()}, "no JSON"),
        ({"x": "\ud800"}, "no JSON"),
    ],
)
async def test_size_and_depth_are_bounded_at_the_door(
    clock: FakeClock, payload: JsonObject, says: str
):
    config = KernelConfig(agents=(), monitoring=False, max_message_bytes=1_000, max_message_depth=5)
    async with Kernel(config, clock=clock) as kernel:
        echo = Echo("echo")
        await kernel.deploy(echo)
        receipt = await kernel.hub.send(message(kernel, "echo", payload))
        assert receipt.status is ReceiptStatus.REFUSED
        assert says in receipt.reason
        assert echo.heard == []
        wide = {"x": [[{}], [{}], [{}], [{}], [{}]]}
        assert (await kernel.hub.send(message(kernel, "echo", wide))).ok


async def test_a_circle_of_messages_is_named(clock: FakeClock):
    class Passing(Agent):
        def __init__(self, id: str, to: str) -> None:
            super().__init__(card(id))
            self.to = to

        async def handle(self, message: Message, desk: Desk) -> None:
            kernel.hub.post(
                kernel.hub.compose(
                    self.card.id, self.to, message.type, {}, context=desk.context,
                    hops=message.hops + 1,
                )
            )  # fmt: skip

    async with Kernel(KernelConfig(agents=(), max_hops=6), clock=clock) as kernel:
        for name, to in (("a", "b"), ("b", "c"), ("c", "a")):
            await kernel.deploy(Passing(name, to))
        await kernel.hub.send(message(kernel, "a"))
        await clock.settle()
        (letter,) = kernel.hub.dead_letters
        assert letter.receipt.reason == (
            "more than 6 hops: the exchange goes in circles: a → b → c → a → b → c → a → b"
        )


async def test_agents_that_wait_for_each_other_in_two_exchanges_are_told_so(
    kernel: Kernel, clock: FakeClock
):
    class Asking(Agent):
        def __init__(self, id: str, to: str) -> None:
            super().__init__(card(id))
            self.to = to
            self.begin = asyncio.Event()
            self.receipts: list[Receipt] = []

        async def handle(self, message: Message, desk: Desk) -> None:
            await self.begin.wait()
            self.receipts.append(await desk.send(self.to, {}))

    here, there = Asking("here", "there"), Asking("there", "here")
    for agent in (here, there):
        await kernel.deploy(agent)
    both = [asyncio.create_task(kernel.hub.send(message(kernel, to))) for to in ("here", "there")]
    await clock.settle()
    for agent in (here, there):
        agent.begin.set()
    assert all(receipt.ok for receipt in await asyncio.gather(*both))
    refused = [each for agent in (here, there) for each in agent.receipts if not each.ok]
    assert refused[0].reason == "'here' would wait for itself: here/work → there/work"
