"""The demonstration: its data is what it says, and a real kernel makes all of it happen."""

import asyncio
import csv
import gzip
import threading
import time

import pytest

from dataagents.console.hosting.demo.batches import SALES, SENSORS, Deliveries, Twist
from dataagents.console.hosting.demo.show import SCRIPTS, DemoWork, demo_config, demo_plugins
from dataagents.console.hosting.kernel_thread import KernelThread
from dataagents.core import EventKind
from dataagents.core.clock import SystemClock
from dataagents.storage import StoreReader

SHOWN = (
    EventKind.AGENT_HEALTH, EventKind.STEP_TAKEN, EventKind.MESSAGE_SENT, EventKind.BALLOT_CAST,
    EventKind.ELECTION_CLOSED, EventKind.BID_MADE, EventKind.AUCTION_CLOSED, EventKind.PLAN_MADE,
    EventKind.PLAN_REPLACED, EventKind.REFLECTION_MADE, EventKind.LESSON_CHANGED,
    EventKind.LINEAGE_RECORDED, EventKind.ALERT_RAISED, EventKind.AGENT_RESTARTED,
    EventKind.METRIC_SAMPLED,
)  # fmt: skip
"""What the screens of the console are made of."""
PATIENCE = 90.0


def rows(path):
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("source", [SALES, SENSORS])
@pytest.mark.parametrize("twist", Twist)
def test_the_same_seed_writes_the_same_bytes_and_another_seed_does_not(tmp_path, source, twist):
    def written(seed: int, place: str) -> bytes:
        return Deliveries(tmp_path / place, seed).deliver(source, 3, twist).path.read_bytes()

    assert written(1, "a") == written(1, "b")
    assert written(1, "a") != written(2, "c")


@pytest.mark.parametrize("source", [SALES, SENSORS])
def test_each_twist_is_in_the_file(tmp_path, source):
    deliveries = Deliveries(tmp_path, 5)
    plain = rows(deliveries.deliver(source, 0, Twist.NONE).path)

    def twisted(twist: Twist):
        return rows(deliveries.deliver(source, 0, twist).path)

    names = list(plain[0])
    assert set(twisted(Twist.ADDED)[0]) - set(names)
    renamed = list(twisted(Twist.RENAMED)[0])
    assert len(renamed) == len(names)
    assert set(renamed) != set(names)
    assert len(twisted(Twist.LOST)[0]) == len(names) - 1
    assert len(twisted(Twist.COPIES)) > 1.2 * len(plain)

    def empty(table) -> int:
        return sum(not cell for row in table for cell in row.values())

    assert empty(twisted(Twist.GAPS)) > 5 * empty(plain)
    changed = [
        name
        for name in names
        if _numbers(plain, name) > 0.8 and _numbers(twisted(Twist.RETYPED), name) == 0.0
    ]
    assert len(changed) == 1


def _numbers(table, name: str) -> float:
    cells = [row[name] for row in table if row[name]]
    return sum(cell.replace(".", "", 1).lstrip("-").isdecimal() for cell in cells) / len(cells)


def test_another_encoding_and_a_file_that_breaks_off(tmp_path):
    deliveries = Deliveries(tmp_path, 5)
    odd = deliveries.deliver(SALES, 0, Twist.ENCODED).path.read_bytes()
    assert odd.decode("utf-16").startswith("order_id;ordered_at;")
    broken = deliveries.deliver(SALES, 1, Twist.BROKEN).path
    with pytest.raises(EOFError):
        gzip.decompress(broken.read_bytes())


def test_the_folder_of_deliveries_does_not_grow(tmp_path):
    deliveries = Deliveries(tmp_path, 5)
    for source, script in SCRIPTS.items():
        for number, twist in enumerate(script):
            deliveries.deliver(source, number, twist)
    assert len(list(tmp_path.iterdir())) == len(SCRIPTS)


def test_everything_that_the_screens_show_happens(tmp_path):
    """Faster than an operator sees it; whoever falls silent is noticed and built anew at once."""
    store, clock, speed = tmp_path / "demo.db", SystemClock(), 30.0
    config = demo_config(1, speed)
    restarts = config.restarts.model_copy(update={"backoff": 0.2, "longest": 0.5})
    quick = {"health_check_interval": 0.2, "health_check_timeout": 0.5, "restarts": restarts}
    host = KernelThread(
        store, config.model_copy(update=quick), DemoWork(tmp_path, 1, speed, clock),
        demo_plugins(1, speed, clock), disposable=True,
    )  # fmt: skip
    host.start()
    try:
        missing, moment, until = set(SHOWN), threading.Event(), time.monotonic() + PATIENCE
        while missing and time.monotonic() < until:
            moment.wait(0.2)
            assert host.problem() == ""
            missing = asyncio.run(_missing(store))
    finally:
        host.stop()
    assert missing == set()
    assert "done" in asyncio.run(_statuses(store))


async def _missing(store) -> set[str]:
    if not store.exists():
        return set(SHOWN)
    async with StoreReader(store) as reader:
        missing = {kind for kind in SHOWN if not await reader.recent(kind, 1)}
        closed = await reader.recent(EventKind.ELECTION_CLOSED, 100)
        return missing | ({"dissent"} - {"dissent" for each in closed if _contested(each.event)})


def _contested(event) -> bool:
    return sum(count > 0 for count in event.body["tally"]["counts"].values()) > 1


async def _statuses(store) -> set[str]:
    async with StoreReader(store) as reader:
        return {run.status for run in await reader.runs(100)}
