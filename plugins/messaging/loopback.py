"""The loopback transport: within this process, but every message becomes bytes and back.

It shows who leans on shared memory: what arrives is a copy, as it would be from another machine.
"""

from dataagents.core.errors import ClosedError
from dataagents.core.messaging import Message, Receipt, Receive
from dataagents.core.values import from_json, read_json, write_json


class Loopback:
    """Hands copies of messages to the hub that opened it, and copies of receipts back."""

    def __init__(self) -> None:
        self._receive: Receive | None = None

    async def open(self, receive: Receive) -> None:
        """Start handing messages to a hub."""
        self._receive = receive

    async def deliver(self, message: Message) -> Receipt:
        """Write a message down, read it, hand it over, and do the same with its receipt.

        Raises:
            ClosedError: It was not opened, or was closed.
            InputError: The message can't be written as JSON.
        """
        if self._receive is None:
            raise ClosedError("loopback transport")
        arrived = from_json(Message, read_json(write_json(message)))
        receipt = await self._receive(arrived)
        return from_json(Receipt, read_json(write_json(receipt)))

    async def close(self) -> None:
        """Stop."""
        self._receive = None
