"""The bench: what a tool may touch while it runs."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from dataagents.core.detection.panel import Panel
from dataagents.core.errors import InputError
from dataagents.core.events import EventKind
from dataagents.core.messaging import Lineage
from dataagents.core.planning import Goal
from dataagents.core.reasoning import Analysis
from dataagents.core.services.runtime import Runtime
from dataagents.core.suggestions import did_you_mean
from dataagents.core.tracing import TraceContext
from dataagents.core.values import JsonObject
from dataagents.core.voting import Election


@dataclass(frozen=True, slots=True)
class ToolBench:
    """The bench of one agent in one task."""

    _runtime: Runtime
    _folder: Path
    _goal: Goal
    _context: TraceContext
    panel: Panel
    """Who looks for errors; see `detection.panel.panel_of`."""
    _held: Callable[[Election], None]
    """Takes elections that tools held among those of the run."""
    key: str = ""
    """Of the call that it is for; see `durability.key_of`."""

    @property
    def workspace(self) -> Path:
        """Folder of this run."""
        make_workspace(self._folder)
        return self._folder

    @property
    def memory_bytes(self) -> int:
        """How much memory an engine may use; data sets that are worked on side by side share."""
        config = self._runtime.config
        shares = max(1, min(len(self._goal.inputs), config.max_parallel_streams))
        return config.memory_limit_mb * 1024 * 1024 // shares

    @property
    def batch_rows(self) -> int:
        """How many rows may leave an engine at once."""
        return self._runtime.config.batch_size

    @property
    def settings(self) -> JsonObject:
        """What the goal tells those who work on it."""
        return self._goal.settings

    def now(self) -> datetime:
        """Return the kernel's time, in UTC."""
        return self._runtime.clock.now()

    def source(self, dataset: str) -> Path:
        """Return the path of an input by its name."""
        path = self._goal.inputs.get(dataset)
        if path is None:
            hint = did_you_mean(dataset, self._goal.inputs).strip()
            raise InputError(f"data set {dataset!r}", "this run has no such input", hint=hint)
        return Path(path)

    async def record_lineage(self, lineage: Lineage) -> None:
        """Record where a data set came from, and who made it."""
        place = self._context
        whole = replace(lineage, run=place.run, task=place.task, agent=place.agent)
        await self._runtime.record(EventKind.LINEAGE_RECORDED, lineage.dataset, whole, place)

    async def record_analysis(self, analysis: Analysis) -> None:
        """Record a measured analysis of a data set."""
        await self._runtime.record(
            EventKind.ANALYSIS_MADE, analysis.dataset, analysis, self._context
        )

    async def record_election(self, election: Election) -> None:
        """Record an election that a tool held, with its ballots."""
        place, runtime = self._context, self._runtime
        motion = replace(election.motion, id=runtime.new_id(), run=place.run, task=place.task)
        await runtime.record(EventKind.ELECTION_OPENED, motion.id, motion, place)
        for ballot in election.ballots:
            await runtime.record(EventKind.BALLOT_CAST, motion.id, ballot, place)
        closed = replace(election, motion=motion, ballots=())
        await runtime.record(EventKind.ELECTION_CLOSED, motion.id, closed, place)
        self._held(replace(election, motion=motion))

    async def record_progress(
        self, stage: str, done: int | None = None, total: int | None = None
    ) -> None:
        """Record how far the task is."""
        body = {"stage": stage, "done": done, "total": total}
        place = self._context
        await self._runtime.record(EventKind.TASK_PROGRESS, place.task or "", body, place)


def make_workspace(folder: Path) -> None:
    """Make the folder of a run.

    Raises:
        InputError: It can't be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"workspace {folder.parent}", error.strerror or str(error)) from error
