"""`dataagents messages`: who said what to whom, as it was recorded."""

import asyncio
import json
import re
from functools import partial
from pathlib import Path

import pytest
from sample_agents import Broken, Echo

from dataagents.core import KernelConfig
from dataagents.core.clock import SystemClock
from dataagents.core.messaging import MessageType
from dataagents.core.services.recorder import NOWHERE
from dataagents.core.testing import kernel_for
from dataagents.storage import SqliteStore

STORE = Path(".dataagents/store.db")
EVIL = "\x1b[2J[bold]\n"


@pytest.fixture
def said(home):
    """A store in which agents said a few things outside of any run."""

    async def conduct():
        STORE.parent.mkdir()
        config = KernelConfig.parse({"agents": [], "monitoring": False})
        async with (
            SqliteStore(STORE) as store,
            kernel_for(config=config, store=store, clock=SystemClock()) as kernel,
        ):
            await kernel.deploy(Echo("echo"))
            await kernel.deploy(Broken("broken"))
            hub = kernel.hub
            talk = partial(hub.compose, "asker", context=NOWHERE)
            for recipient in ("echo", "broken", "nobody"):
                payload = {"reason": f"hello{EVIL}", "empty": None, "deep": {"a": [1, 2]}}
                asked = talk(recipient, MessageType.DATA_REQUEST, payload, conversation="talk-1")
                await hub.request(asked)
            await hub.request(talk("echo", MessageType.DATA_REQUEST, {"a": 1}, conversation="x-2"))

    asyncio.run(conduct())


def told(cli, *arguments):
    return json.loads(cli("messages", *arguments, "--json").stdout)


def test_the_messages_of_the_latest_run_are_one_a_line(cli, ran):
    done = cli("messages", "--limit", "1000")

    found = told(cli, "--limit", "1000")
    assert done.exit_code == 0
    assert found["total"] == len(found["messages"]) > 50
    assert {message["run"] for message in found["messages"]} == {ran}
    lines = [line for line in done.stdout.splitlines() if line.startswith("  ")]
    assert len(lines) == found["total"]
    assert re.search(
        r"^  ● \d\d:\d\d:\d\d kernel → coordinator +plan_request +delivered", done.stdout, re.M
    )
    assert re.search(
        r"^  · [\d:]+ profiler → auctioneer +bid +answer    cost 1\.0", done.stdout, re.M
    )
    assert re.search(rf"^conversation {ran}$", done.stdout, re.M)
    assert told(cli, "--run", ran[:13], "--limit", "1000") == found


def test_the_newest_are_shown_and_how_many_came_before(cli, ran):
    total = told(cli, "--limit", "1000")["total"]
    done = cli("messages", "--limit", "3")

    assert done.stdout.endswith(f"and {total - 3} earlier ones: --limit {total} shows all\n")
    assert told(cli, "-n", "3")["messages"] == told(cli, "-n", "1000")["messages"][-3:]


def test_they_can_be_picked_by_agent_and_type(cli, ran):
    found = told(cli, "--agent", "router", "--type", "bid", "--limit", "1000")["messages"]

    assert found
    assert {(message["sender"], message["type"]) for message in found} == {("router", "bid")}
    assert all(message["reply_to"] for message in found)
    assert cli("messages", "--failed").stdout == "No such messages.\n"


def test_what_was_said_outside_of_a_run_is_there_too(cli, ran):
    outside = told(cli, "--run", "-", "--limit", "1000")
    inside = told(cli, "--limit", "1000")
    everything = told(cli, "--run", "all", "--limit", "1000")

    assert {message["type"] for message in outside["messages"]} == {"health_check", "health_report"}
    assert outside["total"] + inside["total"] == everything["total"]


def test_a_conversation_is_a_thread_with_payloads(cli, ran):
    vote = next(
        each["id"]
        for each in json.loads(cli("replay", "--json").stdout)["decisions"]
        if each["kind"] == "vote"
    )
    done = cli("messages", "--conversation", vote[:-2])

    lines = done.stdout.splitlines()
    assert lines[0] == f"conversation {vote}"
    assert re.fullmatch(r"\d+ messages among election, coordinator, .*; all arrived", lines[1])
    assert '  options: ["accept", "reject"]' in lines
    assert "  (the same as to coordinator)" in lines
    asked = next(n for n, line in enumerate(lines) if "election → validator-valid call_for" in line)
    answer = next(line for line in lines[asked:] if "validator-valid → election" in line)
    assert lines[asked].startswith("● ")
    assert answer.startswith("  · ")
    assert "    choice: accept" in lines
    assert told(cli, "--conversation", vote)["total"] > 8


def test_what_failed_is_told_with_its_reason(cli, said):
    done = cli("messages", "--failed")
    found = told(cli, "--failed")["messages"]

    assert {(each["recipient"], each["status"]) for each in found} == {
        ("broken", "agent_failed"), ("nobody", "unknown_recipient"),
    }  # fmt: skip
    assert re.search(
        r"^  ✖ [\d:]+ asker → broken +data_request agent_failed .*broken on purpose",
        done.stdout, re.M,
    )  # fmt: skip
    assert re.search(
        r"✖ [\d:]+ asker → nobody +data_request unknown_recipient no route to 'nobody'", done.stdout
    )
    assert told(cli, "--failed", "-n", "1")["total"] == 2
    thread = cli("messages", "--conversation", "talk-1", "--failed").stdout
    assert "2 messages among asker, broken, nobody; 2 did not arrive" in thread
    assert 'deep: {"a": [1, 2]}' in thread


def test_nothing_in_a_message_acts_on_the_terminal(cli, said):
    for arguments in ((), ("--conversation", "talk-1")):
        done = cli("messages", *arguments)
        assert "hello" in done.stdout
        assert "[bold]" in done.stdout
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.stdout)
    assert "\x1b" not in cli("messages", "--json").stdout


def test_a_message_outside_of_runs_is_found_without_a_run(cli, said):
    assert told(cli)["total"] >= 4
    assert told(cli, "--conversation", "x")["messages"][0]["payload"] == {"a": 1}


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (
            ("--type", "bidd"),
            "--type bidd: it occurs in none of these messages. Did you mean 'bid'",
        ),
        (("--agent", "ruter"), "--agent ruter: it occurs in none of these messages. Did you mean"),
        (("--conversation", "zzz"), "there is no such conversation"),
        (("--conversation", "1"), "of them. It may be "),
        (("--run", "zzz"), "there is no such run"),
    ],
)
def test_what_is_meant_by_nothing_is_one_line_and_2(cli, ran, options, problem):
    done = cli("messages", *options)

    assert (done.exit_code, done.stdout) == (2, "")
    assert problem in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_missing_store_is_one_line_and_2(cli, home):
    done = cli("messages")
    assert (done.exit_code, done.stdout) == (2, "")
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("columns", ["60", "80", "160"])
def test_nothing_is_wider_than_the_terminal(cli, ran, columns):
    told = cli("messages", "--limit", "200", COLUMNS=columns).stdout
    assert max(map(len, told.splitlines())) <= int(columns)
