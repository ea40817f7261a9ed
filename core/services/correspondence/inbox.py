"""The inbox: what arrives from other kernels, each message once."""

from collections.abc import Awaitable, Callable

from dataagents.core.messaging import Message, Receipt
from dataagents.core.services.correspondence.archive import Archive
from dataagents.core.services.messaging.ledger import Ledger


class Inbox:
    """Answers from record what was handled here before: a receipt can get lost on its way back.

    What was sent within this kernel needs none of it: the sender keeps the only record.
    """

    def __init__(self, archive: Archive, ledger: Ledger) -> None:
        self._archive = archive
        self._ledger = ledger

    @property
    def keeps(self) -> bool:
        """Whether there is a record that outlives the kernel."""
        return self._archive.keeps

    async def receive(
        self, message: Message, take: Callable[[Message], Receipt | Awaitable[Receipt]]
    ) -> Receipt:
        """Have a message handled unless it was, and put that on record before it is answered.

        Args:
            message: One with guaranteed delivery, from another kernel.
            take: Has it handled.
        """
        known = await self._archive.exchange(message)
        if known is not None and known.receipt is not None and known.asked == message:
            return known.receipt
        answer = take(message)
        receipt = answer if isinstance(answer, Receipt) else await answer
        if receipt.ok:
            await self._ledger.commit(self._ledger.arrived(message, receipt))
        return receipt
