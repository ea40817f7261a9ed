"""Hierarchy: work that is handed from one agent to another."""

from dataclasses import dataclass
from datetime import datetime

from dataagents.core.planning import TaskResult


@dataclass(frozen=True, slots=True)
class Delegation:
    """A task in somebody's hands, and what came back."""

    task: str
    by: str
    """Who handed it on: an agent, or the kernel."""
    to: str
    at: datetime
    result: TaskResult
