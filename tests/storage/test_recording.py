"""What the recorder makes, in the store: the text that it wrote, and no secrets."""

import json
import sqlite3
from pathlib import Path
from random import Random

import pytest

from dataagents.core.boundary import Boundary
from dataagents.core.clock import SystemClock
from dataagents.core.ids import IdSource
from dataagents.core.redaction import REDACTED, Redactor
from dataagents.core.services.recorder import Recorder
from dataagents.core.services.stream import EventStream
from dataagents.core.values import WrittenObject


@pytest.fixture
def recorder(store):
    clock = SystemClock()
    stream = EventStream(Boundary(clock, quarantine_after=3, grace=1.0), limit=1.0)
    return Recorder(store, stream, clock, IdSource(clock, Random(1)), Redactor(["swordfish"]))


def bodies(path: Path) -> list[str]:
    database = sqlite3.connect(path)
    try:
        return [body for (body,) in database.execute("SELECT body FROM journal ORDER BY seq")]
    finally:
        database.close()


async def test_the_text_that_was_searched_for_secrets_is_what_is_stored(recorder, store, path):
    value = {"rows": [1, 2.5, None], "name": "Zoë", "NaN": "Infinity", "gap": float("nan")}
    made = recorder.event("note.made", "s", value)
    assert isinstance(made.body, WrittenObject)
    await recorder.commit((made,))
    assert bodies(path) == [made.body.text]
    assert json.loads(made.body.text) == made.body == {**value, "gap": None}
    assert await store.recent("note.made", 1) == (made,)


async def test_an_object_whose_secrets_were_taken_out_leaves_its_text_behind(recorder, store, path):
    await recorder.record("note.made", "s", {"note": "say swordfish", "count": 1})
    (stored,) = bodies(path)
    assert json.loads(stored) == {"note": f"say {REDACTED}", "count": 1}
    (kept,) = await store.recent("note.made", 1)
    assert kept.body == json.loads(stored)
