"""The person at the terminal as an agent: what is asked, and what comes of the answers."""

import asyncio
import os
import pty
import re
import sys
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from dataagents.console.commands.operator import (
    OPERATOR,
    OperatorPlugin,
    Question,
    operator_config,
    read_line,
)
from dataagents.console.commands.output import Screen
from dataagents.console.commands.request import RunRequest, configured, goal_settings
from dataagents.core import Kernel, KernelConfig, Motion

OPTIONS = ("evolve", "freeze", "discard_row", "discard_value")
EVIL = "\x1b[2J[red]"
FACTS = {
    "schema:orders": {
        "drift": [
            {"kind": "added", "column": "phone", "explanation": f"`phone` was added{EVIL}"},
            {"kind": "retyped", "column": "id"},
        ]
    }
}


def motion(decision="decide_drift"):
    return Motion(
        "m", "How are orders to be read?", OPTIONS, (OPERATOR,), datetime(2026, 1, 1, tzinfo=UTC),
        context={"decision": decision, "dataset": "orders", "facts": FACTS}, about="orders",
    )  # fmt: skip


class Asking:
    """A question with its answers, and what the terminal showed."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.paused = 0
        self.screen = Screen("stderr")
        self.question = Question(self.screen, self.pause, self.read)

    @contextmanager
    def pause(self):
        self.paused += 1
        yield
        self.paused -= 1

    async def read(self, prompt):
        prompt()
        assert self.paused == 1
        return self.answers.pop(0)

    async def ask(self):
        with self.screen.capture() as captured:
            vote = await self.question.ask(motion())
        assert self.paused == 0
        return vote, captured.get()


async def test_the_drift_is_shown_and_a_number_chooses():
    vote, shown = await Asking("3\n").ask()

    assert (vote.choice, vote.confidence) == ("discard_row", 1.0)
    assert "orders drifted from its contract:" in shown
    assert "`phone` was added" in shown
    assert "retyped id" in shown
    assert "How are orders to be read?" in shown
    for number, option in enumerate((*OPTIONS, "later"), start=1):
        assert re.search(rf"^ +{number} +{option}\b", shown, re.MULTILINE)
    assert "Choose 1 to 5 [5]:" in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize(
    ("answers", "choice"),
    [
        (["evolve\n"], "evolve"),
        (["9\n", "what?\n", "0\n", "99999999999\n", "1\n"], "evolve"),
        (["\n"], None),
        ([""], None),
        (["5\n"], None),
    ],
)
async def test_an_answer_is_a_choice_or_none_and_anything_else_is_asked_again(answers, choice):
    asking = Asking(*answers)
    vote, _ = await asking.ask()
    assert vote.choice == choice
    assert asking.answers == []


async def test_two_questions_are_asked_one_after_the_other():
    asking = Asking("1\n", "2\n")
    with asking.screen.capture():
        votes = await asyncio.gather(asking.question.ask(motion()), asking.question.ask(motion()))
    assert [vote.choice for vote in votes] == ["evolve", "freeze"]


async def test_the_operator_votes_on_drift_while_armed_and_abstains_on_everything_else():
    asking = Asking("1\n")
    config = KernelConfig(agents=(operator_config(),), monitoring=False)
    plugins = [OperatorPlugin(asking.question)]
    async with Kernel(config, plugins=plugins) as kernel:
        nobody = await kernel.vote("How?", OPTIONS, evidence={"decision": "decide_drift"})
        assert kernel.roster.cards[OPERATOR].human
        kernel.roster.arm(OPERATOR)
        with asking.screen.capture():
            drift = await kernel.vote(
                "How?", OPTIONS, voters=[OPERATOR], evidence={"decision": "decide_drift"}
            )
        other = await kernel.vote("Release?", ("accept", "reject"))
    assert nobody.missing == {OPERATOR: "not eligible: no operator is armed"}
    assert drift.decision == "evolve"
    assert other.decision is None
    assert other.ballots[0].reason == "the operator decides on drift only"


@pytest.fixture
def terminal(monkeypatch):
    """A terminal as stdin; gives the end to type at."""
    leader, follower = pty.openpty()
    with os.fdopen(follower, "r") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield leader
    os.close(leader)


async def test_a_line_is_read_without_a_thread_and_what_was_typed_before_is_thrown_away(terminal):
    os.write(terminal, b"4\n")
    shown = asyncio.Event()
    reading = asyncio.create_task(read_line(shown.set))
    await shown.wait()
    os.write(terminal, b"2\n")
    assert await asyncio.wait_for(reading, 10) == "2\n"

    shown.clear()
    waiting = asyncio.create_task(read_line(shown.set))
    await shown.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not asyncio.get_running_loop().remove_reader(sys.stdin.fileno())


def request_with(**changes):
    given = {
        "paths": ("a",), "out": None, "contract": None, "on_drift": None, "min_score": None,
        "max_quarantine": None, "dry_run": False, "format": None, "memory": None, "store": "s",
        "config": None, "seed": None, "json": False, "quiet": False, "log_level": None,
    }  # fmt: skip
    return RunRequest(**{**given, **changes})


def test_with_a_terminal_the_operator_is_in_the_team_and_has_time_to_answer(terminal, monkeypatch):
    monkeypatch.setattr(sys, "stderr", sys.stdin)
    request = request_with(on_drift="ask")
    config = configured(request)

    assert [agent.capabilities for agent in config.agents if agent.id == OPERATOR] == [
        {"operate": 1.0}
    ]
    assert 1800 < config.consensus_timeout == config.strategy_timeout < config.task_timeout
    assert goal_settings(request) == {"on_drift": "ask", "operator": OPERATOR}
    assert configured(request_with()).consensus_timeout == KernelConfig().consensus_timeout


def test_the_memory_is_what_was_asked_for():
    assert configured(request_with(memory="1GB")).memory_limit_mb == 1024
