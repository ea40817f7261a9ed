"""Duplicates and conversations after a restart: what was said before is known."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from crashes import CONFIG, Member
from restarting import Stores, on
from sample_messages import guaranteed, message

from dataagents.core import Message, MessageType, Strategy, hookimpl
from dataagents.core.messaging import Assurance, ConversationState, Receipt, ReceiptStatus
from dataagents.core.testing import FakeClock, MemoryStore
from dataagents.core.testing.clock import START
from dataagents.core.testing.kernels import kernel_for


async def test_a_duplicate_is_answered_from_the_store(stores: Stores):
    ann = Member("ann")
    async with on(stores, ann) as kernel:
        asked = message(kernel, "ann", payload={"n": 1})
        told = message(kernel, "ann", payload={"n": 2}, conversation="talk")
        reply, receipt = await kernel.hub.request(asked), await kernel.hub.send(told)
    again = Member("ann")
    async with on(stores, again, hours=1) as kernel:
        assert await kernel.hub.request(asked) == reply
        assert await kernel.hub.send(told) == receipt
        assert not again.handled
        other = await kernel.hub.send(replace(asked, payload={"n": 3}))
        assert other.status is ReceiptStatus.CONFLICT
        fresh = message(kernel, "ann", payload={"n": 4})
        assert (await kernel.hub.send(fresh)).ok
        assert again.handled == {fresh.id: 1}


async def test_copies_at_the_same_time_are_handled_once_after_a_restart(stores: Stores):
    async with on(stores) as kernel:
        lost = message(kernel, "ann", payload={"n": 1})
        await kernel.hub.send(lost)
    ann = Member("ann")
    async with on(stores, ann, hours=1) as kernel:
        receipts = await asyncio.gather(*(kernel.hub.send(lost) for _ in range(5)))
        assert all(receipt == receipts[0] for receipt in receipts)
        assert receipts[0].ok
        assert ann.handled == {lost.id: 1}


async def test_what_no_handler_has_seen_may_be_sent_again_under_its_id(stores: Stores):
    async with on(stores) as kernel:
        lost = guaranteed(kernel, "ann", payload={"n": 1})
        await kernel.hub.send(lost)
    async with on(stores, Member("ann"), hours=1) as kernel:
        assert (await kernel.hub.send(lost)).ok
    async with on(stores, hours=2) as kernel:
        assert kernel.hub.dead_letters == ()


async def test_a_conversation_goes_on_where_it_stood(stores: Stores):
    async with on(stores, Member("ann")) as kernel:
        for number in range(3):
            asked = message(kernel, "ann", payload={"n": number}, conversation="talk")
            await kernel.hub.request(asked)
        before = await kernel.hub.history("talk")
        assert len(before) == 6
    async with on(stores, Member("ann"), hours=1) as kernel:
        assert kernel.hub.conversation("talk") is None
        assert await kernel.hub.history("talk") == before
        assert await kernel.hub.history("talk", 2) == before[-2:]
        await kernel.hub.reopen("talk")
        talk = kernel.hub.conversation("talk")
        assert talk is not None
        assert talk.messages == tuple(each.id for each in before)
        assert (talk.state, talk.started) == (ConversationState.SETTLED, before[0].at)
        await kernel.hub.request(message(kernel, "ann", conversation="talk"))
        assert len(await kernel.hub.history("talk")) == 8


async def test_an_agent_can_look_back_at_the_conversation_it_is_in(stores: Stores):
    class Recalling(Member):
        async def handle(self, message, desk):
            return {"before": [dict(each.payload) for each in await desk.history(10)]}

    async with on(stores, Recalling("ann")) as kernel:
        await kernel.hub.send(message(kernel, "ann", payload={"n": 1}, conversation="talk"))
    async with on(stores, Recalling("ann"), hours=1) as kernel:
        asked = message(kernel, "ann", payload={"n": 2}, conversation="talk")
        answer = await kernel.hub.request(asked)
        assert isinstance(answer, Message)
        said = answer.payload["before"]
        assert isinstance(said, list)
        assert {"n": 1} in said
        alone = await kernel.hub.request(message(kernel, "ann"))
        assert isinstance(alone, Message)
        assert alone.payload == {"before": []}


async def test_without_a_store_a_conversation_is_remembered_in_memory(clock: FakeClock):
    async with kernel_for(config=CONFIG, clock=clock) as kernel:
        await kernel.deploy(Member("ann"))
        asked = message(kernel, "ann", conversation="talk")
        reply = await kernel.hub.request(asked)
        assert await kernel.hub.history("talk") == (asked, reply)


class Wire:
    """A transport that hands over what comes from another process."""

    async def open(self, receive) -> None:
        self.receive = receive

    async def deliver(self, message: Message) -> Receipt:
        return await self.receive(message)

    async def close(self) -> None: ...


async def test_what_another_kernel_sends_again_is_handled_once_across_a_restart(store: MemoryStore):
    wire = Wire()

    class Plugin:
        @hookimpl
        def register_transports(self):
            return [Strategy("wire", lambda options: wire)]

    config = CONFIG.model_copy(
        update={"strategies": CONFIG.strategies.model_copy(update={"transport": "wire"})}
    )
    came = Message(
        "elsewhere-1", "far", "ann", START, MessageType.DATA_REQUEST, {"n": 1},
        assurance=Assurance.GUARANTEED,
    )  # fmt: skip
    handled = Counter[str]()
    for hours in range(2):
        ann, clock = Member("ann"), FakeClock(START + timedelta(hours=hours))
        async with kernel_for(Plugin(), config=config, store=store, clock=clock) as kernel:
            await kernel.deploy(ann)
            first = await wire.receive(came)
            assert (first.ok, first.message) == (True, came.id)
            assert await wire.receive(came) == first
        handled.update(ann.handled)
    assert handled == {came.id: 1}


async def test_a_store_that_keeps_no_correspondence_will_do(clock: FakeClock):
    class Plain:
        """What a store has to do, and no more."""

        async def commit(self, unit) -> None: ...

        async def recent(self, kind, limit):
            return ()

        async def run_events(self, run, kinds):
            return ()

        async def unfinished(self):
            return ()

    async with kernel_for(config=CONFIG, store=Plain(), clock=clock) as kernel:
        await kernel.deploy(Member("ann"))
        assert (await kernel.hub.send(guaranteed(kernel, "ann"))).ok
        assert await kernel.hub.history("talk") == ()
