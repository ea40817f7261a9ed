"""Bundled planner and domains."""

from pathlib import Path

from dataagents.core import Strategy, StrategyOptions, hookimpl
from dataagents.core.planning import Domain, Planner
from dataagents.plugins.planning.data_pipeline import data_pipeline
from dataagents.plugins.planning.htn import HtnPlanner
from dataagents.plugins.planning.written.domain import read_domain


class WrittenDomainOptions(StrategyOptions):
    """Options of the domain `yaml`."""

    file: Path
    """The file; a relative path is taken from the current folder."""


@hookimpl
def register_planners() -> tuple[Strategy[Planner], ...]:
    """Provide the HTN planner."""
    return (
        Strategy(
            "htn",
            lambda options: HtnPlanner(),
            summary="hierarchical task network, total and partial order, learns from dead ends",
        ),
    )


@hookimpl
def register_domains() -> tuple[Strategy[Domain], ...]:
    """Provide the data-pipeline domain, and what people write themselves."""
    return (
        Strategy(
            "data-pipeline",
            lambda options: data_pipeline(),
            summary="from a file to clean rows, quarantine and a decision to release",
        ),
        Strategy(
            "yaml",
            lambda options: read_domain(options.file, {"data-pipeline": data_pipeline}),
            options=WrittenDomainOptions,
            summary="what a YAML file says, on its own or on top of data-pipeline",
        ),
    )
