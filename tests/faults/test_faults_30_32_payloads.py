"""Faults 30 and 32: payloads that are huge or deep, and text that is hostile."""

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_agents import Echo
from sample_messages import message

from dataagents.core import Event, Kernel, KernelConfig
from dataagents.core.errors import DataAgentsError
from dataagents.core.messaging import ReceiptStatus
from dataagents.core.testing import FakeClock, MemoryStore
from dataagents.core.testing.clock import START
from dataagents.core.testing.operation import HOSTILE
from dataagents.core.values import Json, to_json
from dataagents.storage import SqliteStore, StoreReader

HUNDRED_MB = 100_000_000


def nested(depth: int) -> Json:
    value: Json = 1
    for _ in range(depth):
        value = [value]
    return value


def looped() -> Json:
    circle: list[Json] = []
    circle.append(circle)
    return circle


@pytest.fixture
def config() -> KernelConfig:
    return KernelConfig(agents=(), monitoring=False, seed=1)


@pytest.mark.parametrize(
    "payload",
    [
        {"text": "x" * HUNDRED_MB},
        {"parts": ["x" * 1_000_000] * 100},
        {"a": {"b": {"c": ["x" * HUNDRED_MB]}}},
        {"rows": [["x" * 1_000] * 20] * 5_000},
        {"x" * HUNDRED_MB: 1},
    ],
    ids=["one text", "many texts", "deep inside", "in rows", "a name"],
)
async def test_a_payload_of_100_mb_is_refused_before_it_is_copied(
    clock: FakeClock, config: KernelConfig, payload: dict[str, Json]
):
    async with Kernel(config, clock=clock, store=MemoryStore()) as kernel:
        echo = Echo("echo")
        await kernel.deploy(echo)
        huge = message(kernel, "echo", payload)
        tracemalloc.start()
        receipt = await kernel.hub.send(huge)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert receipt.status is ReceiptStatus.REFUSED
        assert "max_message_bytes" in receipt.reason
        # Of rows of rows only the sum is known without going through them; one copy it is then.
        assert peak < (2 * HUNDRED_MB if "rows" in payload else 1_000_000)
        assert echo.heard == []
        kept = [each for each, _ in kernel.hub.exchanges]
        kept += [each.message for each in kernel.hub.dead_letters]
        assert not any(each.payload is payload for each in kept), "nothing holds on to it"


async def test_a_payload_that_repeats_itself_without_end_is_refused_soon(
    clock: FakeClock, config: KernelConfig
):
    repeated: Json = 1
    for _ in range(15):
        repeated = [repeated] * 16
    async with Kernel(config, clock=clock) as kernel:
        echo = Echo("echo")
        await kernel.deploy(echo)
        receipt = await kernel.hub.send(message(kernel, "echo", {"value": repeated}))
        assert receipt.status is ReceiptStatus.REFUSED
        assert "max_message_bytes" in receipt.reason


@pytest.mark.parametrize("payload", [nested(65), nested(900), looped()], ids=["65", "900", "loop"])
async def test_a_payload_that_is_too_deep_is_refused(
    clock: FakeClock, config: KernelConfig, payload: Json
):
    async with Kernel(config, clock=clock) as kernel:
        echo = Echo("echo")
        await kernel.deploy(echo)
        receipt = await kernel.hub.send(message(kernel, "echo", {"value": payload}))
        assert receipt.status is ReceiptStatus.REFUSED
        assert "payload" in receipt.reason
        assert echo.heard == []


async def test_a_payload_just_below_the_limits_travels(clock: FakeClock, config: KernelConfig):
    async with Kernel(config, clock=clock) as kernel:
        echo = Echo("echo")
        await kernel.deploy(echo)
        for payload in ({"x": "y" * 3_900_000}, {"x": nested(60)}, {"x": ["é"] * 100_000}):
            receipt = await kernel.hub.send(message(kernel, "echo", payload))
            assert receipt.ok, receipt.reason


ANY_TEXT = st.text(
    st.characters(codec=None, exclude_categories=())
    | st.sampled_from("\x00\x1b\x7f\u202e\u2066\ufeff\U0001f4a5\ud800\udfff"),
    max_size=30,
)


@given(ANY_TEXT)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_text_travels_as_it_is_or_is_refused_with_a_reason(text: str):
    clock, store = FakeClock(), MemoryStore()
    config = KernelConfig(agents=(), monitoring=False, seed=1)
    async with Kernel(config, clock=clock, store=store) as kernel:
        echo = Echo("echo")
        await kernel.deploy(echo)
        receipt = await kernel.hub.send(message(kernel, "echo", {"text": text, f"k{text}": 1}))
        has_surrogate = any("\ud800" <= each <= "\udfff" for each in text)
        assert receipt.ok is not has_surrogate
        if receipt.ok:
            assert echo.heard[-1].payload == {"text": text, f"k{text}": 1}
        else:
            assert receipt.reason.startswith("payload is no JSON")


@pytest.mark.parametrize(
    "text", [HOSTILE.replace("\x00", ""), HOSTILE, "a\u2028b", "\U0001f4a5" * 9]
)
async def test_hostile_text_comes_out_of_the_store_as_it_went_in(tmp_path: Path, text: str):
    event = Event("1" * 15, START, "task.ended", text, {"summary": text, text: [text]}, run=text)
    file = tmp_path / "store.db"
    async with SqliteStore(file) as store:
        await store.commit((event,))
    async with StoreReader(file) as reader:
        (stored,) = await reader.events()
    kept = stored.event
    assert (kept.subject, dict(kept.body), kept.run) == (text, dict(event.body), text)


async def test_a_surrogate_is_refused_by_the_store_with_its_place(tmp_path: Path):
    event = Event("1" * 15, START, "task.ended", "s", {"deep": {"text": "\ud800"}})
    async with SqliteStore(tmp_path / "store.db") as store:
        with pytest.raises(DataAgentsError, match=r"task\.ended"):
            await store.commit((event,))


def test_a_number_that_json_lacks_is_null():
    event = Event("1" * 15, START, "k", "s", {"x": float("nan")})
    assert to_json(event)["body"] == {"x": None}
