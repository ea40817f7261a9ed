"""What is known of lessons and reflections, and how an event's body becomes that."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from dataagents.console.view.fields import Fields, name
from dataagents.core.events import Event
from dataagents.core.reflection import LessonKind

_EFFECTS: Mapping[str, str] = {
    LessonKind.REPUTATION: "the quality that it promises counts {value} times",
    LessonKind.METHOD: "tried in the order of how well methods did, this one {value}",
    LessonKind.FORESIGHT: "planned up front",
    LessonKind.DETECTOR: "its ballots weigh {value} times as much",
    LessonKind.PROMPT: "told to the model",
    LessonKind.REVIEW: "the next vote on its cells goes by the answers",
}
"""Kind of lesson → what it changes."""
_FACTORS = (LessonKind.REPUTATION, LessonKind.DETECTOR)
"""Kinds whose value is a factor, so that 1 changes nothing."""


@dataclass(slots=True)
class LessonView:
    """A lesson as it stood at some time."""

    id: str
    kind: str = ""
    """What it changes; empty for one of which only the id is on record."""
    subject: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    evidence: str = ""
    samples: int = 0
    state: str = ""
    uses: int = 0
    expected: str = ""
    """The effect that it is expected to have, in words; empty when it corrects itself."""
    observed: float | None = None
    text: str = ""
    trigger: str = ""
    """What is expected to go wrong, where it foresees something."""
    effect: str = ""
    """What it changes, in words; empty for what changes nothing, or nothing yet."""

    @property
    def title(self) -> str:
        """What it is called."""
        return f"{self.kind} {self.subject}".strip() or self.id


@dataclass(slots=True)
class AdaptationView:
    """A change that a reflection made to a lesson."""

    change: str
    reason: str
    lesson: LessonView


@dataclass(slots=True)
class ReflectionView:
    """What was learned."""

    id: str
    summary: str
    patterns: list[str] = field(default_factory=list)
    trends: list[str] = field(default_factory=list)
    insights: list[str] = field(default_factory=list)
    adaptations: list[AdaptationView] = field(default_factory=list)
    integrated: bool = True
    """Whether what was learned is in force now."""
    at: datetime | None = None
    kind: Literal["reflection"] = "reflection"


def lesson_of(body: Fields) -> LessonView:
    """Return a lesson from a `reflection.Lesson`."""
    kind, value = body.name("kind"), body.number("value")
    return LessonView(
        id=body.name("id"),
        kind=kind,
        subject=body.name("subject"),
        value=value,
        low=body.number("low"),
        high=body.number("high"),
        evidence=body.text("evidence"),
        samples=body.count("samples"),
        state=body.name("state"),
        uses=body.count("uses"),
        expected=_expected(body.part("expected")),
        observed=body.number("observed"),
        text=body.text("text"),
        trigger=body.part("facts").name("trigger"),
        effect=_effect(kind, _figure(value)),
    )


def _effect(kind: str, value: str) -> str:
    return "" if kind in _FACTORS and value == "1" else _EFFECTS.get(kind, "").format(value=value)


def reflection_of(event: Event, body: Fields) -> ReflectionView:
    """Return what was learned from a `reflection.Reflection`."""
    return ReflectionView(
        id=name(event.subject),
        summary=body.text("summary"),
        patterns=[_pattern(each) for each in body.parts("patterns")],
        trends=[_trend(each) for each in body.parts("trends")],
        insights=list(body.texts("insights")),
        adaptations=[_adaptation(each) for each in body.parts("adaptations")],
        integrated="integrated" not in body or body.flag("integrated"),
        at=body.time("at") or event.at,
    )


def _adaptation(body: Fields) -> AdaptationView:
    # Before there were lessons, an adaptation itself said what changes.
    lesson = lesson_of(body.part("lesson") or body)
    return AdaptationView(body.name("change") or "learned", body.text("reason"), lesson)


def _expected(body: Fields) -> str:
    if not body:
        return ""
    least, metric = body.number("least"), body.name("metric")
    better = f"better by {_figure(least)}" if least else "no worse"
    return (
        f"{metric} {better} than {_figure(body.number('baseline'))}, "
        f"judged after {body.count('trial')} runs"
    )


def _pattern(body: Fields) -> str:
    by = f" (by {body.name('by')})" if body.name("by") else ""
    times = f"{body.count('occurrences')} times"
    return f"{body.name('kind')}: {body.name('subject')}, {times}{by}: {body.text('detail')}"


def _trend(body: Fields) -> str:
    p, changed = body.number("p"), body.number("changed_at")
    of = f" of {body.name('source')}" if body.name("source") else ""
    return (
        f"{body.name('metric')}{of} {body.name('direction')}: {_figure(body.number('before'))} → "
        f"{_figure(body.number('now'))} over {body.count('samples')}"
        + (f", p {p:.2g}" if p is not None else "")
        + (f", another level from sample {changed:.0f}" if changed is not None else "")
    )


def _figure(value: float | None) -> str:
    return "?" if value is None else f"{value:.3g}"
