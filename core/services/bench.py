"""The bench: what a tool may touch while it runs."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from dataagents.core.errors import InputError
from dataagents.core.events import EventKind
from dataagents.core.messaging import Lineage
from dataagents.core.reasoning import Analysis
from dataagents.core.services.runtime import Runtime
from dataagents.core.suggestions import did_you_mean
from dataagents.core.tracing import TraceContext


class ToolBench:
    """The bench of one agent in one task."""

    def __init__(
        self, runtime: Runtime, workspace: Path, inputs: Mapping[str, str], context: TraceContext
    ) -> None:
        self._runtime = runtime
        self._workspace = workspace
        self._inputs = inputs
        self._context = context

    @property
    def workspace(self) -> Path:
        """Folder of this run."""
        return self._workspace

    @property
    def memory_bytes(self) -> int:
        """How much memory an engine may use."""
        return self._runtime.config.memory_limit_mb * 1024 * 1024

    @property
    def batch_rows(self) -> int:
        """How many rows may leave an engine at once."""
        return self._runtime.config.batch_size

    def now(self) -> datetime:
        """Return the kernel's time, in UTC."""
        return self._runtime.clock.now()

    def source(self, dataset: str) -> Path:
        """Return the path of an input by its name."""
        path = self._inputs.get(dataset)
        if path is None:
            hint = did_you_mean(dataset, self._inputs).strip()
            raise InputError(f"data set {dataset!r}", "this run has no such input", hint=hint)
        return Path(path)

    async def record_lineage(self, lineage: Lineage) -> None:
        """Record where a data set came from, and who made it."""
        place = self._context
        whole = replace(lineage, run=place.run, task=place.task, agent=place.agent)
        await self._runtime.recorder.record(
            EventKind.LINEAGE_RECORDED, lineage.dataset, whole, place
        )

    async def record_analysis(self, analysis: Analysis) -> None:
        """Record a measured analysis of a data set."""
        await self._runtime.recorder.record(
            EventKind.ANALYSIS_MADE, analysis.dataset, analysis, self._context
        )
