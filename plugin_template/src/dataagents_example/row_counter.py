"""A tool that counts the rows of a CSV file without an engine."""

import asyncio
import csv
from pathlib import Path

from dataagents.core import Observation, StrategyOptions
from dataagents.core.errors import InputError
from dataagents.core.reasoning import Bench, Effect, ToolLimits
from pydantic import BaseModel, ConfigDict, Field


class RowCounterOptions(StrategyOptions):
    """Options of the row counter."""

    most_rows: int = Field(default=1_000_000, ge=1)
    """Where it stops counting: a tool bounds its own work."""


class CountRows(BaseModel):
    """What the tool is asked; it comes from outside, so unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: str


class RowCounter:
    """Counts the rows below the header; an empty line is no row, a quoted line break is one."""

    name = "count_rows"
    description = "Counts the data rows of a CSV file, without its header."
    effect = Effect.READ
    limits = ToolLimits()
    input_model = CountRows

    def __init__(self, options: RowCounterOptions) -> None:
        self._most = options.most_rows

    async def run(self, request: CountRows, bench: Bench) -> Observation:
        """Count in a thread, so that the event loop never waits for a disk.

        Raises:
            InputError: There is no such file, or it is no text in UTF-8.
        """
        source = bench.source(request.dataset)
        try:
            rows, complete = await asyncio.to_thread(self._count, source)
        except OSError as error:
            raise InputError(source.name, error.strerror or "can't be read") from error
        except (UnicodeDecodeError, csv.Error) as error:
            raise InputError(source.name, "is no CSV text in UTF-8") from error
        known = f"{rows:,} rows" if complete else f"at least {rows:,} rows; counting stopped there"
        return Observation(f"{request.dataset}: {known}", {"rows": rows, "complete": complete})

    def _count(self, source: Path) -> tuple[int, bool]:
        with source.open(encoding="utf-8-sig", newline="") as file:
            rows = 0
            for number, row in enumerate(csv.reader(file)):
                if number == 0 or not row:
                    continue
                if rows == self._most:
                    return rows, False
                rows += 1
        return rows, True
