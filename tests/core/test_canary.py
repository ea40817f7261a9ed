"""Secrets that everything touches are in nothing that is left behind."""

import json
import logging
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from dataagents.core import (
    Agent,
    Desk,
    Goal,
    KernelConfig,
    Motion,
    Observation,
    PlannedTask,
    ReasoningTask,
    Strategy,
    StrategyOptions,
    TaskResult,
    Vote,
    hookimpl,
)
from dataagents.core.clock import SystemClock
from dataagents.core.errors import DecisionError, InputError, ModelError
from dataagents.core.models import Completion, Prompt
from dataagents.core.reasoning import Effect, ToolLimits
from dataagents.core.testing import kernel_for
from dataagents.storage import SqliteStore

VARIABLE = "sk-nightingale-0123456789"
OPTION = 'nightingale "öption" of\\a provider'
AGENT = "nightingale-of-an-agent"
UNKNOWN = "ghp_nightingale0123456789nightingale"
"""Nobody told us of this one: it is known by its shape."""
EVERYTHING = f"{VARIABLE} and {OPTION} and {AGENT} and {UNKNOWN}"
TRACES = (b"nightingale", "öption".encode(), b"\\u00f6ption", b"of\\\\a")


class Anything(BaseModel):
    model_config = ConfigDict(extra="allow")


class Decision(BaseModel):
    model_config = ConfigDict(extra="forbid")

    choice: str


class Leaky:
    """A tool that shows everything in the way it was built to."""

    description = "Tells what it should not."
    effect = Effect.READ
    limits = ToolLimits()
    input_model = Anything

    def __init__(self, name: str, answer: Observation | Exception) -> None:
        self.name = name
        self.answer = answer
        self.heard: list[Anything] = []

    async def run(self, request: Anything, bench: object) -> Observation:
        self.heard.append(request)
        logging.getLogger("dataagents.canary").info("%s runs", self.name)
        await bench.record_progress(EVERYTHING)  # type: ignore[attr-defined]
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class LeakyOptions(StrategyOptions):
    api_key: str = ""
    endpoints: tuple[dict[str, str], ...] = ()


class LeakyModel:
    """A provider and its model, which repeats its key."""

    def __init__(self) -> None:
        self.options = LeakyOptions()
        self.prompts: list[Prompt] = []

    def build(self, options: LeakyOptions) -> "LeakyModel":
        self.options = options
        return self

    def open(self, name: str) -> "LeakyModel":
        return self

    async def complete(self, prompt: Prompt) -> Completion:
        self.prompts.append(prompt)
        if "fail" in prompt.content:
            raise ModelError("leaky", f"refused the key {self.options.api_key}")
        if "break" in prompt.content:
            raise ValueError(f"broke at the key {self.options.api_key}")
        return Completion(f"the key is {self.options.api_key}, and {EVERYTHING}", model=VARIABLE)

    async def decide(self, prompt: Prompt, into: type[BaseModel]) -> Completion:
        return Completion(json.dumps({"choice": "x", EVERYTHING: self.options.api_key}))

    async def close(self) -> None:
        raise ValueError(EVERYTHING)


class LeakyReasoner:
    """Asks, acts and ends with secrets in everything that it says."""

    def __init__(self) -> None:
        self.seen: list[Observation] = []
        self.said: list[str] = []

    async def reason(self, task, desk):
        self.said.append(await desk.complete(Prompt(EVERYTHING, f"what is {EVERYTHING}?")))
        for content in ("fail", "break"):
            with pytest.raises(ModelError) as failed:
                await desk.complete(Prompt("be", content))
            self.said.append(str(failed.value))
        with pytest.raises(DecisionError) as undecided:
            await desk.decide(Prompt("be", "decide"), Decision)
        self.said += [str(undecided.value), undecided.value.text]
        for action in (*task.actions, EVERYTHING):
            await desk.think(f"use {action} with {EVERYTHING}", by=VARIABLE)
            action_input = {
                "q": EVERYTHING,
                EVERYTHING: [{"password": "nightingale"}],
                "token": "nightingale",
            }
            self.seen.append(await desk.act(action, action_input))
        return await desk.finish({"found": self.said[0]}, f"it is {EVERYTHING}")


class LeakyAgent(Agent):
    """Says in every way what it should not, and breaks at what it is asked to do."""

    async def vote(self, motion: Motion, desk: Desk) -> Vote:
        return Vote("yes", 0.9, EVERYTHING)

    async def execute(self, task: PlannedTask, desk: Desk) -> TaskResult:
        raise ValueError(EVERYTHING)


