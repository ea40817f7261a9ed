"""The output `html`: a report that people can show around, in one file."""

import asyncio
import os
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataagents.core.errors import MissingExtraError
from dataagents.core.goals import RunResult
from dataagents.plugins.reporting.auctions import table_of
from dataagents.plugins.reporting.changes import changes_of
from dataagents.plugins.reporting.elections import picture_of
from dataagents.plugins.reporting.lessons import applied_rows, learned_rows
from dataagents.plugins.reporting.plans import plan_of
from dataagents.plugins.reporting.report import report
from dataagents.plugins.reporting.timeline import timeline_of

if TYPE_CHECKING:
    from jinja2 import Template

DIMENSIONS = ("completeness", "validity", "uniqueness", "consistency", "timeliness")
STYLES = ("style.css", "decisions.css", "plans.css")
_ROOM = "dataagents.plugins.reporting"
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


class HtmlOutput:
    """Writes `report.html`: no script, no network, every value escaped."""

    entries: tuple[str, ...] = ("report.html",)
    """What it may write below the folder."""

    async def write(self, result: RunResult, folder: Path) -> Mapping[str, Path]:
        """Write the page."""
        path = folder / "report.html"
        await asyncio.to_thread(_publish, path, page(result))
        return {"html": path}


def page(result: RunResult) -> str:
    """Return the page of a run.

    Raises:
        MissingExtraError: The template engine is not installed.
    """
    template = _template()
    room = files(_ROOM)
    execution = result.execution
    return template.render(
        report=report(result),
        styles=[(room / name).read_text("utf-8") for name in STYLES],
        dimensions=DIMENSIONS,
        before=_first_qualities(result),
        plan=plan_of(result.plan) if result.plan else None,
        timeline=timeline_of(result),
        changes=changes_of(result.plan, execution.replans if execution else (), result.started),
        applied=applied_rows(result.applied),
        reflection=result.reflection,
        learned=learned_rows(result.reflection.adaptations if result.reflection else ()),
        elections=[picture_of(election) for election in result.elections],
        auctions=table_of(result.awards),
    )


@cache
def _template() -> "Template":
    """Return the page's template, compiled once: that takes far longer than to fill it in."""
    try:
        from jinja2 import Environment, FunctionLoader
    except ImportError as error:
        raise MissingExtraError("report.html", "data") from error
    environment = Environment(
        loader=FunctionLoader(lambda name: (files(_ROOM) / name).read_text("utf-8")),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["show"] = visible
    environment.filters["percent"] = percent
    environment.filters["width"] = width
    environment.filters["took"] = took
    return environment.get_template("template.html")


def visible(value: object) -> str:
    """Return a value as text in which nothing is hidden: controls and marks show their number."""
    text = "" if value is None else str(value)
    return "".join(
        f"[U+{ord(each):04X}]" if unicodedata.category(each) in _HIDDEN else each for each in text
    )


def width(share: float | None) -> str:
    """Return a share as the width of a bar, in percent."""
    return f"{100 * (share or 0.0):.2f}"


def took(seconds: float) -> str:
    """Return a duration with the figures that matter."""
    if not isfinite(seconds):
        return "unknown"
    if seconds < 0.9995:
        return f"{1000 * seconds:.3g} ms"
    if seconds < 99.95:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def percent(share: object) -> str:
    """Return a share in percent; a flaw never rounds to all or nothing."""
    if not isinstance(share, int | float):
        return "not measured"
    shown = f"{share:.1%}"
    if share < 1 and shown == "100.0%":
        return "over 99.9%"
    return "under 0.1%" if share > 0 and shown == "0.0%" else shown


def _first_qualities(result: RunResult) -> dict[str, Any]:
    """Return the quality of each data set as it was measured first."""
    found: dict[str, Any] = {}
    for done in result.execution.completed if result.execution else ():
        for fact, value in done.effects.items():
            name, _, dataset = fact.partition(":")
            if name == "quality" and isinstance(value, dict):
                found.setdefault(dataset, value)
    return found


def _publish(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", encoding="utf-8", errors="replace") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
