"""A process that writes a store as fast as `console.py` wants it to: `python FILE JOB STORE …`.

It says READY once it has the store open; then it works until it is killed. Events come from no
kernel, so that nothing but the writing takes a processor away from the console.
"""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count, cycle
from pathlib import Path

from dataagents.core.cards import AgentCard
from dataagents.core.events import Event, EventKind
from dataagents.core.health import Health, HealthReport
from dataagents.core.messaging import Message, MessageType
from dataagents.core.values import Json, JsonObject, to_json
from dataagents.storage import SqliteStore

HERTZ = 4
CHECKS = 10.0
"""Seconds between two checks of an agent, as a kernel has it unless told otherwise."""
COMMITS = 100
"""Commits a second of the job `tail`."""
FIRST_MARK = 70_001
"""What the first marked event says; no other figure of the console has five digits of it."""
_STATES = (Health.HEALTHY, Health.DEGRADED, Health.HEALTHY, Health.LATE, Health.HEALTHY)


@dataclass
class Writer:
    """Commits events of a team."""

    store: SqliteStore
    agents: Sequence[str]
    rate: int
    """Events a second of the job `tail`."""
    numbers: Iterator[int] = field(default_factory=count)
    run: str = field(default_factory=lambda: f"{time.time_ns():x}")

    def event(self, kind: str, subject: str, body: JsonObject, agent: str | None = None) -> Event:
        """Return an event that happens now."""
        name = f"{self.run}-{next(self.numbers)}"
        return Event(name, datetime.now(UTC), kind, subject, body, agent=agent)

    def health(self, agent: str, number: int) -> Event:
        """Return a check of an agent that says something else than the one before."""
        now = datetime.now(UTC)
        state = _STATES[number % len(_STATES)]
        report = HealthReport(
            agent, state, number % 97 / 1000, now, True, "", number % 89, beat=now
        )
        return self.event(EventKind.AGENT_HEALTH, agent, to_json(report))

    async def begin(self) -> None:
        """Say that a kernel started, and deploy the team."""
        team: list[Json] = [*self.agents]
        body: JsonObject = {"pid": 1, "host": "here", "version": "0", "plugins": [], "agents": team}
        unit = [self.event(EventKind.KERNEL_STARTED, self.run, body)]
        for agent in self.agents:
            card = AgentCard(agent, agent.rpartition("-")[0])
            unit.append(
                self.event(EventKind.AGENT_DEPLOYED, agent, {**to_json(card), "seconds": 0})
            )
        unit += [self.health(agent, 0) for agent in self.agents]
        await self.store.commit(unit)

    async def idle(self) -> None:
        """Write what a kernel without work does: a check of every agent each ten seconds."""
        while True:
            await asyncio.sleep(CHECKS)
            await self.store.commit([self.health(agent, 0) for agent in self.agents])

    async def all_agents(self) -> None:
        """Write a new state of every agent, `HERTZ` times a second."""
        for number in count(1):
            began = time.perf_counter()
            await self.store.commit(
                [self.health(agent, number + place) for place, agent in enumerate(self.agents)]
            )
            await _until(began + 1 / HERTZ)

    async def tail(self) -> None:
        """Write messages at the rate that is wanted, and say once a second how many there were."""
        told, written, people = time.perf_counter(), 0, cycle(self.agents)
        checked = told
        while True:
            began = time.perf_counter()
            if began - checked >= CHECKS:
                await self.store.commit([self.health(agent, 0) for agent in self.agents])
                checked = began
            unit = [self._message(next(people), next(people)) for _ in range(self.rate // COMMITS)]
            await self.store.commit(unit)
            written += len(unit)
            if began - told >= 1.0:
                print(f"{written / (began - told):.0f}", flush=True)
                told, written = began, 0
            await _until(began + 1 / COMMITS)

    async def marks(self) -> None:
        """Write something new of the first agent now and then; print what, and when it was safe."""
        agent = self.agents[0]
        for mark in count(FIRST_MARK):
            now = datetime.now(UTC)
            report = HealthReport(agent, Health.HEALTHY, 0.01, now, True, queue=mark, beat=now)
            await self.store.commit([self.event(EventKind.AGENT_HEALTH, agent, to_json(report))])
            print(f"{mark} {time.perf_counter()}", flush=True)
            await asyncio.sleep(0.4 + mark % 17 * 0.023)  # at every phase of whatever polls

    def _message(self, sender: str, recipient: str) -> Event:
        number = next(self.numbers)
        message = Message(
            f"{self.run}-m{number}", sender, recipient, datetime.now(UTC),
            MessageType.PIPELINE_STATUS, {"rows": number, "said": "another part is done"},
        )  # fmt: skip
        return self.event(EventKind.MESSAGE_SENT, message.id, to_json(message), sender)


JOBS: dict[str, Callable[[Writer], Awaitable[None]]] = {
    "idle": Writer.idle,
    "agents": Writer.all_agents,
    "tail": Writer.tail,
    "marks": Writer.marks,
}


async def _until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - time.perf_counter()))


async def work(job: str, path: Path, agents: Sequence[str], rate: int) -> None:
    """Open the store, say so, and do a job until the end."""
    async with SqliteStore(path) as store:
        writer = Writer(store, agents, rate)
        await writer.begin()
        print("READY", flush=True)
        await JOBS[job](writer)


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("job", choices=JOBS)
    parser.add_argument("store", type=Path)
    parser.add_argument("--agents", type=int, default=1_000)
    parser.add_argument("--rate", type=int, default=10_000)
    given = parser.parse_args()
    agents = [f"worker-{number:04}" for number in range(1, given.agents + 1)]
    asyncio.run(work(given.job, given.store, agents, given.rate))


if __name__ == "__main__":
    main()
