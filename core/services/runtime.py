"""What every service works with: settings, time, ids, the boundary and the journal."""

from dataclasses import dataclass

from dataagents.core.boundary import Boundary
from dataagents.core.clock import Clock
from dataagents.core.config import KernelConfig
from dataagents.core.ids import IdSource
from dataagents.core.services.recorder import Recorder


@dataclass(frozen=True, slots=True)
class Runtime:
    """The ground that the services of one kernel share."""

    config: KernelConfig
    clock: Clock
    new_id: IdSource
    boundary: Boundary
    recorder: Recorder
