"""What the screens look like; after a change that is meant: UPDATE_SNAPSHOTS=1 pytest this file."""

from pathlib import Path

import pytest

from dataagents.console.feeds.following import Following
from dataagents.core.health import Health
from dataagents.storage import SqliteStore
from dataagents.storage.lock import Holder
from tests.support.snapshots import check, snapshot

KEPT = Path(__file__).parents[1] / "snapshots"

VIEWS = {
    "agents": "1", "runs": "2", "messages": "3", "decisions": "4", "plans": "5", "lessons": "6",
    "lineage": "7", "alerts": "8", "audit": "9", "metrics": "0", "tail": "T",
}  # fmt: skip
ADDRESSES = {
    "run": "run:run-1",
    "step": "run:run-1/task:parse_csv(prices)/step:2",
    "election": "election:motion-run-1",
    "auction": "lot:lot-run-1-load(prices)",
    "conversation": "message:message-46",
    "replan": "plan:plan-2",
    "dataset": "dataset:prices.clean",
    "metric": "metric:kernel.queue",
    "agent": "agent:transformer",
    "alert": "alert:a1",
}


async def test_every_view_at_80_by_24(console):
    async with console(theme="dataagents-dark") as operator:
        found = {}
        for name, key in VIEWS.items():
            await operator.press(key)
            found[name] = snapshot(operator.app)
    for name, text in found.items():
        check(KEPT / f"{name}.txt", text)


@pytest.mark.parametrize("name", ADDRESSES)
async def test_every_kind_of_thing_at_80_by_24(console, name):
    async with console(theme="dataagents-dark", at=ADDRESSES[name]) as operator:
        check(KEPT / f"{name}-one.txt", snapshot(operator.app))


@pytest.mark.parametrize("name", ["run", "election"])
async def test_wide_and_high(console, name):
    async with console(size=(160, 45), theme="dataagents-dark", at=ADDRESSES[name]) as operator:
        check(KEPT / f"{name}-wide.txt", snapshot(operator.app))


@pytest.mark.parametrize("name", ["run", "election"])
async def test_narrow_and_short(console, name):
    async with console(size=(60, 15), theme="dataagents-dark", at=ADDRESSES[name]) as operator:
        check(KEPT / f"{name}-narrow.txt", snapshot(operator.app))


async def test_light(console):
    async with console(theme="dataagents-light") as operator:
        await operator.press("T", "space", "down")
        check(KEPT / "tail-light.txt", snapshot(operator.app))


async def test_ascii(console):
    async with console(ascii=True, theme="dataagents-dark", at=ADDRESSES["run"]) as operator:
        await operator.press("w")
        check(KEPT / "waterfall-ascii.txt", snapshot(operator.app))


async def test_a_kernel_at_work_with_agents_in_every_state(console, store, now, later, monkeypatch):
    def holder(self):
        return Holder(4121, "boot", 2, "here", now.now())

    monkeypatch.setattr(Following, "holder", holder)
    async with SqliteStore(store) as kernel, console(theme="dataagents-dark") as operator:
        later.now = now.now()
        events = [
            *later.kernel(),
            later.health("profiler", Health.FAILED, "no answer within 5 s"),
            later.health("validator-valid", Health.DEGRADED, "slow"),
            later.health("coordinator"),
        ]
        await now.advance(30.0)
        await operator.write(kernel, events)
        check(KEPT / "agents-live.txt", snapshot(operator.app))


async def test_help_over_a_list(console):
    async with console(theme="dataagents-dark") as operator:
        await operator.press("question_mark")
        check(KEPT / "help.txt", snapshot(operator.app))
