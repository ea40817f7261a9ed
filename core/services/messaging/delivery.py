"""Delivery: through the interceptors, by the transport, and again where that is guaranteed."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from tenacity import AsyncRetrying, RetryCallState, retry_if_result

from dataagents.core.errors import DataAgentsError, StoreError
from dataagents.core.messaging import (
    Assurance,
    Interceptor,
    Message,
    Passage,
    Receipt,
    ReceiptStatus,
    Transport,
)
from dataagents.core.registry import Built
from dataagents.core.services.backoff import Backoff
from dataagents.core.services.messaging.arrivals import Accept, Arrivals
from dataagents.core.services.messaging.exchanges import receipt_of
from dataagents.core.services.runtime import Runtime
from dataagents.core.values import JsonObject

_GUARANTEED = Assurance.GUARANTEED  # looking it up takes as long as a call

SLACK = 0.05
"""Seconds that each layer waits longer than the one below: the lowest says best what went wrong."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 20.0
"""Seconds before what failed is tried again, at most."""


class Delivery:
    """Brings a message to one agent; what goes wrong on the way is a receipt."""

    def __init__(
        self,
        runtime: Runtime,
        transport: Built[Transport],
        interceptors: Sequence[Built[Interceptor]],
    ) -> None:
        self._runtime = runtime
        self._transport = transport
        self._interceptors = tuple(interceptors)
        self._accept: Accept | None = None
        self._local = bool(getattr(transport.value, "local", False))
        self._name = f"transport {transport.name}"
        seed = runtime.config.seed
        self._backoff = Backoff(seed, first=_FIRST_PAUSE, longest=_LONGEST_PAUSE)

    async def open(self, accept: Accept) -> None:
        """Open the transport; what it brings is handed to `accept`, once."""
        runtime = self._runtime
        arrivals = Arrivals(runtime.config.remembered_messages, runtime.clock.now)

        async def receive(message: Message) -> Receipt:
            return await arrivals.receive(message, accept)

        await self._call("open", lambda: self._transport.value.open(receive))
        self._accept = accept if self._local else None

    async def close(self) -> None:
        """Close the transport."""
        self._accept = None
        await self._call("close", self._transport.value.close)

    def health(self) -> dict[str, JsonObject]:
        """Return what each interceptor shows of itself."""
        shown: dict[str, JsonObject] = {}
        for each in self._interceptors:
            try:
                shown[each.name] = self._runtime.boundary.call_now(
                    each.plugin, f"interceptor {each.name} health", each.value.health, returns=dict
                )
            except DataAgentsError as error:
                shown[each.name] = {"error": str(error)}
        return shown

    async def deliver(self, message: Message) -> Receipt:
        """Deliver a message as surely as it asks for and return what became of it."""
        if message.assurance is Assurance.GUARANTEED:
            return await self._persist(message, self._attempt)
        return await self._attempt(message)

    @property
    def local(self) -> bool:
        """Whether the transport only hands messages over within this process."""
        return self._accept is not None

    def hand_over(self, message: Message) -> Receipt | Awaitable[Receipt]:
        """Deliver a message on the shortest way: past the transport, if it is one of this process.

        What is returned is a receipt wherever that is known already.
        """
        if self._accept is None or self._interceptors or message.assurance is _GUARANTEED:
            return self.deliver(message)
        return self._accept(message)

    async def carry(self, message: Message, *, again: bool = False) -> Receipt:
        """Hand a message to the transport, past the interceptors; `again` until it arrives."""
        if again:
            return await self._persist(message, self.carry)
        if self._accept is not None:
            answer = self._accept(message)
            return answer if isinstance(answer, Receipt) else await answer
        try:
            return await self._runtime.boundary.here(
                self._transport.plugin,
                self._name,
                lambda: self._transport.value.deliver(message),
                limit=self._limit(message),
                returns=Receipt,
            )
        except StoreError:
            raise
        except DataAgentsError as error:
            return self._receipt(message, ReceiptStatus.AGENT_FAILED, str(error))

    async def _attempt(self, message: Message) -> Receipt:
        if not self._interceptors:
            return await self.carry(message)
        return await _Passage(self, 0, message).proceed(message)

    async def _persist(
        self, message: Message, attempt: Callable[[Message], Awaitable[Receipt]]
    ) -> Receipt:
        """Try until the handler returned, the deadline comes, or it was tried often enough."""
        now, config = self._runtime.steady, self._runtime.config

        def is_over(state: RetryCallState) -> bool:
            left = time_left(message, now())
            if left is not None and left <= state.upcoming_sleep:
                return True
            return state.attempt_number >= config.delivery_attempts

        def last(state: RetryCallState) -> Receipt:
            outcome = cast("Receipt", state.outcome.result()) if state.outcome else None
            if outcome is None or state.attempt_number == 1:
                return outcome or self._receipt(message, ReceiptStatus.EXPIRED)
            reason = f"{outcome.reason} (tried {state.attempt_number} times)".strip()
            return replace(outcome, reason=reason)

        retrying = AsyncRetrying(
            retry=retry_if_result(_may_go_better),
            wait=self._backoff,
            stop=is_over,
            sleep=self._runtime.clock.sleep,
            retry_error_callback=last,
        )
        receipt: Receipt = await retrying(attempt, message)
        return receipt

    async def intercept(self, place: int, message: Message) -> Receipt:
        """Let the interceptor at a place see a message, and those behind it."""
        if place == len(self._interceptors):
            return await self.carry(message)
        interceptor, config = self._interceptors[place], self._runtime.config
        passage = _Passage(self, place + 1, message)
        left = time_left(message, self._runtime.steady(), SLACK * (place + 3))
        try:
            return await self._runtime.boundary.call(
                interceptor.plugin,
                f"interceptor {interceptor.name}",
                lambda: interceptor.value.intercept(message, passage),
                limit=config.task_timeout + SLACK if left is None else left,
                returns=Receipt,
            )
        except StoreError:
            raise
        except DataAgentsError as error:
            if passage.receipt is not None:
                return passage.receipt  # it arrived, whatever was done about it afterwards
            return self._receipt(message, ReceiptStatus.REFUSED, str(error))

    def now(self) -> datetime:
        """Return the kernel's time, in UTC."""
        return self._runtime.clock.now()

    def _limit(self, message: Message) -> float | None:
        if message.deadline is None:
            return None
        return time_left(message, self._runtime.steady(), SLACK * 2)

    def _receipt(self, message: Message, status: ReceiptStatus, reason: str = "") -> Receipt:
        return receipt_of(message, status, self._runtime.clock.now(), reason)

    async def _call(self, what: str, start: Callable[[], Awaitable[None]]) -> None:
        await self._runtime.boundary.call(
            self._transport.plugin,
            f"{self._name} {what}",
            start,
            limit=self._runtime.config.strategy_timeout,
        )


@dataclass(slots=True)
class _Passage(Passage):
    """What an interceptor gets: the rest of the way."""

    _delivery: Delivery
    _place: int
    _message: Message
    receipt: Receipt | None = None

    def now(self) -> datetime:
        return self._delivery.now()

    async def proceed(self, message: Message) -> Receipt:
        same = replace(message, id=self._message.id, recipient=self._message.recipient)
        self.receipt = await self._delivery.intercept(self._place, same)
        return self.receipt

    def refuse(self, reason: str) -> Receipt:
        return receipt_of(self._message, ReceiptStatus.REFUSED, self.now(), reason)


def time_left(message: Message, now: datetime, slack: float = 0.0) -> float | None:
    """Return the seconds until a message's deadline, on the steady clock; None without one."""
    if message.deadline is None:
        return None
    return (message.deadline - now).total_seconds() + slack


def _may_go_better(receipt: Receipt) -> bool:
    return not receipt.ok and receipt.status is not ReceiptStatus.EXPIRED
