"""Who acts, in which run, for which task: carried with every effect, as in distributed tracing."""

from contextvars import ContextVar
from dataclasses import dataclass, replace

from dataagents.core.records import quick


@quick
@dataclass(frozen=True, slots=True)
class TraceContext:
    """The place in a run that an effect belongs to."""

    run: str | None = None
    """Id of the run; None outside of one."""
    task: str | None = None
    """Id of the planned task that is being executed."""
    agent: str | None = None
    """Id of the agent that acts; None for the kernel itself."""
    waiting: tuple[str, ...] = ()
    """Who waits for what happens here, as `agent/lane`."""
    path: tuple[str, ...] = ()
    """Agents that led here by messages, the latest last; the older ones are left out."""

    def of(self, agent: str) -> "TraceContext":
        """Return the same place, seen from an agent."""
        return replace(self, agent=agent)

    def within(self, task: str) -> "TraceContext":
        """Return the same run, inside a task."""
        return replace(self, task=task)


CURRENT: ContextVar[TraceContext] = ContextVar("dataagents_place", default=TraceContext())  # noqa: B039
"""Where the agent's code that runs now is at work; only for what is said about it in logs."""
