"""The status line: how the store is, who writes it, how its agents are, and what stands out.

It has one line and never wraps. What doesn't fit is said shorter, then left out, the least
important first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.cells import cell_len, set_cell_size

from dataagents.console.safe_text import safe_text
from dataagents.console.view.glyphs import UNICODE, Glyphs
from dataagents.console.view.marks import Mark
from dataagents.console.view.words import duration, plural

STATES: Mapping[str, Mark] = {
    "loading": Mark.NOTE,
    "live": Mark.OK,
    "post-mortem": Mark.WARN,
    "stale": Mark.WARN,
}
"""How the states of a source are marked; in all others the store can't be read."""
_READABLE = ("live", "post-mortem", "stale")
_LATE = 1.0
"""Seconds behind the store from which on the lag is worth a look."""
_LONGEST_NAME = 24
_LONGEST_SENTENCE = 200
_ALWAYS = 100
"""Worth of what is never left out."""
_WORTH: Mapping[Mark, tuple[int, int]] = {
    Mark.FAIL: (85, 78),
    Mark.WARN: (80, 70),
    Mark.OK: (50, 50),
    Mark.BUSY: (35, 35),
    Mark.IDLE: (32, 32),
    Mark.NOTE: (32, 32),
}
"""Worth of a number of agents by itself, which a glyph says enough about, and with its word."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many agents have one state of health."""

    word: str
    number: int
    mark: Mark


@dataclass(frozen=True, slots=True)
class Status:
    """What the line may say; texts need not be safe."""

    state: str = "loading"
    """State of the source, in its word."""
    sentence: str = ""
    """What is wrong; takes the place of the figures when the store can't be read."""
    store: str = ""
    pid: int | None = None
    """Process of the kernel, or of the last one."""
    epoch: int | None = None
    lag: float | None = None
    """Seconds between the newest event and its being read."""
    operator: str = ""
    """Who may act; empty when the console only reads."""
    agents: int = 0
    counts: tuple[Count, ...] = ()
    """Agents by health, in the order shown."""
    alerts: int = 0
    """Alerts that stand."""
    unacknowledged: int = 0
    questions: int = 0
    """Votes that wait for a person."""
    reading: int | None = None
    """Events read so far, while there are more."""
    now: datetime | None = None
    warning: str = ""
    """What an operator should know about this machine, for example its version of SQLite."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the line."""

    text: str
    tone: str = ""
    """One of `TONES`, `badge-` and a mark, or empty for plain text."""


@dataclass(frozen=True, slots=True)
class _Item:
    """Something to say, in the ways it can be said."""

    ways: tuple[tuple[int, str], ...]
    """What each way is worth, and its text; the shortest first, and worth most."""
    tone: str = ""
    right: bool = False
    """Whether it stands at the right end of the line."""


_GAP = "  "


def status_parts(status: Status, width: int, glyphs: Glyphs = UNICODE) -> tuple[Part, ...]:
    """Return the line in pieces that take exactly `width` cells together.

    Args:
        status: What there is to say.
        width: Cells of the line.
        glyphs: The characters that a terminal can show.
    """
    items = _items(status, glyphs)
    wishes = sorted(
        (-worth, at, way)
        for at, item in enumerate(items)
        for way, (worth, _) in enumerate(item.ways)
    )
    chosen: dict[int, int] = {}
    room = width + len(_GAP)
    for worth, at, way in wishes:
        before = cell_len(items[at].ways[chosen[at]][1]) if at in chosen else -len(_GAP)
        more = cell_len(items[at].ways[way][1]) - before
        follows = chosen.get(at, -1) == way - 1
        if worth == -_ALWAYS or (follows and more <= room):
            chosen[at] = way
            room -= more
    said = [(items[at], items[at].ways[way][1]) for at, way in sorted(chosen.items())]
    return _laid_out(said, width, glyphs)


def _laid_out(said: list[tuple[_Item, str]], width: int, glyphs: Glyphs) -> tuple[Part, ...]:
    left, right = (
        [Part(text, item.tone) for item, text in said if item.right is side]
        for side in (False, True)
    )
    rest = width - sum(cell_len(part.text) for part in (*left, *right))
    rest -= len(_GAP) * (max(0, len(left) - 1) + max(0, len(right) - 1))
    if rest < 0:
        return _cut(_parted(left), width, glyphs)
    return (*_parted(left), Part(" " * rest), *_parted(right))


