"""The goal: what `dataagents-console run` has its kernel do first, as `dataagents run` would."""

from pathlib import Path

from dataagents.console.commands.operator import OPERATOR
from dataagents.core import Goal, Kernel, RunResult


class GoalWork:
    """Conducts one goal; afterwards the kernel is there for its operators.

    Args:
        goal: What is wanted.
        out: Where the results go; nothing is written when None.
    """

    def __init__(self, goal: Goal, out: Path | None = None) -> None:
        self._goal = goal
        self._out = out
        self._run = ""
        self.result: RunResult | None = None
        """How it ended; None as long as it has not, and when it was cut off."""

    @property
    def title(self) -> str:
        """What is done to what."""
        return f"{self._goal.task} {', '.join(self._goal.inputs)}"

    @property
    def run(self) -> str:
        """The id of its run; empty before it began."""
        return self._run

    async def conduct(self, kernel: Kernel, scratch: Path) -> None:
        """Conduct the goal.

        Raises:
            InputError: The folder for the results can't be used.
            StoreError: What happened could not be recorded.
        """
        if OPERATOR in kernel.roster:
            kernel.roster.arm(OPERATOR)
        self.result = await kernel.run(self._goal, out=self._out, started=self._started)

    def _started(self, run: str) -> None:
        self._run = run
