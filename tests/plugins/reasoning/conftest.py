"""A kernel with data tools that need no engine, and with a model that says what a test wrote."""

import pytest
from sample_plugins import FakeDataTools

from dataagents.core import KernelConfig, ReasoningTask
from dataagents.core.testing import FakeClock, MemoryStore, kernel_for

TASK = ReasoningTask(
    "How good is x?",
    ("analyze_schema", "validate_data"),
    {"dataset": "x"},
    wanted=("schema:x", "quality:x"),
)


@pytest.fixture
def task():
    return TASK


@pytest.fixture
def tools():
    return FakeDataTools()


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
def ask(tools, store):
    """Reason about the task, with a model's script or by rules."""

    async def asked(script=None, task=TASK, react=None, into=store, **settings):
        config = KernelConfig.parse(
            {
                "agents": [],
                "disabled_plugins": ["data"],
                "model": "scripted:any" if script is not None else "",
                "options": {"react": react or {}},
                **settings,
            }
        )
        plugins = [tools] if script is None else [tools, script]
        async with kernel_for(*plugins, config=config, store=into, clock=FakeClock()) as kernel:
            return await kernel.reason(task)

    return asked
