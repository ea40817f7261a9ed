"""Topics and lists: several recipients at once."""

import pytest
from sample_agents import Echo, card
from sample_messages import message

from dataagents.core import Agent, Desk, InputError, Kernel, Message
from dataagents.core.messaging import ReceiptStatus, everyone_of
from dataagents.core.services.messaging.topics import Topics
from dataagents.core.values import JsonObject


@pytest.mark.parametrize(
    ("pattern", "heard"),
    [
        ("orders.cleaned", {"orders.cleaned"}),
        ("orders.*", {"orders.cleaned", "orders.late"}),
        ("*.cleaned", {"orders.cleaned", "customers.cleaned"}),
        ("orders.>", {"orders.cleaned", "orders.late", "orders.late.again"}),
        (
            ">",
            {"orders", "orders.cleaned", "orders.late", "orders.late.again", "customers.cleaned"},
        ),
        ("*", {"orders"}),
        ("customers", set()),
    ],
)
def test_a_pattern_fits_the_topics_that_it_means(pattern: str, heard: set[str]):
    topics = Topics()
    topics.subscribe("a", pattern)
    known = ("orders", "orders.cleaned", "orders.late", "orders.late.again", "customers.cleaned")
    assert {topic for topic in known if topics.subscribers(topic)} == heard
    topics.unsubscribe("a", pattern)
    assert not any(topics.subscribers(topic) for topic in known)


@pytest.mark.parametrize("pattern", ["", "a..b", ".a", "a.", "a.>.b"])
def test_a_pattern_that_means_nothing_is_refused(pattern: str):
    with pytest.raises(InputError, match="topic"):
        Topics().subscribe("a", pattern)


def test_an_agent_hears_a_topic_once_however_often_it_subscribed():
    topics = Topics()
    for pattern in ("orders.late", "orders.*", ">"):
        topics.subscribe("a", pattern)
        topics.subscribe("b", pattern)
    assert topics.subscribers("orders.late") == ("a", "b")
    topics.unsubscribe("a")
    assert topics.subscribers("orders.late") == ("b",)


async def test_publishing_reaches_the_subscribers_but_the_sender(kernel: Kernel):
    echoes = {name: Echo(name) for name in ("a", "b", "c")}
    for echo in echoes.values():
        await kernel.deploy(echo)
    for name, pattern in (("a", "orders.*"), ("b", "orders.cleaned"), ("c", "customers.>")):
        kernel.hub.subscribe(name, pattern)
    receipts = await kernel.hub.publish("orders.cleaned", message(kernel, "", {"n": 1}, sender="a"))
    assert [(receipt.recipient, receipt.ok) for receipt in receipts] == [("b", True)]
    assert [each.payload for each in echoes["b"].heard] == [{"n": 1}]
    assert echoes["c"].heard == []


async def test_a_message_without_a_subscriber_is_a_receipt_that_says_so(kernel: Kernel):
    (receipt,) = await kernel.hub.publish("orders.cleaned", message(kernel, ""))
    assert receipt.status is ReceiptStatus.UNKNOWN_RECIPIENT
    assert receipt.reason == "nobody subscribes to the topic 'orders.cleaned'"
    assert kernel.hub.dead_letters[-1].receipt == receipt


async def test_an_agent_that_left_hears_nothing_any_more(kernel: Kernel):
    await kernel.deploy(Echo("a"))
    kernel.hub.subscribe("a", ">")
    await kernel.remove("a")
    (receipt,) = await kernel.hub.publish("orders", message(kernel, ""))
    assert not receipt.ok


async def test_a_list_reaches_each_of_its_agents_once(kernel: Kernel):
    for name in ("a", "b", "c"):
        await kernel.deploy(Echo(name))
    to = everyone_of(["c", "a", "c", "nobody"])
    receipts = await kernel.hub.broadcast(message(kernel, to))
    assert [(receipt.recipient, receipt.ok) for receipt in receipts] == [
        ("c", True), ("a", True), ("nobody", False),
    ]  # fmt: skip


async def test_agents_publish_and_subscribe_at_their_desks(kernel: Kernel):
    class Reader(Echo):
        async def handle(self, message: Message, desk: Desk) -> JsonObject | None:
            if message.payload.get("subscribe"):
                desk.subscribe("news.*")
                return None
            return await super().handle(message, desk)

    class Writer(Agent):
        async def handle(self, message: Message, desk: Desk) -> JsonObject | None:
            if message.reply_to is not None:
                return None
            receipts = await desk.publish("news.today", {"n": 1})
            return {"told": [receipt.recipient for receipt in receipts if receipt.ok]}

    reader = Reader("reader")
    await kernel.deploy(reader)
    await kernel.deploy(Writer(card("writer")))
    await kernel.hub.send(message(kernel, "reader", {"subscribe": True}))
    reply = await kernel.hub.request(message(kernel, "writer"))
    assert isinstance(reply, Message)
    assert reply.payload == {"told": ["reader"]}
    assert [each.payload for each in reader.heard] == [{"n": 1}]
