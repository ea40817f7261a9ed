"""A language model that says what a test wrote down for it."""

from collections.abc import Iterable

from pydantic import BaseModel

from dataagents.core.hookspecs import hookimpl
from dataagents.core.models import Completion, ModelProvider, Prompt
from dataagents.core.registry import Strategy

Reply = str | Completion | Exception


class ScriptedModel:
    """Gives its replies in order, whatever it is asked; `scripted:any` by name in a kernel.

    Args:
        replies: Texts, whole completions where tokens and cost matter, or errors to raise; may be
            endless.
    """

    def __init__(self, replies: Iterable[Reply]) -> None:
        self._replies = iter(replies)
        self.prompts: list[Prompt] = []
        """What it was asked, oldest first."""
        self.closed = False

    async def complete(self, prompt: Prompt) -> Completion:
        """Return the next reply.

        Raises:
            AssertionError: The script is over; the message has the prompt that came too late.
        """
        self.prompts.append(prompt)
        reply = next(self._replies, None)
        if reply is None:
            given = len(self.prompts) - 1
            raise AssertionError(f"the script is over after {given} replies; asked: {prompt!r}")
        if isinstance(reply, Exception):
            raise reply
        return Completion(reply) if isinstance(reply, str) else reply

    async def decide(self, prompt: Prompt, into: type[BaseModel]) -> Completion:
        """Return the next reply, as a model does: as text that nobody has validated."""
        return await self.complete(prompt)

    async def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True

    def open(self, name: str) -> "ScriptedModel":
        """Return itself, whatever it is called."""
        return self

    @hookimpl
    def register_models(self) -> tuple[Strategy[ModelProvider], ...]:
        """Provide itself under the name `scripted`."""
        return (Strategy("scripted", lambda options: self, summary="says what a test wrote"),)
