"""Alerts: applies the rules to what was measured, and keeps the alerts that stand."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from dataagents.core.errors import InputError
from dataagents.core.events import Event, EventKind
from dataagents.core.health import Acknowledgement, Alert
from dataagents.core.journal import Store
from dataagents.core.operation.alerting import Decision, Reading, Standing, decide, judge
from dataagents.core.operation.rules import FIGURES, AlertRule, Scope
from dataagents.core.operation.samples import History, Sample
from dataagents.core.reflection import Experience
from dataagents.core.services.runtime import Runtime
from dataagents.core.suggestions import did_you_mean
from dataagents.core.values import from_json

_REMEMBERED = 1_000
"""Alerts, and experiences, that are read back from the store."""
_MISSED = 3
"""Checks without a sample before it can be called absent."""
_SHORTEST = 4
"""Characters of an id that may stand for it."""


class Alerts:
    """The alerts of one kernel, one for each rule and subject."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        rules = runtime.config.alerts
        interval = runtime.config.health_check_interval
        self._rules: Mapping[str, AlertRule] = {
            name: _in_step(rule, interval) for name, rule in rules.items() if rule.enabled
        }
        spans: dict[str, float] = {}
        for rule in self._rules.values():
            window = rule.within if rule.when in ("rate", "trend") else 0.0
            spans[rule.figure] = max(spans.get(rule.figure, 0.0), window)
        self._history = History(spans)
        self._watched = frozenset(spans)
        self._progress: dict[tuple[str, str], Standing] = {}
        self._standing: dict[tuple[str, str], Alert] = {}
        self._notes: dict[tuple[str, str], str] = {}
        """Figure and subject → what is to be told of it beside the value."""
        self._unrecorded: list[Event] = []
        """What could not be recorded yet."""

    @property
    def standing(self) -> tuple[Alert, ...]:
        """The alerts that stand, oldest first."""
        return tuple(self._standing.values())

    def sample(self, figure: str, subject: str, value: float, at: datetime, note: str = "") -> None:
        """Take a value of a figure; only figures that a rule is about are kept."""
        if figure in self._watched:
            self._history.add(figure, subject, Sample(at.timestamp(), value))
            if note:
                self._notes[figure, subject] = note
            else:
                self._notes.pop((figure, subject), None)

    async def load(self, store: Store | None) -> None:
        """Take over from the kernels before what outlives them, and end what does not.

        Raises:
            StoreError: The store can't be read, or not be written.
        """
        if store is None:
            return
        for event in await store.recent(EventKind.EXPERIENCE_KEPT, _REMEMBERED):
            self.remember(event)
        over = {event.subject for event in await store.recent(EventKind.ALERT_ENDED, _REMEMBERED)}
        known: dict[str, Alert] = {}
        for kind in (EventKind.ALERT_RAISED, EventKind.ALERT_ACKNOWLEDGED):
            for event in await store.recent(kind, _REMEMBERED):
                alert = _alert_of(event)
                if alert is not None and alert.id not in over:
                    known[alert.id] = alert
        now, events = self._runtime.clock.now(), list[Event]()
        for alert in known.values():
            rule = self._rules.get(alert.rule)
            key = (alert.rule, alert.subject)
            if rule is not None and rule.scope.lasting and key not in self._standing:
                self._standing[key], self._progress[key] = alert, Standing(raised=True)
            else:
                detail = f"{alert.detail}; the kernel that it was about has ended"
                events.append(self._ended(replace(alert, detail=detail, ended=now)))
        await self._runtime.recorder.commit(events)

    def remember(self, event: Event) -> None:
        """Take the data quality of a run from its experience."""
        try:
            lived = from_json(Experience, event.body)
        except InputError:
            return
        subject = ", ".join(lived.sources)
        if lived.quality is not None and subject:
            self.sample("quality", subject, lived.quality, lived.at)

    async def evaluate(self) -> None:
        """Apply all rules to what is known now; raise and end what is called for.

        Raises:
            StoreError: It could not be recorded; it is tried again at the next time.
        """
        now = self._runtime.clock.now()
        for name, rule in self._rules.items():
            for subject in self._history.subjects(rule.figure):
                event = self._apply(name, rule, subject, now)
                if event is not None:
                    self._unrecorded.append(event)
        if self._unrecorded:
            events = tuple(self._unrecorded)
            await self._runtime.recorder.commit(events)
            del self._unrecorded[: len(events)]

    async def acknowledge(self, alert: str, note: str, by: str) -> Alert:
        """Note that somebody has seen an alert; it stands until the condition is gone.

        Args:
            alert: Its id, the beginning or end of it, or its rule and subject: `rule subject`.
            note: What is done about it.
            by: Who says so.

        Raises:
            InputError: No such alert stands, or several are meant; or there is no note.
        """
        seen = self._said(note, by)
        key = self._find(alert)
        changed = replace(self._standing[key], acknowledged=seen)
        await self._runtime.record(EventKind.ALERT_ACKNOWLEDGED, changed.id, changed)
        self._standing[key] = changed
        return changed

    async def resolve(self, alert: str, note: str, by: str) -> Alert:
        """End an alert by a person's word; it comes back only after the condition was gone once.

        Raises:
            InputError: No such alert stands, or several are meant; or there is no note.
        """
        said = self._said(note, by)
        key = self._find(alert)
        ended = replace(self._standing[key], resolved=said, ended=said.at)
        await self._runtime.record(EventKind.ALERT_ENDED, ended.id, ended)
        self._standing.pop(key, None)
        self._progress[key] = Standing(muted=True)
        return ended

    async def forget(self, agent: str) -> None:
        """Forget an agent that is gone, and end its alerts."""
        of_agents = [name for name, each in FIGURES.items() if each.scope is Scope.AGENT]
        self._history.forget(agent, of_agents)
        for figure in of_agents:
            self._notes.pop((figure, agent), None)
        keys = [(name, agent) for name, rule in self._rules.items() if rule.scope is Scope.AGENT]
        now, events = self._runtime.clock.now(), list[Event]()
        for key in keys:
            self._progress.pop(key, None)
            alert = self._standing.pop(key, None)
            if alert is not None:
                detail = f"{alert.detail}; the agent has left"
                events.append(self._ended(replace(alert, detail=detail, ended=now)))
        if events:
            await self._runtime.recorder.commit(events)

    def _apply(self, name: str, rule: AlertRule, subject: str, now: datetime) -> Event | None:
        """Apply a rule to one subject; return the event that it leads to, if any."""
        key, seconds = (name, subject), now.timestamp()
        reading = judge(rule, self._history.of(rule.figure, subject), seconds)
        progress, decision = decide(rule, self._progress.get(key, Standing()), reading, seconds)
        if progress == Standing():
            self._progress.pop(key, None)
        else:
            self._progress[key] = progress
        match decision:
            case Decision.RAISE:
                alert = self._new(name, rule, subject, reading, now)
                self._standing[key] = alert
                return self._runtime.recorder.event(EventKind.ALERT_RAISED, alert.id, alert)
            case Decision.KEEP if reading.met and key in self._standing:
                stands = self._standing[key]
                self._standing[key] = replace(stands, count=stands.count + 1, latest=now)
            case Decision.END if key in self._standing:
                return self._ended(replace(self._standing.pop(key), ended=now))
            case _:
                pass
        return None

    def _new(
        self, name: str, rule: AlertRule, subject: str, reading: Reading, now: datetime
    ) -> Alert:
        note = self._notes.get((rule.figure, subject), "")
        return Alert(
            id=self._runtime.new_id(now),
            rule=name,
            subject=subject,
            severity=rule.weight,
            detail=f"{reading.detail}: {note}" if note else reading.detail,
            at=now,
            impact=rule.impact,
            lasting=rule.scope.lasting,
            value=reading.value,
            latest=now,
        )

    def _ended(self, alert: Alert) -> Event:
        return self._runtime.recorder.event(EventKind.ALERT_ENDED, alert.id, alert)

    def _said(self, note: str, by: str) -> Acknowledgement:
        if not note.strip() or not by.strip():
            hint = "Say in the note what is done about it, and in 'by' who says so."
            raise InputError("alert", "a note and a name are needed", hint=hint)
        return Acknowledgement(by, note, self._runtime.clock.now())

    def _find(self, text: str) -> tuple[str, str]:
        found = [
            key
            for key, alert in self._standing.items()
            if text in (alert.id, " ".join(key))
            or (len(text) >= _SHORTEST and (alert.id.startswith(text) or alert.id.endswith(text)))
        ]
        if len(found) == 1:
            return found[0]
        if found:
            raise InputError(f"alert {text!r}", f"it fits {len(found)} of those that stand")
        known = [*(alert.id for alert in self.standing), *(" ".join(key) for key in self._standing)]
        hint = did_you_mean(text, known).strip() or "None stands."
        raise InputError(f"alert {text!r}", "no such alert stands", hint=hint)


def _in_step(rule: AlertRule, interval: float) -> AlertRule:
    """Return a rule that calls nothing absent which is sampled as often as it can be."""
    if rule.when != "absence" or rule.within >= _MISSED * interval:
        return rule
    return rule.model_copy(update={"within": _MISSED * interval})


def _alert_of(event: Event) -> Alert | None:
    try:
        return from_json(Alert, event.body)
    except InputError:
        return None


def labelled(task: str, inputs: Iterable[str]) -> str:
    """Return what a goal is called, as the subject of a figure."""
    return " ".join(filter(None, (task, ", ".join(inputs))))
