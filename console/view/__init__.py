"""The view state: a pure fold of events, and the rows that screens and commands show."""

from dataagents.console.view.marks import GLYPHS, Mark
from dataagents.console.view.row import TraceRow
from dataagents.console.view.rows import trace_json, trace_rows
from dataagents.console.view.runs import RunView
from dataagents.console.view.state import AgentView, ViewState, fold

__all__ = [
    "GLYPHS",
    "AgentView",
    "Mark",
    "RunView",
    "TraceRow",
    "ViewState",
    "fold",
    "trace_json",
    "trace_rows",
]
