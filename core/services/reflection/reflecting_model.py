"""The model that a reflector gets: the kernel's own, within a bound of questions and time."""

from pydantic import BaseModel

from dataagents.core.clock import Clock
from dataagents.core.errors import ModelError
from dataagents.core.models import Completion, Prompt
from dataagents.core.services.reasoning.models import ModelService

QUESTIONS = 3
"""How many questions' worth of time a reflection has beside that of any strategy."""


class ReflectingModel:
    """Asks the kernel's model; an answer takes no longer than one answer may.

    Args:
        models: The configured model and those behind it.
        clock: Whose time counts.
        timeout: Seconds for one question, attempts and stand-ins included.
    """

    def __init__(self, models: ModelService, clock: Clock, timeout: float) -> None:
        self._models = models
        self._clock = clock
        self._timeout = timeout

    async def complete(self, prompt: Prompt) -> Completion:
        """Return the model's text.

        Raises:
            ModelError: There is none, or not in time.
        """
        return await self._ask(prompt, None)

    async def decide(self, prompt: Prompt, into: type[BaseModel]) -> Completion:
        """Return the model's decision as it wrote it.

        Raises:
            ModelError: There is none, or not in time.
        """
        return await self._ask(prompt, into)

    async def close(self) -> None:
        """Do nothing: the kernel closes its models."""

    async def _ask(self, prompt: Prompt, into: type[BaseModel] | None) -> Completion:
        try:
            async with self._clock.limit(self._timeout):
                return await self._models.ask(prompt, into)
        except TimeoutError as error:
            problem = f"no answer within {self._timeout:g} s"
            raise ModelError(self._models.name, problem) from error
