"""What `docs/plugins.md` shows of whole plugins is loaded as it is printed."""

import re
from pathlib import Path
from types import ModuleType

import pytest

from dataagents.core import ConfigError, KernelConfig, ReasoningTask, Strategy, hookimpl
from dataagents.core.boundary import Boundary
from dataagents.core.clock import SystemClock
from dataagents.core.models import Prompt
from dataagents.core.registry import Built
from dataagents.core.testing import AnalystContract, AuctionContract, ModelContract, kernel_for
from dataagents.plugins.data.detection.flags import FLAGS, collect
from dataagents.plugins.data.detection.table import open_table
from dataagents.plugins.data.engine import work_here


def shown(hook: str) -> ModuleType:
    """The example in the entry of a hook, as a module."""
    page = Path(__file__).parents[2] / "docs" / "plugins.md"
    entry = page.read_text(encoding="utf-8").split(f"### `{hook}`")[1].split("\n### ")[0]
    found = re.search(r"```python\n(.*?)```", entry, re.DOTALL)
    assert found, f"the entry of {hook} has no example"
    module = ModuleType(f"shown_for_{hook}")
    exec(compile(found.group(1), f"docs/plugins.md: {hook}", "exec"), module.__dict__)
    return module


class Asking:
    """A reasoner that asks the model, and acts without a thought."""

    said = ""

    async def reason(self, task, desk):
        self.said = await desk.complete(Prompt("Be brief.", "what do you say"))
        await desk.act("nothing", {})
        return await desk.finish({}, self.said)

    @hookimpl
    def register_reasoners(self):
        return [Strategy("asking", lambda options: self)]


def config(**settings: object) -> KernelConfig:
    return KernelConfig.parse({"agents": [], "strategies": {"reasoner": "asking"}, **settings})


class TestParrot(ModelContract):
    def model(self):
        module = shown("register_models")
        return module.Parrot(module.ParrotOptions()).open("grey")


class TestHasty(AnalystContract):
    def analyst(self):
        return shown("register_analysts").Hasty()


async def test_the_model_is_asked_under_its_name():
    settings = config(model="parrot:grey", options={"parrot": {"word": "ahoy"}})
    async with kernel_for(shown("register_models"), Asking(), config=settings) as kernel:
        answer = await kernel.reason(ReasoningTask("?", ()))
    assert (answer.summary, answer.tokens) == ("ahoy", 4)


async def test_a_model_that_there_is_not_keeps_the_kernel_from_opening():
    with pytest.raises(ConfigError, match="there is no parrot 'green'"):
        await kernel_for(
            shown("register_models"), Asking(), config=config(model="parrot:green")
        ).__aenter__()


async def test_the_analyst_judges_when_it_is_chosen():
    settings = config(model="parrot:grey", strategies={"reasoner": "asking", "analyst": "hasty"})
    plugins = (shown("register_models"), shown("register_analysts"), Asking())
    async with kernel_for(*plugins, config=settings) as kernel:
        answer = await kernel.reason(ReasoningTask("?", ()))
    assert answer.analysis is not None
    assert [each.change for each in answer.analysis.recommendations] == ["think first"] * 2


class TestCheapest(AuctionContract):
    def auction(self):
        return shown("register_auctions").Cheapest()


def test_the_detector_flags_the_one_cell_in_capitals(tmp_path):
    (strategy,) = shown("register_detectors").register_detectors()
    boundary = Boundary(SystemClock(), quarantine_after=1, grace=0.0)
    built = Built("shown", strategy.name, strategy.build(strategy.options()))

    def job(session):
        session.rows(
            "CREATE TEMP TABLE given AS SELECT range AS _row, "
            "CASE range WHEN 7 THEN 'OSLO' ELSE 'Oslo' END AS city FROM range(200)"
        )
        table = open_table(session, "given", "given", ["city"])
        looked = collect(session, table, [built], boundary)
        return looked, session.rows(f"SELECT _row, place, confidence FROM {FLAGS}")

    looked, cells = work_here("test", job, folder=tmp_path, memory_bytes=1 << 29, threads=1)
    assert [(each.cells, each.problem) for each in looked] == [(1, "")]
    assert cells == [(7, 0, 0.6)]
