"""The watchdog: who blocks the loop is named while it does, and on record when it is over."""

import asyncio
import inspect
import subprocess
import sys
import threading
from collections.abc import Callable
from random import Random
from types import FrameType

import pytest

from dataagents.core import EventKind, Kernel, KernelConfig
from dataagents.core.boundary import Boundary, caller_in
from dataagents.core.clock import SystemClock
from dataagents.core.health import Blockage, LoopHealth
from dataagents.core.ids import IdSource
from dataagents.core.redaction import Redactor
from dataagents.core.services.recorder import Recorder
from dataagents.core.services.stream import EventStream
from dataagents.core.services.watchdog import KERNEL, LOOKS, Watchdog
from dataagents.core.testing import FakeClock, MemoryStore, kernel_for
from dataagents.core.values import from_json, to_json

MODULE = __name__


class Time:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


class Stack:
    """The stack of the loop's thread, as a test wants it."""

    def __init__(self) -> None:
        self.frame: FrameType | None = None

    def __call__(self) -> FrameType | None:
        return self.frame


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def stack() -> Stack:
    return Stack()


@pytest.fixture
def boundary(clock: FakeClock) -> Boundary:
    return Boundary(clock, quarantine_after=3, grace=1.0)


@pytest.fixture
def make(clock: FakeClock, boundary: Boundary, store: MemoryStore, time: Time):
    def watchdog(**options: object) -> Watchdog:
        stream = EventStream(boundary, limit=1.0)
        redactor = Redactor(["hunter2-canary"])
        recorder = Recorder(store, stream, clock, IdSource(clock, Random(1)), redactor)
        return Watchdog(recorder, monotonic=time, **options)  # type: ignore[arg-type]

    return watchdog


def looks(
    watchdog: Watchdog, stack: Callable[[], FrameType | None], times: int, task: str = "some task"
) -> None:
    for _ in range(times):
        watchdog.look(stack, lambda: task)


def within(boundary: Boundary, stack: Stack) -> Callable[[], None]:
    """What a plugin does that is caught in the act: the stack is that of this moment."""

    def act() -> None:
        stack.frame = inspect.currentframe()

    return act


def test_a_loop_that_beats_is_not_blocked(make, stack: Stack, time: Time):
    watchdog = make()
    for _ in range(10):
        watchdog.beat()
        looks(watchdog, stack, LOOKS - 1)
        time.seconds += 0.25
    assert watchdog.health == LoopHealth()


def test_a_synchronous_call_that_blocks_is_named_with_its_place(
    make, stack: Stack, time: Time, boundary: Boundary, caplog: pytest.LogCaptureFixture
):
    watchdog = make()
    watchdog.beat()
    boundary.call_now("greedy", "router slow", within(boundary, stack))
    time.seconds += 1.25
    looks(watchdog, stack, LOOKS)  # the first one looks at the beat
    assert watchdog.health.blocked is None
    looks(watchdog, stack, 1)
    blocked = watchdog.health.blocked
    assert blocked is not None
    assert (blocked.plugin, blocked.what, blocked.seconds) == ("greedy", "router slow", 1.25)
    assert len(blocked.stack) == 1, "the plugin's own part, and no more"
    assert "in act: stack.frame = inspect.currentframe()" in blocked.stack[0]
    assert "plugin 'greedy' blocks the event loop, for 1.2 s so far, in router slow" in caplog.text
    assert caplog.records[0].plugin == "greedy"


async def test_an_awaited_call_that_blocks_is_named_too(make, boundary: Boundary):
    for number, call in enumerate((boundary.call, boundary.here)):
        watchdog = make()
        watchdog.beat()

        async def act(watchdog: Watchdog = watchdog) -> None:
            await asyncio.sleep(0)
            looks(watchdog, inspect.currentframe, LOOKS + 1)

        await call(f"plugin {number}", "tool slow", act, limit=None)
        blocked = watchdog.health.blocked
        assert blocked is not None
        assert (blocked.plugin, blocked.what) == (f"plugin {number}", "tool slow")


def test_the_innermost_of_nested_calls_is_the_one_that_blocks(boundary: Boundary):
    found: list[str] = []

    def inner() -> None:
        caller = caller_in(inspect.currentframe())
        assert caller is not None
        found.append(caller[0].plugin)

    boundary.call_now("outer", "w", lambda: boundary.call_now("inner", "w", inner))
    assert found == ["inner"]
    assert caller_in(inspect.currentframe()) is None


def test_what_a_plugin_runs_outside_of_a_call_is_found_by_its_module(make, stack: Stack):
    stack.frame = inspect.currentframe()
    for owners, plugin in (({MODULE: "mine"}, "mine"), ({"other": "other"}, "")):
        watchdog = make(owners=owners)
        watchdog.beat()
        looks(watchdog, stack, LOOKS + 1, "pump")
        blocked = watchdog.health.blocked
        assert blocked is not None
        assert (blocked.plugin, blocked.what) == (plugin, "task pump")


