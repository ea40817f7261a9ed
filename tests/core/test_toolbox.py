"""What the toolbox allows, how much of it, and what becomes of the rest."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from pydantic import BaseModel, ConfigDict

from dataagents.core import Kernel, KernelConfig, Observation, ReasoningTask, Strategy, hookimpl
from dataagents.core.boundary import Boundary
from dataagents.core.errors import InputError, MissingExtraError, ModelError, StoreError
from dataagents.core.ids import IdSource
from dataagents.core.planning import FailureKind
from dataagents.core.reasoning import Effect, ToolLimits
from dataagents.core.redaction import Redactor
from dataagents.core.registry import Built
from dataagents.core.services.reasoning.toolbox import Toolbox
from dataagents.core.services.recorder import Recorder
from dataagents.core.services.runtime import Runtime
from dataagents.core.services.stream import EventStream
from dataagents.core.testing import FakeClock, RecordingBench


class Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: str = "orders"


class Tool:
    """A tool that observes, raises or waits, as it is told."""

    description = "does what a test wants"
    input_model = Request

    def __init__(
        self,
        shows: Observation | Exception | None = None,
        *,
        name: str = "look",
        effect: Effect = Effect.READ,
        limits: ToolLimits | None = None,
    ) -> None:
        self.name = name
        self.effect = effect
        self.limits = limits or ToolLimits()
        self.requests: list[Request] = []
        self.stopped = False
        self._shows = shows

    async def run(self, request: Request, bench: object) -> Observation:
        self.requests.append(request)
        if isinstance(self._shows, Exception):
            raise self._shows
        if self._shows is not None:
            return self._shows
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.stopped = True
            raise
        return Observation("never")


MakeToolbox = Callable[..., Toolbox]


@pytest.fixture
def toolbox(clock: FakeClock, tmp_path: Path) -> MakeToolbox:
    """Makes a toolbox of tools, with a redactor that knows a word."""

    def make(*tools: Tool, effects: tuple[Effect, ...] = tuple(Effect)) -> Toolbox:
        boundary = Boundary(clock, quarantine_after=50, grace=1.0)
        ids, redactor = IdSource(clock, Random(1)), Redactor(["hush-hush"])
        recorder = Recorder(None, EventStream(boundary, limit=1.0), clock, ids, redactor)
        config = KernelConfig(task_timeout=60.0)
        runtime = Runtime(config, clock, ids, boundary, recorder, redactor)
        built = {tool.name: Built("plugin", tool.name, tool) for tool in tools}
        return Toolbox(runtime, built, effects, RecordingBench(tmp_path))

    return make


SEEN = Observation("3 rows", {"rows": 3}, quality=0.9)


async def test_a_tool_is_run_with_its_input_validated(toolbox: MakeToolbox):
    tool = Tool(SEEN)
    assert await toolbox(tool).use("look", {"dataset": "x"}) == SEEN
    assert tool.requests == [Request(dataset="x")]


async def test_what_is_not_in_the_toolbox_is_not_done_and_the_nearest_is_named(
    toolbox: MakeToolbox,
):
    tool = Tool(SEEN)
    observation = await toolbox(tool).use("loook", {})
    assert observation == Observation(
        "not done", error="'loook' is not allowed here. Did you mean 'look'?"
    )
    assert tool.requests == []


async def test_an_input_that_does_not_fit_is_not_a_failure_of_the_run(toolbox: MakeToolbox):
    tool = Tool(SEEN)
    observation = await toolbox(tool).use("look", {"dataset": "x", "sql": "DROP"})
    assert "sql: Extra inputs are not permitted" in (observation.error or "")
    assert observation.failure is None
    assert tool.requests == []


@pytest.mark.parametrize("effect", list(Effect))
async def test_an_effect_that_is_not_allowed_never_happens(toolbox: MakeToolbox, effect: Effect):
    tool = Tool(SEEN, effect=effect)
    others = tuple(each for each in Effect if each is not effect)
    observation = await toolbox(tool, effects=others).use("look", {})
    assert f"its effect is {effect}, allowed is " in (observation.error or "")
    assert tool.requests == []
    assert (await toolbox(tool, effects=(effect,)).use("look", {})).error is None


class Acting:
    """A reasoner that tries everything, and a plugin with a tool for each effect."""

    def __init__(self) -> None:
        self.tools = [Tool(SEEN, name=str(effect), effect=effect) for effect in Effect]
        self.offered: list[str] = []

    async def reason(self, task, desk):
        self.offered = sorted(desk.actions)
        for action in task.actions:
            await desk.think("try it")
            await desk.act(action, {})
        return await desk.finish({}, "tried")

    @hookimpl
    def register_reasoners(self):
        return [Strategy("acting", lambda options: self)]

    @hookimpl
    def register_tools(self):
        return [Strategy(tool.name, lambda options, tool=tool: tool) for tool in self.tools]


ALL = ("read", "write", "external")


@pytest.mark.parametrize(
    ("by_config", "by_task", "happens"),
    [
        (None, None, ["read", "write"]),
        (("read",), None, ["read"]),
        (ALL, None, ["read", "write"]),
        (ALL, ALL, ["external", "read", "write"]),
        (None, ALL, ["read", "write"]),
        (ALL, ("external",), ["external"]),
        (("write",), ("read",), []),
        ((), ALL, []),
    ],
)
async def test_what_happens_is_allowed_by_the_task_and_by_the_configuration(
    by_config, by_task, happens
):
    acting = Acting()
    allowed = {} if by_config is None else {"allowed_effects": by_config}
    config = KernelConfig.parse({"agents": [], "strategies": {"reasoner": "acting"}, **allowed})
    effects = {} if by_task is None else {"effects": tuple(map(Effect, by_task))}
    async with Kernel(config, plugins=[acting]) as kernel:
        answer = await kernel.reason(ReasoningTask("what may I?", ALL, **effects))
    assert acting.offered == happens
    assert sorted(tool.name for tool in acting.tools if tool.requests) == happens
    assert sorted(step.action for step in answer.steps[:-1] if step.error is None) == happens


async def test_a_tool_is_called_as_often_as_its_limit_says(toolbox: MakeToolbox):
    tool, other = Tool(SEEN, limits=ToolLimits(calls=2)), Tool(SEEN, name="peek")
    box = toolbox(tool, other)
    assert (await box.use("look", {"dataset": 3})).error is not None  # it never ran
    observations = [await box.use("look", {}) for _ in range(3)]
    assert [each.error for each in observations] == [
        None,
        None,
        "'look' was used 2 times, which is its limit.",
    ]
    assert len(tool.requests) == 2
    assert (await box.use("peek", {})).error is None
    assert (await toolbox(tool).use("look", {})).error is None  # another reasoning counts anew


async def test_a_call_that_failed_counts_too(toolbox: MakeToolbox):
    box = toolbox(Tool(ValueError("no"), limits=ToolLimits(calls=1)))
    assert "ValueError: no" in ((await box.use("look", {})).error or "")
    assert "was used 1 times" in ((await box.use("look", {})).error or "")


@pytest.mark.parametrize(
    ("limits", "seconds"), [(ToolLimits(seconds=3.0), 3.0), (ToolLimits(), 58.8)]
)
async def test_a_tool_that_takes_too_long_is_stopped(
    toolbox: MakeToolbox, clock: FakeClock, limits: ToolLimits, seconds: float
):
    tool = Tool(limits=limits)
    async with asyncio.TaskGroup() as group:
        using = group.create_task(toolbox(tool).use("look", {}))
        await clock.advance(seconds - 0.1)
        assert not using.done()
        await clock.advance(0.1)
    observation = using.result()
    assert observation.error == f"plugin: tool look: did not return within {seconds:g} s"
    assert observation.failure is FailureKind.RECOVERABLE
    assert tool.stopped


@pytest.mark.parametrize("most", [0, 5, 2_000])
async def test_a_summary_is_cut_to_its_limit_and_nothing_else_is(toolbox: MakeToolbox, most: int):
    long = "äé" * 5_000
    tool = Tool(Observation(long, {"text": long}), limits=ToolLimits(characters=most))
    observation = await toolbox(tool).use("look", {})
    assert observation.summary == long[:most]
    assert observation.data == {"text": long}


async def test_a_secret_is_not_cut_in_two(toolbox: MakeToolbox):
    tool = Tool(Observation("it is hush-hush"), limits=ToolLimits(characters=10))
    assert (await toolbox(tool).use("look", {})).summary == "it is [red"


@pytest.mark.parametrize(
    ("raised", "failure"),
    [
        (InputError("orders.csv", "is empty"), FailureKind.INPUT),
        (MissingExtraError("reading", "data"), FailureKind.INPUT),
        (ModelError("m", "busy"), FailureKind.RECOVERABLE),
        (ValueError("broke"), FailureKind.RECOVERABLE),
    ],
)
async def test_a_failure_says_what_it_calls_for(
    toolbox: MakeToolbox, raised: Exception, failure: FailureKind
):
    observation = await toolbox(Tool(raised)).use("look", {})
    assert (observation.summary, observation.failure) == ("failed", failure)
    assert str(raised) in (observation.error or "")


async def test_a_store_that_fails_is_no_observation(toolbox: MakeToolbox):
    with pytest.raises(StoreError):
        await toolbox(Tool(StoreError("store.db", "is full"))).use("look", {})


@pytest.mark.parametrize("said", ["summary", "error", "raised", "action", "input"])
async def test_no_secret_comes_out_of_the_toolbox(toolbox: MakeToolbox, said: str):
    shows = {
        "summary": Observation("hush-hush", {"hush-hush": ["hush-hush"]}),
        "error": Observation("no", error="hush-hush"),
        "raised": InputError("hush-hush", "hush-hush"),
    }
    box = toolbox(Tool(shows.get(said, SEEN)))
    action = "hush-hush" if said == "action" else "look"
    observation = await box.use(action, {"hush-hush": 1} if said == "input" else {})
    assert "[redacted]" in str(observation)
    assert "hush-hush" not in str(observation)
