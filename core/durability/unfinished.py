"""Unfinished runs: where a run stood, folded from its events alone. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from dataagents.core.bidding import Award, Lot
from dataagents.core.durability.files import FileRecord, Stamps
from dataagents.core.durability.steps import StepBook
from dataagents.core.errors import InputError
from dataagents.core.events import Event, EventKind
from dataagents.core.goals import RunOutcome, RunStatus
from dataagents.core.planning import (
    ExecutionStep,
    Failure,
    Goal,
    Plan,
    PlannedTask,
    Replan,
    StepKind,
    TaskResult,
)
from dataagents.core.values import Json, JsonObject, from_json
from dataagents.core.voting import Ballot, Election

STEPS = "steps"
"""Task of the goal that stands for a program of an application, which alone can go on with it."""

JOURNALED = (
    EventKind.RUN_STARTED, EventKind.RUN_RESUMED, EventKind.RUN_ENDED, EventKind.PLAN_MADE,
    EventKind.PLAN_REPLACED, EventKind.TASK_STARTED, EventKind.TASK_ENDED, EventKind.STEP_STARTED,
    EventKind.STEP_ENDED, EventKind.STEP_DECIDED, EventKind.AUCTION_OPENED,
    EventKind.AUCTION_CLOSED, EventKind.ELECTION_OPENED, EventKind.BALLOT_CAST,
    EventKind.ELECTION_CLOSED, EventKind.EXPERIENCE_KEPT, EventKind.HIERARCHY_FORMED,
)  # fmt: skip
"""The kinds of events that tell where a run stood."""

_LOST = "its files are lost"

_OVER = (RunStatus.CANCELLED, RunStatus.SUSPENDED)
"""Ends that a run can go on from."""


@dataclass(frozen=True, slots=True)
class Achieved:
    """What one task of the plan gave, as often as it was tried."""

    task: PlannedTask
    result: TaskResult
    award: Award | None = None
    """The one that it was done under."""
    files: JsonObject = field(default_factory=dict)
    """Files that became different meanwhile."""


@dataclass(frozen=True, slots=True)
class Repeats:
    """Tasks that were done and are done again, and why."""

    tasks: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    """What these tasks left; it goes, so that they find nothing half done."""
    anew: bool = False
    """Whether nothing is left to go on from: the run begins once more, by a new plan."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Where a run stood when it was last heard of."""

    run: str
    goal: Goal
    started: datetime
    out: str | None = None
    """Folder for the results."""
    found: Mapping[str, str] = field(default_factory=dict)
    """Inputs that were there when it began: name → where, as an absolute path."""
    settings: JsonObject = field(default_factory=dict)
    """What of the configuration changes what comes out, where it was not the default."""
    status: RunStatus | None = None
    """`cancelled` or `suspended`; None when it was cut off."""
    reason: str = ""
    seconds: float = 0.0
    """How long it was at work."""
    first: Plan | None = None
    plan: Plan | None = None
    """The one in force; None before there was any."""
    achieved: tuple[Achieved, ...] = ()
    """Results of the plan's tasks, failures too, in the order in which they came."""
    completed: tuple[str, ...] = ()
    """Tasks that were done and count under the plan in force."""
    open: tuple[str, ...] = ()
    """Tasks that were begun and have no result."""
    replans: tuple[Replan, ...] = ()
    history: tuple[str | Failure, ...] = ()
    """Tasks done, and what plans were changed for, in order: the budget of replans goes by it."""
    trace: tuple[ExecutionStep, ...] = ()
    elections: tuple[Election, ...] = ()
    awards: tuple[Award, ...] = ()
    book: StepBook = field(default_factory=StepBook, compare=False)
    reflected: bool = False
    """Whether what was learned from it is on record."""

    @property
    def is_program(self) -> bool:
        """Whether an application's own code went through its steps."""
        return self.goal.task == STEPS

    @property
    def results(self) -> dict[str, TaskResult]:
        """Task → its result, for those that count under the plan in force."""
        latest = {each.task.id: each.result for each in self.achieved if each.result.success}
        return {task: latest[task] for task in self.completed}

    @property
    def effects(self) -> dict[str, Json]:
        """What was observed, the latest of each fact."""
        return {
            fact: value for each in self.achieved for fact, value in each.result.effects.items()
        }

    def unread(self, repeats: Repeats) -> dict[str, str]:
        """Return the inputs, of those found, that no task has read which stays done: name → where.

        A task reads a data set that its arguments name.
        """
        read = {
            value
            for each in self.achieved
            if each.task.id in self.completed
            and not repeats.anew
            and each.task.id not in repeats.tasks
            for value in each.task.args.values()
            if isinstance(value, str)
        }
        return {name: path for name, path in self.found.items() if name not in read}

    def repeats(self, files: Stamps) -> Repeats:
        """Return what has to be done again because files are not as they were left.

        A task goes with all tasks that came after it, since they used what it made, and with those
        that wrote the same files. When one is lost that the plan in force does not have any more,
        nothing can bring its files back but a new plan.

        Args:
            files: The files of the run as they are now.
        """
        record = FileRecord((each.task.id, each.files) for each in self.achieved)
        why = dict.fromkeys(sorted(record.lost(files, changing=bool(self.open))), _LOST)
        tasks = self.plan.tasks if self.plan is not None else ()
        planned, size = {task.id for task in tasks}, -1
        while len(why) != size:
            size = len(why)
            for task in tasks:  # each after those that it depends on
                cause = next((each for each in task.depends_on if each in why), None)
                if cause is not None:
                    why.setdefault(task.id, f"it used what {cause} made")
            for each in sorted(record.shared_with(why)):
                why.setdefault(each, "it wrote to the same files")
        if not planned.issuperset(why):
            return Repeats(why, anew=True)
        done = {task: why[task] for task in self.completed if task in why}
        return Repeats(done, record.left_by(why))

    def without(self, repeats: Repeats) -> "Unfinished":
        """Return the run as it stood before the tasks that have to be done again."""
        if repeats.anew:
            return replace(
                self, first=None, plan=None, achieved=(), completed=(), open=(), replans=(),
                history=(), trace=(), elections=(), awards=(),
            )  # fmt: skip
        again = repeats.tasks
        return replace(
            self,
            achieved=tuple(each for each in self.achieved if each.task.id not in again),
            completed=tuple(each for each in self.completed if each not in again),
        )


