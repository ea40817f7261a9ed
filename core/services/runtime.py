"""What every service works with: settings, time, ids, the boundary and the journal."""

from dataclasses import dataclass, field

from dataagents.core.boundary import Boundary
from dataagents.core.clock import Clock, Steady
from dataagents.core.config import KernelConfig
from dataagents.core.ids import IdSource
from dataagents.core.redaction import Redactor
from dataagents.core.services.recorder import NOWHERE, Recorder
from dataagents.core.tracing import TraceContext


@dataclass(frozen=True, slots=True)
class Runtime:
    """The ground that the services of one kernel share."""

    config: KernelConfig
    clock: Clock
    new_id: IdSource
    boundary: Boundary
    recorder: Recorder
    redactor: Redactor
    steady: Steady = field(init=False)
    """What deadlines go by."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "steady", Steady(self.clock))

    async def record(
        self, kind: str, subject: str, value: object, context: TraceContext = NOWHERE
    ) -> None:
        """Make one thing that happened durable, then publish it."""
        await self.recorder.record(kind, subject, value, context)
