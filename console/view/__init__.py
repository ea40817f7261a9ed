"""The view state: a pure fold of events, and the rows that screens and commands show."""

from dataagents.console.view.marks import GLYPHS, Mark
from dataagents.console.view.row import TraceRow
from dataagents.console.view.rows import trace_json, trace_rows
from dataagents.console.view.run_fold import RunsFold, fold
from dataagents.console.view.runs import RunView
from dataagents.console.view.standing import Standing

__all__ = [
    "GLYPHS",
    "Mark",
    "RunView",
    "RunsFold",
    "Standing",
    "TraceRow",
    "fold",
    "trace_json",
    "trace_rows",
]
