"""Bundled analyst: judges a reasoning by its history."""

from dataagents.core import Strategy, hookimpl
from dataagents.core.meta_analysis import Analyst
from dataagents.plugins.meta_analysis.history import HistoryAnalyst


@hookimpl
def register_analysts() -> tuple[Strategy[Analyst], ...]:
    """Provide the analyst that looks for circles, progress and the way the scores go."""
    return (
        Strategy(
            "history",
            lambda options: HistoryAnalyst(),
            summary="finds circles, measures progress, recommends changes",
        ),
    )
