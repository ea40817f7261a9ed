"""Large values are kept once, and nobody who reads a body notices."""

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataagents.core.events import Event
from dataagents.core.messaging import Message
from dataagents.core.values import read_json, to_json, write_json
from dataagents.storage import StoreReader
from dataagents.storage.blobs import LARGE, join, split

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LONG = "Zoë said so. " * 500


def rows(path: Path, sql: str) -> list[tuple]:
    database = sqlite3.connect(path)
    try:
        return database.execute(sql).fetchall()
    finally:
        database.close()


async def test_a_large_text_is_kept_once_wherever_it_occurs(store, path, event):
    bodies = [
        {"thought": LONG, "number": 1},
        {"number": 2, "input": {"deep": [0, {"prompt": LONG}]}},
        {"number": 3, "observation": LONG, "again": LONG},
    ]
    sent = [event(body=body) for body in bodies]
    await store.commit(sent)
    assert await store.recent("note.made", 10) == tuple(sent)
    ((size, body),) = rows(path, "SELECT size, body FROM blobs")
    assert json.loads(body) == LONG
    assert size == len(body.encode())
    assert max(size for (size,) in rows(path, "SELECT length(body) FROM journal")) < 100


async def test_a_large_field_of_small_parts_is_kept_once(store, path, event):
    table = [{"row": number, "city": "Oslo"} for number in range(400)]
    sent = [event(body={"id": number, "payload": {"rows": table}}) for number in range(5)]
    await store.commit(sent)
    assert await store.recent("note.made", 10) == tuple(sent)
    assert rows(path, "SELECT count(*) FROM blobs") == [(1,)]


async def test_a_large_text_in_a_large_field_is_found_by_itself(store, path, event):
    table = list(range(1_000))
    first = {"payload": {"rows": table, "text": LONG}}
    second = {"other": LONG}
    await store.commit([event(body=first), event(body=second)])
    assert [each.body for each in await store.recent("note.made", 2)] == [first, second]
    assert rows(path, "SELECT count(*) FROM blobs") == [(2,)]


async def test_messages_runs_and_lineage_have_their_large_values(store, path, event):
    payload = {"rows": ["x" * 50] * 100}
    message = Message("m1", "a", "b", NOON, payload=payload, conversation="talk")
    inputs = {f"data-{number}": f"in/{number}.csv" for number in range(200)}
    await store.commit([
        event("message.sent", "m1", to_json(message)),
        event("run.started", "r", {"task": "clean", "inputs": inputs}, run="r"),
        event("lineage.recorded", "out", {
            "dataset": "out", "sources": list(inputs), "operation": "join", "at": NOON.isoformat(),
        }),
    ])  # fmt: skip
    async with StoreReader(path) as reader:
        (row,) = await reader.messages("talk")
        assert row.payload == payload
        assert (await reader.find_run("r")).inputs == inputs
        assert len(await reader.lineage("out")) == 200
    assert rows(path, "SELECT count(*) FROM lineage") == [(200,)], "tables are made of all of it"
    assert rows(path, "SELECT count(*) FROM blobs") == [(3,)]


async def test_what_is_written_already_is_split_too(store, path, event):
    message = Message("m1", "a", "b", NOON, payload={"text": LONG})
    text = write_json(message).decode()
    assert len(text) > LARGE
    await store.commit([event("message.sent", "m1", read_json(text))])
    assert rows(path, "SELECT count(*) FROM blobs") == [(1,)]


async def test_an_event_that_comes_again_adds_no_reference(store, path, event):
    sent = event(body={"text": LONG})
    await store.commit([sent])
    await store.commit([sent, sent])
    assert rows(path, "SELECT count(*) FROM blob_refs") == [(1,)]


async def test_a_body_that_looks_like_a_reference_is_itself(store, event):
    body = {"$blob": "x", "parts": [["text"], 1], "text": LONG, "": {"": LONG}, '["text"]': None}
    await store.commit([event(body=body)])
    assert (await store.recent("note.made", 1))[0].body == body


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
SMALL = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
LARGE_TEXT = st.builds(lambda text: text + "\0'\u202e" * LARGE, TEXTS)
JSON = st.recursive(
    SMALL | TEXTS | LARGE_TEXT | st.just(list(range(LARGE))),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(TEXTS, JSON, max_size=3))
def test_splitting_and_joining_changes_nothing(body):
    text = json.dumps(body)
    left, blobs = split(body, text)
    parts = [(json.loads(blob.path), json.loads(blob.body)) for blob in blobs]
    assert join(json.loads(left), parts) == body
    assert (left == text) == (not blobs)
    for value in json.loads(left).values():
        assert len(json.dumps(value, ensure_ascii=False)) < 2 * LARGE


@pytest.mark.parametrize("text", ["x" * LARGE, "\0" * LARGE, "\U0001f600" * LARGE, '"\\' * LARGE])
async def test_any_large_text_comes_back(store, text):
    sent = Event("e", NOON, "note.made", "s", {"text": text, text: 1})
    await store.commit([sent])
    assert await store.find("e") == sent
