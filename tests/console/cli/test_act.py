"""`dataagents act`: told to a kernel in another process, answered by it."""

import asyncio
import json
import shlex
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dataagents.console.commands.act_report import command_line
from dataagents.core.commands import ACTIONS, Command
from dataagents.storage import SqliteStore
from dataagents.storage.commands import commands_path

CHILD = Path(__file__).with_name("acting_child.py")
STORE = Path(".dataagents/store.db")


@pytest.fixture(scope="module")
def acting():
    """A process that has kernels, one after the other."""
    process = subprocess.Popen(
        [sys.executable, str(CHILD)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
    )  # fmt: skip
    yield process
    process.communicate(timeout=30)
    assert process.returncode == 0


@pytest.fixture
def kernel(acting, home):
    """A process with a kernel that has the store open, a new one for each test."""
    acting.stdin.write(f"{home / STORE}\n")
    assert acting.stdout.readline() == "ready\n"
    yield acting
    acting.stdin.write("\n")
    assert acting.stdout.readline() == "closed\n"


@pytest.fixture
def closed(home):
    """A store that no kernel has open."""

    async def make():
        async with SqliteStore(STORE):
            pass

    asyncio.run(make())
    return STORE


def issued(store=STORE):
    if not commands_path(store).exists():
        return []
    database = sqlite3.connect(commands_path(store))
    try:
        return database.execute(
            "SELECT kind, target, actor, reason, epoch FROM commands"
        ).fetchall()
    finally:
        database.close()


def test_the_kernel_answers_and_keeps_it_on_record(kernel, cli):
    done = cli("act", "answer", "question:latest", "--arg", "choice=evolve", "--as", "anna")
    assert done.exit_code == 0, done.output
    assert "executed: anna votes 'evolve' on 'orders'" in done.stdout
    assert "whoever asked goes on with this answer" in done.stderr
    assert "epoch 1" in done.stderr
    again = cli("act", "recall", "election:latest", "--yes", "--reason", "no", "--json")
    assert again.exit_code == 0, again.output
    (told,) = json.loads(again.stdout)["commands"]
    assert (told["state"], told["epoch"], told["reason"]) == ("executed", 1, "no")
    assert told["command_line"].startswith("dataagents act recall election:")


def test_what_is_refused_says_why_and_exits_1(kernel, cli):
    done = cli("act", "cast", "election:none", "--arg", "choice=evolve")
    assert done.exit_code == 1
    assert "refused: question 'none': it does not wait for a person" in done.stdout
    done = cli("act", "drain", "agent:validator-1", "--epoch", "7")
    assert done.exit_code == 1
    assert "epoch 7, and this is the one of epoch 1" in done.stdout


def test_a_pattern_needs_the_number_of_its_targets(kernel, cli):
    short = cli("act", "drain", "agent:validator-*")
    assert short.exit_code == 2
    assert "it stands for 3: agent:validator-1, agent:validator-2" in short.stderr
    assert "--count 3" in short.stderr
    assert cli("act", "drain", "agent:validator-*", "--count", "2").exit_code == 2
    assert issued() == []
    done = cli("act", "drain", "agent:validator-*", "--count", "3", "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert [each["state"] for each in said["commands"]] == ["executed"] * 3
    empty = cli("act", "drain", "agent:validator-*", "--count", "3")
    assert "it fits nothing" in empty.stderr


def test_the_same_id_does_nothing_twice(kernel, cli):
    line = ["act", "drain", "agent:validator-2", "--id", "mine"]
    first, second = cli(*line), cli(*line)
    assert (first.exit_code, second.exit_code) == (0, 0), "though the agent is gone by then"
    assert first.stdout == second.stdout
    third = cli("act", "drain", "agent:validator-3", "--id", "mine", "--json")
    (told,) = json.loads(third.stdout)["commands"]
    assert (told["target"], told["state"]) == ("agent:validator-2", "executed")
    assert len(issued()) == 1
    assert "it names one command" in cli("act", "drain", "agent:*", "--id", "x").stderr


def test_a_dry_run_says_what_would_happen_and_issues_nothing(kernel, cli):
    done = cli("act", "redeploy", "agent:validator-*", "--dry-run")
    assert done.exit_code == 0, done.output
    assert "it finishes what it has, and is built anew" in done.stdout
    assert "3 targets: agent:validator-1, agent:validator-2, agent:validator-3" in done.stdout
    assert f"process {kernel.pid} on" in done.stdout
    assert issued() == []
    told = json.loads(cli("act", "pause", "agent:anna", "--dry-run", "--json").stdout or "{}")
    assert told == {}


def test_without_a_kernel_it_is_refused_unless_any_will_do(closed, cli):
    refused = cli("act", "acknowledge", "alert:x")
    assert refused.exit_code == 1
    assert "no kernel has .dataagents/store.db open. With --epoch any" in refused.stderr
    assert issued() == []
    waits = cli("act", "acknowledge", "alert:x", "--epoch", "any", "--wait", "0.1", "--as", "anna")
    assert waits.exit_code == 3
    assert "no answer within 0.1 s; this waits for it again: dataagents act" in waits.stderr
    assert "… waiting: acknowledge alert:x" in waits.stdout
    assert issued() == [("acknowledge", "alert:x", "anna", "", None)]
    assert cli("act", "acknowledge", "alert:y", "--epoch", "any", "--wait", "0").exit_code == 0


WRONG = (
    (("cancle", "run:1"), "Did you mean 'cancel'?"),
    (("pause", "validator-1"), "for example agent:validator-1"),
    (("pause", "agnt:validator-1"), "Did you mean 'agent'?"),
    (("drain", "agent:validator-9"), "Did you mean 'validator-"),
    (("drain", "agent:zzz*"), "it fits nothing"),
    (("drain", "agent:validator-1", "--count", "2"), "is one target"),
    (("drain", "agent:validator-1", "--arg", "within"), "is not KEY=VALUE"),
    (("drain", "agent:validator-1", "--arg", "withn=1"), "Did you mean 'within'?"),
    (("answer", "question:latest"), "answer needs it: the option"),
    (("redeploy", "agent:validator-1", "--reason", "x"), "Say --yes if it is meant."),
    (("redeploy", "agent:validator-1", "--yes"), "say why you redeploy this"),
    (("drain", "agent:validator-1", "--epoch", "last"), "neither a number nor 'any'"),
    (("drain", "agent:validator-1", "--as", "  "), "nobody is named"),
    (("pause", "run:latest"), "run"),
)


def test_wrong_use_says_what_would_be_right_and_issues_nothing(kernel, cli):
    for words, says in WRONG:
        done = cli("act", *words)
        assert done.exit_code == 2, (words, done.output)
        assert says in done.stderr, words
    assert issued() == []


def test_a_store_that_is_not_there_is_not_made(home, cli):
    done = cli("act", "pause", "run:latest")
    assert done.exit_code == 2
    assert "there is no such file" in done.stderr
    assert not STORE.parent.exists()


def test_hostile_text_is_shown_and_not_obeyed(closed, cli):
    done = cli("act", "acknowledge", "alert:\x1b]0;x\x07[red]", "--epoch", "any", "--wait", "0")
    assert done.exit_code == 0, done.output
    assert "\x1b]0" not in done.stdout + done.stderr
    assert "[red]" in done.stdout


def test_a_damaged_file_of_commands_is_refused_in_one_line(closed, cli):
    commands_path(STORE).write_text("rubbish" * 1_000)
    done = cli("act", "acknowledge", "alert:x", "--epoch", "any")
    assert done.exit_code == 2
    assert "Move it away; a new one is made" in done.stderr


def test_the_line_that_issues_a_command_again_can_be_pasted():
    now = datetime(2026, 11, 24, tzinfo=UTC)
    command = Command(
        "1", "cancel", "run:a b", "anna's", now, now + timedelta(hours=1), "so; $(rm)", {"a": "x y"}
    )  # fmt: skip
    words = shlex.split(command_line(command, Path("my store.db"), id=True))
    assert words == [
        "dataagents", "act", "cancel", "run:a b", "--as", "anna's", "--reason", "so; $(rm)",
        "--arg", "a=x y", "--yes", "--epoch", "any", "--store", "my store.db", "--id", "1",
    ]  # fmt: skip


def test_the_help_names_every_command(cli):
    said = cli("act", "--help").output
    assert all(f"  {kind} " in said for kind in ACTIONS)


def test_a_command_that_no_kernel_has_begun_is_taken_back(closed, cli):
    wanted = cli(
        "act", "acknowledge", "alert:disk", "--epoch", "any", "--wait", "0", "--id", "mine"
    )
    assert wanted.exit_code == 0, wanted.output
    assert "dataagents act withdraw command:mine" in wanted.stderr
    typo = cli("act", "withdraw", "command:mien")
    assert typo.exit_code == 2
    assert "Did you mean 'mine'?" in typo.stderr
    assert "command:ID" in cli("act", "withdraw", "mine").stderr
    taken = cli("act", "withdraw", "command:latest", "--as", "ben", "--json")
    assert taken.exit_code == 0, taken.output
    (told,) = json.loads(taken.stdout)["commands"]
    assert (told["id"], told["state"]) == ("mine", "withdrawn")
    again = cli("act", "withdraw", "command:mine")
    assert again.exit_code == 2
    assert "no such command waits for a kernel" in again.stderr


def test_what_was_answered_already_is_not_taken_back(kernel, cli):
    done = cli("act", "drain", "agent:validator-2", "--id", "mine")
    assert done.exit_code == 0, done.output
    late = cli("act", "withdraw", "command:mine")
    assert late.exit_code == 2
    assert "it waits no more: executed: agent validator-2 is out of the team" in late.stderr
