"""The library: where screens ask their questions of the store, one at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self, TypeVar

from dataagents.core.errors import DataAgentsError
from dataagents.storage import StoreReader

T = TypeVar("T")


class Library:
    """A reader of its own, so that a long search never holds up the pulse of the source.

    It connects when it is first asked and, after an error or `renew`, anew.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._turn = asyncio.Lock()
        self._stack = AsyncExitStack()
        self._reader: StoreReader | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def ask(self, question: Callable[[StoreReader], Awaitable[T]]) -> T:
        """Return the answer to a question.

        Args:
            question: Reads what it needs; it is never asked beside another one.

        Raises:
            DataAgentsError: The store can't be read now.
        """
        async with self._turn:
            try:
                return await question(await self._open())
            except DataAgentsError:
                await self._close()
                raise

    def interrupt(self) -> None:
        """End the question that is being answered; it raises a `StoreError`."""
        if self._reader is not None:
            self._reader.interrupt()

    async def close(self) -> None:
        """Let go of the store; the next question connects anew."""
        async with self._turn:
            await self._close()

    async def _open(self) -> StoreReader:
        if self._reader is None:
            self._reader = await self._stack.enter_async_context(StoreReader(self.path))
        return self._reader

    async def _close(self) -> None:
        stack, self._stack, self._reader = self._stack, AsyncExitStack(), None
        await stack.aclose()
