"""A plan: its tree, its schedule, who was delegated to, and what a replan changed and why."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import BindingType

from dataagents.console.feeds.entities import about
from dataagents.console.feeds.run_trace import RunTrace
from dataagents.console.keys import PLAN_KEYS
from dataagents.console.screens.loaded import LoadedScreen
from dataagents.console.session import Session
from dataagents.console.view.addresses import Address
from dataagents.console.view.cells import Cell, Column
from dataagents.console.view.delegation_rows import delegation_rows
from dataagents.console.view.marks import Mark
from dataagents.console.view.plan_diff_rows import plan_diff, replan_of_plan
from dataagents.console.view.plan_tree import plan_tree, plans_of
from dataagents.console.view.plans import PlanView
from dataagents.console.view.row import TraceRow
from dataagents.console.view.run_fold import RunsFold
from dataagents.console.view.runs import HierarchyView, RunView
from dataagents.console.view.schedule_rows import schedule_of
from dataagents.console.view.words import duration, plural
from dataagents.storage import StoreReader

_EVENTS = 50
_TASK = 34


@dataclass(frozen=True, slots=True)
class Line:
    """A line of any of the aspects."""

    key: str
    cells: tuple[Cell, ...]
    sections: tuple[tuple[str, str], ...] = ()
    link: str = ""
    mark: Mark = Mark.NOTE


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan in its run."""

    plan: PlanView
    before: PlanView | None
    """The plan that it replaced."""
    run: RunView


