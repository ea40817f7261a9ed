"""The contracts of reasoners and tools."""

import json
from collections.abc import Mapping
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from dataagents.core.config import KernelConfig, StrategyChoices
from dataagents.core.errors import InputError
from dataagents.core.events import EventKind
from dataagents.core.hookspecs import hookimpl
from dataagents.core.reasoning import (
    FINAL_RESULT,
    Answer,
    Bench,
    Effect,
    Observation,
    Reasoner,
    ReasoningTask,
    StepBudget,
    StopReason,
    Tool,
    ToolLimits,
)
from dataagents.core.registry import Strategy, StrategyOptions
from dataagents.core.testing.bench import RecordingBench
from dataagents.core.testing.kernels import kernel_for
from dataagents.core.testing.store import MemoryStore
from dataagents.core.values import JsonObject, to_json

_NAME = "under-test"


class _Look(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Try:
    """A tool that counts how often it ran, and fails if it is told to."""

    description = "Looks, and says what there is to see."
    effect = Effect.READ
    limits = ToolLimits()
    input_model = _Look

    def __init__(self, name: str, error: str | None = None) -> None:
        self.name = name
        self.runs = 0
        self._error = error

    async def run(self, request: _Look, bench: Bench) -> Observation:
        self.runs += 1
        return Observation("3 rows seen", {"rows": 3}, quality=0.9, error=self._error)


class _Plugin:
    """Provides the reasoner under test and the tools that it is tried with."""

    def __init__(self, reasoner: Reasoner) -> None:
        self.reasoner = reasoner
        self.look, self.peek = _Try("look"), _Try("peek")
        self.fail = _Try("fail", "there is no such column")

    @hookimpl
    def register_reasoners(self) -> tuple[Strategy[Reasoner], ...]:
        return (Strategy(_NAME, lambda options: self.reasoner),)

    @hookimpl
    def register_tools(self) -> list[Strategy[Tool[Any]]]:
        tools = (self.look, self.peek, self.fail)
        return [Strategy(tool.name, partial(_built, tool)) for tool in tools]


def _built(tool: Tool[Any], options: StrategyOptions) -> Tool[Any]:
    return tool


class ReasonerContract:
    """What every reasoner holds to, tried in a kernel with tools called look, peek and fail.

    A reasoner with a model gets a `ScriptedModel`, whose script may be endless.
    """

    def reasoner(self) -> Reasoner:
        """Return the reasoner under test."""
        raise NotImplementedError

    async def test_it_answers_and_every_step_is_on_record(self) -> None:
        """The answer is the desk's: what it says was done is what was recorded."""
        answer, store, _ = await self._ask("look", "peek")
        assert len(store.of(EventKind.STEP_TAKEN)) == len(answer.steps)
        assert [step.number for step in answer.steps] == list(range(1, len(answer.steps) + 1))
        assert answer.summary

    async def test_every_step_has_a_thought(self) -> None:
        """Reasoning can be read."""
        answer, _, _ = await self._ask("look", "peek")
        assert all(step.thought.strip() for step in answer.steps)

    async def test_it_asks_only_for_what_is_allowed(self) -> None:
        """Other tools are there, and stay untouched."""
        answer, _, plugin = await self._ask("look")
        assert {step.action for step in answer.steps} <= {"look", FINAL_RESULT}
        assert (plugin.peek.runs, plugin.fail.runs) == (0, 0)

    async def test_it_stops_when_the_budget_is_used_up(self) -> None:
        """One step is one step; a final result may still follow."""
        answer, _, plugin = await self._ask("look", "peek", budget=StepBudget(steps=1))
        assert plugin.look.runs + plugin.peek.runs <= 1
        assert [step.action for step in answer.steps[1:]] in ([], [FINAL_RESULT])

    async def test_it_survives_an_action_that_fails(self) -> None:
        """A failure is an observation: the answer says how it ended."""
        answer, _, _ = await self._ask("fail")
        assert answer.stop in StopReason

    async def test_it_answers_when_there_is_nothing_to_do(self) -> None:
        """Without actions there is an answer too."""
        answer, _, _ = await self._ask()
        assert {step.action for step in answer.steps} <= {FINAL_RESULT}

    async def _ask(
        self, *actions: str, budget: StepBudget | None = None
    ) -> tuple[Answer, MemoryStore, _Plugin]:
        plugin, store = _Plugin(self.reasoner()), MemoryStore()
        config = KernelConfig(agents=(), strategies=StrategyChoices(reasoner=_NAME))
        facts: JsonObject = {"schema:x": {"rows": 3, "columns": {}}}
        task = ReasoningTask(
            "What is in x?", actions, {"dataset": "x"}, facts, budget or StepBudget()
        )
        before = deepcopy(task)
        async with kernel_for(plugin, config=config, store=store) as kernel:
            answer = await kernel.reason(task)
        assert task == before, "a reasoner leaves its task as it was"
        return answer, store, plugin


class ToolContract:
    """What every tool holds to; folders come from pytest's `tmp_path`."""

    def tool(self) -> Tool[Any]:
        """Return the tool under test."""
        raise NotImplementedError

    def arguments(self) -> JsonObject:
        """Return an input that works."""
        raise NotImplementedError

    def inputs(self, folder: Path) -> Mapping[str, Path]:
        """Write the files that the input above is about, and return them by data set name."""
        return {}

    async def prepare(self, bench: Bench) -> None:
        """Do what has to be done before the tool can work; nothing unless overridden."""

    def test_it_introduces_itself(self) -> None:
        """Name and description are for models and people: one word, one line."""
        tool = self.tool()
        assert tool.name.isidentifier(), "a name is one word"
        assert tool.description.strip()
        assert "\n" not in tool.description
        assert tool.effect in Effect

    def test_an_unknown_field_is_refused(self) -> None:
        """A slip in an input is an error, and never passed over."""
        assert self._accepts(self.arguments()), "the input of the contract works"
        assert not self._accepts({**self.arguments(), "surprise": 1})

    async def test_it_works_on_an_input_that_works(self, tmp_path: Path) -> None:
        """What it saw has no error, and can be stored and shown."""
        observation = await self._run(await self._bench(tmp_path))
        assert observation.error is None
        assert observation.summary
        assert observation.quality is None or 0.0 <= observation.quality <= 1.0
        json.dumps(to_json(observation), allow_nan=False)

    async def test_a_missing_input_is_an_error(self, tmp_path: Path) -> None:
        """A tool that reads a data set says so when there is none."""
        if not self.inputs(tmp_path):
            return  # it reads nothing that could be missing
        workspace = tmp_path / "workspace"
        workspace.mkdir()
        try:
            observation = await self._run(RecordingBench(workspace))
        except InputError:
            return
        assert observation.error is not None

    async def test_it_writes_below_the_workspace_only(self, tmp_path: Path) -> None:
        """Inputs are never changed, and one that only reads leaves nothing behind."""
        bench = await self._bench(tmp_path)
        outside, prepared = _files(tmp_path / "inputs"), _files(bench.workspace)
        await self._run(bench)
        assert _files(tmp_path / "inputs") == outside
        places = (tmp_path / "inputs", tmp_path / "workspace")
        assert [path for path in _files(tmp_path) if not _is_in(path, places)] == []
        if self.tool().effect is Effect.READ:
            assert _files(bench.workspace) == prepared

    async def test_it_sees_the_same_twice(self, tmp_path: Path) -> None:
        """An observation depends on the data alone."""
        bench = await self._bench(tmp_path)
        first = await self._run(bench)
        if self.tool().effect is Effect.READ:
            assert await self._run(bench) == first

    async def _bench(self, tmp_path: Path) -> RecordingBench:
        workspace, folder = tmp_path / "workspace", tmp_path / "inputs"
        workspace.mkdir()
        folder.mkdir()
        bench = RecordingBench(workspace, self.inputs(folder))
        await self.prepare(bench)
        return bench

    async def _run(self, bench: Bench) -> Observation:
        tool = self.tool()
        return await tool.run(tool.input_model.model_validate(dict(self.arguments())), bench)

    def _accepts(self, arguments: JsonObject) -> bool:
        try:
            self.tool().input_model.model_validate(dict(arguments))
        except ValidationError:
            return False
        return True


def _files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _is_in(path: Path, folders: tuple[Path, ...]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)
