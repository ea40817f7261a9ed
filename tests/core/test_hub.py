import asyncio
from datetime import timedelta

import pytest
from sample_agents import Broken, Echo, Held, card
from sample_messages import message

from dataagents.core import Agent, Desk, Kernel, KernelConfig, Message, MessageType
from dataagents.core.errors import StoreError
from dataagents.core.messaging import EVERYONE, Receipt, ReceiptStatus
from dataagents.core.testing import FakeClock, MemoryStore
from dataagents.core.values import JsonObject


async def test_a_request_brings_the_reply(kernel: Kernel):
    echo = Echo("echo")
    await kernel.deploy(echo)
    sent = message(kernel, "echo", {"n": 1})
    reply = await kernel.hub.request(sent)
    assert isinstance(reply, Message)
    assert reply.payload == {"echo": {"n": 1}}
    assert reply.reply_to == sent.id
    assert reply.type is MessageType.DATA_RESPONSE
    assert reply.hops == 1


async def test_sending_is_delivered_once_the_handler_returned(kernel: Kernel, clock: FakeClock):
    held = Held("held")
    await kernel.deploy(held)
    sending = asyncio.create_task(kernel.hub.send(message(kernel, "held")))
    await held.started.wait()
    assert not sending.done()
    held.release.set()
    assert (await sending).status is ReceiptStatus.DELIVERED


async def test_an_unknown_recipient_is_a_receipt_that_names_the_nearest(kernel: Kernel):
    await kernel.deploy(Echo("profiler"))
    receipt = await kernel.hub.send(message(kernel, "profilr"))
    assert receipt.status is ReceiptStatus.UNKNOWN_RECIPIENT
    assert "'profiler'" in receipt.reason
    assert kernel.hub.dead_letters[-1].receipt == receipt


async def test_a_handler_that_raises_costs_one_message(kernel: Kernel):
    await kernel.deploy(Broken("broken"))
    first = await kernel.hub.send(message(kernel, "broken"))
    assert first.status is ReceiptStatus.AGENT_FAILED
    assert "broken on purpose" in first.reason
    second = await kernel.hub.send(message(kernel, "broken"))
    assert second.status is ReceiptStatus.AGENT_FAILED


async def test_a_handler_that_hangs_ends_at_the_messages_deadline(kernel: Kernel, clock: FakeClock):
    held = Held("held")
    await kernel.deploy(held)
    asking = asyncio.create_task(kernel.hub.request(message(kernel, "held", within=5)))
    await held.started.wait()
    await clock.advance(5.1)
    answer = await asking
    assert isinstance(answer, Receipt)
    assert answer.status is ReceiptStatus.AGENT_FAILED
    assert "within 5 s" in answer.reason


async def test_an_expired_message_is_not_delivered(kernel: Kernel, clock: FakeClock):
    echo = Echo("echo")
    await kernel.deploy(echo)
    late = message(kernel, "echo", deadline=clock.now() - timedelta(seconds=1))
    assert (await kernel.hub.send(late)).status is ReceiptStatus.EXPIRED
    assert echo.heard == []


async def test_a_message_that_waits_past_its_deadline_expires(kernel: Kernel, clock: FakeClock):
    held = Held("held")
    await kernel.deploy(held)
    first = asyncio.create_task(kernel.hub.send(message(kernel, "held")))
    await held.started.wait()
    second = asyncio.create_task(kernel.hub.send(message(kernel, "held", within=2)))
    await clock.advance(3)
    held.release.set()
    assert (await first).status is ReceiptStatus.DELIVERED
    assert (await second).status is ReceiptStatus.EXPIRED
    assert len(held.heard) == 1


async def test_a_full_mailbox_says_so(kernel: Kernel, clock: FakeClock):
    held = Held("held")
    await kernel.deploy(held)
    sending = [asyncio.create_task(kernel.hub.send(message(kernel, "held")))]
    await held.started.wait()
    sending += [asyncio.create_task(kernel.hub.send(message(kernel, "held"))) for _ in range(3)]
    await clock.settle()
    assert kernel.hub.waiting("held") == 3
    full = await kernel.hub.send(message(kernel, "held"))
    assert full.status is ReceiptStatus.MAILBOX_FULL
    held.release.set()
    assert {(await each).status for each in sending} == {ReceiptStatus.DELIVERED}


