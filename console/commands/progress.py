"""Progress: what a run is doing, folded from its events, as a live display or as log lines."""

import logging
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from dataagents.console.commands.output import shown
from dataagents.console.view.fields import Fields, name
from dataagents.console.view.words import byte_size, duration, progress
from dataagents.core import Event, EventKind, Strategy, hookimpl
from dataagents.core.clock import Clock
from dataagents.core.events import Observer
from dataagents.core.reasoning import FINAL_RESULT

_log = logging.getLogger("dataagents.progress")
_PER_SECOND = 8
_PAUSE = 5.0
"""Seconds between two lines about the same stage."""


@dataclass(slots=True)
class Doing:
    """A task that somebody works on."""

    agent: str
    since: float
    detail: str = ""
    """What was seen last."""


@dataclass(slots=True)
class Board:
    """What is known of a run under way."""

    planned: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)
    running: dict[str, Doing] = field(default_factory=dict)
    replans: int = 0

    def apply(self, event: Event, now: float) -> None:
        """Take one event; kinds that don't matter here are passed over."""
        body, task = Fields(event.body), name(event.task)
        match event.kind:
            case EventKind.PLAN_MADE:
                self._plan(body)
            case EventKind.PLAN_REPLACED:
                self.replans += 1
                self._plan(body.part("plan"))
            case EventKind.TASK_STARTED:
                self.running[name(event.subject)] = Doing(name(event.agent), now)
            case EventKind.TASK_ENDED:
                self.running.pop(name(event.subject), None)
                if body.flag("success"):
                    self.done.add(name(event.subject))
            case EventKind.TASK_PROGRESS if name(event.subject) in self.running:
                self.running[name(event.subject)].detail = progress(body)
            case EventKind.STEP_TAKEN if task in self.running:
                self.running[task].detail = _step(body)
            case EventKind.ELECTION_OPENED if task in self.running:
                voters = len(body.texts("voters"))
                self.running[task].detail = f"{voters} agents vote: {body.name('question')}"
            case _:
                pass

    def _plan(self, plan: Fields) -> None:
        self.planned = {task.name("id") for task in plan.parts("tasks")} | self.done


def _step(step: Fields) -> str:
    seen = step.text("error") or step.text("observation")
    return f"step {step.count('number')}, {step.name('action')}: {seen}"


class Progress:
    """An observer that shows nothing; its subclasses say how they show what."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def spooling(self, size: int) -> None:
        """Take note of how much of the standard input has come."""

    def stop(self) -> None:
        """Leave the terminal to others; stopping twice is harmless."""

    def paused(self) -> AbstractContextManager[None]:
        """Leave the terminal to somebody else while the context lasts."""
        return nullcontext()

    async def observe(self, events: Sequence[Event]) -> None:
        """Take note of what happened."""


class ProgressLog(Progress):
    """An observer that logs what begins; what ends is logged by the bundled plugin `observing`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: dict[str, tuple[str, float]] = {}
        """Task → its stage that was logged last, and when."""

    def spooling(self, size: int) -> None:
        """Log how much of the standard input has come."""
        if self._is_due("stdin", "reading"):
            _log.info("reading stdin, %s", byte_size(size))

    async def observe(self, events: Sequence[Event]) -> None:
        """Log a batch."""
        for event in events:
            if event.kind == EventKind.TASK_STARTED:
                _log.info("%s works on %s", event.agent, event.subject, extra=_place(event))
            elif event.kind == EventKind.TASK_PROGRESS:
                body = Fields(event.body)
                if self._is_due(event.subject, body.name("stage")):
                    said = progress(body)
                    _log.info("%s, %s: %s", event.agent, event.subject, said, extra=_place(event))
            elif event.kind == EventKind.STEP_TAKEN and event.body.get("action") != FINAL_RESULT:
                step = _step(Fields(event.body))
                _log.info("%s, %s", event.agent, step, extra=_place(event))

    def _is_due(self, task: str, stage: str) -> bool:
        """Return whether to log: at a new stage, and then every few seconds."""
        now = self._clock.monotonic()
        last, at = self._told.get(task, ("", 0.0))
        if stage == last and now - at < _PAUSE:
            return False
        self._told[task] = (stage, now)
        return True


def _place(event: Event) -> dict[str, str | None]:
    return {"run": event.run, "task": event.task, "agent": event.agent}


class LiveProgress(Progress):
    """An observer that shows the board on a terminal while its context lasts."""

    def __init__(self, console: Console, title: str, clock: Clock) -> None:
        self._console = console
        self._title = title
        self._clock = clock
        self._began = clock.monotonic()
        self._board = Board()
        self._spinner = Spinner("dots")
        self._stopped = False
        self._waiting = "planning"
        """What is going on as long as there is no plan."""
        self._live = Live(
            console=console,
            get_renderable=self.render,
            refresh_per_second=_PER_SECOND,
            transient=True,
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    @contextmanager
    def paused(self) -> Generator[None]:
        """Take the display away while the context lasts, for somebody else to use the terminal."""
        self._live.stop()
        try:
            yield
        finally:
            if not self._stopped:
                self._live.start()

    def spooling(self, size: int) -> None:
        """Show how much of the standard input has come."""
        self._waiting = f"reading stdin, {byte_size(size)}"

    def stop(self) -> None:
        """Take the display away and give the cursor back; stopping twice is harmless."""
        self._stopped = True
        self._live.stop()

    async def observe(self, events: Sequence[Event]) -> None:
        """Fold a batch into the board."""
        for event in events:
            self._board.apply(event, self._clock.monotonic())

    def render(self) -> RenderableType:
        """Return the board as it is now: a line for the run, and one for each task."""
        board, now = self._board, self._clock.monotonic()
        counted = (
            f"{len(board.done)} of {len(board.planned)} tasks" if board.planned else self._waiting
        )
        replans = f", {board.replans} replanned" if board.replans else ""
        head = Table.grid(padding=(0, 1))
        head.add_row(
            self._spinner,
            shown(self._title, "bold"),
            Text(f"{counted}{replans}  {duration(now - self._began)}", "dim"),
        )
        tasks = Table.grid(padding=(0, 2))
        tasks.add_column(no_wrap=True, overflow="ellipsis", max_width=36)
        tasks.add_column(no_wrap=True, style="cyan")
        tasks.add_column(no_wrap=True, style="dim", justify="right")
        tasks.add_column(no_wrap=True, overflow="ellipsis", ratio=1, style="dim")
        for task, doing in list(board.running.items()):
            tasks.add_row(
                shown(f"  {task}"),
                shown(doing.agent),
                duration(now - doing.since),
                shown(doing.detail),
            )
        # In a line that is full, the `^C` that a terminal echoes would begin another one.
        tasks.width = self._console.width - len("^C") - 1
        return Group(head, tasks)


class ProgressPlugin:
    """Brings an observer of progress into a kernel."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer

    @hookimpl
    def register_observers(self) -> tuple[Strategy[Observer], ...]:
        """Provide the observer."""
        return (Strategy("progress", lambda options: self._observer, summary="shows progress"),)
