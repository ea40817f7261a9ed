"""`dataagents status`, `tail` and `show`: the console for screen readers and scripts."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sample_agents import Sick

from dataagents.console.commands.resuming import _nearby
from dataagents.console.commands.status import read_status, statuses
from dataagents.console.commands.tail import following, newest
from dataagents.console.view.event_lines import EventFilter
from dataagents.core import HealthAnswer, KernelConfig
from dataagents.core.testing import FakeClock, kernel_for
from dataagents.storage import SqliteStore, StoreReader

STORE = Path(".dataagents/store.db")
DRAWN = "│┃─━┏┡╇└●◐▲✖○·\x1b"
KERNEL = """
import asyncio, sys
from dataagents.core import Kernel, KernelConfig
from dataagents.storage import SqliteStore

async def main():
    async with SqliteStore("live.db") as store, Kernel(KernelConfig(), store=store):
        print("up", flush=True)
        await asyncio.to_thread(sys.stdin.read)

asyncio.run(main())
"""


@pytest.fixture
def watched(home):
    """A store of a kernel with an agent that failed, and an alert that somebody looks after."""

    async def conduct():
        STORE.parent.mkdir()
        clock = FakeClock()
        config = KernelConfig.parse({"agents": []})
        async with (
            SqliteStore(STORE) as store,
            kernel_for(config=config, store=store, clock=clock) as kernel,
        ):
            agent = Sick("sick", HealthAnswer(healthy=True))
            await kernel.deploy(agent)
            agent.answer = ValueError("gone\x1b[2J")
            for _ in range(3):
                await kernel.monitor.collect()
            await kernel.monitor.acknowledge("agent_failed sick", "on it", "anna")

    asyncio.run(conduct())


@pytest.fixture
def live(home):
    """A kernel that lives in another process."""
    command = [sys.executable, "-P", "-c", KERNEL]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        yield process  # it ends when its stdin does, which leaving here closes


def test_where_nobody_ever_was_says_so(cli, home):
    done = cli("status", "--plain")
    assert (done.exit_code, done.stdout) == (
        0,
        f"store: {STORE}\nkernel: never: no kernel has left anything here\n",
    )
    assert json.loads(cli("status", "--json").stdout)["kernel"]["state"] == "never"
    assert not STORE.exists()


def test_a_kernel_in_another_process_is_live_then_dead(cli, live):
    told = json.loads(cli("status", "--json", "--store", "live.db").stdout)
    assert told["kernel"]["state"] == "live"
    assert (told["kernel"]["pid"], told["kernel"]["epoch"]) == (live.pid, 1)
    assert {agent["health"] for agent in told["agents"]} == {"healthy"}
    live.send_signal(signal.SIGKILL)
    live.wait()
    done = cli("status", "--plain", "--store", "live.db")
    assert f"kernel: dead: process {live.pid}" in done.stdout


def test_a_kernel_that_closed_is_stopped_and_what_it_measured_is_there(cli, live):
    live.communicate()
    told = json.loads(cli("status", "--json", "--store", "live.db").stdout)
    assert told["kernel"]["state"] == "stopped"
    assert {"system_health", "errors", "store_seconds"} <= {
        each["name"] for each in told["figures"]
    }


def test_following_ends_with_the_kernel(cli, live, shell):
    live.stdin.close()
    done = shell("tail", "--follow", "--store", "live.db", "--kind", "kernel.*", "--plain")
    assert done.returncode == 0, done.stderr
    assert "kernel.stopped" in done.stdout.splitlines()[-1]


def test_the_status_of_trouble_in_words(cli, watched):
    plain = cli("status", "--plain").stdout
    assert not set(DRAWN) & set(plain)
    assert "alerts: 1, 0 not acknowledged" in plain
    assert "acknowledged by anna: on it" in plain
    drawn = cli("status").stdout
    assert "sick" in drawn
    assert "agent_failed of sick" in drawn
    assert "\x1b" not in drawn


def test_a_dumb_terminal_gets_labelled_lines(cli, watched, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    assert cli("status").stdout.startswith("store: ")
    assert not set(DRAWN) & set(cli("show", "agent:sick").stdout)


def test_tail_filters_by_kind_and_counts_back(cli, watched):
    lines = [
        json.loads(line) for line in cli("tail", "--json", "--kind", "alert.*").stdout.splitlines()
    ]
    assert [line["kind"] for line in lines] == ["alert.raised", "alert.acknowledged"]
    assert lines[0]["seq"] < lines[1]["seq"]
    assert len(cli("tail", "-n", "3", "--plain").stdout.splitlines()) == 3
    assert "\x1b" not in cli("tail", "-n", "500").stdout


def test_an_alert_is_shown_with_all_that_happened_to_it(cli, watched):
    raised = cli("tail", "--json", "--kind", "alert.raised").stdout
    alert = json.loads(raised)["subject"]
    told = json.loads(cli("show", f"alert:{alert[:12]}", "--json").stdout)
    assert told["address"] == f"alert:{alert}"
    facts = dict(told["facts"])
    assert (facts["rule"], facts["subject"], facts["severity"]) == (
        "agent_failed", "sick", "critical",
    )  # fmt: skip
    assert [line["kind"] for line in told["history"]] == ["alert.raised", "alert.acknowledged"]


def test_a_run_its_tasks_and_steps_have_addresses(cli, ran):
    told = json.loads(cli("show", "run:latest", "--json").stdout)
    assert dict(told["facts"])["status"] == "done"
    task = next(each for each in told["points_to"] if "/task:analyze" in each)
    below = json.loads(cli("show", task, "--json").stdout)
    assert dict(below["facts"])["agent"].startswith("profiler")
    step = cli("show", f"{task}/step:1", "--plain").stdout
    assert "what: step 1 analyze_schema" in step
    refused = cli("show", "run:latest/step:1")
    assert refused.exit_code == 2
    assert "It may be run:" in refused.stderr
    wrong = cli("show", "run:latest/tsk:analyze_schema(orders)")
    assert "has nothing that is called so" in wrong.stderr
    far = cli("show", "run:latest/0000")
    assert "Known: " in far.stderr
    assert len(far.stderr) < 400


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("agent:sik", "Did you mean 'agent:sick'?"),
        ("agnt:sick", "Did you mean 'agent'?"),
        ("sick", "Write agent:NAME"),
        ("election:x", "There is none on record."),
        ("run:x", "The store has no runs yet."),
    ],
)
def test_what_is_not_there_is_answered_with_the_nearest(cli, watched, address, says):
    done = cli("show", address)
    assert done.exit_code == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


async def test_agents_of_a_kernel_that_ended_are_not_those_of_the_next(tmp_path, story):
    path, clock = tmp_path / "s.db", FakeClock()
    async with SqliteStore(path) as store, StoreReader(path) as reader:
        await store.commit(story.kernel())
        view = await read_status(path, reader, clock)
    assert view.kernel.state == "live"
    assert view.agents == ()


async def test_the_newest_are_found_over_many_pages(tmp_path):
    clock = FakeClock()
    path = tmp_path / "s.db"
    async with SqliteStore(path) as store:
        async with kernel_for(
            config=KernelConfig.parse({"agents": [], "monitoring": False}), store=store, clock=clock
        ) as kernel:
            recorder = kernel._open.recorder
            await recorder.record("rare.event", "x", {})
            for _ in range(25):
                await recorder.commit([recorder.event("note.made", "y", {}) for _ in range(100)])
        async with StoreReader(path) as reader:
            last = await reader.last_seq()
            (rare,) = await newest(reader, EventFilter(("rare.*",)), 5, last)
            assert rare.event.kind == "rare.event"
            some = await newest(reader, EventFilter(("note.*",)), 1500, last)
            assert len(some) == 1500
            assert [each.seq for each in some] == sorted(each.seq for each in some)


async def test_what_comes_is_told_once_and_nothing_is_missed(tmp_path):
    clock, path = FakeClock(), tmp_path / "s.db"
    config = KernelConfig.parse({"agents": [], "monitoring": False})
    async with (
        SqliteStore(path) as store,
        StoreReader(path) as reader,
        kernel_for(config=config, store=store, clock=clock) as kernel,
    ):
        recorder = kernel._open.recorder
        feed = following(reader, EventFilter(("note.*",)), await reader.last_seq(), clock)
        for number in range(3):
            waiting = asyncio.ensure_future(anext(feed))
            await recorder.commit(
                [recorder.event("note.made", str(number), {}), recorder.event("other", "o", {})]
            )
            while not waiting.done():
                await clock.advance(0.1)
            assert (await waiting).event.subject == str(number)
        await feed.aclose()


async def test_watching_shows_it_again_when_something_was_written(tmp_path):
    clock, path = FakeClock(), tmp_path / "s.db"
    config = KernelConfig.parse({"agents": [], "monitoring": False})
    async with (
        SqliteStore(path) as store,
        StoreReader(path) as reader,
        kernel_for(config=config, store=store, clock=clock) as kernel,
    ):
        views = statuses(path, reader, clock)
        first = await anext(views)
        assert (first.kernel.state, len(first.agents)) == ("live", 0)
        waiting = asyncio.ensure_future(anext(views))
        await kernel.deploy(Sick("sick", HealthAnswer(healthy=True)))
        while not waiting.done():
            await clock.advance(1)
        assert [agent.id for agent in (await waiting).agents] == ["sick"]
        await views.aclose()


def test_nothing_is_written_by_looking(cli, watched):
    before = {
        path.name: path.read_bytes() for path in STORE.parent.iterdir() if "shm" not in path.name
    }
    for command in (["status"], ["tail"], ["show", "agent:sick"]):
        assert cli(*command).exit_code == 0
    after = {
        path.name: path.read_bytes() for path in STORE.parent.iterdir() if "shm" not in path.name
    }
    assert {name: after.get(name) for name in before} == before
    assert os.access(STORE, os.W_OK)


def test_where_no_run_is_unfinished_a_cancelled_one_is_named(cli, home, story):
    async def keep():
        STORE.parent.mkdir()
        async with SqliteStore(STORE) as store:
            ended = {"status": "cancelled", "seconds": 1.0, "reason": "cancelled"}
            await store.commit(
                [
                    story.event("run.started", "run-1", {"task": "clean", "inputs": {}}),
                    story.event("run.ended", "run-1", ended),
                ]
            )

    asyncio.run(keep())
    for words in (("resume",), ("resume", "--list")):
        done = cli(*words)
        assert done.exit_code == 0
        assert "No run is unfinished." in done.stdout
        assert "dataagents resume run-1" in done.stdout


def test_what_is_to_be_written_here_is_named_as_here(home):
    assert _nearby(str(Path.cwd() / "out")) == Path("out")
    assert _nearby("/elsewhere/out") is None
    assert _nearby(None) is None
