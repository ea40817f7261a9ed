"""The journal as a list: every event, one a row."""

from dataagents.console.view.cells import Cell
from dataagents.console.view.event_lines import EventLine
from dataagents.console.view.fields import name
from dataagents.console.view.listing import Field, Listing, Preset, Sections
from dataagents.console.view.marks import Mark
from dataagents.console.view.moment import Moment
from dataagents.console.view.widths import brief
from dataagents.core.events import EventKind


def _time(line: EventLine, moment: Moment) -> Cell:
    return Cell(f"{line.at:%H:%M:%S}.{line.at.microsecond // 1000:03d}", "dim")


def _kind(line: EventLine, moment: Moment) -> Cell:
    return Cell(f"{moment.glyph(line.mark)} {line.kind}", line.mark.value)


def _sections(line: EventLine, moment: Moment) -> Sections:
    facts = (
        ("", line.gist),
        ("about", line.subject),
        ("agent", line.agent),
        ("run", f"run:{line.run}" if line.run else ""),
        ("at", f"{line.at:%Y-%m-%d %H:%M:%S.%f} UTC"),
        ("place", f"{line.seq:,} in the journal"),
    )
    return ((line.kind, ""), *(fact for fact in facts if fact[1]))


def _who(line: EventLine, moment: Moment) -> Cell:
    """Return who did it, or the agent that it was done to, such as one whose health was checked."""
    about = line.subject.removeprefix("agent:")
    return Cell(line.agent or (about if about != line.subject else ""), "strong")


def _gist(line: EventLine, moment: Moment) -> Cell:
    """Return the gist; of a figure with its name, which stands in no other column at 80 cells."""
    figure = line.subject.removeprefix("metric:")
    return Cell(brief(f"{figure}: {line.gist}" if figure != line.subject else line.gist))


_ROUTINE = (EventKind.METRIC_SAMPLED, EventKind.AGENT_HEALTH)


def is_routine(line: EventLine) -> bool:
    """Return whether an event only says that all goes on as it did."""
    return line.kind in _ROUTINE and line.mark is Mark.NOTE


EVENTS: Listing[EventLine] = Listing(
    name="events",
    noun="event",
    fields=(
        Field("time", "TIME", lambda e, m: e.at, "when it was recorded", _time, 12),
        Field("kind", "KIND", lambda e, m: e.kind, "what happened", _kind, 20),
        Field("agent", "AGENT", lambda e, m: e.agent, "who did it",
              _who, 16, needs=76),
        Field("about", "ABOUT", lambda e, m: e.subject, "the address of what it is about",
              lambda e, m: Cell(e.subject, "dim"), 26, needs=110),
        Field("run", "RUN", lambda e, m: e.run, "the run it belongs to",
              lambda e, m: Cell(e.run, "dim"), 15, needs=140),
        Field("gist", "WHAT", lambda e, m: e.gist, "the gist of it", _gist),
    ),
    key=lambda e: f"event:{name(e.id)}",
    mark=lambda e, m: e.mark,
    sections=_sections,
    empty="Nothing has been recorded in this store yet.",
    at=lambda e: e.at,
    place=lambda e: e.seq,
    finished=lambda e, m: True,
    presets=(
        Preset("all", ""),
        Preset("no messages", "!kind:message !kind:metric !kind:health"),
        Preset("decisions", "kind:election|ballot|auction|bid|plan"),
    ),
)  # fmt: skip
"""Everything that was recorded."""
