"""Checks: asks agents for their health, for real, and remembers what came of it."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from dataagents.core.cards import SAMPLE, AgentState, HealthAnswer, Sample
from dataagents.core.errors import InputError
from dataagents.core.health import Health, HealthReport
from dataagents.core.messaging import Message, MessageType, Receipt, ReceiptStatus
from dataagents.core.operation.health_states import Check, next_health
from dataagents.core.services.messaging.hub import Hub
from dataagents.core.services.roster import Roster
from dataagents.core.services.runtime import Runtime
from dataagents.core.tracing import TraceContext
from dataagents.core.values import from_json

SENDER = "monitor"

_UNANSWERED = (ReceiptStatus.EXPIRED, ReceiptStatus.UNKNOWN_RECIPIENT, ReceiptStatus.MAILBOX_FULL)


@dataclass(slots=True)
class _Record:
    """What is known of one agent."""

    history: deque[Check]
    health: Health | None = None
    beat: datetime | None = None
    failures: int = 0
    """Checks failed in a row."""
    work: deque[tuple[float, int, int]] = field(default_factory=deque)
    """When it was looked at, and what it had handled, and failed to, by then."""


class Checker:
    """Checks the agents of one kernel."""

    def __init__(self, runtime: Runtime, hub: Hub, roster: Roster) -> None:
        self._runtime = runtime
        self._hub = hub
        self._roster = roster
        self._settings = runtime.config.health
        self._records: dict[str, _Record] = {}

    async def check(self, agent: str, sample: Sample = SAMPLE) -> HealthReport:
        """Ask one agent for its health and measure how long it takes to answer.

        An agent that raises, that answers nothing, or that doesn't answer in time is not well.
        """
        config, clock = self._runtime.config, self._runtime.clock
        began = clock.monotonic()
        message = self._hub.compose(
            SENDER,
            agent,
            MessageType.HEALTH_CHECK,
            {"sample": [dict(row) for row in sample]},
            context=TraceContext(),
            within=config.health_check_timeout,
        )
        reply = await self._hub.request(message)
        seconds = clock.monotonic() - began
        answer, alive = _answer(reply, seconds >= config.health_check_timeout)
        record = self._records.get(agent)
        if record is None:
            most = max(self._settings.failed_after, self._settings.healthy_after)
            record = self._records[agent] = _Record(deque(maxlen=most))
        rate, queue = self._error_rate(agent, record), self._hub.waiting(agent)
        record.failures = 0 if answer.healthy else record.failures + 1
        record.history.append(Check(alive, answer.healthy, seconds, rate, queue))
        record.health = next_health(record.health, record.history, self._settings)
        now = clock.now()
        if alive:
            record.beat = now
        draining = self._roster.state(agent) is AgentState.DRAINING
        return HealthReport(
            agent=agent,
            health=Health.DRAINING if draining else record.health,
            seconds=seconds,
            at=now,
            processing=answer.healthy and answer.processing,
            detail=answer.detail,
            queue=queue,
            failures=record.failures,
            alive=alive,
            ready=answer.healthy and not draining,
            beat=record.beat,
            error_rate=rate,
        )

    def work(self, agent: str) -> tuple[int, int]:
        """Return how many messages an agent handled since it was built, and how many it failed at.

        Health checks don't count.
        """
        records = self._runtime.boundary.records_of(f"agent {agent}")
        real = [each for each in records if each.what != MessageType.HEALTH_CHECK]
        return sum(each.calls for each in real), sum(each.failures for each in real)

    def forget(self, agent: str) -> None:
        """Forget an agent that is gone, or was built anew."""
        self._records.pop(agent, None)

    def _error_rate(self, agent: str, record: _Record) -> float | None:
        """Return the share of what an agent handled within the window that failed."""
        now, work = self._runtime.clock.monotonic(), record.work
        handled, failed = self.work(agent)
        work.append((now, handled, failed))
        while len(work) > 1 and work[1][0] <= now - self._settings.window:
            work.popleft()
        _, handled_before, failed_before = work[0] if len(work) > 1 else (now, 0, 0)
        lately = handled - handled_before
        return (failed - failed_before) / lately if lately >= self._settings.fewest else None


def _answer(reply: Message | Receipt, late: bool) -> tuple[HealthAnswer, bool]:
    """Return what an agent says about itself, and whether it said anything in time."""
    if isinstance(reply, Receipt):
        alive = not late and reply.status not in _UNANSWERED
        return HealthAnswer(healthy=False, detail=reply.reason or "no answer"), alive
    try:
        return from_json(HealthAnswer, reply.payload, what="health answer"), True
    except InputError as error:
        return HealthAnswer(healthy=False, detail=str(error)), True
