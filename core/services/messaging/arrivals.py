"""Arrivals: what a transport brings, each message handled once although it may come twice."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from dataagents.core.errors import StoreError
from dataagents.core.messaging import Assurance, Message, Receipt, ReceiptStatus
from dataagents.core.services.messaging.exchanges import receipt_of

Accept = Callable[[Message], Receipt | Awaitable[Receipt]]
"""Takes a message where it arrives: the receipt, or what will have it."""

_FAILED, _STOPPED = ReceiptStatus.AGENT_FAILED, "it was stopped before it returned"


class Arrivals:
    """Remembers the latest messages that arrived, by their id.

    A transport may double a message, and a sender whose receipt got lost sends it again: a copy
    waits for what becomes of the first, and gets the same receipt. Only what no handler has seen,
    and what is to be tried until it goes well, is taken again once it failed.

    Args:
        most: How many are remembered.
        now: Where times come from.
    """

    def __init__(self, most: int, now: Callable[[], datetime]) -> None:
        self._most = most
        self._now = now
        self._latest: dict[str, asyncio.Future[Receipt]] = {}

    async def receive(self, message: Message, accept: Accept) -> Receipt:
        """Have a message handled, unless it was or is being handled, and return its receipt.

        Raises:
            StoreError: What became of it could not be recorded.
        """
        first = self._latest.get(message.id)
        if first is not None:
            return await asyncio.shield(first)
        outcome = self._expect(message)
        receipt: Receipt | None = None
        try:
            answer = accept(message)
            receipt = answer if isinstance(answer, Receipt) else await answer
            return receipt  # noqa: TRY300  # `finally` tells the copies
        except StoreError as error:
            self._forget(message, outcome)
            outcome.set_exception(error)
            outcome.exception()  # it is raised here, so nobody else needs to see it
            raise
        finally:
            if not outcome.done():
                known = receipt or receipt_of(message, _FAILED, self._now(), _STOPPED)
                if not _counts(message, known):
                    self._forget(message, outcome)
                outcome.set_result(known)

    def _expect(self, message: Message) -> "asyncio.Future[Receipt]":
        outcome = asyncio.get_running_loop().create_future()
        self._latest[message.id] = outcome
        if len(self._latest) > self._most:
            del self._latest[next(iter(self._latest))]
        return outcome

    def _forget(self, message: Message, outcome: "asyncio.Future[Receipt]") -> None:
        if self._latest.get(message.id) is outcome:
            del self._latest[message.id]


def _counts(message: Message, receipt: Receipt) -> bool:
    """Whether a copy that comes later is answered with this receipt."""
    if receipt.ok:
        return True
    failed = receipt.status is _FAILED
    return failed and message.assurance is not Assurance.GUARANTEED