async def test_a_busy_agent_still_answers_in_the_other_lane(kernel: Kernel):
    held = Held("held")
    await kernel.deploy(held)
    working = asyncio.create_task(kernel.hub.send(message(kernel, "held")))
    await held.started.wait()
    report = await kernel.monitor.check("held")
    assert report.health == "healthy"
    held.release.set()
    await working


async def test_greater_priority_is_handled_first(kernel: Kernel, clock: FakeClock):
    held = Held("held")
    await kernel.deploy(held)
    sends = [asyncio.create_task(kernel.hub.send(message(kernel, "held", {"n": 0})))]
    await held.started.wait()
    for number, priority in ((1, 1), (2, 5), (3, 1)):
        sent = message(kernel, "held", {"n": number}, priority=priority)
        sends.append(asyncio.create_task(kernel.hub.send(sent)))
        await clock.settle()
    held.release.set()
    await asyncio.gather(*sends)
    assert [each.payload["n"] for each in held.heard] == [0, 2, 1, 3]


@pytest.mark.parametrize(
    ("schema_info", "payload", "says"),
    [
        ({"rows": "integer"}, {}, "lacks 'rows'"),
        ({"rows": "integer"}, {"rows": "3"}, "is str, not integer"),
        ({"rows": "integer"}, {"rows": True}, "is bool, not integer"),
        ({"rows": "figure"}, {"rows": 3}, "unknown type 'figure'"),
    ],
)
async def test_a_payload_that_does_not_fit_its_schema_info_is_refused(
    kernel: Kernel, schema_info: dict[str, str], payload: JsonObject, says: str
):
    echo = Echo("echo")
    await kernel.deploy(echo)
    receipt = await kernel.hub.send(message(kernel, "echo", payload, schema_info=schema_info))
    assert receipt.status is ReceiptStatus.REFUSED
    assert says in receipt.reason
    assert echo.heard == []
    unchecked = message(kernel, "echo", payload, schema_info=schema_info, requires_validation=False)
    assert (await kernel.hub.send(unchecked)).ok


async def test_a_broadcast_reaches_everyone_but_the_sender(kernel: Kernel):
    echoes = [Echo(name) for name in ("a", "b", "c")]
    for echo in echoes:
        await kernel.deploy(echo)
    receipts = await kernel.hub.broadcast(message(kernel, EVERYONE, sender="a"))
    assert [receipt.recipient for receipt in receipts] == ["b", "c"]
    asked = [each.sender for echo in echoes for each in echo.heard if each.reply_to is None]
    assert asked == ["a", "a"]


async def test_sending_to_everyone_points_to_broadcast(kernel: Kernel):
    await kernel.deploy(Echo("a"))
    await kernel.deploy(Echo("b"))
    receipt = await kernel.hub.send(message(kernel, EVERYONE))
    assert receipt.status is ReceiptStatus.REFUSED
    assert "broadcast" in receipt.reason


async def test_agents_that_would_wait_for_themselves_are_told_so_at_once(kernel: Kernel):
    class Chatty(Agent):
        def __init__(self, id: str, other: str) -> None:
            super().__init__(card(id))
            self.other = other
            self.receipts: list[Receipt] = []

        async def handle(self, message: Message, desk: Desk) -> None:
            self.receipts.append(await desk.send(self.other, {}, type=MessageType.PIPELINE_STATUS))

    here, there, alone = Chatty("here", "there"), Chatty("there", "here"), Chatty("alone", "alone")
    for agent in (here, there, alone):
        await kernel.deploy(agent)
    for name in ("here", "alone"):
        sent = message(kernel, name, type=MessageType.PIPELINE_STATUS)
        assert (await kernel.hub.send(sent)).status is ReceiptStatus.DELIVERED
    assert [receipt.ok for receipt in here.receipts] == [True]
    assert there.receipts[0].status is ReceiptStatus.REFUSED
    cycle = "'here' would wait for itself: here/decision → there/decision"
    assert there.receipts[0].reason == cycle
    assert alone.receipts[0].reason == "'alone' would wait for itself: alone/decision"


