"""The trace: the runs, newest first, and what happened in the one that is chosen."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Footer, Static

from dataagents.console.safe_text import safe_text
from dataagents.console.screens.base import Look, ViewScreen
from dataagents.console.view import GLYPHS, Mark, RunView, TraceRow, trace_rows
from dataagents.console.view.rows import RUN_MARKS
from dataagents.console.view.words import age, duration
from dataagents.console.widgets.detail_pane import DetailPane
from dataagents.console.widgets.status_line import StatusLine
from dataagents.console.widgets.virtual_table import Cell, Column, VirtualTable

_RUN_COLUMNS = (
    Column("STATE", 13),
    Column("STARTED", 8),
    Column("TOOK", 6, right=True),
    Column("GOAL"),
    Column("RUN", 15, needs=70),
)
_TRACE_COLUMNS = (
    Column("WHAT", 32),
    Column("WHO", 18, needs=100),
    Column("SCORE", 5, right=True, needs=70),
    Column("TOOK", 6, right=True),
    Column("RESULT"),
)


class TraceScreen(ViewScreen):
    """Runs, the rows of one, and a pane with all there is to read about the row."""

    BINDING_GROUP_TITLE = "Trace"
    AUTO_FOCUS: ClassVar[str | None] = "#runs"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="trace.back", tooltip="Back to the runs, or agents"),
        Binding("e", "error(1)", "Next error", id="trace.next_error",
                tooltip="Go to the next row that failed"),
        Binding("E", "error(-1)", "Previous error", id="trace.previous_error",
                tooltip="Go to the row before that failed", show=False),
    ]  # fmt: skip

    class Left(Message):
        """Somebody wants to go back to where they came from."""

    def __init__(self, look: Callable[[], Look]) -> None:
        super().__init__(look)
        self._rows_of: tuple[str, int] | None = None

    def compose(self) -> ComposeResult:
        """Lay out the header, the runs beside the trace, and the keys."""
        yield StatusLine()
        with Horizontal(id="body"):
            yield VirtualTable[RunView](
                _RUN_COLUMNS, self._run_cells, lambda run: run.id, id="runs"
            )
            with Vertical(id="reading"):
                yield Static(id="run", markup=False)
                yield VirtualTable[TraceRow](
                    _TRACE_COLUMNS, _trace_cells, lambda row: row.address, id="rows"
                )
                yield DetailPane(id="row")
        yield Footer(show_command_palette=False)

    @property
    def runs(self) -> VirtualTable[RunView]:
        """The table of runs."""
        return self.query_one("#runs", VirtualTable)

    @property
    def rows(self) -> VirtualTable[TraceRow]:
        """The table of the chosen run's rows."""
        return self.query_one("#rows", VirtualTable)

    @property
    def reading(self) -> bool:
        """Whether a run is open."""
        return self.has_class("-reading")

    def show(self, look: Look) -> None:
        """Show the runs, and the trace of the one under the cursor."""
        self.runs.empty = look.nothing("No run has been recorded in this store yet.")
        self.runs.show(tuple(look.view.runs.values())[::-1])
        self._show_run()

    def open_run(self, run: str, agent: str = "") -> None:
        """Open a run; the cursor goes to the last row of an agent when one is named."""
        self.paint()
        if not self.runs.go_to(run):
            return
        self._read()
        last = next((row for row in reversed(self.rows.rows) if agent and row.agent == agent), None)
        if last is not None:
            self.rows.go_to(last.address)

    def action_back(self) -> None:
        """Close the run, or leave the screen."""
        if self.reading:
            self.remove_class("-reading")
            self.runs.focus()
        else:
            self.post_message(self.Left())

    def action_error(self, by: int) -> None:
        """Go to the next row that failed, around the end."""
        rows, at = self.rows.rows, self.rows.cursor
        around = ((at + by * offset) % len(rows) for offset in range(1, len(rows) + 1))
        found = next((rows[each] for each in around if rows[each].mark is Mark.FAIL), None)
        if found is None:
            self.notify("Nothing failed in this run.")
            return
        self._read()
        self.rows.go_to(found.address)

    @on(VirtualTable.Moved, "#runs")
    def _run_chosen(self) -> None:
        self._show_run()

    @on(VirtualTable.Opened, "#runs")
    def _run_opened(self) -> None:
        self._read()

    @on(VirtualTable.Moved, "#rows")
    def _row_chosen(self) -> None:
        self._show_row()

    @on(VirtualTable.Opened, "#rows")
    def _row_opened(self) -> None:
        self.query_one(DetailPane).focus()

    def _read(self) -> None:
        self._show_run()
        self.add_class("-reading")
        self.rows.focus()

    def _show_run(self) -> None:
        run = self.runs.current
        self.set_class(run is None, "-empty")
        if run is None:
            return
        heading = Text(_heading(run), no_wrap=True, overflow="ellipsis")
        self.query_one("#run", Static).update(heading)
        if self._rows_of != (run.id, run.revision):
            self._rows_of = (run.id, run.revision)
            self.rows.empty = "Nothing has happened in this run yet."
            self.rows.show(trace_rows(run))
        self._show_row()

    def _show_row(self) -> None:
        row, pane = self.rows.current, self.query_one(DetailPane)
        if row is not None:
            pane.show(row.address, row.sections or ((row.title, row.detail),))

    def _run_cells(self, run: RunView) -> Sequence[Cell]:
        look = self.seen
        mark = RUN_MARKS.get(run.status, Mark.NOTE)
        took = run.seconds
        if took is None and run.status == "running" and look.live:
            took = age(run.started, look.now)
        return (
            Cell(f"{GLYPHS[mark]} {run.status}", mark.value),
            Cell(_moment(run.started, look.now), "dim"),
            Cell(duration(took)),
            Cell(_goal(run), "strong"),
            Cell(run.id, "dim"),
        )


def _trace_cells(row: TraceRow) -> Sequence[Cell]:
    tone = row.mark.value
    return (
        Cell(f"{'  ' * row.depth}{GLYPHS[row.mark]} {row.title}", tone),
        Cell(row.agent, "dim"),
        Cell("" if row.score is None else f"{row.score:.2f}"),
        Cell(duration(row.seconds), "dim"),
        Cell(row.detail, "fail" if row.mark is Mark.FAIL else ""),
    )


def _goal(run: RunView) -> str:
    names = " ".join(path.rpartition("/")[2] for path in run.inputs.values())
    return safe_text(f"{run.goal} {names}".strip())


def _heading(run: RunView) -> str:
    parts = [f"run {run.id}", _goal(run), run.status, duration(run.seconds)]
    return "  ".join(part for part in parts if part)


def _moment(at: datetime, now: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{at:%H:%M:%S}" if at.date() == now.astimezone(UTC).date() else f"{at:%d %b}"
