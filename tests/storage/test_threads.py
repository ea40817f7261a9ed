"""What the read side knows of messages, conversations and lineage."""

from datetime import UTC, datetime

import pytest

from dataagents.core.messaging import (
    ConversationState,
    Lineage,
    Message,
    Receipt,
    ReceiptStatus,
)
from dataagents.core.values import to_json
from dataagents.storage import StoreReader

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
async def reader(store, path):
    async with StoreReader(path) as opened:
        yield opened


def sent(event, name, sender, recipient, **options):
    message = Message(name, sender, recipient, NOON, payload={"n": 1}, **options)
    return event("message.sent", name, to_json(message))


def settled(event, name, status, reason=""):
    return event("message.settled", name, to_json(Receipt(name, "b", status, NOON, reason, 0.5)))


async def test_a_conversation_with_what_became_of_each_message(store, reader, event):
    await store.commit([
        sent(event, "m1", "a", "b", conversation="talk"),
        sent(event, "m2", "b", "a", conversation="talk", reply_to="m1"),
        settled(event, "m1", ReceiptStatus.DELIVERED),
        sent(event, "other", "a", "b"),
        sent(event, "m3", "a", "c", conversation="talk"),
    ])  # fmt: skip
    messages = await reader.messages("talk")
    assert [(each.id, each.status, each.payload) for each in messages] == [
        ("m1", "delivered", {"n": 1}), ("m2", None, {"n": 1}), ("m3", None, {"n": 1}),
    ]  # fmt: skip
    talk = await reader.conversation("talk")
    assert (talk.participants, talk.messages) == (("a", "b", "c"), ("m1", "m2", "m3"))
    assert (talk.state, talk.undelivered) == (ConversationState.ACTIVE, 0)
    await store.commit([settled(event, "m3", ReceiptStatus.EXPIRED, "too late")])
    talk = await reader.conversation("talk")
    assert (talk.state, talk.undelivered) == (ConversationState.SETTLED, 1)
    last = (await reader.messages("talk"))[-1]
    assert (last.reason, last.seconds) == ("too late", 0.5)


async def test_the_newest_messages_oldest_of_them_first(store, reader, event):
    await store.commit([sent(event, f"m{number}", "a", "b") for number in range(5)])
    assert [each.id for each in await reader.messages(limit=2)] == ["m3", "m4"]
    assert await reader.conversation("nothing") is None


async def test_lineage_backwards_and_forwards_over_several_steps(store, reader, event):
    steps = [
        Lineage("staged", ("orders.csv",), "analyze", NOON, agent="profiler"),
        Lineage("clean", ("staged",), "route", NOON, agent="router", columns={"t": ("p",)}),
        Lineage("other", ("elsewhere",), "route", NOON),
    ]
    await store.commit([event("lineage.recorded", each.dataset, to_json(each)) for each in steps])
    back = await reader.lineage("clean")
    assert [(link.source, link.agent, link.distance) for link in back] == [
        ("staged", "router", 1), ("orders.csv", "profiler", 2),
    ]  # fmt: skip
    column = await reader.lineage("clean", "t")
    assert [link.source_column for link in column] == ["p", "p"]
    ahead = await reader.lineage("orders.csv", forwards=True)
    assert [link.target for link in ahead] == ["staged", "clean"]
    assert await reader.lineage("nothing") == ()
