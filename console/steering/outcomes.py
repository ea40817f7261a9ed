"""Outcomes: what became of commands, and how that is told; pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dataagents.console.safe_text import safe_text
from dataagents.console.view.marks import Mark
from dataagents.core.commands import Command, CommandAnswer, CommandState

WAITING = "waiting"
_MOST = 300
_WORST_FIRST = (
    CommandState.FAILED,
    CommandState.INTERRUPTED,
    CommandState.REFUSED,
    CommandState.EXPIRED,
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A command, and what became of it so far."""

    command: Command
    answer: CommandAnswer | None = None
    why: str = ""
    """Why there is no answer; empty when there is one."""

    @property
    def address(self) -> str:
        """Its address, among the commands on record."""
        return f"command:{self.command.id}"

    @property
    def state(self) -> str:
        """Word of what became of it."""
        if self.answer is not None:
            return self.answer.state.value
        return CommandState.WITHDRAWN.value if self.command.withdrawn else WAITING

    @property
    def mark(self) -> Mark:
        """How it is marked."""
        if self.state == CommandState.WITHDRAWN:
            return Mark.NOTE
        if self.answer is None:
            return Mark.WARN
        return Mark.OK if self.answer.executed else Mark.FAIL


def told(outcomes: Sequence[Outcome]) -> tuple[str, Mark]:
    """Return what became of commands in a sentence that is safe to show, and how good that is."""
    worst = next((each for state in _WORST_FIRST for each in outcomes if each.state == state), None)
    worst = worst or next((each for each in outcomes if each.answer is None), None)
    if len(outcomes) == 1:
        (only,) = outcomes
        return safe_text(_said(only), limit=_MOST), only.mark
    counts = Counter(each.state for each in outcomes)
    kind = outcomes[0].command.kind if outcomes else ""
    summary = f"{kind}: " + ", ".join(f"{number} {state}" for state, number in counts.items())
    if worst is None:
        return safe_text(summary, limit=_MOST), Mark.OK
    told_of = f"{summary}. {worst.command.target}: {_said(worst)}"
    return safe_text(told_of, limit=_MOST), worst.mark


def _said(outcome: Outcome) -> str:
    if outcome.answer is None:
        return f"{outcome.command.kind} {outcome.command.target}: {outcome.why}"
    return f"{outcome.answer.state}: {outcome.answer.message}"
