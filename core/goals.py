"""Goals: what a run was asked for and what it gave."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from dataagents.core.bidding import Award
from dataagents.core.planning import Execution, Goal, Plan
from dataagents.core.reflection import Lesson, Reflection
from dataagents.core.values import JsonObject
from dataagents.core.voting import Election

RUNNING, PAUSED = "running", "paused"
UNDER_WAY = (RUNNING, PAUSED)
"""How a run without an end is."""


class RunStatus(StrEnum):
    """How a run ended."""

    DONE = "done"
    WITHHELD = "withheld"
    """Everything worked, but the agents did not release the data."""
    REJECTED = "rejected"
    """An input can't be used; the reason says what to do about it."""
    UNDECIDED = "undecided"
    """Somebody has to decide something first; the reason says what."""
    FAILED = "failed"
    CANCELLED = "cancelled"
    SUSPENDED = "suspended"
    """It waits: for a decision about a step that may have happened, or for a kernel to open."""


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How a run ended, small enough to be stored and shown."""

    run: str
    status: RunStatus
    seconds: float
    summary: JsonObject = field(default_factory=dict)
    """What the coordinator aggregated."""
    reason: str = ""
    """Why it did not end well; empty when it did."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """Everything a run gave, for the caller and for outputs."""

    outcome: RunOutcome
    goal: Goal
    started: datetime
    ended: datetime
    workspace: Path
    plan: Plan | None = None
    execution: Execution | None = None
    elections: tuple[Election, ...] = ()
    awards: tuple[Award, ...] = ()
    reflection: Reflection | None = None
    applied: tuple[Lesson, ...] = ()
    """Lessons of earlier runs that changed something in this one, as they were then."""
    files: Mapping[str, Path] = field(default_factory=dict)
    """Name of an output → the file it wrote."""


class Output(Protocol):
    """Writes something about a run that ended, for people or other programs.

    One that has an attribute `entries`, the names of what it may write at the top of a folder, has
    the kernel refuse a folder in which somebody else's file has such a name, before the run begins.
    """

    async def write(self, result: RunResult, folder: Path) -> Mapping[str, Path]:
        """Write into a folder that exists, is empty at first and belongs to this run alone.

        When every output is done, the kernel moves all of it to where the user wants it, in the
        place of what the run before had written there; `result.files` has those final paths. An
        `OSError` or `InputError` means that the place can't be written: nothing is published then.

        Returns:
            A name for each file written → its path.
        """
        ...
