"""The fold of events into alerts: which stand, and who looks after them."""

from dataclasses import dataclass, replace
from datetime import datetime

from dataagents.console.view.fields import Fields, name
from dataagents.console.view.marks import Mark
from dataagents.core.events import Event, EventKind
from dataagents.core.health import Severity


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert that stands; its texts are safe to show."""

    rule: str
    subject: str
    severity: str
    detail: str
    id: str = ""
    impact: str = ""
    at: datetime | None = None
    """When it was raised."""
    lasting: bool = False
    """Whether it outlives its kernel."""
    acknowledged_by: str = ""
    note: str = ""

    @property
    def address(self) -> str:
        """Its address."""
        return f"alert:{self.id}"

    @property
    def mark(self) -> Mark:
        """How it is marked."""
        return Mark.FAIL if self.severity == Severity.CRITICAL else Mark.WARN


class AlertsFold:
    """The alerts that stand after the events so far, by id."""

    def __init__(self) -> None:
        self.standing: dict[str, AlertView] = {}

    def apply(self, event: Event) -> None:
        """Take one event; kinds that say nothing about alerts are passed over."""
        match event.kind:
            case EventKind.KERNEL_STARTED:
                lasting = {k: each for k, each in self.standing.items() if each.lasting}
                self.standing.clear()
                self.standing.update(lasting)
            case EventKind.ALERT_RAISED:
                self.standing[event.subject] = alert_view(event)
            case EventKind.ALERT_ACKNOWLEDGED:
                said = Fields(event.body).part("acknowledged")
                known = self.standing.get(event.subject) or alert_view(event)
                seen = replace(known, acknowledged_by=said.name("by"), note=said.line("note"))
                self.standing[event.subject] = seen
            case EventKind.ALERT_ENDED:
                self.standing.pop(event.subject, None)
            case _:
                pass


def alert_view(event: Event) -> AlertView:
    """Return the alert that an event is about."""
    body = Fields(event.body)
    return AlertView(
        rule=body.name("rule"),
        subject=body.name("subject"),
        severity=body.name("severity"),
        detail=body.text("detail"),
        id=name(event.subject),
        impact=body.name("impact"),
        at=body.time("at") or event.at,
        lasting=body.flag("lasting"),
    )
