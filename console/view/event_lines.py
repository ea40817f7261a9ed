"""Events as lines: when, what, about whom, and the gist of it; safe to show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase

from dataagents.console.view.addresses import subject_of
from dataagents.console.view.fields import Fields, name
from dataagents.console.view.marks import Mark
from dataagents.console.view.row import line
from dataagents.console.view.words import duration, measured, progress
from dataagents.core.events import Event, EventKind

_GISTS: Mapping[str, Sequence[str]] = {
    EventKind.KERNEL_STARTED: ("pid", "host", "version"),
    EventKind.RUN_STARTED: ("task",),
    EventKind.RUN_ENDED: ("status", "seconds", "reason"),
    EventKind.AGENT_DEPLOYED: ("role", "seconds"),
    EventKind.AGENT_REFUSED: ("refusal", "reason"),
    EventKind.AGENT_HEALTH: ("health", "seconds", "queue", "detail"),
    EventKind.AGENT_REPLACED: ("by", "reason"),
    EventKind.AGENT_RESTARTED: ("success", "reason", "problem"),
    EventKind.TASK_STARTED: ("name",),
    EventKind.TASK_ENDED: ("success", "seconds", "error", "summary"),
    EventKind.STEP_TAKEN: ("number", "action", "error", "thought"),
    EventKind.MESSAGE_SENT: ("type", "sender", "recipient"),
    EventKind.MESSAGE_SETTLED: ("status", "recipient", "seconds", "reason"),
    EventKind.ELECTION_OPENED: ("about", "question"),
    EventKind.ELECTION_CLOSED: ("tally.verdict", "tally.decision", "rule"),
    EventKind.BALLOT_CAST: ("voter", "choice", "confidence", "reason"),
    EventKind.AUCTION_OPENED: ("task.id", "budget"),
    EventKind.BID_MADE: ("bidder", "cost", "quality"),
    EventKind.AUCTION_CLOSED: ("outcome", "winner", "price"),
    EventKind.PLAN_MADE: ("confidence", "seconds"),
    EventKind.PLAN_REPLACED: ("replaces", "failure.task", "failure.reason"),
    EventKind.ANALYSIS_MADE: ("kind", "score"),
    EventKind.LESSON_CHANGED: ("kind", "lesson.lesson", "reason"),
    EventKind.REFLECTION_MADE: ("summary",),
    EventKind.EXPERIENCE_KEPT: ("goal", "success", "quality"),
    EventKind.ALERT_RAISED: ("severity", "rule", "subject", "detail"),
    EventKind.ALERT_ACKNOWLEDGED: ("rule", "subject", "acknowledged.by", "acknowledged.note"),
    EventKind.ALERT_ENDED: ("rule", "subject", "detail"),
    EventKind.LINEAGE_RECORDED: ("operation", "sources"),
    EventKind.PLUGIN_FAILED: ("error",),
}
"""Kind of event → fields of its body that say most, in order."""
_USUAL = ("status", "reason", "error", "detail", "summary", "name")
_BAD = {
    "failed", "error", "critical", "expired", "refused", "agent_failed", "mailbox_full",
    "unknown_recipient",
}  # fmt: skip
_DOUBTFUL = {
    "degraded",
    "late",
    "warning",
    "withheld",
    "rejected",
    "undecided",
    "cancelled",
    "draining",
}


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event, short."""

    seq: int
    at: datetime
    kind: str
    subject: str
    """The address of what it is about, or its plain subject."""
    gist: str
    mark: Mark
    run: str = ""
    agent: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are wanted."""

    kinds: tuple[str, ...] = ()
    """Kinds, or patterns of such as `alert.*`; all when empty."""
    run: str | None = None

    def fits(self, event: Event) -> bool:
        """Return whether an event is one of them."""
        if self.run is not None and event.run != self.run and event.subject != self.run:
            return False
        return not self.kinds or any(fnmatchcase(event.kind, each) for each in self.kinds)


def event_line(seq: int, event: Event) -> EventLine:
    """Return an event as a line."""
    body = Fields(event.body)
    about = subject_of(event)
    return EventLine(
        seq=seq,
        at=event.at,
        kind=name(event.kind),
        subject=name(str(about)) if about is not None else name(event.subject),
        gist=line(_gist(event.kind, body)),
        mark=_mark(event.kind, body),
        run=name(event.run),
        agent=name(event.agent),
        id=name(event.id),
    )


def _gist(kind: str, body: Fields) -> str:
    if kind == EventKind.TASK_PROGRESS:
        return progress(body)
    value = body.number("value")
    if kind == EventKind.METRIC_SAMPLED and value is not None:
        return measured(value, body.name("unit"))
    return ", ".join(_words(body, _GISTS.get(kind, _USUAL)))


def _words(body: Fields, paths: Sequence[str]) -> list[str]:
    words: list[str] = []
    for path in paths:
        *outer, last = path.split(".")
        inner = body
        for part in outer:
            inner = inner.part(part)
        number = inner.number(last)
        if last == "seconds":
            text = duration(number)
        elif last == "success":
            text = "done" if inner.flag(last) else "failed"
        elif number is not None:
            text = f"{last} {number:g}"
        elif inner.texts(last):
            text = ", ".join(inner.texts(last))
        else:
            text = inner.text(last)
        if text:
            words.append(text)
    return words


def _mark(kind: str, body: Fields) -> Mark:
    said = {body.name("status"), body.name("health"), body.name("severity")}
    if kind in (EventKind.ALERT_ENDED, EventKind.ALERT_ACKNOWLEDGED):
        return Mark.NOTE
    if kind in (EventKind.PLUGIN_FAILED, EventKind.AGENT_REFUSED) or body.text("error"):
        return Mark.FAIL
    if said & _BAD or ("success" in body and not body.flag("success")):
        return Mark.FAIL
    if said & _DOUBTFUL:
        return Mark.WARN
    if kind.endswith((".started", ".opened")):
        return Mark.BUSY
    return Mark.OK if kind.endswith((".ended", ".closed", ".deployed")) else Mark.NOTE
