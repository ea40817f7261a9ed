"""Bundled planner and domain."""

from dataagents.core import Strategy, hookimpl
from dataagents.core.planning import Domain, Planner
from dataagents.plugins.planning.data_pipeline import data_pipeline
from dataagents.plugins.planning.htn import HtnPlanner


@hookimpl
def register_planners() -> tuple[Strategy[Planner], ...]:
    """Provide the HTN planner."""
    return (
        Strategy(
            "htn",
            lambda options: HtnPlanner(),
            summary="hierarchical task network, total order, with backtracking",
        ),
    )


@hookimpl
def register_domains() -> tuple[Strategy[Domain], ...]:
    """Provide the data-pipeline domain."""
    return (
        Strategy(
            "data-pipeline",
            lambda options: data_pipeline(),
            summary="from a file to clean rows, quarantine and a decision to release",
        ),
    )
