"""Operators: somebody at a console on a terminal of a given size, and what they do and see."""

import asyncio
import unicodedata
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from textual import events
from textual.keys import REPLACED_KEYS, _character_to_key, _get_unicode_name_from_key
from textual.pilot import Pilot
from textual.worker import WorkerState

from dataagents.console.app import ConsoleApp
from dataagents.console.assembly import assemble
from dataagents.console.options import ConsoleOptions
from dataagents.console.session import Session
from dataagents.console.source import POLL, Pulse, SourceState
from dataagents.console.widgets.virtual_table import VirtualTable
from dataagents.core.events import Event
from dataagents.core.testing.clock import FakeClock
from dataagents.storage import SqliteStore, StoreReader

PATIENCE: Final = 20.0
"""Seconds after which what is waited for is taken never to come."""
_LASTING: Final = ("follow the store", "act", "take back")
"""Workers that end with the console, or when the operator has answered."""
_BEGUN: Final = (WorkerState.PENDING, WorkerState.RUNNING)
_CURSORS: Final = (">", "»")
_CALM: Final = 4
"""Rounds without anything to do after which nothing is going on: a message may cause another."""


class NeverCameError(AssertionError):
    """Raised when what a test waits for does not come; shows the screen."""


async def until(pilot: Pilot[Any], condition: Callable[[], object], told: str = "") -> None:
    """Return when a condition holds.

    Args:
        pilot: Of the app that is waited for.
        condition: Looked at whenever the app has nothing to do.
        told: What it is, in words.

    Raises:
        NeverCameError: It did not come to hold.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                await pilot.pause(0)
                await asyncio.sleep(0.001)
    except TimeoutError:
        raise NeverCameError(f"{told or condition}\n\n{shown(pilot.app)}") from None


def lines(app: Any) -> list[str]:
    """Return what a terminal shows, line by line."""
    strips = app.screen._compositor.render_strips()
    return [strip.text.rstrip() for strip in strips]


def shown(app: Any) -> str:
    """Return what a terminal shows."""
    return "\n".join(lines(app))


@dataclass(slots=True)
class Typist:
    """Somebody at a terminal, who presses keys and reads the screen."""

    app: Any
    pilot: Pilot[Any]

    @property
    def screen(self) -> Any:
        """The screen on top."""
        return self.app.screen

    @property
    def lines(self) -> list[str]:
        """What the terminal shows, line by line."""
        return lines(self.app)

    @property
    def shown(self) -> str:
        """What the terminal shows."""
        return shown(self.app)

    async def press(self, *keys: str) -> None:
        """Press keys one after another, each when what the one before began is done."""
        for key in keys:
            await self._send(key)
            await self.settle()

    async def type(self, text: str) -> None:
        """Type a text."""
        for each in text:
            await self._send(each)
            await self.pilot.pause(0)
        await self.settle()

    async def settle(self) -> None:
        """Return when nothing is being read or written, and all of it is on the screen."""
        calm = 0
        async with asyncio.timeout(PATIENCE):
            while calm < _CALM:
                await self.pilot.pause(0)
                calm = 0 if self._is_at_work() else calm + 1
                if not calm:
                    # What a store answers comes from its thread, which has to get a turn.
                    await asyncio.sleep(0.001)

    async def _send(self, key: str) -> None:
        """Press a key as `Pilot.press` does, but for its sleeps."""
        key = _character_to_key(key) if len(key) == 1 and not key.isalnum() else key
        try:
            char = unicodedata.lookup(_get_unicode_name_from_key(REPLACED_KEYS.get(key, key)))
        except KeyError:
            char = key if len(key) == 1 else None
        event = events.Key(key, char)
        event.set_sender(self.app)
        self.app.post_message(event)
        await asyncio.sleep(0)

    def _is_at_work(self) -> bool:
        screen = self.app.screen
        if screen._layout_required or screen._dirty_widgets:
            return True  # what is known is not on the screen yet
        if any(pump.message_queue_size for pump in (self.app, *screen.walk_children())):
            return True
        return any(
            each.state in _BEGUN and each.name not in _LASTING and each.group not in _LASTING
            for each in self.app.workers
        )


@dataclass(slots=True)
class Operator(Typist):
    """Somebody at a console, and what they get to know."""

    app: ConsoleApp
    pilot: Pilot[None]
    clock: FakeClock
    copied: list[str]
    """What went to the clipboard."""
    told: list[str]
    """What the operator was told beside the screens."""

    @property
    def session(self) -> Session:
        """What the console knows."""
        return self.app.session

    @property
    def table(self) -> VirtualTable[Any]:
        """The rows of the screen on top."""
        return self.app.screen.query_one("#rows", VirtualTable)

    @property
    def keys(self) -> list[str]:
        """The addresses of the rows that were read, from the top."""
        return [self.table._key(row) for row in self.table.rows]

    @property
    def key(self) -> str:
        """The address of the row under the cursor; empty where there is none."""
        return "" if self.table.current is None else self.table._key(self.table.current)

    @property
    def way(self) -> str:
        """The second line: the way to here, and notes."""
        return self.lines[1].strip()

    @property
    def cursor_line(self) -> str:
        """The line that the cursor is on; empty where none is in sight."""
        return next((line for line in self.lines if line[:1] in _CURSORS), "")

    def line_with(self, text: str) -> str:
        """Return the first line that has a text.

        Raises:
            AssertionError: None has it.
        """
        for line in self.lines:
            if text in line:
                return line
        raise AssertionError(f"{text!r} is not shown; the screen:\n{self.shown}")

    async def until(self, condition: Callable[[], object], told: str = "") -> None:
        """Return when a condition holds; see `until`."""
        await until(self.pilot, condition, told)

    async def catch_up(self, seconds: float = POLL) -> None:
        """Let time pass for the console to look at the store, and to show what it saw."""
        await self.clock.advance(seconds)
        await self.settle()
        self.app.paint()
        await self.settle()

    async def write(self, store: SqliteStore, events: Iterable[Event]) -> None:
        """Have a kernel write events, and the console show them."""
        await store.commit(list(events))
        async with StoreReader(store.path) as reader:
            last = await reader.last_seq()
        await self.passes(lambda pulse: pulse.last >= last, "the console sees a commit")

    async def becomes(self, state: SourceState) -> None:
        """Let time pass until the store is seen to be in a state.

        Raises:
            NeverCameError: That does not happen.
        """
        await self.passes(lambda pulse: pulse.state is state, state)

    async def passes(self, holds: Callable[[Pulse], bool], told: str) -> None:
        """Let time pass until the console has seen something of the store, and shows it.

        Raises:
            NeverCameError: It does not see that.
        """

        def is_so() -> bool:
            return self.session.pulse is not None and holds(self.session.pulse)

        for _ in range(200):
            await self.clock.advance(POLL)
            # The source may be at work in the thread of its connection: only then it does not wait.
            await self.until(lambda: self.clock.waiting or is_so(), "the source is at rest")
            if is_so():
                self.app.paint()
                await self.settle()
                return
        raise NeverCameError(f"{told}\n\n{self.shown}")


@asynccontextmanager
async def sit_down(
    store: Path,
    clock: FakeClock,
    home: Path,
    size: tuple[int, int] = (80, 24),
    options: ConsoleOptions | None = None,
) -> AsyncGenerator[Operator]:
    """Open a console, and wait until it shows what there is.

    Args:
        store: What it watches.
        clock: Where it has the time from.
        home: Where it keeps what it remembers, and writes exports; it has to be there.
        size: Columns and rows of the terminal.
        options: What the command line said.
    """
    app = assemble(store, clock, options or ConsoleOptions(), environ={"HOME": str(home)})
    app.session.folder = home
    app.session.warning = ""  # it depends on the machine
    app.animation_level = "none"
    copied, told, tell = list[str](), list[str](), app.tell

    def heard(text: str, *, bad: bool = False) -> None:
        told.append(text)
        tell(text, bad=bad)

    app.tell = heard  # type: ignore[method-assign]  # a test's own
    app.copy_to_clipboard = copied.append  # type: ignore[method-assign]  # a test's own
    async with app.run_test(size=size, notifications=True) as pilot:
        operator = Operator(app, pilot, clock, copied, told)
        await operator.until(lambda: _is_opened(app), "the console opens the store")
        app.paint()
        await operator.settle()
        yield operator


def _is_opened(app: ConsoleApp) -> bool:
    pulse = app.session.pulse
    return pulse is not None and pulse.state is not SourceState.LOADING
