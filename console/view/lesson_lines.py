"""Lessons as a list: what was learned, whether it is in force, and whether it helps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dataagents.console.safe_text import safe_text
from dataagents.console.view.cells import Cell
from dataagents.console.view.fields import Fields, name
from dataagents.console.view.lessons import lesson_of
from dataagents.console.view.listing import Field, Listing, Preset, Sections
from dataagents.console.view.marks import Mark
from dataagents.console.view.moment import Moment
from dataagents.console.view.row import figure, sections
from dataagents.console.view.words import ago, plural
from dataagents.core.events import Event
from dataagents.core.reflection import LessonState

_MARKS: Mapping[str, Mark] = {
    LessonState.TRIAL: Mark.BUSY,
    LessonState.KEPT: Mark.OK,
    LessonState.PINNED: Mark.OK,
    LessonState.ROLLED_BACK: Mark.WARN,
    LessonState.DISABLED: Mark.IDLE,
    LessonState.FORGOTTEN: Mark.IDLE,
}
_ABOUT: Mapping[str, str] = {
    LessonState.TRIAL: "in force, and watched: does the expected effect show?",
    LessonState.KEPT: "in force",
    LessonState.PINNED: "in force whatever happens, because a person said so",
    LessonState.ROLLED_BACK: "not in force any more: the expected effect did not show",
    LessonState.DISABLED: "not in force, because a person said so",
    LessonState.FORGOTTEN: "gone, because a person said so",
}


@dataclass(frozen=True, slots=True)
class LessonLine:
    """A lesson as it stands; its texts are safe to show."""

    id: str
    at: datetime
    """When it was changed last."""
    kind: str = ""
    subject: str = ""
    state: str = ""
    effect: str = ""
    """What it changes, in words; empty while it changes nothing."""
    evidence: str = ""
    samples: int = 0
    uses: int = 0
    """Runs in which it was applied."""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    expected: str = ""
    observed: float | None = None
    text: str = ""
    trigger: str = ""
    change: str = ""
    """What was changed last: `learned`, `updated`, `rolled back` …"""
    reason: str = ""
    by: str = ""
    """Who changed it last; empty for a reflection."""
    run: str = ""
    """The run that changed it last; empty when none did."""
    place: int = 0

    @property
    def address(self) -> str:
        """Its address."""
        return f"lesson:{self.id}"

    @property
    def title(self) -> str:
        """What it is called."""
        return self.subject or self.id

    @property
    def mark(self) -> Mark:
        """How it is marked."""
        return _MARKS.get(self.state, Mark.NOTE)

    @property
    def applies(self) -> bool:
        """Whether it changes what runs do."""
        return self.mark in (Mark.OK, Mark.BUSY)


def lesson_line(place: int, event: Event) -> LessonLine:
    """Return a lesson as it stood after a change.

    Args:
        place: Place of the event in the journal.
        event: A `lesson.changed`.
    """
    body = Fields(event.body)
    lesson = lesson_of(body.part("lesson"))
    return LessonLine(
        id=lesson.id or name(event.subject), at=event.at, kind=lesson.kind,
        subject=lesson.subject, state=lesson.state, effect=lesson.effect,
        evidence=lesson.evidence, samples=lesson.samples, uses=lesson.uses, value=lesson.value,
        low=lesson.low, high=lesson.high, expected=lesson.expected, observed=lesson.observed,
        text=lesson.text, trigger=lesson.trigger, change=body.name("change"),
        reason=body.text("reason"), by=body.name("by"), run=name(event.run), place=place,
    )  # fmt: skip


def _state(lesson: LessonLine, moment: Moment) -> Cell:
    return Cell(f"{moment.glyph(lesson.mark)} {lesson.state or '?'}", lesson.mark.value)


def _effect(lesson: LessonLine, moment: Moment) -> Cell:
    if not lesson.applies or not lesson.effect:
        return Cell("none", "dim")
    return Cell(safe_text(lesson.effect))


_FIELDS: tuple[Field[LessonLine], ...] = (
    Field("state", "STATE", lambda n, m: n.state,
          "trial, kept, pinned (these are in force), rolled back, disabled or forgotten", _state,
          13),
    Field("kind", "KIND", lambda n, m: n.kind,
          "reputation, method preference, foresight, detector weight or prompt lesson", None, 17,
          needs=70),
    Field("lesson", "ABOUT", lambda n, m: n.title, "the agent, task or detector that it is about",
          lambda n, m: Cell(n.title, "strong"), 22),
    Field("used", "USED", lambda n, m: n.uses, "runs in which it was applied", None, 4, True,
          needs=90),
    Field("applies", "", lambda n, m: "yes" if n.applies else "no", "yes when it is in force"),
    Field("samples", "", lambda n, m: n.samples, "what it was learned from, counted"),
    Field("value", "VALUE", lambda n, m: n.value, "how much it changes",
          lambda n, m: Cell(figure(n.value)), 6, True, needs=110),
    Field("observed", "SEEN", lambda n, m: n.observed, "the effect that was measured",
          lambda n, m: Cell(figure(n.observed)), 6, True, needs=130),
    Field("changed", "AGO", lambda n, m: n.at, "when it was changed last",
          lambda n, m: Cell(ago(n.at, m), "dim"), 6, True),
    Field("effect", "EFFECT", lambda n, m: n.effect if n.applies else None, "what it changes",
          _effect, 40, needs=120),
    Field("evidence", "EVIDENCE", lambda n, m: n.evidence, "what it was learned from",
          lambda n, m: Cell(safe_text(n.evidence))),
    Field("change", "", lambda n, m: n.change, "what was changed last: learned, updated …"),
    Field("by", "", lambda n, m: n.by or None, "who changed it last, where it was a person"),
    Field("run", "", lambda n, m: n.run or None, "the run that changed it last"),
)  # fmt: skip


def _sections(lesson: LessonLine, moment: Moment) -> Sections:
    bounds = "" if lesson.low is None else f", within {figure(lesson.low)} to {figure(lesson.high)}"
    changed = f"{lesson.change} {ago(lesson.at, moment)} ago"
    return (
        (f"{lesson.kind} {lesson.title}".strip(), ""),
        *sections(
            ("", lesson.text),
            ("state", ": ".join(filter(None, (lesson.state, _ABOUT.get(lesson.state, ""))))),
            ("effect", lesson.effect if lesson.applies else "none"),
            ("foreseen", lesson.trigger),
            ("evidence", f"{lesson.evidence} ({plural(lesson.samples, 'sample')})"),
            ("value", figure(lesson.value) + bounds),
            ("expected", lesson.expected),
            ("measured", figure(lesson.observed)),
            ("applied in", plural(lesson.uses, "run")),
            ("changed last", changed + (f" by {lesson.by}" if lesson.by else "")),
            ("because", lesson.reason),
            ("run", f"run:{lesson.run}" if lesson.run else ""),
        ),
    )


LESSONS: Listing[LessonLine] = Listing(
    name="lessons",
    noun="lesson",
    fields=_FIELDS,
    key=lambda lesson: lesson.address,
    mark=lambda lesson, _: lesson.mark,
    sections=_sections,
    empty="Nothing was learned yet; a reflection follows each run.",
    at=lambda lesson: lesson.at,
    place=lambda lesson: lesson.place,
    finished=lambda lesson, _: bool(lesson.state) and not lesson.applies,
    presets=(
        Preset("all", ""),
        Preset("in force", "applies=yes"),
        Preset("on trial", "state=trial"),
        Preset("rolled back", 'state="rolled back"'),
    ),
)
"""The list of lessons."""
