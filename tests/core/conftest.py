from collections.abc import AsyncIterator

import pytest
from sample_plugins import FakeDataTools

from dataagents.core import Kernel, KernelConfig
from dataagents.core.testing import FakeClock, MemoryStore


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
async def kernel(clock: FakeClock, store: MemoryStore) -> AsyncIterator[Kernel]:
    """A kernel without a team, on a fake clock."""
    config = KernelConfig(seed=1, agents=(), max_agents=5, quarantine_after=50, mailbox_size=3)
    async with Kernel(config, clock=clock, store=store) as kernel:
        yield kernel


@pytest.fixture
def tools() -> FakeDataTools:
    return FakeDataTools()