def _parted(parts: list[Part]) -> list[Part]:
    return [each for part in parts for each in (Part(_GAP), part)][1:]


def _cut(parts: list[Part], width: int, glyphs: Glyphs) -> tuple[Part, ...]:
    """Return the pieces that begin a line too narrow for what it always says."""
    kept: list[Part] = []
    for part in parts:
        room = width - sum(cell_len(each.text) for each in kept)
        if cell_len(part.text) > room:
            text = set_cell_size(part.text, room - 1) + glyphs.more if room > 0 else ""
            return (*kept, Part(text, part.tone))
        kept.append(part)
    return tuple(kept)


def _items(status: Status, glyphs: Glyphs) -> list[_Item]:
    mark = STATES.get(status.state, Mark.FAIL)
    badge = f" {_line(status.state).upper()} "
    items = [_Item(((_ALWAYS, badge),), f"badge-{mark.value}")]
    if status.state not in _READABLE:
        items.append(_Item(((_ALWAYS, _line(status.sentence, _LONGEST_SENTENCE)),)))
        return [*items, *_clock(status)]
    figures = (*_agents(status, glyphs), *_questions(status), *_alerts(status))
    return [*items, *_origin(status), *figures, *_clock(status)]


def _origin(status: Status) -> list[_Item]:
    """Return what is known about the store, its kernel, and what may be done to it."""
    items: list[_Item] = []
    if status.store:
        items.append(_Item(((65, _line(status.store)),), "strong"))
    troubled = bool(status.sentence) and status.state != "live"
    kernel = () if status.pid is None else ((67 if troubled else 40, f"kernel {status.pid}"),)
    if troubled:
        sentence = (66, _line(status.sentence, _LONGEST_SENTENCE))
        items.append(_Item((*kernel, sentence), "warn"))
    elif kernel:
        items.append(_Item(kernel))
    if status.epoch is not None:
        items.append(_Item(((10, f"epoch {status.epoch}"),), "dim"))
    if status.reading is not None:
        long = f"reading, {status.reading:,} events so far"
        items.append(_Item(((64, "reading"), (42, long)), "busy"))
    elif status.lag is not None:
        late = status.lag >= _LATE
        items.append(
            _Item(((62 if late else 20, f"lag {duration(status.lag)}"),), "warn" if late else "dim")
        )
    if status.operator:
        name = _line(status.operator)
        items.append(_Item(((76, name), (60, f"operator {name}")), "busy"))
    else:
        items.append(_Item(((30, "read-only"),), "dim"))
    if status.warning:
        long = f"! {_line(status.warning, _LONGEST_SENTENCE)}"
        items.append(_Item(((18, "! warning"), (5, long)), "warn"))
    return items


def _agents(status: Status, glyphs: Glyphs) -> list[_Item]:
    """Return how many agents there are, and how they are."""
    items = [_Item(((25, plural(status.agents, "agent")),), right=True)]
    for count in status.counts:
        if count.number:
            short = f"{glyphs.marks[count.mark]} {count.number:,}"
            word = _line(count.word)
            said = f"{short} {word.upper() if count.mark is Mark.FAIL else word}"
            worth, more = _WORTH[count.mark]
            ways = ((worth, short), (more, said)) if worth > more else ((more, said),)
            items.append(_Item(ways, count.mark.value, right=True))
    return items


def _questions(status: Status) -> list[_Item]:
    if not status.questions:
        return []
    short = f" ? {status.questions:,} "
    ways = ((91, short), (74, f"{short}{'waits' if status.questions == 1 else 'wait'} for you "))
    return [_Item(ways, "badge-warn", right=True)]


def _alerts(status: Status) -> list[_Item]:
    if status.unacknowledged:
        short = f" ! {status.unacknowledged:,} "
        ways = ((90, short), (72, f"{short}unacknowledged "))
        return [_Item(ways, "badge-fail", right=True)]
    if status.alerts:
        short = f"! {status.alerts:,}"
        ways = ((75, short), (68, f"! {plural(status.alerts, 'alert')}"))
        return [_Item(ways, "warn", right=True)]
    return []


def _clock(status: Status) -> list[_Item]:
    if status.now is None:
        return []
    now = status.now.astimezone(UTC)
    return [_Item(((28, f"{now:%H:%M}"), (22, f"{now:%H:%M:%S} UTC")), "dim", right=True)]


def _line(text: str, limit: int = _LONGEST_NAME) -> str:
    return safe_text(text, limit=limit)
