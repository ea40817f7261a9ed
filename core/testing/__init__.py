"""What plugin authors test with."""

from dataagents.core.testing.bench import RecordingBench
from dataagents.core.testing.clock import FakeClock
from dataagents.core.testing.kernels import kernel_for
from dataagents.core.testing.model import ScriptedModel
from dataagents.core.testing.observer import RecordingObserver
from dataagents.core.testing.store import MemoryStore

__all__ = [
    "FakeClock",
    "MemoryStore",
    "RecordingBench",
    "RecordingObserver",
    "ScriptedModel",
    "kernel_for",
]