async def test_an_exchange_that_goes_on_for_ever_ends(kernel: Kernel):
    endless = message(kernel, "echo", hops=kernel.config.max_hops + 1)
    await kernel.deploy(Echo("echo"))
    receipt = await kernel.hub.send(endless)
    assert receipt.status is ReceiptStatus.REFUSED
    assert "goes in circles" in receipt.reason


@pytest.mark.parametrize(
    "junk", [{"x": object()}, {"x": "\ud800"}, {"x": [[]]}], ids=["object", "surrogate", "deep"]
)
async def test_a_reply_that_is_no_json_is_the_agents_failure_not_a_hang(
    kernel: Kernel, junk: dict[str, object]
):
    class Odd(Agent):
        async def handle(self, message: Message, desk: Desk) -> JsonObject:
            return junk  # type: ignore[return-value]

    await kernel.deploy(Odd(card("odd")))
    answer = await kernel.hub.request(message(kernel, "odd"))
    if isinstance(answer, Message):
        assert answer.payload == {"x": [[]]}
    else:
        assert answer.status is ReceiptStatus.AGENT_FAILED


async def test_cancelling_the_sender_stops_the_handler_and_frees_the_lane(
    kernel: Kernel, clock: FakeClock
):
    held = Held("held")
    await kernel.deploy(held)
    sending = asyncio.create_task(kernel.hub.send(message(kernel, "held")))
    await held.started.wait()
    waiting = [asyncio.create_task(kernel.hub.send(message(kernel, "held"))) for _ in range(3)]
    await clock.settle()
    for task in (sending, *waiting):
        task.cancel()
    await asyncio.gather(sending, *waiting, return_exceptions=True)
    held.release.set()
    assert (await kernel.hub.send(message(kernel, "held"))).status is ReceiptStatus.DELIVERED
    assert len(held.heard) == 1


async def test_leaving_the_kernel_answers_whoever_waits(clock: FakeClock):
    held = Held("held")
    async with Kernel(KernelConfig(agents=()), clock=clock) as kernel:
        await kernel.deploy(held)
        sending = asyncio.create_task(kernel.hub.send(message(kernel, "held")))
        await held.started.wait()
    assert (await sending).status is ReceiptStatus.AGENT_FAILED


async def test_a_reply_that_can_not_be_recorded_raises_at_the_sender(clock: FakeClock):
    class Failing(MemoryStore):
        async def commit(self, unit):
            if any(event.body.get("reply_to") and event.agent == "echo" for event in unit):
                raise StoreError("x.db", "the disk is full")
            await super().commit(unit)

    store = Failing()
    async with Kernel(
        KernelConfig(agents=(), monitoring=False), clock=clock, store=store
    ) as kernel:
        with pytest.raises(StoreError, match="disk is full"):
            await kernel.deploy(Echo("echo"))
        assert "echo" not in kernel.roster


async def test_what_an_agent_did_not_get_to_is_handed_back(kernel: Kernel, clock: FakeClock):
    held = Held("held")
    await kernel.deploy(held)
    first = asyncio.create_task(kernel.hub.send(message(kernel, "held")))
    await held.started.wait()
    pending = message(kernel, "held", {"n": 2})
    second = asyncio.create_task(kernel.hub.send(pending))
    await clock.settle()
    assert await kernel.hub.unregister("held") == (pending,)
    assert (await second).status is ReceiptStatus.UNKNOWN_RECIPIENT
    held.release.set()
    assert (await first).status is ReceiptStatus.DELIVERED


async def test_a_conversation_keeps_its_thread(kernel: Kernel):
    await kernel.deploy(Echo("echo"))
    sent = message(kernel, "echo", conversation="talk")
    reply = await kernel.hub.request(sent)
    assert isinstance(reply, Message)
    conversation = kernel.hub.conversation("talk")
    assert conversation is not None
    assert conversation.participants == ("application", "echo")
    assert conversation.messages == (sent.id, reply.id)
    assert kernel.hub.conversation("other") is None


async def test_every_message_and_what_became_of_it_is_recorded(kernel: Kernel, store: MemoryStore):
    await kernel.deploy(Echo("echo"))
    before = len(store.events)
    sent = message(kernel, "echo")
    await kernel.hub.request(sent)
    kinds = [(event.kind, event.subject == sent.id) for event in store.events[before:]]
    assert kinds == [
        ("message.sent", True),
        ("message.sent", False),
        ("message.settled", True),
    ]