def test_a_blockage_is_told_once_however_long_it_is(
    make, stack: Stack, time: Time, caplog: pytest.LogCaptureFixture
):
    watchdog = make()
    watchdog.beat()
    looks(watchdog, stack, 50)
    assert watchdog.health.blockages == 1
    assert len(caplog.records) == 1
    time.seconds += 12.5
    watchdog.beat()
    looks(watchdog, stack, LOOKS)
    assert watchdog.health.blocked is None
    assert watchdog.health.last is not None
    assert watchdog.health.last.seconds == 12.5
    looks(watchdog, stack, 1)
    assert watchdog.health.blockages == 2


def test_a_process_that_stood_still_as_a_whole_blames_nobody(make, stack: Stack, time: Time):
    watchdog = make()
    watchdog.beat()
    looks(watchdog, stack, 2)
    time.seconds += 3600
    looks(watchdog, stack, 1)
    watchdog.beat()
    looks(watchdog, stack, 1)
    assert watchdog.health.blockages == 0
    assert watchdog.health.lag_max > 3599


def test_lags_are_those_of_the_last_minute(make, time: Time):
    watchdog = make()
    watchdog.beat()
    for lag in (5.0, 0.1, 0.1, 0.3):
        time.seconds += 0.25 + lag
        watchdog.beat()
    assert watchdog.health.lag_p50 == pytest.approx(0.2)
    assert watchdog.health.lag_max == pytest.approx(5.0)
    for _ in range(240):
        time.seconds += 0.25
        watchdog.beat()
    assert watchdog.health.lag_max == pytest.approx(0.0)


async def test_a_blockage_is_put_on_record_when_it_is_over(
    make, stack: Stack, time: Time, store: MemoryStore, boundary: Boundary, clock: FakeClock
):
    async with make(interval=3600.0) as watchdog:
        boundary.call_now("greedy", "rule hunter2-canary", within(boundary, stack))
        looks(watchdog, stack, LOOKS + 1)
        assert store.of(EventKind.LOOP_BLOCKED) == ()
        time.seconds += 7
        watchdog.beat()
        await clock.settle()
        (event,) = store.of(EventKind.LOOP_BLOCKED)
        assert event.subject == "greedy"
        assert event.body["seconds"] == 7.0
        assert event.body["what"] == "rule [redacted]"
        stack.frame = None
        looks(watchdog, stack, LOOKS + 1)
        watchdog.beat()
    assert [each.subject for each in store.of(EventKind.LOOP_BLOCKED)] == ["greedy", KERNEL]


def threads() -> list[str]:
    return sorted(each.name for each in threading.enumerate() if "watchdog" in each.name)


async def test_its_thread_lives_as_long_as_the_kernel():
    config = KernelConfig(agents=(), monitoring=False)
    for _ in range(3):
        async with Kernel(config, discover=True, clock=SystemClock()) as kernel:
            assert threads() == ["dataagents-watchdog"]
            assert kernel.health().loop.blocked is None
        assert threads() == []


async def test_a_kernel_on_a_clock_that_is_moved_by_hand_has_no_watchdog(clock: FakeClock):
    async with kernel_for(clock=clock, config=KernelConfig(agents=(), monitoring=False)) as kernel:
        assert threads() == []
        await clock.advance(3600)
        assert kernel.health().loop == LoopHealth()


BLOCKING = """
import asyncio, logging, sys, threading
from dataagents.core import Agent, AgentCard, EventKind, Kernel, KernelConfig, MessageType
from dataagents.core.testing import MemoryStore
from dataagents.core.tracing import TraceContext

released = threading.Event()

class Told(logging.Handler):
    def emit(self, record):
        sys.stdout.write(record.getMessage() + "\\n")
        released.set()

logging.getLogger("dataagents.core.services.watchdog").addHandler(Told(logging.WARNING))

class Greedy(Agent):
    async def handle(self, message, desk):
        released.wait()  # this blocks the loop until the watchdog has said so
        return {}

async def main():
    store = MemoryStore()
    config = KernelConfig(agents=(), monitoring=False)
    async with Kernel(config, store=store) as kernel:
        await kernel.deploy(Greedy(AgentCard("greedy", "tester", {}, 1.0)))
        hub = kernel.hub
        await hub.send(hub.compose("application", "greedy", MessageType.DATA_REQUEST, {},
                                   context=TraceContext()))
        while kernel.health().loop.last is None:
            await asyncio.sleep(0.01)
        print(kernel.health().loop.last.plugin, kernel.health().loop.last.what)
    print([event.subject for event in store.of(EventKind.LOOP_BLOCKED)])

asyncio.run(main())
"""


def test_a_plugin_that_really_blocks_is_named_while_it_does():
    done = subprocess.run(
        [sys.executable, "-P", "-c", BLOCKING],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told, last, recorded = done.stdout.splitlines()
    assert "plugin 'agent greedy' blocks the event loop" in told
    assert "threading.py" in told
    assert last == "agent greedy data_request"
    assert recorded == "['agent greedy']"


def test_a_blockage_is_json():
    blockage = Blockage("p", "w", 1.5, ("a.py:3 in f",))
    assert from_json(Blockage, to_json(blockage)) == blockage
