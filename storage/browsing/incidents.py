"""Pages of what went wrong: alerts, and everything that failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dataagents.core.events import EventKind
from dataagents.storage.browsing.page import Found, Page
from dataagents.storage.browsing.pages import EVENT, Pages, Trail
from dataagents.storage.browsing.values import body_of, object_in, text_in, time_of

_ALERTS = """
SELECT place, alerts.id, alerts.rule, alerts.subject, alerts.severity, raised.at, raised.body,
    ended.at, ended.body, seen.at, seen.body
FROM places CROSS JOIN journal AS raised ON raised.seq = place
CROSS JOIN alerts ON alerts.id = raised.subject
LEFT JOIN journal AS ended ON ended.seq = alerts.ended AND ended.seq > place
LEFT JOIN journal AS seen ON seen.seq = alerts.acknowledged AND seen.seq > place
"""
_FAILURES = """
SELECT place, at, kind, subject, run, task, agent
FROM places CROSS JOIN journal ON journal.seq = place
"""
_LOST = "resent IS NULL AND status NOT IN ('delivered', 'queued')"
_FAILED = (
    Trail("tasks", "ended", "success = 0"),
    Trail("steps", "seq", "failed = 1"),
    Trail("runs", "ended", "status = 'failed'"),
    Trail("messages", "settled", _LOST),
    Trail("alerts", "raised", "severity = 'critical'"),
    Trail("journal", "seq", "kind = 'plugin.failed'"),
)
_HAS_FAILED = f"""
CASE event.kind
WHEN 'task.ended' THEN EXISTS (
    SELECT 1 FROM tasks
    WHERE run = event.run AND id = event.subject AND ended = event.seq AND success = 0)
WHEN 'step.taken' THEN EXISTS (SELECT 1 FROM steps WHERE seq = event.seq AND failed = 1)
WHEN 'run.ended' THEN EXISTS (
    SELECT 1 FROM runs WHERE id = event.subject AND ended = event.seq AND status = 'failed')
WHEN 'message.settled' THEN EXISTS (
    SELECT 1 FROM messages WHERE id = event.subject AND settled = event.seq AND {_LOST})
WHEN 'alert.raised' THEN EXISTS (
    SELECT 1 FROM alerts WHERE id = event.subject AND raised = event.seq AND severity = 'critical')
WHEN 'plugin.failed' THEN 1
END
"""


@dataclass(frozen=True, slots=True)
class AlertEntry:
    """An alert in a list, whether it stands or not."""

    place: int
    """Of its raising."""
    id: str
    raised: datetime
    rule: str = ""
    subject: str = ""
    severity: str = ""
    detail: str = ""
    impact: str = ""
    lasting: bool = False
    """Whether it is about something that outlives the kernel."""
    ended: datetime | None = None
    """None while it stands."""
    acknowledged: datetime | None = None
    acknowledged_by: str = ""
    note: str = ""
    resolved_by: str = ""
    """Who ended it; empty when it ended because the condition was gone."""
    resolved_note: str = ""


@dataclass(frozen=True, slots=True)
class FailureEntry:
    """Something that failed."""

    place: int
    at: datetime
    kind: str
    """Of the event that says so."""
    subject: str
    run: str | None = None
    task: str | None = None
    agent: str | None = None


class IncidentPages(Pages):
    """Reads alerts and failures in pages."""

    async def alerts(self, page: Page) -> Found[AlertEntry]:
        """Return alerts, those that ended included, by when they were raised."""
        found = await self._of_kinds(
            page,
            (EventKind.ALERT_RAISED,),
            {},
            joins="LEFT JOIN alerts ON alerts.id = event.subject",
            fits="alerts.raised = event.seq",
        )
        return Found(tuple(map(_alert, await self._at(_ALERTS, found))), found.searched)

    async def failures(self, page: Page, run: str | None = None) -> Found[FailureEntry]:
        """Return what failed: tasks, steps, runs, messages, plugins; and critical alerts.

        What failed and was done after all is left out, and so is a message that was sent again.

        Args:
            page: Which stretch.
            run: Only what failed in this run.
        """
        if run is None:
            found = await self._places(page, _FAILED, {})
        else:
            trail = Trail("journal", where="run = :run")
            given = {"run": run}
            found = await self._places(page, [trail], given, joins=EVENT, fits=_HAS_FAILED)
        rows = await self._at(_FAILURES, found)
        entries = [FailureEntry(row[0], datetime.fromisoformat(row[1]), *row[2:]) for row in rows]
        return Found(tuple(entries), found.searched)

    async def next_failure(
        self, *, after: int | None = None, before: int | None = None, run: str | None = None
    ) -> FailureEntry | None:
        """Return what failed next to a place; None when nothing did.

        Args:
            after: The nearest behind this place.
            before: The nearest before this place; the newest of all when neither is given.
            run: Only what failed in this run.
        """
        page = Page(before=before, after=after, limit=1)
        while True:
            found = await self.failures(page, run)
            if found.rows or found.searched is None:
                return next(iter(found.rows), None)
            page = page.behind(found.searched)


def _alert(row: Sequence[Any]) -> AlertEntry:
    place, name, rule, subject, severity, raised, said, ended, end, seen, acknowledged = row
    body = body_of(said)
    by = object_in(body_of(acknowledged), "acknowledged")
    resolved = object_in(body_of(end), "resolved")
    return AlertEntry(
        place=place,
        id=name,
        raised=datetime.fromisoformat(raised),
        rule=rule or "",
        subject=subject or "",
        severity=severity or "",
        detail=text_in(body, "detail"),
        impact=text_in(body, "impact"),
        lasting=body.get("lasting") is True,
        ended=time_of(ended),
        acknowledged=time_of(seen),
        acknowledged_by=text_in(by, "by"),
        note=text_in(by, "note"),
        resolved_by=text_in(resolved, "by"),
        resolved_note=text_in(resolved, "note"),
    )
