"""The circuit breaker: what keeps failing is left alone for a while, then tried again.

Closed, it lets everything through. After some failures in a row it opens: messages to that agent
are refused at once. When it has been open for long enough it is half-open: one message may try,
and its success closes it, its failure opens it again. See Nygard, Release It!, "Circuit Breaker".
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from dataagents.core import MessageType, StrategyOptions
from dataagents.core.messaging import Message, Passage, Receipt, ReceiptStatus
from dataagents.core.values import Json, JsonObject

_FAILURES = (ReceiptStatus.AGENT_FAILED, ReceiptStatus.EXPIRED, ReceiptStatus.MAILBOX_FULL)
"""What says that an agent can't cope; a refusal says something of the message instead."""


class BreakerOptions(StrategyOptions):
    """Options of the circuit breaker."""

    failures: Annotated[int, Field(ge=1)] = 5
    """Failures in a row after which an agent is left alone."""
    pause: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 30.0
    """Seconds that it is left alone for."""


class BreakerState(StrEnum):
    """What a breaker does with the next message."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(slots=True)
class Circuit:
    """The breaker of one agent: a state machine that is told what happens."""

    options: BreakerOptions
    state: BreakerState = BreakerState.CLOSED
    in_a_row: int = 0
    failures: int = 0
    refused: int = 0
    opened: int = 0
    """How often it opened."""
    until: datetime | None = None

    def admits(self, now: datetime) -> bool:
        """Return whether a message may pass; when half-open, the one that asks first may."""
        if self.state is BreakerState.OPEN and self.until is not None and now >= self.until:
            self.state = BreakerState.HALF_OPEN
            return True
        if self.state is BreakerState.CLOSED:
            return True
        self.refused += 1
        return False

    def failed(self, now: datetime) -> None:
        """Note a failure."""
        self.failures += 1
        self.in_a_row += 1
        if self.state is BreakerState.HALF_OPEN or (
            self.state is BreakerState.CLOSED and self.in_a_row >= self.options.failures
        ):
            self.state = BreakerState.OPEN
            self.opened += 1
            self.until = now + timedelta(seconds=self.options.pause)

    def succeeded(self) -> None:
        """Note a success."""
        self.state, self.in_a_row, self.until = BreakerState.CLOSED, 0, None


class Breaker:
    """An interceptor with a circuit for each agent."""

    def __init__(self, options: BreakerOptions) -> None:
        self._options = options
        self._circuits: dict[str, Circuit] = {}

    async def intercept(self, message: Message, passage: Passage) -> Receipt:
        """Let a message proceed, unless its recipient is left alone."""
        if message.type is MessageType.HEALTH_CHECK:
            return await passage.proceed(message)  # the monitor has to see for itself
        circuit = self._circuits.setdefault(message.recipient, Circuit(self._options))
        if not circuit.admits(passage.now()):
            until = circuit.until.isoformat() if circuit.until else "it was tried"
            reason = f"{message.recipient!r} failed {circuit.in_a_row} times: left alone to {until}"
            return passage.refuse(reason)
        settled = False
        try:
            receipt = await passage.proceed(message)
            settled = True
        finally:
            if not settled:
                circuit.failed(passage.now())  # nobody knows what became of it
        if receipt.status in _FAILURES:
            circuit.failed(passage.now())
        else:
            circuit.succeeded()
        return receipt

    def health(self) -> JsonObject:
        """Return the state and the counts of each agent's circuit that ever saw a failure."""
        shown: dict[str, Json] = {}
        for agent, circuit in self._circuits.items():
            if circuit.failures:
                shown[agent] = {
                    "state": circuit.state.value,
                    "failures": circuit.failures,
                    "in_a_row": circuit.in_a_row,
                    "refused": circuit.refused,
                    "opened": circuit.opened,
                }
        return shown
