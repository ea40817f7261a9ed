"""A language model that says what a test wrote down for it."""

from collections.abc import Iterable

from pydantic import ValidationError

from dataagents.core.errors import InputError
from dataagents.core.reasoning import Completion, ModelT
from dataagents.core.values import describe_validation


class ScriptedModel:
    """Gives its replies in order, whatever it is asked.

    Args:
        replies: Texts, or whole completions where tokens and cost matter; may be endless.
    """

    def __init__(self, replies: Iterable[str | Completion]) -> None:
        self._replies = iter(replies)
        self.prompts: list[str] = []
        """What it was asked, oldest first."""

    async def complete(self, prompt: str) -> Completion:
        """Return the next reply.

        Raises:
            AssertionError: The script is over; the message has the prompt that came too late.
        """
        self.prompts.append(prompt)
        reply = next(self._replies, None)
        if reply is None:
            given = len(self.prompts) - 1
            raise AssertionError(f"the script is over after {given} replies; asked: {prompt!r}")
        return Completion(reply) if isinstance(reply, str) else reply

    async def decide(self, prompt: str, into: type[ModelT]) -> ModelT:
        """Return the next reply as an `into`.

        Raises:
            InputError: The reply does not validate.
            AssertionError: The script is over.
        """
        reply = await self.complete(prompt)
        try:
            return into.model_validate_json(reply.text)
        except ValidationError as error:
            raise InputError("reply of the model", describe_validation(error)) from error
