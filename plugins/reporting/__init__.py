"""Bundled outputs that need nothing but the run's result."""

from dataagents.core.goals import Output
from dataagents.core.hookspecs import hookimpl
from dataagents.core.registry import Strategy
from dataagents.plugins.reporting.html import HtmlOutput
from dataagents.plugins.reporting.lineage import LineageOutput
from dataagents.plugins.reporting.report import ReportOutput


@hookimpl
def register_outputs() -> tuple[Strategy[Output], ...]:
    """Provide the report of a run as JSON and as a page, and its lineage."""
    return (
        Strategy(
            "report",
            lambda options: ReportOutput(),
            summary="report.json: what was measured, decided and awarded",
        ),
        Strategy(
            "html",
            lambda options: HtmlOutput(),
            summary="report.html: the same as a page that people can show around",
        ),
        Strategy(
            "lineage",
            lambda options: LineageOutput(),
            summary="lineage.jsonl: OpenLineage events with schema, columns and quality",
        ),
    )
