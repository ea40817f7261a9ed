"""A bench for trying a tool without a kernel."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from dataagents.core.errors import InputError
from dataagents.core.messaging import Lineage
from dataagents.core.reasoning import Analysis
from dataagents.core.testing.clock import START
from dataagents.core.values import JsonObject


class RecordingBench:
    """A folder and some inputs; remembers the lineage, analyses and progress that a tool records.

    Args:
        workspace: Where the tool may write; it has to exist.
        inputs: Name of a data set → its path.
        memory_bytes: How much memory an engine may use.
        batch_rows: How many rows may leave an engine at once.
        settings: What the goal tells the tool.
    """

    def __init__(
        self,
        workspace: Path,
        inputs: Mapping[str, Path] | None = None,
        *,
        memory_bytes: int = 256 * 1024 * 1024,
        batch_rows: int = 10_000,
        settings: JsonObject | None = None,
    ) -> None:
        self.workspace = workspace
        self.memory_bytes = memory_bytes
        self.batch_rows = batch_rows
        self.settings: JsonObject = dict(settings or {})
        self._inputs = dict(inputs or {})
        self.lineages: list[Lineage] = []
        """What was recorded, oldest first."""
        self.analyses: list[Analysis] = []
        """What was recorded, oldest first."""
        self.progress: list[tuple[str, int | None, int | None]] = []
        """Stage, done and total as they were recorded, oldest first."""

    def source(self, dataset: str) -> Path:
        """Return the path of an input by its name.

        Raises:
            InputError: There is no such input.
        """
        try:
            return self._inputs[dataset]
        except KeyError:
            raise InputError(f"data set {dataset!r}", "this run has no such input") from None

    async def record_lineage(self, lineage: Lineage) -> None:
        """Remember where a data set came from."""
        self.lineages.append(lineage)

    async def record_analysis(self, analysis: Analysis) -> None:
        """Remember an analysis."""
        self.analyses.append(analysis)

    async def record_progress(
        self, stage: str, done: int | None = None, total: int | None = None
    ) -> None:
        """Remember how far the tool said it is."""
        self.progress.append((stage, done, total))

    def now(self) -> datetime:
        """Return a time that never changes."""
        return START
