"""The transport for agents of one process: a message is handed over as it is."""

from dataagents.core.errors import ClosedError
from dataagents.core.messaging import Message, Receipt, Receive


class InProcess:
    """Hands messages to the hub that opened it; messages are frozen, so nothing is copied."""

    local = True
    """The hub may hand messages over without asking: nothing would happen to them here."""

    def __init__(self) -> None:
        self._receive: Receive | None = None

    async def open(self, receive: Receive) -> None:
        """Start handing messages to a hub."""
        self._receive = receive

    async def deliver(self, message: Message) -> Receipt:
        """Hand a message over and return what became of it.

        Raises:
            ClosedError: It was not opened, or was closed.
        """
        if self._receive is None:
            raise ClosedError("in-process transport")
        return await self._receive(message)

    async def close(self) -> None:
        """Stop."""
        self._receive = None