class PlanScreen(LoadedScreen[Planned, Line]):
    """One plan; `v` turns to the next aspect of it."""

    BINDINGS: ClassVar[list[BindingType]] = [*PLAN_KEYS]
    BINDING_GROUP_TITLE = "Plan"

    def __init__(self, session: Session, address: Address) -> None:
        super().__init__(session, address, f"plan {address.id[-8:]}")
        self.add_class("-stacked")
        self.aspect = ""
        """Name of the aspect that is shown; empty before the plan was read."""
        self._trace: RunTrace | None = None

    async def load(self, reader: StoreReader) -> Planned | None:
        """Read the plan, and the run that it is of."""
        found = await about(reader, self.address, _EVENTS)
        if not found:
            return None
        event = found[0][1]
        if event.run is None:
            fold = RunsFold()
            for _, each in found:
                fold.apply(each)
            run = next(iter(fold.runs.values()), None)
        else:
            self._trace = self._trace or RunTrace(event.run)
            run = await self._trace.renew(reader)
        if run is None:
            return None
        plans = plans_of(run)
        place = next((at for at, each in enumerate(plans) if each.id == event.subject), None)
        if place is None:
            return None
        return Planned(plans[place], plans[place - 1] if place else None, run)

    def forget(self) -> None:
        """Let go of what was read, since the file is another one."""
        super().forget()
        self._trace = None

    def aspects(self) -> tuple[str, ...]:
        """Return the aspects that there is something to see of."""
        thing = self.thing
        if thing is None:
            return ()
        has_hierarchy = any(isinstance(part, HierarchyView) for part in thing.run.parts)
        changes = ("changes",) if thing.before is not None else ()
        return (*changes, "tree", "schedule", *(("delegation",) if has_hierarchy else ()))

    def notes(self) -> tuple[str, ...]:
        """Return the aspects, and what the plan comes to."""
        if self.thing is None:
            return ()
        plan = self.thing.plan
        names = " ".join(f"[{e}]" if e == self.aspect else e for e in self.aspects())
        sure = "" if plan.confidence is None else f"confidence {plan.confidence:.2f}"
        return (names, plural(len(plan.tasks), "task"), sure)

    def arrived(self, thing: Planned) -> None:
        """Begin with what changed, where the plan replaced another one."""
        self.aspect = self.aspects()[0]
        self.refresh_rows()

    def action_aspect(self, by: int) -> None:
        """Turn to another aspect."""
        names = self.aspects()
        if names:
            at = names.index(self.aspect) if self.aspect in names else 0
            self.aspect = names[(at + by) % len(names)]
            self.refresh_rows()
            self.paint()

    def columns(self) -> Sequence[Column]:
        """Return the columns of the aspect that is shown."""
        match self.aspect:
            case "changes":
                return (Column("", 1), Column("WHAT", 40), Column("WHY"))
            case "schedule":
                return (Column("TASK", _TASK), Column(self._ruler()), Column("TOOK", 6, True))
            case _:
                return (Column("WHAT", 44), Column("WHO", 18, needs=90), Column("TOOK", 6, True),
                        Column("RESULT"))  # fmt: skip

    def rows_of(self, thing: Planned) -> Sequence[Line]:
        """Return the lines of the aspect that is shown."""
        shown: Mapping[str, Callable[[Planned], Iterator[Line]]] = {
            "changes": self._changes,
            "schedule": self._schedule,
            "delegation": self._delegation,
        }
        return tuple(shown.get(self.aspect, self._tree)(thing))

    def key(self, row: Line) -> str:
        """Return what tells a line from the others."""
        return row.key

    def targets(self) -> tuple[str, ...]:
        """Return the address of the run: actions are about it."""
        return (f"run:{self.thing.run.id}",) if self.thing is not None else (str(self.address),)

    def link(self, row: Line) -> str:
        """Return where a line leads to."""
        return row.link

    def failed(self, row: Line) -> bool:
        """Return whether a line stands for something that failed."""
        return row.mark is Mark.FAIL

    def cells(self, row: Line) -> Sequence[Cell]:
        """Return how a line is shown."""
        width = len(self.columns())
        return (*row.cells, *(Cell("") for _ in range(width - len(row.cells))))[:width]

    def sections(self, row: Line) -> Sequence[tuple[str, str]]:
        """Return everything about a line."""
        return row.sections

    def on_resize(self, event: events.Resize) -> None:
        """Draw the bars for the new width."""
        self.call_after_refresh(self.refresh_rows)

    def _tree(self, thing: Planned) -> Iterator[Line]:
        return map(self._traced, plan_tree(thing.plan, thing.run))

    def _delegation(self, thing: Planned) -> Iterator[Line]:
        for part in thing.run.parts:
            if isinstance(part, HierarchyView):
                yield from map(self._traced, delegation_rows(part, thing.run))

    def _traced(self, row: TraceRow) -> Line:
        glyph = self.session.moment().glyph(row.mark)
        cells = (
            Cell(f"{'  ' * row.depth}{glyph} {row.title}", row.mark.value), Cell(row.agent, "dim"),
            Cell(duration(row.seconds), "dim"),
            Cell(row.detail, "fail" if row.mark is Mark.FAIL else ""),
        )  # fmt: skip
        is_task = row.kind == "task"
        link = row.address if is_task and row.address.startswith("run:") else ""
        return Line(row.address, cells, ((row.title, ""), *row.sections), link, row.mark)

    def _schedule(self, thing: Planned) -> Iterator[Line]:
        schedule, glyphs = schedule_of(thing.plan, thing.run), self.session.glyphs
        for row in schedule.rows:
            mark = self.session.moment().glyph(row.mark)
            cells = (
                Cell(f"{mark} {row.task}", row.mark.value),
                schedule.bar(row, self._room, glyphs),
                Cell(duration(row.took), "dim"),
            )
            facts = (
                ("planned", row.times),
                ("critical", "yes: a delay of it delays the whole" if row.critical else ""),
                ("slack", duration(row.slack)),
                ("took", duration(row.took)),
                ("schedule", schedule.summary),
            )
            known = tuple(fact for fact in facts if fact[1])
            yield Line(row.address, cells, ((row.task, ""), *known), row.address, row.mark)

    def _changes(self, thing: Planned) -> Iterator[Line]:
        replan = replan_of_plan(thing.run, thing.plan.id)
        for at, row in enumerate(plan_diff(thing.before, thing.plan, thing.run, replan)):
            facts = (("kind", row.kind), ("why", row.why), ("more at", row.address))
            known = tuple(fact for fact in facts if fact[1])
            sections = ((row.label, ""), *known)
            yield Line(f"{at}:{row.label}", row.cells(), sections, row.address, row.mark)

    @property
    def _room(self) -> int:
        return max(10, self.table.scrollable_content_region.width - _TASK - 11)

    def _ruler(self) -> str:
        if self.thing is None:
            return "WHEN"
        return schedule_of(self.thing.plan, self.thing.run).ruler(self._room).text
