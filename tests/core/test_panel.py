"""Who looks for errors in a kernel, and how a tool gets at them."""

import pytest

from dataagents.core import (
    ConfigError,
    KernelConfig,
    Observation,
    ReasoningTask,
    Strategy,
    hookimpl,
)
from dataagents.core.detection.panel import panel_of
from dataagents.core.errors import UnknownStrategyError
from dataagents.core.reasoning import Effect, ToolLimits
from dataagents.core.registry import StrategyOptions
from dataagents.core.testing import RecordingBench, kernel_for


class DashOptions(StrategyOptions):
    least: int = 1


class Dash:
    theory = "a dash stands for nothing"

    def __init__(self, options):
        self.options = options

    def detect(self, table):
        return ()


class Broken(Dash):
    def __init__(self, options):
        raise RuntimeError("no dictionary")


class Plain:
    theory = "blanks around a value mean nothing"
    reversible = True

    def correct(self, table, wrong):
        return ()


class Zoo:
    @hookimpl
    def register_detectors(self):
        return [
            Strategy("dash", Dash, DashOptions),
            Strategy("other-dash", Dash, DashOptions),
            Strategy("broken", Broken),
        ]

    @hookimpl
    def register_correctors(self):
        return [Strategy("plain", lambda options: Plain())]


def config(**settings):
    left_out = {"agents": [], "disabled_plugins": ["detection"]}
    return KernelConfig.parse({**left_out, **settings})


class Looking:
    """A tool that keeps the panel of its bench, and a reasoner that uses it at once."""

    name = "look"
    description = "looks"
    effect = Effect.READ
    limits = ToolLimits()
    input_model = StrategyOptions

    def __init__(self):
        self.found = None

    async def run(self, request, bench):
        self.found = panel_of(bench)
        return Observation("looked")

    async def reason(self, task, desk):
        await desk.act("look", {})
        return await desk.finish({}, "looked")

    @hookimpl
    def register_tools(self):
        return [Strategy("look", lambda options: self)]

    @hookimpl
    def register_reasoners(self):
        return [Strategy("looking", lambda options: self)]


async def panel(strategies=None, **settings):
    looking = Looking()
    chosen = {"reasoner": "looking", **(strategies or {})}
    async with kernel_for(Zoo(), looking, config=config(strategies=chosen, **settings)) as kernel:
        await kernel.reason(ReasoningTask("?", ("look",)))
    return looking.found


async def test_all_look_that_can_be_built_when_none_is_named():
    found = await panel(options={"dash": {"least": 3}})
    assert [each.name for each in found.detectors] == ["dash", "other-dash"]
    assert [each.name for each in found.correctors] == ["plain"]
    assert found.detectors[0].value.options.least == 3
    assert found.detectors[1].value.options.least == 1


async def test_those_look_that_are_named_each_once():
    chosen = {"detectors": ["other-dash", "other-dash"], "correctors": []}
    found = await panel(strategies=chosen)
    assert [each.name for each in found.detectors] == ["other-dash"]
    assert found.correctors == ()


async def test_a_detector_that_there_is_not_keeps_the_kernel_from_opening():
    with pytest.raises(UnknownStrategyError, match=r"no detector named 'dush'.*'dash'"):
        await panel(strategies={"detectors": ["dush"]})


async def test_a_wrong_option_keeps_the_kernel_from_opening():
    with pytest.raises(ConfigError, match="leest"):
        await panel(options={"dash": {"leest": 3}})


def test_nobody_looks_outside_of_a_kernel(tmp_path):
    found = panel_of(RecordingBench(tmp_path))
    assert (found.detectors, found.correctors) == ((), ())
    assert found.boundary.call_now("nobody", "nothing", lambda: 7) == 7
