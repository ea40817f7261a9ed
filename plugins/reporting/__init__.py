"""Bundled output that needs nothing but the run's result."""

from dataagents.core.goals import Output
from dataagents.core.hookspecs import hookimpl
from dataagents.core.registry import Strategy
from dataagents.plugins.reporting.report import ReportOutput


@hookimpl
def register_outputs() -> tuple[Strategy[Output], ...]:
    """Provide the report of a run as JSON."""
    return (
        Strategy(
            "report",
            lambda options: ReportOutput(),
            summary="report.json: what was measured, decided and awarded",
        ),
    )
