"""Workplaces: the folder and the inputs of each run while it lasts."""

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree

from dataagents.core.detection.panel import Panel
from dataagents.core.durability.files import Stamps
from dataagents.core.planning import Goal, PlannedTask
from dataagents.core.reasoning import Bench, Effect, ReasoningTask, StepBudget
from dataagents.core.services.bench import ToolBench, make_workspace
from dataagents.core.services.runtime import Runtime
from dataagents.core.tracing import TraceContext
from dataagents.core.voting import Election


class Workplaces:
    """Knows for each run that is under way what it works on and where.

    Args:
        runtime: What the services share.
        root: The folder that has those of the runs.
        panel: Who looks for errors.
        held: Takes an election that a tool held.
    """

    def __init__(
        self, runtime: Runtime, root: Path, panel: Panel, held: Callable[[Election], None]
    ) -> None:
        self._runtime = runtime
        self._root = root
        self._panel = panel
        self._held = held
        self._goals: dict[str, Goal] = {}

    @contextmanager
    def open(self, run: str, goal: Goal, *, keep: bool = False) -> Iterator[Path]:
        """Give a run its folder; tools find its inputs until the context ends.

        Args:
            run: Its id.
            goal: What it is about.
            keep: Whether the folder outlives the context. One that does not is made when a tool
                asks for it first: most reasonings need none.

        Raises:
            InputError: The folder can't be made.
        """
        folder = self._root / run
        if keep:
            make_workspace(folder)
        self._goals[run] = goal
        try:
            yield folder
        finally:
            del self._goals[run]
            if not keep and folder.exists():
                rmtree(folder, ignore_errors=True)

    async def stamps(self, run: str) -> Stamps:
        """Return the files that a run has by now."""
        folder = self._root / run
        return await asyncio.to_thread(_stamps, folder) if folder.exists() else {}

    async def discard(self, run: str, paths: Sequence[str] | None) -> None:
        """Remove files of a run, given by their paths below its folder; all of them when None."""
        folder = self._root / run
        if paths is None:
            await asyncio.to_thread(rmtree, folder, ignore_errors=True)
        for path in paths or ():
            (folder / path).unlink(missing_ok=True)

    def bench(self, context: TraceContext) -> Bench:
        """Return a bench for tools at a place in a run."""
        run = context.run or ""
        goal = self._goals.get(run, Goal(""))
        return ToolBench(self._runtime, self._root / run, goal, context, self._panel, self._held)

    def question(self, task: PlannedTask, context: TraceContext) -> ReasoningTask:
        """Return what there is to reason about in a task, within the limits of its run."""
        steps = self._goals.get(context.run or "", Goal("")).limits.reasoning_steps
        config = self._runtime.config
        return ReasoningTask(
            question=_asked(task) or task.name.replace("_", " "),
            actions=task.tools,
            args=task.args,
            facts=task.facts,
            wanted=task.writes,
            effects=tuple(map(Effect, config.allowed_effects)),
            budget=StepBudget(
                steps=steps or config.max_reasoning_steps,
                seconds=config.max_reasoning_seconds,
                tokens=config.max_reasoning_tokens,
                cost=config.max_reasoning_cost,
            ),
        )


def _asked(task: PlannedTask) -> str:
    """Return the question that the goal asks, if the task is told; else nothing."""
    settings = task.facts.get("settings")
    question = settings.get("question") if isinstance(settings, dict) else None
    return question.strip() if isinstance(question, str) else ""


def _stamps(folder: Path) -> Stamps:
    """Return the stamps of all files of a run; those with a dot before their name are drafts."""
    found: dict[str, tuple[int, int]] = {}
    for place, _, names in os.walk(folder):
        below = Path(place).relative_to(folder)
        for name in names:
            try:
                stat = Path(place, name).lstat()
            except FileNotFoundError:
                continue
            if not name.startswith("."):
                found[(below / name).as_posix()] = (stat.st_size, stat.st_mtime_ns)
    return found
