"""A kernel in a thread of the console: how it comes up, what it does, and how it ends."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hierarchy_team import Head, Meter, Worker, Workshop, config, deploy, goal

from dataagents.console.hosting.goal import GoalWork
from dataagents.console.hosting.kernel_thread import KernelThread
from dataagents.core import Goal, InputError, Kernel, KernelConfig
from dataagents.core.commands import Command
from dataagents.core.services.planning.runner import PlanRunner
from dataagents.storage import SqliteStore, StoreReader
from dataagents.storage.commands import CommandFile

PATIENCE = 60.0
"""Seconds after which something that was waited for counts as not having happened."""


class Told:
    """Work that does what it is told; says when it was at work."""

    title = "told"
    run = ""

    def __init__(self, do=None) -> None:
        self._do = do
        self.begun = threading.Event()
        self.over = threading.Event()

    async def conduct(self, kernel: Kernel, scratch: Path) -> None:
        self.begun.set()
        try:
            if self._do is not None:
                await self._do(kernel)
        finally:
            self.over.set()


class Followed(GoalWork):
    """Conducts a goal; says when that is over."""

    def __init__(self, *arguments) -> None:
        super().__init__(*arguments)
        self.over = threading.Event()

    async def conduct(self, kernel: Kernel, scratch: Path) -> None:
        try:
            await super().conduct(kernel, scratch)
        finally:
            self.over.set()


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    lines = [f"{number},{number * 1.5:.2f},2026-01-{number % 28 + 1:02d}" for number in range(60)]
    path.write_text("\n".join(["id,price,day", *lines, "x,,"]) + "\n")
    return path


def read(store: Path, what):
    async def reading():
        async with StoreReader(store) as reader:
            return await what(reader)

    return asyncio.run(reading())


def issue(store: Path, *commands: Command) -> list:
    """Issue commands as another process would, and return their answers."""

    async def issuing():
        ids = [each.id for each in commands]
        async with CommandFile(store) as file, asyncio.timeout(PATIENCE):
            await file.issue(commands)
            while len(answers := await file.answers(ids)) < len(ids):
                await asyncio.to_thread(threading.Event().wait, 0.02)
            return [answers[each] for each in ids]

    return asyncio.run(issuing())


def command(kind: str, target: str, **arguments: str) -> Command:
    now = datetime.now(UTC)
    until = now + timedelta(minutes=5)
    return Command(f"{kind}-{target}", kind, target, "anna", now, until, arguments=arguments)


def test_it_conducts_a_goal_and_then_takes_commands_until_it_is_stopped(orders, tmp_path):
    store, out = tmp_path / "s.db", tmp_path / "out"
    work = Followed(Goal("clean", {"orders": str(orders)}), out)
    host = KernelThread(store, KernelConfig(command_interval=0.05), work)
    assert host.describe() == "clean orders"
    host.start()
    try:
        assert work.over.wait(PATIENCE)
        assert work.result is not None
        assert work.result.outcome.status == "done"
        assert (out / "contract.yaml").exists()
        assert not host.in_flight()
        assert read(store, _holder) is not None  # it stays, for whoever wants something of it
        start = command("start", "run:new", inputs=str(orders), task="profile")
        (answer,) = issue(store, start)
        assert answer.executed
    finally:
        host.stop()
    assert host.problem() == ""
    assert read(store, _holder) is None
    runs = read(store, lambda reader: reader.runs(9))
    assert {run.id for run in runs} >= {work.run}
    assert len(runs) == 2


def test_a_run_that_is_cut_off_waits_and_another_kernel_goes_on_with_it(tmp_path):
    store, begun = tmp_path / "s.db", threading.Event()

    class Endless(Worker):
        async def execute(self, task, desk):
            begun.set()
            await asyncio.Event().wait()

    async def run(kernel: Kernel) -> None:
        await deploy(kernel, Head(), Endless("worker", Meter()))
        await kernel.run(goal(1))

    host = KernelThread(store, config(), Told(run), [Workshop(2)])
    host.start()
    assert begun.wait(PATIENCE)
    assert host.in_flight()
    host.stop(0.0)
    assert not host.in_flight()
    assert host.problem() == ""
    (cut_off,) = read(store, lambda reader: reader.runs(9))
    assert cut_off.status == "suspended"

    resumed: list[str] = []

    async def resume(kernel: Kernel) -> None:
        await deploy(kernel, Head(), Worker("worker", Meter()))
        result = await kernel.resume(cut_off.id)
        resumed.append(result.outcome.status)

    again = Told(resume)
    host = KernelThread(store, config(), again, [Workshop(2)])
    host.start()
    assert again.over.wait(PATIENCE)
    host.stop()
    assert resumed == ["done"]


def test_tasks_that_run_get_the_grace_and_no_further_one_begins(tmp_path, monkeypatch):
    begun, go = threading.Event(), threading.Event()
    pause = PlanRunner.pause

    def paused(runner: PlanRunner, reason: str) -> None:
        pause(runner, reason)
        go.set()

    monkeypatch.setattr(PlanRunner, "pause", paused)

    class Thorough(Worker):
        async def execute(self, task, desk):
            begun.set()
            await asyncio.to_thread(go.wait, PATIENCE)
            return await super().execute(task, desk)

    meter = Meter()

    async def run(kernel: Kernel) -> None:
        await deploy(kernel, Head(), Thorough("worker", meter))
        await kernel.run(goal(1))

    store = tmp_path / "s.db"
    host = KernelThread(store, config(), Told(run), [Workshop(3)])
    host.start()
    assert begun.wait(PATIENCE)
    host.stop(PATIENCE)
    assert meter.by == {"worker": ["step1(d0000)"]}
    (run_,) = read(store, lambda reader: reader.runs(9))
    assert run_.status == "suspended"


async def _holder(reader: StoreReader):
    return reader.holder()


def test_a_store_that_another_kernel_has_is_named(tmp_path):
    store, work = tmp_path / "s.db", Told()

    async def beside() -> str:
        async with SqliteStore(store):
            host = KernelThread(store, KernelConfig(agents=()), work)
            host.start()
            await asyncio.to_thread(_until, host.problem)
            await asyncio.to_thread(host.stop)
            return host.problem()

    assert "it is in use by process" in asyncio.run(beside())
    assert not work.begun.is_set()


def _until(told) -> None:
    moment = threading.Event()
    while not told():
        moment.wait(0.01)


def test_what_the_work_can_not_do_is_told_and_the_kernel_stays(tmp_path):
    async def fail(kernel: Kernel) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(_refuse())

    work = Told(fail)
    host = KernelThread(tmp_path / "s.db", KernelConfig(agents=()), work)
    host.start()
    try:
        _until(host.problem)
        assert host.problem() == "out: it is a file."
        assert read(host.store, _holder) is not None
    finally:
        host.stop()
    assert host.problem() == "out: it is a file."


async def _refuse() -> None:
    raise InputError("out", "it is a file")


def test_an_internal_failure_ends_the_kernel_in_order_and_is_told(tmp_path, capfd):
    async def fail(kernel: Kernel) -> None:
        raise ZeroDivisionError("no such thing")

    host = KernelThread(tmp_path / "s.db", KernelConfig(agents=()), Told(fail))
    host.start()
    _until(host.problem)
    host.stop()
    assert "ZeroDivisionError: no such thing" in host.problem()
    assert read(host.store, _holder) is None
    assert capfd.readouterr() == ("", "")


def test_it_may_be_stopped_before_it_started_and_again(tmp_path):
    host = KernelThread(tmp_path / "s.db", KernelConfig(agents=()), Told())
    host.stop()
    host.start()
    host.stop()
    assert not host.store.exists()
    assert host.problem() == ""


def test_stopping_while_it_comes_up_leaves_nothing_behind(tmp_path):
    for _ in range(5):
        host = KernelThread(tmp_path / "s.db", KernelConfig(agents=()), Told())
        host.start()
        host.stop()
        assert host.problem() == ""
    assert not [each for each in threading.enumerate() if each.name.startswith("kernel")]


def test_nobody_waits_for_work_that_nobody_will_miss(orders, tmp_path):
    work = Told(lambda kernel: kernel.run(Goal("clean", {"orders": str(orders)})))
    host = KernelThread(tmp_path / "s.db", KernelConfig(), work, disposable=True)
    host.start()
    assert work.begun.wait(PATIENCE)
    assert not host.in_flight()
    host.stop()
    assert host.problem() == ""