class _Fold:
    """The run so far."""

    def __init__(self) -> None:
        self.ended: RunOutcome | None = None
        self.hierarchy = False
        self.start: Event | None = None
        self.began: datetime | None = None
        self.last: datetime | None = None
        self.spent = 0.0
        self.first: Plan | None = None
        self.plan: Plan | None = None
        self.tasks: dict[str, PlannedTask] = {}
        """The tasks of the plan in force, by id."""
        self.achieved: list[Achieved] = []
        self.completed: dict[str, None] = {}
        self.depth: dict[str, int] = {}
        """Task → how many delegations of it are under way: one that is handed on counts twice."""
        self.replans: list[Replan] = []
        self.history: list[str | Failure] = []
        self.trace: list[ExecutionStep] = []
        self.lots: dict[str, str] = {}
        self.awards: dict[str, Award] = {}
        self.motions: dict[str, list[Ballot]] = {}
        self.elections: list[Election] = []
        self.reflected = False

    def apply(self, event: Event) -> None:
        handler = _HANDLERS.get(event.kind)
        if handler is not None:
            handler(self, event)
        self.last = event.at

    def run_started(self, event: Event) -> None:
        if self.start is None:
            self.start = event
        self._begin(event)

    def run_resumed(self, event: Event) -> None:
        self._begin(event)
        if event.body.get("anew") is True:
            self.first = self.plan = None
            self.tasks.clear()
            self.achieved, self.completed, self.replans = [], {}, []
            self.history, self.trace, self.elections = [], [], []
            self.awards.clear()
        again = event.body.get("repeats")
        if isinstance(again, dict):
            self.achieved = [each for each in self.achieved if each.task.id not in again]
            for task in again:
                self.completed.pop(task, None)

    def _begin(self, event: Event) -> None:
        if self.began is not None and self.last is not None and self.ended is None:
            self.spent += (self.last - self.began).total_seconds()
        self.began, self.ended = event.at, None
        self.depth.clear()

    def run_ended(self, event: Event) -> None:
        self.ended = from_json(RunOutcome, event.body)
        if self.began is not None:
            self.spent += (event.at - self.began).total_seconds()

    def plan_made(self, event: Event) -> None:
        if event.task is None:
            self.first = from_json(Plan, event.body)
            self._adopt(self.first)

    def plan_replaced(self, event: Event) -> None:
        if event.task is not None:
            return
        change = from_json(Replan, event.body)
        self._adopt(change.plan)
        self.replans.append(change)
        self.history.append(change.failure)
        for task in change.plan.tasks:  # what is asked for again has to be done again
            self.completed.pop(task.id, None)
        self._note(StepKind.REPLANNED, change.failure.task, event.at, str(change.failure.trigger))

    def task_started(self, event: Event) -> None:
        depth = self.depth.get(event.subject, 0)
        self.depth[event.subject] = depth + 1
        if depth == 0 and event.subject in self.tasks:
            self._note(StepKind.STARTED, event.subject, event.at)

    def task_ended(self, event: Event) -> None:
        task = event.subject
        self.depth[task] = self.depth.get(task, 1) - 1
        planned = self.tasks.get(task)
        if self.depth[task] > 0 or planned is None:
            return  # handed on by whoever does it, or no task of the plan
        del self.depth[task]
        result = from_json(TaskResult, event.body)
        files = event.body.get("files")
        changed = files if isinstance(files, dict) else {}
        self.achieved.append(Achieved(planned, result, self.awards.get(task), changed))
        if result.success:
            self.completed[task] = None
            self.history.append(task)
            self._note(StepKind.COMPLETED, task, event.at, result.agent or "")
        else:
            self._note(StepKind.FAILED, task, event.at, result.error or "failed")

    def auction_opened(self, event: Event) -> None:
        self.lots[event.subject] = from_json(Lot, event.body).task.id

    def auction_closed(self, event: Event) -> None:
        award = from_json(Award, event.body)
        self.awards[self.lots.get(award.lot, event.task or "")] = award

    def election_opened(self, event: Event) -> None:
        self.motions[event.subject] = []

    def ballot_cast(self, event: Event) -> None:
        self.motions.setdefault(event.subject, []).append(from_json(Ballot, event.body))

    def election_closed(self, event: Event) -> None:
        election = from_json(Election, event.body)
        ballots = tuple(self.motions.get(event.subject, ()))
        self.elections.append(replace(election, ballots=ballots))

    def experience_kept(self, event: Event) -> None:
        self.reflected = True

    def hierarchy_formed(self, event: Event) -> None:
        self.hierarchy = True

    def _adopt(self, plan: Plan) -> None:
        self.plan, self.tasks = plan, {task.id: task for task in plan.tasks}

    def _note(self, kind: StepKind, task: str, at: datetime, detail: str = "") -> None:
        began = self.began or at
        self.trace.append(
            ExecutionStep(kind, task, self.spent + (at - began).total_seconds(), detail)
        )


