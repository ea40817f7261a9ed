"""What the tools are asked, and how they run in the engine."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from dataagents.core.errors import DataAgentsError
from dataagents.core.reasoning import RESERVED, Bench
from dataagents.plugins.data.contracts.model import DriftPolicy
from dataagents.plugins.data.engine import Session, work
from dataagents.plugins.data.options import DataOptions
from dataagents.plugins.data.workplace import RuleName, Workplace

T = TypeVar("T")

Mode = Literal["batch", "streaming"]

PROGRESS_SECONDS = 1.0
"""Progress within a stage is recorded no more often than this."""


class DatasetRequest(BaseModel):
    """Names the data set to work on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: str


class WorkRequest(DatasetRequest):
    """Names the data set to work on, and how to go through it."""

    mode: Mode = Field(default="batch", json_schema_extra=RESERVED)
    """`batch` uses all threads, each with rows of its own in memory; `streaming` goes through the
    rows by one thread, which takes longer and holds less."""


class StrictRequest(WorkRequest):
    """The same, with what becomes of doubtful rows."""

    strict: bool = Field(default=False, json_schema_extra=RESERVED)
    """Whether suspicious cells, too, keep a row from going on."""


class SchemaRequest(WorkRequest):
    """What to analyze, and how strictly; a model may only name the data set."""

    lenient: bool = Field(default=False, json_schema_extra=RESERVED)
    """Make every column nullable text."""
    on_drift: DriftPolicy | None = Field(default=None, json_schema_extra=RESERVED)
    """How to read files that drifted from the contract; nobody has decided when None."""
    by: Literal["policy", "vote", "operator"] = Field(default="policy", json_schema_extra=RESERVED)
    """Who decided that."""
    reason: str = Field(default="", json_schema_extra=RESERVED)
    """Why, for the contract's history."""
    election: str | None = Field(default=None, json_schema_extra=RESERVED)


class TransformRequest(WorkRequest):
    """What to transform, and by which rules."""

    rules: list[RuleName] | None = None
    """All of them when None."""


def counted(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


class Reports:
    """What a job in a thread says about how far it is, on the way to the bench."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[tuple[str, int | None, int | None] | None] = asyncio.Queue()
        self._stage = ""
        self._total: int | None = None
        self._told = 0.0
        self.session: Session | None = None
        """The session of the job; None before it began."""

    def tell(self, stage: str, done: int | None, total: int | None) -> None:
        """Say how far the job is; may be called from its thread as often as it likes."""
        now = time.monotonic()
        if stage == self._stage and now - self._told < PROGRESS_SECONDS:
            return
        self._stage, self._total, self._told = stage, total, now
        self._loop.call_soon_threadsafe(self._queue.put_nowait, (stage, done, total))

    def close(self) -> None:
        """End the forwarding, once what was said is through."""
        self._queue.put_nowait(None)

    async def forward(self, bench: Bench) -> None:
        """Hand on what the job says; in between, what DuckDB says of a long statement."""
        while True:
            try:
                report = await asyncio.wait_for(self._queue.get(), PROGRESS_SECONDS)
            except TimeoutError:
                await self._measured(bench)
                continue
            if report is None:
                return
            await bench.record_progress(*report)

    async def _measured(self, bench: Bench) -> None:
        if self.session is None or not self._stage or self._total is not None:
            return
        percent = self.session.progress()
        if percent > 0 and time.monotonic() - self._told >= PROGRESS_SECONDS:
            await bench.record_progress(self._stage, int(percent), 100)


async def run_job(
    tool: str,
    options: DataOptions,
    place: Workplace,
    bench: Bench,
    job: Callable[[Session], T],
    *,
    mode: Mode = "batch",
    others: Sequence[Workplace] = (),
) -> T:
    """Run a tool's job in the engine, within the memory that the bench allows.

    The job says how far it is by `session.tell`; the bench records it. DuckDB can open nothing but
    the workplace, those of the other data sets that the job is about, and the data set's source.
    """
    reports = Reports()

    def told(session: Session) -> T:
        reports.session = session
        session.tell = reports.tell
        return job(session)

    failure: DataAgentsError | None = None
    result: list[T] = []
    async with asyncio.TaskGroup() as group:
        group.create_task(reports.forward(bench))
        try:
            done = await work(
                tool,
                told,
                folder=place.folder,
                memory_bytes=bench.memory_bytes,
                threads=options.threads if mode == "batch" else 1,
                reach=(
                    *_reach(bench.source(place.dataset)),
                    *(other.folder for other in others),
                ),
            )
            result.append(done)
        except DataAgentsError as error:
            failure = error  # a group would wrap it
        finally:
            reports.session = None
            reports.close()
    if failure is not None:
        raise failure
    return result[0]


def _reach(source: Path) -> tuple[Path, ...]:
    """Return what DuckDB has to open to read a file, a folder or a pattern."""
    known = source if source.exists() else next(path for path in source.parents if path.exists())
    return (known, known.absolute(), known.resolve())