class AgentOptions(StrategyOptions):
    password: str


class LeakyPlugin:
    """Everything above, in one plugin."""

    def __init__(self) -> None:
        self.reasoner, self.model = LeakyReasoner(), LeakyModel()
        shown = Observation(EVERYTHING, {EVERYTHING: [EVERYTHING], "api_key": "nightingale"})
        failed = Observation(EVERYTHING, error=f"it broke: {EVERYTHING}")
        self.tools = (
            Leaky("shows", shown),
            Leaky("fails", failed),
            Leaky("raises", ValueError(EVERYTHING)),
            Leaky("refuses", InputError(EVERYTHING, EVERYTHING)),
            Leaky("lies", EVERYTHING),  # type: ignore[arg-type]
        )

    @hookimpl
    def register_tools(self):
        return [Strategy(tool.name, lambda options, tool=tool: tool) for tool in self.tools]

    @hookimpl
    def register_models(self):
        return [Strategy("leaky", self.model.build, LeakyOptions)]

    @hookimpl
    def register_reasoners(self):
        return [Strategy("leaky-reasoner", lambda options: self.reasoner)]

    @hookimpl
    def register_agents(self):
        return [Strategy("leaky-kind", lambda options: LeakyAgent, AgentOptions)]

    @hookimpl
    def register_outputs(self):
        return [Strategy("leaky-output", lambda options: self)]

    @hookimpl
    def register_observers(self):
        return [Strategy("leaky-observer", lambda options: self)]

    async def write(self, result, folder):
        raise ValueError(EVERYTHING)

    async def observe(self, events):
        raise InputError(EVERYTHING, EVERYTHING)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KernelConfig:
    monkeypatch.setenv("OPENAI_API_KEY", VARIABLE)
    leaky = {"id": "leaky", "kind": "leaky-kind", "capabilities": {"profile": 1.0}}
    return KernelConfig.parse(
        {
            "model": "leaky:any",
            "model_calls": {"record": str(tmp_path / "exchanges.jsonl"), "attempts": 1},
            "strategies": {"reasoner": "leaky-reasoner"},
            "options": {"leaky": {"api_key": OPTION, "endpoints": [{"token": VARIABLE}]}},
            "agents": [
                {**leaky, "options": {"password": AGENT}},
                {"id": "profiler", "kind": "profiler", "capabilities": {"profile": 0.9}},
            ],
            "workspace": str(tmp_path / "work"),
        }
    )


def traces_in(content: bytes) -> list[bytes]:
    return [trace for trace in TRACES if trace in content]


def files_in(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_no_secret_is_left_behind(
    config: KernelConfig, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    plugin, orders = LeakyPlugin(), tmp_path / "orders.csv"
    orders.write_text("id,password\n1,x\n2,y\n")
    names = tuple(tool.name for tool in plugin.tools)
    async with SqliteStore(tmp_path / "store.db") as store:
        async with kernel_for(plugin, config=config, store=store, clock=SystemClock()) as kernel:
            answer = await kernel.reason(ReasoningTask(EVERYTHING, names, {"q": EVERYTHING}))
            task = PlannedTask("leak(x)", "leak", {"q": EVERYTHING}, tools=names)
            for agent in ("leaky", "profiler"):
                await kernel.delegate(task, agent)
            await kernel.vote(EVERYTHING, ("yes", "no"), evidence={"q": EVERYTHING})
            await kernel.auction(task)
            goal = Goal("clean", {"orders": str(orders)}, settings={"note": EVERYTHING})
            await kernel.run(goal, out=tmp_path / "out")
            health = kernel.health()
        open_files = files_in(tmp_path)  # the write-ahead log goes when the store is closed
    left = [*open_files.items(), *files_in(tmp_path).items()]

    assert plugin.tools[0].heard[0].model_dump()["q"] == EVERYTHING  # a tool gets what it is given
    assert plugin.model.options.api_key == OPTION
    expected = {"store.db", "store.db-wal", "store.db-shm", "exchanges.jsonl", "report.html"}
    assert expected <= {path.name for path, _ in left}
    assert [path.name for path, content in left if traces_in(content)] == []
    assert "dataagents.canary" in caplog.text
    assert traces_in(caplog.text.encode()) == []
    shown = (plugin.reasoner.seen, plugin.reasoner.said, plugin.model.prompts, answer, health)
    assert [traces_in(str(each).encode()) for each in shown] == [[]] * len(shown)
