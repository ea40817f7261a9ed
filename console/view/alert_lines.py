"""Alerts as a list: everything that ever stood out, what became of it, and who looks after it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from dataagents.console.safe_text import safe_text
from dataagents.console.view.cells import Cell
from dataagents.console.view.fields import name
from dataagents.console.view.listing import Field, Listing, Preset, Sections
from dataagents.console.view.marks import Mark
from dataagents.console.view.moment import Moment
from dataagents.console.view.row import sections
from dataagents.console.view.widths import brief
from dataagents.console.view.words import age, ago, duration, plural
from dataagents.core.health import Severity

STANDS, ACKNOWLEDGED, ENDED = "stands", "acknowledged", "ended"
_OF_AGENTS = ("agent_", "queue_")
"""Beginnings of the rules whose subject is an agent."""
_OF_DATASETS = ("quality_",)
_WORDS = {ACKNOWLEDGED: "seen"}
"""State → the word of it that fits into a column."""


@dataclass(frozen=True, slots=True)
class AlertLine:
    """An alert; its texts are safe to show."""

    id: str
    raised: datetime | None
    rule: str
    subject: str
    severity: str
    detail: str
    impact: str = ""
    latest: datetime | None = None
    """When it was found again for the last time; None when that is not on record."""
    count: int | None = None
    """How often it was found; None when that is not on record."""
    ended: datetime | None = None
    acknowledged_by: str = ""
    acknowledged_at: datetime | None = None
    note: str = ""
    resolved_by: str = ""
    """Who ended it; empty when it ended because its condition was gone."""
    resolution: str = ""
    """Why they ended it."""
    place: int = 0

    @property
    def address(self) -> str:
        """Its address."""
        return f"alert:{self.id}"

    @property
    def state(self) -> str:
        """Whether it stands, and whether somebody looks after it."""
        if self.ended is not None:
            return ENDED
        return ACKNOWLEDGED if self.acknowledged_by else STANDS

    @property
    def about(self) -> str:
        """The address of what it is about; empty where that has none."""
        if self.rule.startswith(_OF_AGENTS):
            return f"agent:{self.subject}"
        return f"dataset:{self.subject}" if self.rule.startswith(_OF_DATASETS) else ""

    @property
    def finding(self) -> str:
        """What was found, without the words that only say its rule and subject again."""
        return self.detail.removeprefix(f"{self.rule} is true: ").removeprefix(
            f"agent {self.subject}: "
        )

    @property
    def mark(self) -> Mark:
        """How it is marked: only what nobody looks after asks for attention."""
        if self.ended is not None:
            return Mark.IDLE
        if self.acknowledged_by:
            return Mark.BUSY
        return Mark.FAIL if self.severity == Severity.CRITICAL else Mark.WARN


def alert_line(
    *,
    id: str,
    raised: datetime | None,
    rule: str | None = "",
    subject: str | None = "",
    severity: str | None = "",
    detail: str | None = "",
    impact: str | None = "",
    latest: datetime | None = None,
    count: int | None = None,
    ended: datetime | None = None,
    acknowledged_by: str | None = "",
    acknowledged_at: datetime | None = None,
    note: str | None = "",
    resolved_by: str | None = "",
    resolution: str | None = "",
    place: int = 0,
) -> AlertLine:
    """Return an alert as a line, from values that may be anything; what is None is not known."""
    return AlertLine(
        id=name(id),
        raised=raised,
        rule=name(rule),
        subject=name(subject),
        severity=name(severity),
        detail=safe_text(detail or "", lines=True),
        impact=name(impact),
        latest=latest,
        count=count,
        ended=ended,
        acknowledged_by=name(acknowledged_by),
        acknowledged_at=acknowledged_at,
        note=safe_text(note or "", lines=True),
        resolved_by=name(resolved_by),
        resolution=safe_text(resolution or "", lines=True),
        place=place,
    )


def _state(alert: AlertLine, moment: Moment) -> Cell:
    word = _WORDS.get(alert.state, alert.state)
    return Cell(f"{moment.glyph(alert.mark)} {word}", alert.mark.value)


def _severity(alert: AlertLine, moment: Moment) -> Cell:
    loud = alert.state == STANDS and alert.severity == Severity.CRITICAL
    return Cell(alert.severity, "fail" if loud else "dim" if alert.ended else "")


def _lasted(alert: AlertLine, moment: Moment) -> float | None:
    return age(alert.raised, alert.ended or moment.now)


def _detail(alert: AlertLine, moment: Moment) -> Cell:
    return Cell(brief(safe_text(alert.finding)), "dim" if alert.ended else "")


_FIELDS: tuple[Field[AlertLine], ...] = (
    Field("state", "STATE", lambda a, _: a.state,
          "stands, acknowledged (somebody looks after it) or ended", _state, 8),
    Field("severity", "SEVERITY", lambda a, _: a.severity, "critical or warning",
          _severity, 8, needs=90),
    Field("rule", "RULE", lambda a, _: a.rule, "the rule that raised it", None, 15),
    Field("subject", "ABOUT", lambda a, _: a.subject, "the agent, data set or other that it is "
          "about", lambda a, _: Cell(a.subject, "strong"), 16),
    Field("raised", "AGO", lambda a, _: a.raised, "when it was raised",
          lambda a, m: Cell(ago(a.raised, m), "dim"), 6, right=True),
    Field("lasted", "LASTED", lambda a, m: _lasted(a, m), "how long it stood, in seconds",
          lambda a, m: Cell(duration(_lasted(a, m))), 6, right=True, needs=100),
    Field("by", "BY", lambda a, _: a.acknowledged_by or None, "who looks after it",
          lambda a, _: Cell(a.acknowledged_by or "-", "" if a.acknowledged_by else "dim"), 10,
          needs=90),
    Field("impact", "IMPACT", lambda a, _: a.impact, "what of the business it is about", None,
          12, needs=130),
    Field("count", "COUNT", lambda a, _: a.count, "how often it was found, where that is on record",
          None, 5, right=True, needs=150),
    Field("detail", "DETAIL", lambda a, _: a.detail, "what was found", _detail),
    Field("ended", "", lambda a, _: a.ended, "when it ended"),
    Field("latest", "", lambda a, _: a.latest, "when it was found for the last time"),
    Field("note", "", lambda a, _: a.note, "what those who look after it say"),
)  # fmt: skip


def _sections(alert: AlertLine, moment: Moment) -> Sections:
    return (
        (f"{alert.rule} about {alert.subject}", ""),
        *sections(
            ("", alert.finding),
            (f"{moment.glyph(alert.mark)} {_WORDS.get(alert.state, alert.state)}",
             "\n".join(_history(alert, moment))),
            ("note", alert.note),
            ("ended because", alert.resolution),
            ("is about", " ".join(filter(None, (alert.impact, alert.about)))),
        ),
    )  # fmt: skip


def _history(alert: AlertLine, moment: Moment) -> Iterator[str]:
    said = f"{alert.severity}, raised {_when(alert.raised, moment)}"
    if alert.count is not None and alert.count > 1:
        said += f", found {plural(alert.count, 'time')}"
    yield said + (f", the last time {_when(alert.latest, moment)}" if alert.latest else "")
    if alert.acknowledged_by:
        yield f"{alert.acknowledged_by} looks after it since {_when(alert.acknowledged_at, moment)}"
    elif alert.ended is None:
        yield "nobody looks after it yet"
    if alert.ended is not None:
        how = f"by {alert.resolved_by}" if alert.resolved_by else "its condition was gone"
        yield f"ended {_when(alert.ended, moment)}: {how}"


def _when(at: datetime | None, moment: Moment) -> str:
    if at is None:
        return "at a time that is not on record"
    return f"{at:%Y-%m-%d %H:%M:%S} UTC, {ago(at, moment)} ago"


ALERTS: Listing[AlertLine] = Listing(
    name="alerts",
    noun="alert",
    fields=_FIELDS,
    key=lambda alert: alert.address,
    mark=lambda alert, _: alert.mark,
    sections=_sections,
    empty="Nothing stood out yet: no alert was raised in this store.",
    at=lambda alert: alert.raised,
    place=lambda alert: alert.place,
    about=lambda alert: alert.about,
    finished=lambda alert, _: alert.ended is not None,
    presets=(
        Preset("all", ""),
        Preset("standing", "!state=ended"),
        Preset("unacknowledged", "state=stands"),
        Preset("critical", "severity=critical"),
    ),
)
"""The list of alerts."""
