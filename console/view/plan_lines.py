"""Plans as a list: what each is for, and what it replaced for which reason."""

from dataclasses import dataclass
from datetime import datetime

from dataagents.console.safe_text import safe_text
from dataagents.console.view.cells import Cell
from dataagents.console.view.fields import Fields, name
from dataagents.console.view.listing import Field, Listing, Preset, Sections
from dataagents.console.view.marks import Mark
from dataagents.console.view.moment import Moment
from dataagents.console.view.plans import plan_of, replan_of
from dataagents.console.view.row import sections
from dataagents.console.view.widths import brief
from dataagents.console.view.words import ago, duration, plural
from dataagents.core.events import Event, EventKind


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A plan; its texts are safe to show."""

    id: str
    at: datetime
    run: str = ""
    goal: str = ""
    tasks: int | None = None
    """How many it has; None when that is not on record."""
    done: int | None = None
    """Tasks that its run has done so far, under whichever plan."""
    confidence: float | None = None
    seconds: float | None = None
    """Estimated, along the critical path."""
    replaces: str = ""
    """Id of the plan before; empty for the first of a run."""
    trigger: str = ""
    failed_task: str = ""
    failure: str = ""
    reason: str = ""
    kept: int | None = None
    added: int | None = None
    removed: int | None = None
    stability: float | None = None
    """Share of what was still to be done that stayed; None when that is not on record."""
    place: int = 0

    @property
    def address(self) -> str:
        """Its address."""
        return f"plan:{self.id}"

    @property
    def why(self) -> str:
        """Why it took the place of the one before; empty for the first of a run."""
        why = self.reason or self.failure
        about = f"{self.failed_task}: " if self.failed_task else ""
        return (why if why.startswith(about) else f"{about}{why}") if self.replaces else ""

    @property
    def change(self) -> str:
        """What it changed, in figures; empty where nothing is on record of it."""
        if not self.replaces or self.added is None or self.removed is None:
            return ""
        kept = "" if self.kept is None else f" ={self.kept}"
        return f"+{self.added} -{self.removed}{kept}"

    @property
    def mark(self) -> Mark:
        """How it is marked: a change of plan asks for a look."""
        return Mark.WARN if self.replaces else Mark.NOTE


def plan_line(
    *,
    id: str,
    at: datetime,
    run: str | None = "",
    goal: str | None = "",
    tasks: int | None = None,
    done: int | None = None,
    confidence: float | None = None,
    seconds: float | None = None,
    replaces: str | None = "",
    trigger: str | None = "",
    failed_task: str | None = "",
    failure: str | None = "",
    reason: str | None = "",
    kept: int | None = None,
    added: int | None = None,
    removed: int | None = None,
    stability: float | None = None,
    place: int = 0,
) -> PlanLine:
    """Return a plan as a line, from values that may be anything; what is None is not known."""
    return PlanLine(
        id=name(id), at=at, run=name(run), goal=name(goal), tasks=tasks, done=done,
        confidence=confidence, seconds=seconds or None, replaces=name(replaces),
        trigger=name(trigger), failed_task=name(failed_task), failure=name(failure),
        reason=safe_text(reason or "", lines=True), kept=kept, added=added, removed=removed,
        stability=stability, place=place,
    )  # fmt: skip


def plan_line_of(place: int, event: Event, done: int | None = None) -> PlanLine:
    """Return a plan as a line from the event that it came with.

    Args:
        place: Place of the event in the journal.
        event: A `plan.made` or `plan.replaced`.
        done: Tasks that its run has done so far.
    """
    body = Fields(event.body)
    replan = replan_of(body) if event.kind == EventKind.PLAN_REPLACED else None
    plan = plan_of(body) if replan is None else replan.plan
    goal = (body if replan is None else body.part("plan")).part("goal").name("task")
    first = PlanLine(
        id=name(event.subject), at=event.at, run=name(event.run), goal=goal,
        tasks=len(plan.tasks), done=done, confidence=plan.confidence, seconds=plan.seconds,
        place=place,
    )  # fmt: skip
    if replan is None:
        return first
    return PlanLine(
        first.id, first.at, first.run, first.goal, first.tasks, done, first.confidence,
        first.seconds, replan.replaces, replan.trigger, replan.task, replan.failure, replan.reason,
        len(replan.diff.kept), len(replan.diff.added), len(replan.diff.removed),
        replan.diff.stability, place,
    )  # fmt: skip


def _plan(plan: PlanLine, moment: Moment) -> Cell:
    word = "replan" if plan.replaces else "plan"
    return Cell(f"{moment.glyph(plan.mark)} {word}", plan.mark.value)


def _share(value: float | None) -> Cell:
    return Cell("" if value is None else f"{value:.2f}")


_FIELDS: tuple[Field[PlanLine], ...] = (
    Field("kind", "KIND", lambda p, m: "replan" if p.replaces else "plan",
          "plan, or replan when it took the place of another one", _plan, 8),
    Field("plan", "PLAN", lambda p, m: p.id, "its id", lambda p, m: Cell(p.id, "strong"), 15,
          needs=120),
    Field("run", "RUN", lambda p, m: p.run, "id of its run", None, 15),
    Field("goal", "GOAL", lambda p, m: p.goal, "what it is to achieve", None, 10, needs=130),
    Field("at", "AGO", lambda p, m: p.at, "when it was made",
          lambda p, m: Cell(ago(p.at, m), "dim"), 6, True),
    Field("tasks", "TASKS", lambda p, m: p.tasks, "tasks that it has", None, 5, True),
    Field("done", "DONE", lambda p, m: p.done, "tasks that its run has done so far, under any plan",
          None, 4, True, needs=100),
    Field("confidence", "CONF", lambda p, m: p.confidence, "how likely it works out, from 0 to 1",
          lambda p, m: _share(p.confidence), 4, True, needs=90),
    Field("seconds", "", lambda p, m: p.seconds, "estimated seconds, along the critical path"),
    Field("change", "CHANGE", lambda p, m: p.change or None, "tasks added, removed, kept",
          None, 11, needs=100),
    Field("added", "", lambda p, m: p.added, "tasks that the plan before did not have"),
    Field("removed", "", lambda p, m: p.removed, "tasks that only the plan before had"),
    Field("kept", "", lambda p, m: p.kept, "tasks that both have"),
    Field("stability", "STAB", lambda p, m: p.stability,
          "share of what was still to be done that stayed, from 0 to 1",
          lambda p, m: _share(p.stability), 4, True, needs=130),
    Field("trigger", "TRIGGER", lambda p, m: p.trigger or None, "what made the plan change",
          lambda p, m: Cell(p.trigger, "warn"), 13, needs=70),
    Field("why", "WHY", lambda p, m: p.why or None, "why the plan changed",
          lambda p, m: Cell(brief(safe_text(p.why)))),
    Field("failed", "", lambda p, m: p.failed_task or None, "the task that it was replaced for"),
    Field("replaces", "", lambda p, m: p.replaces or None, "id of the plan before"),
)  # fmt: skip


def _sections(plan: PlanLine, moment: Moment) -> Sections:
    tasks = "" if plan.tasks is None else plural(plan.tasks, "task")
    stability = "" if plan.stability is None else f", stability {plan.stability:.2f}"
    return (
        (f"{'replan' if plan.replaces else 'plan'} {plan.id}  {plan.goal} {tasks}".strip(), ""),
        *sections(
            ("trigger", plan.trigger),
            ("why", plan.why),
            ("failure", plan.failure if plan.reason else ""),
            ("change", f"{plan.change}{stability}" if plan.change else ""),
            ("confidence", "" if plan.confidence is None else f"{plan.confidence:.3f}"),
            ("estimated", f"{duration(plan.seconds)} on the critical path" if plan.seconds else ""),
            ("done so far", "" if plan.done is None else plural(plan.done, "task")),
            ("made", f"{plan.at:%Y-%m-%d %H:%M:%S} UTC, {ago(plan.at, moment)} ago"),
            ("run", f"run:{plan.run}" if plan.run else "outside of a run"),
            ("replaces", f"plan:{plan.replaces}" if plan.replaces else ""),
        ),
    )


PLANS: Listing[PlanLine] = Listing(
    name="plans",
    noun="plan",
    fields=_FIELDS,
    key=lambda plan: plan.address,
    mark=lambda plan, _: plan.mark,
    sections=_sections,
    empty="No plan is on record yet; every run begins with one.",
    at=lambda plan: plan.at,
    place=lambda plan: plan.place,
    presets=(
        Preset("all", ""),
        Preset("replans", "kind=replan"),
        Preset("after a failure", 'trigger="failed task"'),
        Preset("after drift", 'trigger="schema drift"'),
    ),
)
"""The list of plans."""
