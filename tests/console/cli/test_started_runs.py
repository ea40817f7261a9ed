"""Runs that an operator starts: from the command line, and in the kernel of another command."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hierarchy_team import Head, Workshop, done

from dataagents.console.commands.act_targets import find_targets
from dataagents.console.commands.acting import ActRequest, perform
from dataagents.console.commands.progress import Progress
from dataagents.console.commands.session import Session
from dataagents.core import Agent, Goal, KernelConfig, Strategy, hookimpl
from dataagents.core.commands import Address, Command
from dataagents.storage import SqliteStore, StoreReader
from dataagents.storage.commands import CommandFile


class Shop:
    """A plugin whose worker has another run started during its first task, and never ends that."""

    def __init__(self, store: Path) -> None:
        self._store = store

    @hookimpl
    def register_agents(self):
        def work(card):
            return Starter(self._store, card)

        return (
            Strategy("head", lambda options: lambda card: Head(card.id)),
            Strategy("work", lambda options: work),
        )


class Starter(Agent):
    def __init__(self, store: Path, card) -> None:
        super().__init__(card)
        self._store = store

    async def execute(self, task, desk):
        if task.args["dataset"] == "second":
            await asyncio.Event().wait()
        now = datetime.now(UTC)
        wanted = Command(
            "mine", "start", "run:new", "anna", now, now + timedelta(minutes=1),
            arguments={"inputs": "second=.", "task": "make"},
        )  # fmt: skip
        async with CommandFile(self._store) as file:
            await file.issue([wanted])
            while not (answers := await file.answers(["mine"])):  # noqa: ASYNC110
                await asyncio.sleep(0)
        assert answers["mine"].executed, answers["mine"].message
        return done(task)


def test_a_run_that_an_operator_began_is_suspended_when_its_kernel_is_done(home, capsys):
    store = home / "s.db"
    config = KernelConfig.parse(
        {
            "seed": 1,
            "monitoring": False,
            "command_interval": 0.01,
            "strategies": {"domain": "workshop"},
            "agents": [
                {"id": "head", "kind": "head", "capabilities": {"coordinate": 1.0}},
                {"id": "worker", "kind": "work", "capabilities": {"work": 0.9}},
            ],
        }
    )
    session = Session(store, config, Progress(), [Workshop(1), Shop(store)])
    result = session.conduct(Goal("make", {"first": "."}))
    assert result.outcome.status == "done"

    async def others() -> list[tuple[str, str]]:
        async with StoreReader(store) as reader:
            runs = await reader.runs(9)
            return [(run.id, run.status) for run in runs if run.id != result.outcome.run]

    ((other, status),) = asyncio.run(others())
    assert status == "suspended"
    said = capsys.readouterr().err
    assert f"run {other}, which an operator began, is suspended" in said
    assert f"dataagents resume {other}" in said


def test_what_is_to_begin_is_looked_up_nowhere_and_paths_are_seen_from_here(home, capsys):
    store = home / "s.db"

    async def look() -> tuple[Address, ...]:
        async with SqliteStore(store):
            pass
        async with StoreReader(store) as reader:
            return await find_targets(reader, "start", "run:new")

    assert asyncio.run(look()) == (Address("run", "new"),)
    request = ActRequest(
        kind="start", target="run:new", store=store, actor="anna", dry_run=True, json=True,
        arguments=("inputs=a.csv,sales=b/*.csv", "out=results"),
    )  # fmt: skip
    assert perform(request) == 0
    said = capsys.readouterr().out
    assert f"a={home}/a.csv,sales={home}/b/*.csv" in said
    assert f"{home}/results" in said
