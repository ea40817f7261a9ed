"""A run: its trace as a tree that folds up, or as a waterfall, and every row in full."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType

from dataagents.console.feeds.run_trace import MOST, RunTrace
from dataagents.console.keys import TRACE_KEYS
from dataagents.console.screens.loaded import LoadedScreen
from dataagents.console.screens.messages import Said, Wanted
from dataagents.console.screens.routes import REVIEW
from dataagents.console.session import Session
from dataagents.console.steering import Subject
from dataagents.console.view.addresses import Address
from dataagents.console.view.cells import Cell, Column
from dataagents.console.view.marks import Mark
from dataagents.console.view.row import TraceRow
from dataagents.console.view.rows import trace_rows
from dataagents.console.view.run_entities import find_row
from dataagents.console.view.runs import RunView, TaskView
from dataagents.console.view.trace_tree import TreeRow, TreeState, next_trouble, visible_rows
from dataagents.console.view.waterfall import Waterfall, waterfall
from dataagents.console.view.widths import brief
from dataagents.console.view.words import duration, plural
from dataagents.core.errors import InputError
from dataagents.storage import StoreReader

_QUIET = ("everything", "work and decisions", "trouble only")
_OPENED_BY: dict[str, str] = {
    "vote": "election",
    "auction": "lot",
    "plan": "plan",
    "replan": "plan",
}
"""Kind of a row that has a screen of its own → scheme of its address there."""
_TREE = 0.45
"""Share of the width that the tree keeps beside a waterfall."""


class RunScreen(LoadedScreen[RunView, TreeRow]):
    """The trace of one run; a run that failed opens at what failed first."""

    BINDINGS: ClassVar[list[BindingType]] = [*TRACE_KEYS]
    BINDING_GROUP_TITLE = "Trace"

    def __init__(self, session: Session, address: Address) -> None:
        super().__init__(session, address, f"run {address.id[-8:]}")
        self._trace: RunTrace | None = None
        self._tree = TreeState()
        self._all: tuple[TraceRow, ...] = ()
        self._bars: Waterfall | None = None
        self._revision = -1
        self.falling = False
        """Whether the waterfall is shown."""

    async def load(self, reader: StoreReader) -> RunView | None:
        """Read the run as far as it has come."""
        if self._trace is None:
            self._trace = RunTrace((await reader.find_run(self.address.id)).id)
        before = self._trace.reviewable
        run = await self._trace.renew(reader)
        if self._trace.reviewable != before:
            self.refresh_bindings()
        if run is not None and run.revision != self._revision:
            self._revision, self._all, self._bars = run.revision, trace_rows(run), None
        return run

    def forget(self) -> None:
        """Let go of what was read, since the file is another one."""
        super().forget()
        self._trace, self._all, self._bars, self._revision = None, (), None, -1

    def rows_of(self, thing: RunView) -> Sequence[TreeRow]:
        """Return the rows that are to be seen."""
        return visible_rows(self._all, self._tree)

    def key(self, row: TreeRow) -> str:
        """Return the address of a row."""
        return row.key

    def targets(self) -> tuple[str, ...]:
        """Return the address of the row under the cursor, or of the run."""
        row = self.table.current
        return (row.row.address if row is not None else str(self.address),)

    def subjects(self) -> tuple[Subject, ...]:
        """Return the same, with how the run and its tasks are."""
        run = self.thing
        if run is None:
            return super().subjects()
        whole = f"run:{run.id}"
        states = {whole: run.status}
        tasks = (each for each in run.parts if isinstance(each, TaskView))
        states |= {f"{whole}/task:{each.id}": each.status for each in tasks}
        return tuple(Subject(address, within=states) for address in self.targets())

    def notes(self) -> tuple[str, ...]:
        """Return how the run is, and what of it is shown."""
        run = self.thing
        if run is None:
            return ()
        cut = self._trace is not None and self._trace.cut
        failed = sum(row.mark is Mark.FAIL for row in self._all)
        return (
            f"{run.status} {duration(run.seconds)}".strip(),
            f"first {MOST:,} events" if cut else "",
            f"{plural(failed, 'row')} failed" if failed else "",
            _QUIET[self._tree.least] if self._tree.least else "",
            run.goal,
            " ".join(path.rpartition("/")[2] for path in run.inputs.values()),
        )

    def columns(self) -> Sequence[Column]:
        """Return the columns: the tree, and beside it what came of each row, or when it was."""
        if self.falling:
            return (Column("WHAT", self._tree_width), Column(self._ruler()),
                    Column("TOOK", 6, right=True))  # fmt: skip
        return (
            Column("WHAT", 34), Column("WHO", 18, needs=100), Column("SCORE", 5, True, needs=84),
            Column("TOOK", 6, right=True), Column("RESULT"),
        )  # fmt: skip

    def cells(self, row: TreeRow) -> Sequence[Cell]:
        """Return how a row is shown."""
        moment, shown = self.session.moment(), row.row
        took = Cell(duration(shown.seconds), "dim")
        if self.falling and self.thing is not None:
            return (row.cell(moment), self._falls(self.thing).bar(shown, moment.glyphs), took)
        score = "" if shown.score is None else f"{shown.score:.2f}"
        tone = "fail" if shown.mark is Mark.FAIL else ""
        return (row.cell(moment), Cell(shown.agent, "dim"), Cell(score), took,
                Cell(brief(shown.detail), tone))  # fmt: skip

    def sections(self, row: TreeRow) -> Sequence[tuple[str, str]]:
        """Return everything there is to read about a row."""
        shown = row.row
        title = f"{shown.title}  {shown.agent}".rstrip()
        return ((title, ""), *(shown.sections or (("", shown.detail),)))

    def link(self, row: TreeRow) -> str:
        """Return where a row leads to: votes, auctions and plans have screens of their own."""
        scheme = _OPENED_BY.get(row.row.kind, "")
        last = row.row.address.rpartition("/")[2].partition(":")[2]
        return f"{scheme}:{last}" if scheme and last else ""

    def arrived(self, thing: RunView) -> None:
        """Go to the row that is asked for, or to what failed first."""
        wanted = ""
        if self.address.path:
            try:
                wanted = find_row(self._all, f"run:{thing.id}", self.address).address
            except InputError as error:
                self.post_message(Said(str(error), bad=True))
        elif thing.status in ("failed", "rejected"):
            failed = [row for row in self._all if row.mark is Mark.FAIL]
            steps = [row for row in failed if row.kind == "step"]
            wanted = next((row.address for row in (*steps[:1], *failed)), "")
        if wanted:
            self._go_to(wanted)

    def action_error(self, by: int) -> None:
        """Go to the next row that failed, around the end, wherever it hides."""
        row = self.table.current
        at = "" if row is None else row.row.address
        found = next_trouble(self._all, at, back=by < 0) or next_trouble(self._all, "", back=by < 0)
        if found:
            self._go_to(found)
        else:
            self.post_message(Said("Nothing failed in this run."))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer a review only where somebody looked for errors in the data."""
        if action == "review":
            return self._trace is not None and self._trace.reviewable
        return super().check_action(action, parameters)

    def action_review(self) -> None:
        """Ask about the cells of the run whose answers teach most."""
        run = self.address.id if self.thing is None else self.thing.id
        self.post_message(Wanted(Address("run", run, REVIEW)))

    def action_waterfall(self) -> None:
        """Show when everything happened, or what came of it."""
        self.falling = not self.falling
        self._bars = None
        self.refresh_rows()

    def action_fold(self) -> None:
        """Hide what is below the row, or everything."""
        row = self.table.current
        if row is not None and row.open:
            self._tree = self._tree.toggled(row)
        else:
            self._tree = self._tree.all_closed(self._all)
        self.refresh_rows()

    def action_unfold(self) -> None:
        """Show what is below the row, or everything."""
        row = self.table.current
        if row is not None and row.open is False:
            self._tree = self._tree.toggled(row)
        else:
            self._tree = self._tree.all_open()
        self.refresh_rows()

    def action_quiet(self) -> None:
        """Show fewer rows: those that matter more; after the fewest all again."""
        self._tree = self._tree.quieter()
        self.refresh_rows()
        self.paint()

    def on_resize(self, event: events.Resize) -> None:
        """Draw the bars for the new width."""
        self._bars = None
        self.call_after_refresh(self.refresh_rows)

    def _go_to(self, address: str) -> None:
        self._tree = self._tree.revealing(self._all, address)
        self.refresh_rows()
        self.table.go_to(address)

    @property
    def _tree_width(self) -> int:
        return max(24, int(self.table.size.width * _TREE))

    def _falls(self, run: RunView) -> Waterfall:
        if self._bars is None:
            room = self.table.scrollable_content_region.width - self._tree_width - 11
            self._bars = waterfall(run, self._all, self.session.moment(), max(10, room))
        return self._bars

    def _ruler(self) -> str:
        if self.thing is None:
            return "WHEN"
        return self._falls(self.thing).ruler(self.session.glyphs).text
