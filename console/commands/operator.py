"""The operator: the person at the terminal as an agent that votes on drift."""

import asyncio
import os
import sys
import termios
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from dataagents.console.commands.output import shown
from dataagents.console.view.fields import Fields, name
from dataagents.core import Agent, AgentCard, AgentConfig, Desk, Motion, Strategy, Vote, hookimpl
from dataagents.core.agents import AgentFactory

OPERATOR = "operator"
"""The agent's id and kind."""
DECISION = "decide_drift"
"""What the operator has a say in."""
_MEANINGS = {
    "evolve": "take the new shape into the contract, as its next version",
    "freeze": "keep the contract, and release nothing of this run",
    "discard_row": "keep the contract; rows that do not fit it go to quarantine",
    "discard_value": "keep the contract; cells that do not fit it become empty",
}
_LATER = "decide later: the run ends, and nothing is released"

Pause = Callable[[], AbstractContextManager[None]]
"""Takes the live display away while its context lasts."""

Read = Callable[[Callable[[], None]], Awaitable[str]]
"""Shows a prompt, then gives the next line that is typed."""


def operator_config() -> AgentConfig:
    """Return the operator as an agent of the team."""
    summary = "the person at the terminal"
    capabilities = {"operate": 1.0}
    return AgentConfig(id=OPERATOR, kind=OPERATOR, capabilities=capabilities, summary=summary)


async def read_line(prompt: Callable[[], None]) -> str:
    """Return the next line that is typed; empty at the end of the input.

    What was typed before the prompt shows is thrown away, nothing after it, and no thread is left
    waiting when this is cancelled.
    """
    loop, descriptor = asyncio.get_running_loop(), sys.stdin.fileno()
    typed: asyncio.Future[bytes] = loop.create_future()

    def take() -> None:
        if not typed.done():
            typed.set_result(os.read(descriptor, 4096))

    termios.tcflush(descriptor, termios.TCIFLUSH)
    loop.add_reader(descriptor, take)
    try:
        prompt()
        return (await typed).decode(errors="replace")
    finally:
        loop.remove_reader(descriptor)


class Question:
    """Asks the person; one question at a time.

    Args:
        console: Where to ask.
        pause: Takes the live display away meanwhile.
        read: Shows a prompt, and gives the next line that the person types.
    """

    def __init__(self, console: Console, pause: Pause, read: Read = read_line) -> None:
        self._console = console
        self._pause = pause
        self._read = read
        self._turn = asyncio.Lock()

    async def ask(self, motion: Motion) -> Vote:
        """Put a motion to the person and return what they choose; no choice is an abstention."""
        async with self._turn:
            with self._pause():
                self._console.print(_asked(motion))
                choice = await self._choose(motion.options)
        if choice is None:
            return Vote(reason="the operator decides later")
        return Vote(choice, 1.0, f"the operator chose {choice}")

    async def _choose(self, options: Sequence[str]) -> str | None:
        last = len(options) + 1
        while True:
            line = await self._read(
                lambda: self._console.print(Text(f"Choose 1 to {last} [{last}]: "), end="")
            )
            answer = line.strip()
            if not answer:
                return None
            number = int(answer) if answer.isdecimal() and len(answer) < 4 else 0
            if number == last:
                return None
            if 0 < number < last:
                return options[number - 1]
            if answer in options:
                return answer


class Operator(Agent):
    """Has the person vote on drift, and on nothing else; votes only while armed."""

    def __init__(self, question: Question, card: AgentCard) -> None:
        super().__init__(replace(card, human=True))
        self._question = question

    async def vote(self, motion: Motion, desk: Desk) -> Vote:
        """Ask about drift; abstain otherwise."""
        if motion.context.get("decision") != DECISION:
            return Vote(reason="the operator decides on drift only")
        return await self._question.ask(motion)


class OperatorPlugin:
    """Brings the operator into a kernel."""

    def __init__(self, question: Question) -> None:
        self._question = question

    @hookimpl
    def register_agents(self) -> tuple[Strategy[AgentFactory], ...]:
        """Provide the operator."""
        make = partial(Operator, self._question)
        return (Strategy(OPERATOR, lambda options: make, summary="asks at the terminal"),)


def _asked(motion: Motion) -> RenderableType:
    dataset = name(motion.about)
    choices = Table.grid(padding=(0, 2))
    for number, option in enumerate(motion.options, start=1):
        meaning = _MEANINGS.get(option, "")
        choices.add_row(str(number), shown(option, "bold"), Text(meaning, "dim"))
    choices.add_row(str(len(motion.options) + 1), Text("later", "bold"), Text(_LATER, "dim"))
    return Group(
        Text.assemble("\n", (dataset, "bold"), " drifted from its contract:"),
        *(Padding(line, (0, 0, 0, 2)) for line in _changes(motion, dataset)),
        shown(motion.question),
        Padding(choices, (0, 0, 0, 2)),
    )


def _changes(motion: Motion, dataset: str) -> Iterator[Text]:
    facts = Fields(motion.context).part("facts")
    for change in facts.part(f"schema:{dataset}").parts("drift"):
        told = change.text("explanation") or f"{change.name('kind')} {change.name('column')}"
        yield shown(f"- {told}")
