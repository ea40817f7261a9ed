"""Recovery: what a hub takes over from the kernel that had the store before."""

from datetime import UTC, datetime

from dataagents.core.messaging import Message
from dataagents.core.services.correspondence.archive import Archive
from dataagents.core.services.messaging.conversations import Conversations
from dataagents.core.services.messaging.exchanges import Exchange, Exchanges
from dataagents.core.services.runtime import Runtime

_NEVER = datetime.min.replace(tzinfo=UTC)


class Recovery:
    """Brings back dead letters, conversations, and answers to what was asked before.

    Only a message that was made before the hub opened is looked for in the store, so those that
    are made now pay nothing for it.
    """

    def __init__(
        self,
        runtime: Runtime,
        archive: Archive,
        exchanges: Exchanges,
        conversations: Conversations,
    ) -> None:
        self._runtime = runtime
        self._archive = archive
        self._exchanges = exchanges
        self._conversations = conversations
        self.opened = _NEVER
        """When the hub opened; what was made later can't be on record from before."""

    async def open(self) -> None:
        """Read the dead letters, and begin to answer from the store."""
        if self._archive.keeps:
            self.opened = self._runtime.clock.now()
            letters = await self._archive.dead_letters(self._runtime.config.history)
            self._exchanges.dead_letters.extend(letters)

    async def known(self, message: Message) -> Exchange | None:
        """Return what is on record for a message that was made before the hub opened."""
        earlier = await self._archive.exchange(message)
        return self._exchanges.known(message) or earlier  # it may have begun here meanwhile

    async def history(self, conversation: str, most: int) -> tuple[Message, ...]:
        """Return the latest messages of a conversation, oldest first."""
        if self._archive.keeps:
            return await self._archive.said(conversation, most)
        said = {
            message.id: message
            for each in self._exchanges
            for message in (each.message, each.reply)
            if message is not None and message.conversation == conversation
        }
        return tuple(said.values())[-most:]

    async def reopen(self, conversation: str, most: int) -> None:
        """Remember a conversation as it stood."""
        if self._archive.keeps and self._conversations.get(conversation) is None:
            for message in await self._archive.said(conversation, most):
                self._conversations.replied(message)