_HANDLERS: Mapping[str, Callable[[_Fold, Event], None]] = {
    EventKind.RUN_STARTED: _Fold.run_started,
    EventKind.RUN_RESUMED: _Fold.run_resumed,
    EventKind.RUN_ENDED: _Fold.run_ended,
    EventKind.PLAN_MADE: _Fold.plan_made,
    EventKind.PLAN_REPLACED: _Fold.plan_replaced,
    EventKind.TASK_STARTED: _Fold.task_started,
    EventKind.TASK_ENDED: _Fold.task_ended,
    EventKind.AUCTION_OPENED: _Fold.auction_opened,
    EventKind.AUCTION_CLOSED: _Fold.auction_closed,
    EventKind.ELECTION_OPENED: _Fold.election_opened,
    EventKind.BALLOT_CAST: _Fold.ballot_cast,
    EventKind.ELECTION_CLOSED: _Fold.election_closed,
    EventKind.EXPERIENCE_KEPT: _Fold.experience_kept,
    EventKind.HIERARCHY_FORMED: _Fold.hierarchy_formed,
}


def unfinished_run(run: str, events: Iterable[Event]) -> Unfinished:
    """Fold a run's events, those of `JOURNALED` kinds, into where it stood.

    Any beginning of a run's events gives a state that it can go on from.

    Args:
        run: Its id.
        events: Oldest first; other kinds are passed over.

    Raises:
        InputError: There is no such run, it came to its end, or it can't be continued.
    """
    fold, book = _Fold(), StepBook()
    for event in events:
        fold.apply(event)
        book.apply(event)
    what = f"run {run!r}"
    if fold.start is None:
        raise InputError(what, "there is no such run", hint="'dataagents runs' lists them.")
    if fold.ended is not None and fold.ended.status not in _OVER:
        raise InputError(what, f"it came to its end: {fold.ended.status}", hint="Run it again.")
    goal = from_json(Goal, fold.start.body)
    if fold.hierarchy or ("config" not in fold.start.body and goal.task != STEPS):
        problem = "the work of a hierarchy, or of an older version, can't be continued"
        raise InputError(what, problem, hint="Run it again.")
    seconds = fold.spent
    if fold.ended is None and fold.began is not None and fold.last is not None:
        seconds += (fold.last - fold.began).total_seconds()
    out, settings = fold.start.body.get("out"), fold.start.body.get("config")
    found = fold.start.body.get("found")
    return Unfinished(
        run=run,
        goal=goal,
        started=fold.start.at,
        out=out if isinstance(out, str) else None,
        found={name: str(path) for name, path in found.items()} if isinstance(found, dict) else {},
        settings=settings if isinstance(settings, dict) else {},
        status=fold.ended.status if fold.ended is not None else None,
        reason=fold.ended.reason if fold.ended is not None else "",
        seconds=seconds,
        first=fold.first,
        plan=fold.plan,
        achieved=tuple(fold.achieved),
        completed=tuple(fold.completed),
        open=tuple(task for task, depth in fold.depth.items() if depth > 0),
        replans=tuple(fold.replans),
        history=tuple(fold.history),
        trace=tuple(fold.trace),
        elections=tuple(fold.elections),
        awards=tuple(each.award for each in fold.achieved if each.award is not None),
        book=book,
        reflected=fold.reflected,
    )
