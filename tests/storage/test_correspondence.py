"""What a store says about messages: quickly, however many there are."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dataagents.core.events import Event, EventKind
from dataagents.core.messaging import Assurance, Message, Receipt, ReceiptStatus
from dataagents.core.testing import MemoryStore
from dataagents.core.values import to_json
from dataagents.storage import SqliteStore, correspondence

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def sent(name: str, **fields: object) -> Event:
    message = Message(name, "ann", "ben", NOON, **fields)  # type: ignore[arg-type]
    return Event(f"sent-{name}", NOON, EventKind.MESSAGE_SENT, name, to_json(message))


def settled(name: str, status: ReceiptStatus = ReceiptStatus.DELIVERED, number: int = 1) -> Event:
    receipt = Receipt(name, "ben", status, NOON)
    kind = EventKind.MESSAGE_SETTLED
    return Event(f"settled-{name}-{number}", NOON, kind, name, to_json(receipt))


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path):
    if request.param == "memory":
        yield MemoryStore()
        return
    async with SqliteStore(tmp_path / "store.db") as store:
        yield store


async def test_guaranteed_messages_are_unsettled_until_their_receipt_is_there(store):
    sure = Assurance.GUARANTEED
    for name in "abc":
        await store.commit([sent(name, assurance=sure)])
    await store.commit([sent("d"), sent("e", assurance=Assurance.QUEUED)])
    await store.commit([settled("b")])
    assert [each.subject for each in await store.unsettled(10)] == ["a", "c"]
    assert [each.subject for each in await store.unsettled(1)] == ["a"]
    (first, _) = await store.unsettled(10)
    assert first.body["assurance"] == "guaranteed"


async def test_a_message_that_is_sent_again_under_its_id_is_unsettled_again(store):
    first = sent("a", assurance=Assurance.GUARANTEED)
    again = Event("sent-again", NOON, first.kind, "a", first.body)
    await store.commit([first])
    await store.commit([settled("a", ReceiptStatus.UNKNOWN_RECIPIENT)])
    assert await store.unsettled(10) == ()
    await store.commit([again])
    assert [each.subject for each in await store.unsettled(10)] == ["a"]
    await store.commit([settled("a", number=2)])
    assert await store.unsettled(10) == ()


async def test_what_did_not_arrive_is_there_until_it_is_sent_again(store):
    for name in "abcd":
        await store.commit([sent(name)])
    for name in "abc":
        await store.commit([settled(name, ReceiptStatus.AGENT_FAILED)])
    await store.commit([settled("d")])
    pairs = await store.undelivered(10)
    assert [(one.subject, two.body["status"]) for one, two in pairs] == [
        (name, "agent_failed") for name in "abc"
    ]
    assert [one.subject for one, _ in await store.undelivered(2)] == ["b", "c"]
    await store.commit([Event("r", NOON, EventKind.MESSAGE_RESENT, "b", {"message": "x"})])
    assert [one.subject for one, _ in await store.undelivered(10)] == ["a", "c"]


async def test_an_exchange_is_a_message_its_reply_and_its_receipt(store):
    await store.commit([sent("a")])
    await store.commit([sent("b")])
    await store.commit([sent("reply", reply_to="a"), settled("a")])
    await store.commit([settled("b")])
    found = await store.exchange("a")
    assert [each.id for each in found] == ["sent-a", "sent-reply", "settled-a-1"]
    assert [each.id for each in await store.exchange("b")] == ["sent-b", "settled-b-1"]
    assert await store.exchange("nobody knows it") == ()


async def test_a_conversation_is_given_back_newest_last(store):
    for number in range(4):
        await store.commit([sent(f"m{number}", conversation="talk"), sent(f"x{number}")])
    assert [each.subject for each in await store.said("talk", 10)] == ["m0", "m1", "m2", "m3"]
    assert [each.subject for each in await store.said("talk", 2)] == ["m2", "m3"]
    assert await store.said("silence", 2) == ()


async def test_how_often_a_message_was_tried_counts_from_when_it_was_sent(store):
    def tried(name: str, times: int) -> Event:
        kind = EventKind.MESSAGE_TRIED
        return Event(f"{name}-{times}", NOON, kind, name, {"times": times})

    first = sent("a", assurance=Assurance.GUARANTEED)
    await store.commit([first, sent("b"), sent("c")])
    for times in (1, 2):
        await store.commit([tried("a", times), tried("b", times)])
    found = {each.subject: each.body["times"] for each in await store.tried(["a", "c", "x"])}
    assert found == {"a": 2}
    await store.commit([settled("a")])
    await store.commit([Event("again", NOON, first.kind, "a", first.body)])
    assert [each.subject for each in await store.tried("ab")] == ["b"]


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        (correspondence._UNSETTLED, "messages_unsettled"),
        (correspondence._TRIED, "journal_kind"),
        (correspondence._UNDELIVERED, "messages_undelivered"),
        (correspondence._SAID, "messages_conversation"),
        (correspondence._SENT_LAST, "journal_kind"),
    ],
    ids=["unsettled", "tried", "undelivered", "said", "sent last"],
)
async def test_each_question_is_answered_from_an_index(tmp_path: Path, sql: str, index: str):
    path = tmp_path / "store.db"
    async with SqliteStore(path):
        pass
    connection = sqlite3.connect(path)
    given = {"limit": 1, "conversation": "c", "kind": "k", "before": 1, "after": 0, "ids": "[]"}
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", given)]
    connection.close()
    assert any(index in step for step in plan), plan
