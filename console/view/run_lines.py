"""Runs as a list: what each was for, how it goes or went, and what failed in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dataagents.console.safe_text import safe_text
from dataagents.console.view.cells import Cell
from dataagents.console.view.fields import name
from dataagents.console.view.listing import Field, Listing, Preset, Sections
from dataagents.console.view.marks import Mark
from dataagents.console.view.moment import Moment
from dataagents.console.view.row import lines, sections
from dataagents.console.view.rows import RUN_MARKS
from dataagents.console.view.widths import brief
from dataagents.console.view.words import age, ago, duration, percent, plural
from dataagents.core.goals import RUNNING, UNDER_WAY, RunStatus

INTERRUPTED = "interrupted"
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run; its texts are safe to show."""

    id: str
    started: datetime
    goal: str = ""
    status: str = RUNNING
    """One of `goals.UNDER_WAY` as long as no end is on record, or a `goals.RunStatus`."""
    seconds: float | None = None
    quality: float | None = None
    """Mean data quality that it ended with; None when none was measured."""
    reason: str = ""
    inputs: tuple[tuple[str, str], ...] = ()
    """Name and path of each data set."""
    tasks: int = 0
    """How many were begun."""
    done: int = 0
    failed: int = 0
    last_failure: int | None = None
    """Place of the end of the task that failed last; None when none did."""
    ended: datetime | None = None
    place: int = 0

    @property
    def address(self) -> str:
        """Its address."""
        return f"run:{self.id}"

    @property
    def data(self) -> str:
        """The names of its data sets, in a few words."""
        names = [each for each, _ in self.inputs]
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        return ", ".join(names[:_MOST_NAMED]) + more

    def state(self, moment: Moment) -> str:
        """Return how it is: one that runs was interrupted when no kernel lives."""
        return INTERRUPTED if self.status in UNDER_WAY and not moment.live else self.status

    def mark(self, moment: Moment) -> Mark:
        """Return how it is marked."""
        return RUN_MARKS.get(self.state(moment), Mark.NOTE)

    def took(self, moment: Moment) -> float | None:
        """Return how long it took, or has been running; None when that isn't known."""
        if self.state(moment) in UNDER_WAY:
            return age(self.started, moment.now)
        return self.seconds


def run_line(
    *,
    id: str,
    started: datetime,
    goal: str | None = "",
    status: str | None = RUNNING,
    seconds: float | None = None,
    score: float | None = None,
    reason: str | None = "",
    inputs: Mapping[str, str] | None = None,
    tasks: int = 0,
    done: int = 0,
    failed: int = 0,
    last_failure: int | None = None,
    ended: datetime | None = None,
    place: int = 0,
) -> RunLine:
    """Return a run as a line, from values that may be anything; what is None is not known."""
    return RunLine(
        id=name(id),
        started=started,
        goal=name(goal),
        status=name(status) or RUNNING,
        seconds=seconds,
        quality=score,
        reason=safe_text(reason or "", lines=True),
        inputs=tuple((name(key), safe_text(path)) for key, path in (inputs or {}).items()),
        tasks=tasks,
        done=done,
        failed=failed,
        last_failure=last_failure,
        ended=ended,
        place=place,
    )


def _state(run: RunLine, moment: Moment) -> Cell:
    mark = run.mark(moment)
    return Cell(f"{moment.glyph(mark)} {run.state(moment)}", mark.value)


def _took(run: RunLine, moment: Moment) -> Cell:
    return Cell(duration(run.took(moment)), "busy" if run.state(moment) == RUNNING else "")


def _tasks(run: RunLine, moment: Moment) -> Cell:
    return Cell(f"{run.done}/{run.tasks}" if run.tasks else "", "" if run.tasks else "dim")


def _failed(run: RunLine, moment: Moment) -> Cell:
    return Cell(str(run.failed) if run.tasks else "", "fail" if run.failed else "dim")


def _quality(run: RunLine, moment: Moment) -> Cell:
    return Cell("" if run.quality is None else f"{run.quality:.1%}")


def _reason(run: RunLine, moment: Moment) -> Cell:
    mark = run.mark(moment)
    return Cell(brief(safe_text(run.reason)), mark.value if mark is Mark.FAIL else "")


_FIELDS: tuple[Field[RunLine], ...] = (
    Field("state", "STATE", lambda r, m: r.state(m),
          "running, interrupted (its kernel is gone), done, withheld, rejected, undecided, failed, "
          "cancelled or suspended", _state, 13),
    Field("run", "RUN", lambda r, m: r.id, "its id", lambda r, m: Cell(r.id, "strong"), 15,
          needs=96),
    Field("goal", "GOAL", lambda r, m: r.goal, "what it is to achieve", None, 10, needs=110),
    Field("data", "DATA", lambda r, m: r.data, "names of its data sets", None, 16),
    Field("started", "AGO", lambda r, m: r.started, "when it began",
          lambda r, m: Cell(ago(r.started, m), "dim"), 6, True),
    Field("took", "TOOK", lambda r, m: r.took(m), "seconds that it took, or has been running",
          _took, 6, True),
    Field("tasks", "TASKS", lambda r, m: r.tasks, "tasks begun; shown as done / begun", _tasks, 5,
          True, needs=64),
    Field("done", "", lambda r, m: r.done, "tasks done"),
    Field("failed", "FAIL", lambda r, m: r.failed, "tasks that failed and were not done after all",
          _failed, 4, True, needs=72),
    Field("quality", "QUALITY", lambda r, m: r.quality, "mean data quality at its end, from 0 to 1",
          _quality, 7, True, needs=104),
    Field("reason", "REASON", lambda r, m: r.reason, "why it did not end well", _reason),
    Field("inputs", "", lambda r, m: " ".join(path for _, path in r.inputs), "paths of its data"),
    Field("ended", "", lambda r, m: r.ended, "when it ended, in UTC"),
)  # fmt: skip


def _sections(run: RunLine, moment: Moment) -> Sections:
    took = duration(run.took(moment))
    tasks = f"{run.done:,} of {plural(run.tasks, 'task')} begun are done, {run.failed:,} failed"
    return (
        (f"run {run.id}  {run.goal} {run.data}".strip(), ""),
        *sections(
            ("state", f"{moment.glyph(run.mark(moment))} {run.state(moment)}"),
            ("why", run.reason),
            ("took so far" if run.state(moment) == RUNNING else "took", took),
            ("tasks", tasks if run.tasks else "none was begun"),
            ("data quality", "" if run.quality is None else percent(run.quality)),
            ("started", f"{run.started:%Y-%m-%d %H:%M:%S} UTC, {ago(run.started, moment)} ago"),
            ("files", lines(dict(run.inputs))),
        ),
    )


RUNS: Listing[RunLine] = Listing(
    name="runs",
    noun="run",
    fields=_FIELDS,
    key=lambda run: run.address,
    mark=lambda run, moment: run.mark(moment),
    sections=_sections,
    empty="No run is on record yet; 'dataagents run FILE', or an action, begins one.",
    at=lambda run: run.started,
    place=lambda run: run.place,
    finished=lambda run, moment: run.state(moment) == RunStatus.DONE,
    presets=(
        Preset("all", ""),
        Preset("failed", "state=failed"),
        Preset("not well", "!state=done !state=running"),
        Preset("running", "state=running|paused"),
    ),
)
"""The list of runs."""
