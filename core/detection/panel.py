"""The panel: who looks for errors in a kernel, within reach of the tool that lets them look."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from dataagents.core.boundary import Boundary
from dataagents.core.clock import SystemClock
from dataagents.core.detection.detector import Corrector, Detector
from dataagents.core.detection.reliability import Weights
from dataagents.core.detection.review import Label
from dataagents.core.reasoning import Bench
from dataagents.core.registry import Built
from dataagents.core.voting import Election, VotingRule

VOTER = "detector:"
"""What a detector's name has before it where it is one of the voters."""


def nothing_learned(dataset: str) -> Weights:
    """Return no weights: each detector is taken at its word."""
    return {}


def nothing_reviewed(dataset: str) -> tuple[Label, ...]:
    """Return no answers: nobody said anything about cells of a data set."""
    return ()


@dataclass(frozen=True, slots=True)
class Panel:
    """The detectors and correctors that a configuration chose, built, and how they decide."""

    boundary: Boundary
    """Contains what they do; `call_now` may be used in the engine's thread."""
    detectors: tuple[Built[Detector], ...] = ()
    correctors: tuple[Built[Corrector], ...] = ()
    rule: Built[VotingRule] | None = None
    """Decides about cells, by its `bulk()`; nothing is decided without one."""
    learned: Callable[[str], Weights] = nothing_learned
    """Data set → what was learned about its detectors in earlier runs."""
    reviewed: Callable[[str], tuple[Label, ...]] = nothing_reviewed
    """Data set → what a person said about cells of it."""


@runtime_checkable
class Minutes(Protocol):
    """A bench on which a vote that was held by a tool is put on record."""

    async def record_election(self, election: Election) -> None:
        """Record an election with its ballots; the bench gives the motion its id and its place."""
        ...


def panel_of(bench: Bench) -> Panel:
    """Return who looks for errors, for a tool that runs on a bench; nobody outside of a kernel."""
    panel: object = getattr(bench, "panel", None)
    if isinstance(panel, Panel):
        return panel
    return Panel(Boundary(SystemClock(), quarantine_after=1, grace=0.0))
