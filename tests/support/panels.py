"""Panels of the bundled detectors, for tests that have no kernel."""

from dataagents.core.boundary import Boundary
from dataagents.core.clock import SystemClock
from dataagents.core.detection.panel import Panel
from dataagents.core.registry import Built, Catalog, Concern
from dataagents.plugins.detection import register_detectors
from dataagents.plugins.voting import register_voting_rules


def bundled_panel(correctors=()):
    """Return all bundled detectors, with the rule that decides when none is configured."""
    boundary = Boundary(SystemClock(), quarantine_after=100, grace=0.0)
    rules = Catalog(Concern.VOTING_RULES)
    for strategy in register_voting_rules():
        rules.add("voting", strategy)
    detectors = tuple(
        Built("detection", each.name, each.build(each.options())) for each in register_detectors()
    )
    return Panel(
        boundary, detectors, tuple(correctors), rules.build("weighted-noisy-or", {}, boundary)
    )
