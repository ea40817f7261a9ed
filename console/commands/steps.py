"""Steps: a reasoning as it goes on, each step told in full as soon as it was taken."""

from collections.abc import Iterator, Sequence
from typing import Self

from rich.console import Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from dataagents.console.commands.output import Screen, put, shown
from dataagents.console.commands.progress import Progress
from dataagents.console.view import GLYPHS, Mark
from dataagents.console.view.fields import Fields, name
from dataagents.console.view.parts import step_of
from dataagents.console.view.runs import StepView
from dataagents.console.view.usage import decider, figures
from dataagents.console.view.words import byte_size, duration, progress
from dataagents.core import Event, EventKind
from dataagents.core.clock import Clock
from dataagents.core.reasoning import FINAL_RESULT

_PER_SECOND = 8
_MARGIN = len("^C") + 1
"""In a line that is full, the `^C` that a terminal echoes would begin another one."""

_HEADINGS = len("  observed")


class Steps(Progress):
    """Writes each step below the one before; on a live terminal, also what is going on meanwhile.

    Args:
        screen: Where to write.
        clock: Tells how long something is going on.
        model: The model that is to decide; empty when rules are.
    """

    def __init__(self, screen: Screen, clock: Clock, model: str) -> None:
        self._screen = screen
        self._clock = clock
        self._verb = f"asks {model}" if model else "works"
        self._agent = ""
        self._detail = "planning"
        self._since = clock.monotonic()
        self._spinner = Spinner("dots")
        self._live = Live(
            console=screen,
            get_renderable=self.render,
            refresh_per_second=_PER_SECOND,
            transient=True,
        )

    def __enter__(self) -> Self:
        if self._screen.live:
            self._live.start()
        return self

    def spooling(self, size: int) -> None:
        """Show how much of the standard input has come."""
        self._detail = f"reading stdin, {byte_size(size)}"

    def stop(self) -> None:
        """Take the line about what is going on away."""
        self._live.stop()

    async def observe(self, events: Sequence[Event]) -> None:
        """Write the steps of a batch."""
        for event in events:
            self._take(event, Fields(event.body))

    def render(self) -> RenderableType:
        """Return the line about what is going on."""
        line = Table.grid(padding=(0, 1))
        line.add_column()
        line.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        took = duration(self._clock.monotonic() - self._since)
        line.add_row(self._spinner, shown(f"{self._detail}  {took}", "dim"))
        line.width = self._screen.width - _MARGIN
        return line

    def _take(self, event: Event, body: Fields) -> None:
        match event.kind:
            case EventKind.TASK_STARTED:
                self._agent = name(event.agent)
                self._go_on(f"{self._agent} {self._verb}")
            case EventKind.TASK_PROGRESS:
                self._detail = f"{self._agent}, {progress(body)}"
            case EventKind.STEP_TAKEN:
                put(self._screen, step_block(step_of(event, body)))
                self._go_on(f"{self._agent} {self._verb}")
            case EventKind.TASK_ENDED:
                self._go_on("finishing")
            case _:
                pass

    def _go_on(self, detail: str) -> None:
        self._detail, self._since = detail, self._clock.monotonic()


def step_block(step: StepView) -> RenderableType:
    """Return a step in full: its action, what led to it, what it showed, and who decided."""
    mark, style = (Mark.FAIL, "red") if step.error else (Mark.OK, "green")
    title = Text.assemble((f"{GLYPHS[mark]} ", style), (f"{step.number} {step.action}", "bold"))
    head = Table.grid(padding=(0, 1))
    head.add_column(no_wrap=True)
    head.add_column(overflow="fold")
    head.add_row(title, Text("" if step.input == "{}" else step.input, "dim"))
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="dim", min_width=_HEADINGS)
    table.add_column(overflow="fold")
    for heading, text in _told(step):
        table.add_row(f"  {heading}", text)
    return Group(head, table)


def _told(step: StepView) -> Iterator[tuple[str, Text]]:
    # The last step's observation is the answer; it is told as that, and rules also think it.
    final = step.action == FINAL_RESULT
    if step.thought and not (final and step.thought == step.observation):
        yield "thought", Text(step.thought)
    if step.error:
        yield "error", Text(step.error, "red")
    elif step.observation and not final:
        yield "observed", Text(step.observation)
    yield ("decided" if step.by else "measured"), Text(_figures(step), "dim")


def _figures(step: StepView) -> str:
    took = figures(step.tokens, step.cost, step.model_seconds) if decider(step.by) else ""
    parts = [f"by {step.by}" + (f" ({took})" if took else "")] if step.by else []
    if step.score is not None:
        parts.append(f"score {step.score:.2f}")
    if step.action != FINAL_RESULT and step.seconds is not None:
        parts.append(f"done in {duration(step.seconds)}")
    return ", ".join(parts)
