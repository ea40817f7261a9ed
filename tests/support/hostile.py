"""Text that tries to do more than to be read, and stores that are full of it.

Everything that a console shows comes from data: names, goals, files, reasons, errors, figures.
Here each of them tries to command the terminal, to pass for markup, to hide, to mirror or to burst
the line. A twin of the same shape is harmless, for what a console writes of it to be compared.
"""

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count, cycle
from pathlib import Path
from random import Random
from typing import Any, Final, TypeAlias

from dataagents.core.events import Event
from dataagents.storage import SqliteStore
from tests.support import team_figures, team_runs
from tests.support.moulds import EPOCH

Fill: TypeAlias = Callable[[str], str]

TERMINAL: Final = (
    "\x1b]52;c;ZXZpbA==\x07", "\x1b]0;owned\x07", "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "\x1b[2J\x1b[H", "\x1b[?1049l", "\x1b[6n", "\x1b[c", "\x1bc", "\x1b[31;5m", "\x1b[1;1H",
    "\x1bP$qm\x1b\\", "\x1b_Gi=1\x1b\\", "\x1b^pm\x1b\\", "\x1b[?1003h", "\x1b[20t", "\x1b[5b",
    "\x9b2J", "\x9d0;owned\x9c", "\x90q\x9c", "\x85", "\x00", "\x07", "\x08\x08\x08", "\x0c",
    "\x0e", "\x7f", "\x1b", "\x1b[", "\r overwritten",
)  # fmt: skip
"""What a terminal would obey."""
DIRECTION: Final = (
    "\u202egnp.exe", "\u2066left\u2069", "\u200f\u200e", "\u061c", "a\u200bb\u200cc\u200dd",
    "\ufeff", "\u2028line\u2029", "\u2060\u2061", "\U000e0041\U000e0042", "\u00ad", "\u115f\u3164",
)  # fmt: skip
"""What shows another text than there is."""
MARKUP: Final = (
    "[/]", "[/red]", "[@click=app.quit]quit[/]", "[link=http://evil.example]here[/link]",
    "[bold red on white]loud", "[[", "]", "\\[", "[@click=app.bell]", "[$error]", "{0}", "%s",
    "$PATH", "`id`", "<script>", "*", "|", "&amp;", ":skull:", "~/.ssh", "../../etc", "-rf", "=1+1",
    "@SUM(1)",
)  # fmt: skip
"""What other programs would read something into: markup, shells, formats, spreadsheets."""
SHAPES: Final = (
    "x" * 5_000, "a\nb\nc", "\t\t", "    ", "e\u0301" * 40, "Z" + "\u0300" * 200,
    "\u4f60\u597d" * 30,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1e9\U0001f1ea", "\ufdfd", "\u0e33",
    "\U0001f600\ufe0f", "\u202f\u00a0", "-" * 300, "word " * 400, "\ufffd", "\U0010ffff", "\ue000",
)  # fmt: skip
"""What breaks a layout: long, wide, tall, combining, empty to look at."""
SURROGATES: Final = ("\ud800", "a\udc80b", "\udfff\ud83d")
"""What can't be encoded; a store refuses it, a file name or a command line may have it."""
HOSTILE: Final = (*TERMINAL, *DIRECTION, *MARKUP, *SHAPES)
"""All of it that a store can hold."""

_TEXTS: Final = frozenset({
    "action", "actor", "detail", "error", "evidence", "goal", "host", "impact", "insights",
    "mitigation", "note", "observation", "operation", "origin", "plugins", "problem", "question",
    "reason", "role", "rule", "severity", "stage", "summary", "text", "thought", "unit", "what",
})  # fmt: skip
"""Fields of bodies that get hostile text behind their own."""
_KEYED: Final = frozenset({"capabilities", "ineligible", "inputs", "rejected", "summary", "found"})
"""Fields of bodies whose keys get it."""
_LONGEST_NAME: Final = 120
_MARK: Final = re.compile(r"@\{(\w+)\}")
_TIME: Final = re.compile(r"2001-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_STEP: Final = timedelta(minutes=1)
START: Final = datetime(2026, 3, 2, 14, tzinfo=UTC)
"""When the first of its events is."""


def record(path: Path, *, harmless: bool = False) -> None:
    """Make a store through `SqliteStore` in which every text is hostile.

    Args:
        path: Where it is to be.
        harmless: Whether to make its twin, with letters in the place of hostile text.
    """
    asyncio.run(_keep(path, events(harmless=harmless)))


def events(*, harmless: bool = False) -> list[Event]:
    """Return what `record` keeps, oldest first: runs of all kinds, agents, figures, commands."""
    spoiler = _Spoiler(harmless)
    scenes = [(maker, "orders") for maker in _RUNS]
    rng, found, now = Random(1), list[Event](), START
    for outside in _outside(rng):
        found += spoiler.spoilt(outside, now)
        now += _STEP / 60
    for maker, dataset in scenes:
        scene = maker(rng, f"{dataset} {spoiler.name()}")
        found += spoiler.spoilt(scene.events, now)
        now += _STEP
    return found


async def _keep(path: Path, found: Sequence[Event]) -> None:
    async with SqliteStore(path) as store:
        await store.commit(found)


_RUNS: Final = (
    team_runs.cleaned, team_runs.recovered, team_runs.withheld, team_runs.drifted,
    team_runs.disputed, team_runs.cancelled, team_runs.counted, team_runs.suspended,
    team_runs.cut_off, team_runs.failed,
)  # fmt: skip


def _outside(rng: Random) -> Iterator[list[Event]]:
    """Yield what is no part of a run; `@{agent}` becomes another one each time."""
    yield team_figures.started(["@{coordinator}", "@{profiler}"], 4121)
    for number, health in enumerate(team_figures.HEALTHS * 6):
        for scene in (team_figures.deployed("validator", rng), team_figures.checked(health, rng)):
            agent = f"@{{agent{number}}}"
            yield [replace(event, subject=agent, agent=event.agent) for event in scene]
    yield from team_figures.odds(rng)
    for noticed in (True, False):
        yield team_figures.alerted(rng, noticed=noticed, over=False)
    for name in team_figures.KERNEL_FIGURES:
        for level in (3, 9, 4):
            (sample,) = team_figures.sampled(name, level)
            yield [replace(sample, subject=f"@{{{name}}}", body={**sample.body, "name": name})]
    yield [Event("-", EPOCH, "@{kind}", "@{subject}", {"what": "ever"}, agent="@{agent}")]


class _Spoiler:
    """Puts hostile text into events; equal marks of a scene become equal names."""

    def __init__(self, harmless: bool) -> None:
        self._harmless = harmless
        short = [each for each in HOSTILE if len(each) <= _LONGEST_NAME]
        self._texts, self._names = cycle(HOSTILE), cycle(short)
        self._numbers = count(1)

    def text(self) -> str:
        """Return hostile text of any length."""
        return self._tamed(next(self._texts))

    def name(self) -> str:
        """Return hostile text that may be a name."""
        return self._tamed(next(self._names))

    def spoilt(self, scene: Sequence[Event], start: datetime) -> list[Event]:
        """Return the events of a scene that begins at a time, with hostile text in them."""
        known: dict[str, str] = {}

        def named(mark: re.Match[str]) -> str:
            if mark[1] not in known:
                known[mark[1]] = f"{mark[1]}-{next(self._numbers)} {self.name()}"
            return known[mark[1]]

        def filled(text: str) -> str:
            if _TIME.fullmatch(text):
                at = datetime.fromisoformat(text) - EPOCH + start
                return at.isoformat().replace("+00:00", "Z")
            return _MARK.sub(named, text)

        return [
            Event(
                f"event-{next(self._numbers)}", event.at - EPOCH + start, filled(event.kind),
                filled(event.subject), self._object(event.body, filled),
                *(value and filled(value) for value in (event.run, event.task, event.agent)),
            )
            for event in scene
        ]  # fmt: skip

    def _object(self, body: Mapping[str, Any], filled: Fill, key: str = "") -> dict[str, Any]:
        more = f" {self.name()}" if key in _KEYED else ""
        return {
            f"{filled(name)}{more}": self._value(value, filled, name if not more else "")
            for name, value in body.items()
        }

    def _value(self, value: object, filled: Fill, key: str) -> object:
        if isinstance(value, str):
            whole = filled(value)
            return f"{whole} {self.text()}" if key in _TEXTS else whole
        if isinstance(value, Mapping):
            return self._object(value, filled, key)
        if isinstance(value, list):
            return [self._value(each, filled, key) for each in value]
        return value

    def _tamed(self, text: str) -> str:
        return "x" * len(text) if self._harmless else text
