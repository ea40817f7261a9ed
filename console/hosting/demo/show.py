"""The show: what the kernel of the demonstration is given to do, batch after batch."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from shutil import rmtree
from typing import Any

from dataagents.console.commands.operator import OPERATOR
from dataagents.console.hosting.demo.batches import SALES, SENSORS, Batch, Deliveries, Twist
from dataagents.console.hosting.demo.team import PACE, WORKER, DemoTeam, Pace
from dataagents.console.hosting.person import PersonPlugin
from dataagents.core import Goal, Kernel, KernelConfig, RunResult, RunStatus
from dataagents.core.clock import Clock
from dataagents.core.values import Json

SCRIPTS: Mapping[str, Sequence[Twist]] = {
    SALES: (
        Twist.NONE, Twist.LOST, Twist.ADDED, Twist.COPIES, Twist.ENCODED, Twist.GAPS,
        Twist.RENAMED, Twist.BROKEN, Twist.NONE,
    ),
    SENSORS: (
        Twist.NONE, Twist.RENAMED, Twist.BROKEN, Twist.GAPS, Twist.RETYPED, Twist.COPIES,
        Twist.ADDED, Twist.BROKEN, Twist.LOST, Twist.ENCODED,
    ),
}  # fmt: skip
"""Source → what is different about its batches, in turn; then from the start."""
_ANEW = 12
"""Batches after which the owner of a source has its contract made anew."""
_ASKED = 7
"""Every so many batches of sales a person is asked about drift, if there is any."""
_PAUSE = (1.0, 2.5)
"""Seconds between two batches of a source, at normal speed."""
_OVER = (RunStatus.SUSPENDED, RunStatus.CANCELLED)
"""How runs end that may be gone on with; their files stay."""


def demo_config(seed: int, speed: float) -> KernelConfig:
    """Return the configuration: nothing of it comes from this machine.

    Args:
        seed: What everything random depends on.
        speed: How many times as fast as normal.
    """
    votes = max(4.0, 15.0 / speed)
    return KernelConfig.parse(
        {
            "seed": seed,
            "agents": _agents(),
            "allowed_plugins": (),
            "strategies": {"auction": "english", "interceptors": (PACE,)},
            "options": {"english": {"share": 0.12}},
            "health_check_interval": 2.0 / min(speed, 4.0),
            "health_check_timeout": 1.0,
            "restarts": {"backoff": 3.0, "longest": 6.0, "hourly": 1_000},
            "task_timeout": votes + 6.0,  # whoever has a vote held waits for it
            "strategy_timeout": votes + 6.0,
            "consensus_timeout": votes,
            "bid_timeout": 2.0,
            "drain_timeout": 10.0,
            "quarantine_after": 50,
            "command_interval": 0.2,
            "grace": 1.0,
        },
        source="demonstration",
    )


def _agents() -> list[dict[str, Any]]:
    def worker(id: str, cost: float, fault: str = "none", **levels: float) -> dict[str, Any]:
        options = {"fault": fault} if fault != "none" else {}
        role = id.partition("-")[0]
        return {
            "id": id, "kind": WORKER, "role": role, "capabilities": levels, "cost": cost,
            "options": options,
        }  # fmt: skip

    def validator(id: str, view: str, minimum: float = 0.8) -> dict[str, Any]:
        return {
            "id": id, "kind": "validator", "role": "validator", "capabilities": {"validate": 0.9},
            "options": {"view": view, "minimum": minimum},
        }  # fmt: skip

    return [
        {
            "id": "coordinator", "kind": "coordinator", "role": "coordinator",
            "capabilities": {"coordinate": 1.0},
        },
        worker("profiler-1", 1.0, profile=0.9),
        worker("profiler-2", 0.9, "stalls", profile=0.85),
        worker("profiler-3", 1.1, profile=0.95),
        validator("validator-complete", "completeness"),
        validator("validator-valid", "validity"),
        validator("validator-unique", "uniqueness"),
        validator("validator-strict", "validity", 0.985),
        worker("transformer-1", 1.0, transform=0.9, validate=0.6),
        worker("transformer-2", 0.9, "raises", transform=0.85),
        worker("transformer-3", 1.1, transform=0.95),
        worker("router-1", 1.0, route=0.9, relate=0.9),
        worker("router-2", 1.0, route=0.9, relate=0.8),
        {
            "id": OPERATOR, "kind": OPERATOR, "role": "operator",
            "capabilities": {"operate": 1.0}, "summary": "the person at the console",
        },
    ]  # fmt: skip


def demo_plugins(seed: int, speed: float, clock: Clock) -> tuple[object, ...]:
    """Return what the kernel gets beside the bundled plugins."""
    return DemoTeam(Pace(clock, speed, seed)), PersonPlugin(clock)


class DemoWork:
    """Has batch after batch cleaned, both sources side by side, until it is cancelled.

    Args:
        folder: Where the batches lie, and the results.
        seed: What everything random depends on.
        speed: How many times as fast as normal.
        clock: What time is measured by.
    """

    def __init__(self, folder: Path, seed: int, speed: float, clock: Clock) -> None:
        self._folder = folder
        self._deliveries = Deliveries(folder / "deliveries", seed)
        self._pace = Pace(clock, speed, seed)

    @property
    def title(self) -> str:
        """What it is."""
        return "demonstration"

    @property
    def run(self) -> str:
        """Empty: nobody goes on with a run of it."""
        return ""

    async def conduct(self, kernel: Kernel, scratch: Path) -> None:
        """Go on for ever.

        Raises:
            DataAgentsError: The results can't be written, or what happened can't be recorded.
        """
        async with asyncio.TaskGroup() as group:
            for source in SCRIPTS:
                group.create_task(self._stream(kernel, source), name=f"{source} of the demo")

    async def _stream(self, kernel: Kernel, source: str) -> None:
        script = SCRIPTS[source]
        for number in count():
            twist = script[number % len(script)]
            batch = await asyncio.to_thread(self._deliveries.deliver, source, number, twist)
            out = self._folder / "results" / source
            if number % _ANEW == 0:
                await asyncio.to_thread(rmtree, out, ignore_errors=True)
            result = await self._clean(kernel, batch, out)
            if result.outcome.status not in _OVER:
                await asyncio.to_thread(rmtree, result.workspace, ignore_errors=True)
            await self._pace.take(*_PAUSE)

    async def _clean(self, kernel: Kernel, batch: Batch, out: Path) -> RunResult:
        settings: dict[str, Json] = {}
        contract = out / "contract.yaml"
        if contract.exists():
            settings["contract"] = str(contract)
        asked = batch.source == SALES and batch.number % _ASKED == _ASKED - 1
        if asked:
            settings |= {"on_drift": "ask", "operator": OPERATOR}
        goal = Goal("clean", {batch.source: str(batch.path)}, settings=settings)
        if asked:
            kernel.roster.arm(OPERATOR)
        try:
            return await kernel.run(goal, out=out)
        finally:
            if asked:
                kernel.roster.arm(OPERATOR, armed=False)
