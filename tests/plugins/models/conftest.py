import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import pytest
from model_server import ModelServer

from dataagents.core import Kernel, KernelConfig, ReasoningTask
from dataagents.core.clock import Clock
from dataagents.core.errors import ModelError
from dataagents.core.hookspecs import hookimpl
from dataagents.core.reasoning import Answer, ReasoningDesk
from dataagents.core.registry import Strategy
from dataagents.core.testing import FakeClock

KEY = "sk-secret-of-the-tests"
Question = Callable[[ReasoningDesk], Awaitable[object]]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No keys, no addresses, no proxies: what a developer has set is none of the tests'."""
    for name in os.environ:
        if name.endswith(("_API_KEY", "_BASE_URL")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


class Asks:
    """A reasoner that puts one question to the model, and remembers what came of it."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.said: object = None
        self.error: ModelError | None = None

    async def reason(self, task, desk):
        try:
            self.said = await self.question(desk)
        except ModelError as error:
            self.error = error
        return await desk.finish({"done": True}, "finished")

    @hookimpl
    def register_reasoners(self):
        return [Strategy("asks", lambda options: self)]


class NoWaiting(FakeClock):
    """A clock whose waits are over at once, and which remembers them; limits never end."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await super().sleep(0)


@dataclass
class Outcome:
    """What came of a question."""

    said: object
    error: ModelError | None
    answer: Answer


Ask = Callable[..., Awaitable[Outcome]]


@pytest.fixture
def key() -> str:
    return KEY


@pytest.fixture
def clock() -> NoWaiting:
    return NoWaiting()


@pytest.fixture
def ask(clock: NoWaiting) -> Ask:
    """Ask the models of some servers, or a named one, a question in a kernel of its own."""
    hosts = ("openai", "vllm", "ollama")

    async def ask(
        question: Question,
        *servers: ModelServer,
        clock: Clock = clock,
        model: str = "",
        plugins: Sequence[object] = (),
        options: dict[str, object] | None = None,
        **calls: object,
    ) -> Outcome:
        names = [model] if model else [f"{host}:gpt-4o-mini" for host in hosts[: len(servers)]]
        reached = {
            host: {"base_url": server.url, "api_key": KEY, **(options or {})}
            for host, server in zip(hosts, servers, strict=False)
        }
        config = {
            "seed": 1,
            "agents": [],
            "disabled_plugins": ["data"],
            "monitoring": False,
            "strategies": {"reasoner": "asks"},
            "model": names[0],
            "model_calls": {"fallbacks": names[1:], **calls},
            "options": reached,
        }
        asks = Asks(question)
        async with Kernel(
            KernelConfig.parse(config), plugins=[asks, *plugins], clock=clock
        ) as kernel:
            answer = await kernel.reason(ReasoningTask("what next?", ()))
        for server in servers:
            await server.until(lambda server: server.connections == 0)
        return Outcome(asks.said, asks.error, answer)

    return ask
