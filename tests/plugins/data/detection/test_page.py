"""What `docs/detection.md` says of detectors and rules is what there is."""

import re
from pathlib import Path

import pytest

from dataagents.core.boundary import Boundary
from dataagents.core.clock import SystemClock
from dataagents.core.config import StrategyChoices
from dataagents.core.detection import BulkRule
from dataagents.core.plugin_manager import PluginManager

ROW = re.compile(r"^\| `([a-z-]+)` \| (.+?) \|", re.MULTILINE)


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    return (repository / "docs" / "detection.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def registry():
    return PluginManager(strict=True).load()


def section(page: str, title: str) -> str:
    return page.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_every_bundled_detector_is_on_the_page_in_its_own_words(page, registry):
    shown = dict(ROW.findall(section(page, "Detectors")))
    bundled = {
        name: provided.strategy.summary
        for name, provided in registry.detectors.entries.items()
        if provided.plugin == "detection"
    }
    assert shown == bundled


def test_every_rule_that_decides_in_bulk_is_on_the_page_and_the_default_is_one(page, registry):
    boundary = Boundary(SystemClock(), quarantine_after=1, grace=0.0)
    rules = {
        name
        for name in registry.voting_rules
        if isinstance(registry.voting_rules.build(name, {}, boundary).value, BulkRule)
    }
    assert {name for name, _ in ROW.findall(section(page, "The vote"))} == rules
    assert StrategyChoices().cell_rule in rules
    assert f"`{StrategyChoices().cell_rule}` with" in section(page, "Why this rule")
