"""The job of `hub.py`, and the peers that do it; run `hub.py`.

Every peer has one actor that answers with what it was sent, and one that counts. All of them carry
the same payload, about 400 bytes of JSON: what an agent says of a data set.
"""

import asyncio
import importlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, TypeAlias

PAYLOAD: dict[str, Any] = {
    "dataset": "orders",
    "rows": 50_000,
    "columns": {
        f"column_{number}": {"type": "DOUBLE", "missing": number, "distinct": number * 7}
        for number in range(6)
    },
    "quality": 0.973,
    "violations": ["missing", "range"],
}
IN_FLIGHT = 100
BURST = 500
"""One-way messages that are sent before the receivers get their turn."""


@dataclass(frozen=True, slots=True)
class Actors:
    """What a contender can do; each function does it a number of times."""

    ask: Callable[[int], Awaitable[None]]
    """Asks and waits for the answer, one after another."""
    ask_many: Callable[[int], Awaitable[None]]
    """The same with `IN_FLIGHT` questions open at once."""
    tell: Callable[[int], Awaitable[None]]
    """Sends without waiting, then waits until everything was handled."""


Contender: TypeAlias = Callable[[], AbstractAsyncContextManager[Actors]]


def flights(ask: Callable[[int], Awaitable[None]]) -> Callable[[int], Awaitable[None]]:
    """Return what asks in many coroutines at once."""

    async def ask_many(times: int) -> None:
        await asyncio.gather(*(ask(times // IN_FLIGHT) for _ in range(IN_FLIGHT)))

    return ask_many


async def until(done: Callable[[], bool]) -> None:
    """Let others have their turn until something is so."""
    while not done():  # noqa: ASYNC110  # what it waits for is told nobody
        await asyncio.sleep(0)


@asynccontextmanager
async def bare_queue() -> AsyncIterator[Actors]:
    """Open a queue with a future for the answer: what `asyncio` alone takes."""
    questions: asyncio.Queue[tuple[dict[str, Any], asyncio.Future[Any] | None]] = asyncio.Queue()
    counted = 0

    async def work() -> None:
        nonlocal counted
        while True:
            payload, answer = await questions.get()
            if answer is None:
                counted += 1
            else:
                answer.set_result(payload)

    async def ask(times: int) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(times):
            answer: asyncio.Future[Any] = loop.create_future()
            questions.put_nowait((PAYLOAD, answer))
            await answer

    async def tell(times: int) -> None:
        wanted = counted + times
        for number in range(times):
            questions.put_nowait((PAYLOAD, None))
            if number % BURST == 0:
                await asyncio.sleep(0)
        await until(lambda: counted == wanted)

    worker = asyncio.create_task(work())
    yield Actors(ask, flights(ask), tell)
    worker.cancel()


@asynccontextmanager
async def autogen() -> AsyncIterator[Actors]:
    """Open autogen-core's single-threaded runtime with two routed agents."""
    core: Any = importlib.import_module("autogen_core")
    counted = 0

    @dataclass
    class Said:
        payload: dict[str, Any]

    # Its decorators read the annotations of the methods, so these have to be real.
    class Echo(core.RoutedAgent):  # type: ignore[misc]  # not installed for checks
        """Answers."""

        @core.message_handler  # type: ignore[misc]
        async def on(self, message: Said, ctx: core.MessageContext) -> Said:  # type: ignore[name-defined]
            return message

    class Count(core.RoutedAgent):  # type: ignore[misc]
        """Counts."""

        @core.message_handler  # type: ignore[misc]
        async def on(self, message: Said, ctx: core.MessageContext) -> None:  # type: ignore[name-defined]
            nonlocal counted
            counted += 1

    runtime = core.SingleThreadedAgentRuntime()
    await Echo.register(runtime, "echo", lambda: Echo("answers"))
    await Count.register(runtime, "count", lambda: Count("counts"))
    await runtime.add_subscription(core.TypeSubscription("told", "count"))
    runtime.start()
    echo, told = core.AgentId("echo", "one"), core.TopicId("told", "one")

    async def ask(times: int) -> None:
        for _ in range(times):
            await runtime.send_message(Said(PAYLOAD), echo)

    async def tell(times: int) -> None:
        wanted = counted + times
        for number in range(times):
            await runtime.publish_message(Said(PAYLOAD), told)
            if number % BURST == 0:
                await asyncio.sleep(0)
        await until(lambda: counted == wanted)

    yield Actors(ask, flights(ask), tell)
    await runtime.stop()


def _pykka_actors(module: Any) -> tuple[Any, Any]:
    class Echo(module.ThreadingActor):  # type: ignore[misc]  # not installed for checks
        """Answers."""

        def on_receive(self, message: Any) -> Any:
            return message

    class Count(module.ThreadingActor):  # type: ignore[misc]
        """Counts, and says how many it has seen."""

        def __init__(self) -> None:
            super().__init__()
            self.counted = 0

        def on_receive(self, message: Any) -> Any:
            if message is None:
                return self.counted
            self.counted += 1
            return None

    return Echo.start(), Count.start()


@asynccontextmanager
async def pykka() -> AsyncIterator[Actors]:
    """Open two of pykka's actors, each in a thread of its own."""
    module: Any = importlib.import_module("pykka")
    echo, count = _pykka_actors(module)

    async def ask(times: int) -> None:
        for _ in range(times):
            echo.ask(PAYLOAD)

    async def ask_many(times: int) -> None:
        for _ in range(times // IN_FLIGHT):
            for answer in [echo.ask(PAYLOAD, block=False) for _ in range(IN_FLIGHT)]:
                answer.get()

    async def tell(times: int) -> None:
        for _ in range(times):
            count.tell(PAYLOAD)
        count.ask(None)  # comes after all of them

    yield Actors(ask, ask_many, tell)
    module.ActorRegistry.stop_all()


def peers() -> tuple[dict[str, Contender], tuple[str, ...]]:
    """Return the peers that are installed, and the names of those that are not."""
    known: dict[str, tuple[str, Contender]] = {
        "autogen-core": ("autogen_core", autogen),
        "pykka": ("pykka", pykka),
    }
    there = {name: each for name, (module, each) in known.items() if find_spec(module)}
    return there, tuple(name for name in known if name not in there)
