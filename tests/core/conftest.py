from collections.abc import AsyncIterator
from pathlib import Path
from pkgutil import resolve_name

import pytest
from restarting import Stores, in_folder, in_memory
from sample_plugins import FakeDataTools

from dataagents.core import Kernel, KernelConfig
from dataagents.core.testing import FakeClock, MemoryStore

COORDINATION = {
    "test_allocation", "test_auction", "test_auction_replay", "test_concerns_alone",
    "test_contract", "test_conversations", "test_delivery", "test_deployment", "test_election",
    "test_hierarchy", "test_hierarchy_failures", "test_hub", "test_interception", "test_mailbox",
    "test_run", "test_topics",
}  # fmt: skip
"""Modules whose tests run once more where every message becomes bytes and back."""

assert {path.stem for path in Path(__file__).parent.glob("test_*.py")} >= COORDINATION


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.module.__name__.rpartition(".")[2] in COORDINATION:
        metafunc.parametrize("transport", ["in-process", "loopback"], indirect=True)


@pytest.fixture(autouse=True)
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How messages travel in every kernel that a test makes without choosing it."""
    chosen: str = getattr(request, "param", "in-process")
    if chosen == "loopback":
        loopback = "dataagents.plugins.messaging.Loopback"
        monkeypatch.setattr("dataagents.plugins.messaging.InProcess", resolve_name(loopback))
    return chosen


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


@pytest.fixture(params=["memory", "sqlite"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Stores:
    """The same store for one kernel after another."""
    return in_memory() if request.param == "memory" else in_folder(tmp_path)
