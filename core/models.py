"""Language models: text in, text or a decision out; which one is a plugin's matter."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

from pydantic import BaseModel

ModelT = TypeVar("ModelT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked."""

    instructions: str
    """What it is told to be and to do: our words alone."""
    content: str
    """What it is to work on; whatever comes from data stands in marked blocks."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model said."""

    text: str
    tokens: int = 0
    """Of the prompt and of the text together."""
    cost: float = 0.0
    """In US dollars; 0 where the price is not known."""
    model: str = ""
    """Who said it; the model that was asked when empty."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer: one line of a recording."""

    prompt: Prompt
    completion: Completion


class LanguageModel(Protocol):
    """A model that turns a prompt into text, or into a decision of a given type.

    It asks once: the kernel waits, limits, asks again and validates.
    """

    async def complete(self, prompt: Prompt) -> Completion:
        """Return the model's text.

        Raises:
            ModelError: There is none; says whether asking again may help.
        """
        ...

    async def decide(self, prompt: Prompt, into: type[BaseModel]) -> Completion:
        """Return the model's decision as it wrote it, in JSON; nobody has validated it.

        Args:
            prompt: What it is asked.
            into: What the decision has to look like.

        Raises:
            ModelError: There is none; says whether asking again may help.
        """
        ...

    async def close(self) -> None:
        """Give back what it holds, such as connections; it is not asked any more."""
        ...


class ModelProvider(Protocol):
    """Opens models by name."""

    def open(self, name: str) -> LanguageModel:
        """Return a model.

        Args:
            name: What follows the colon of `provider:name`.

        Raises:
            ConfigError: There is no such model, or a setting of it is missing.
            MissingExtraError: The library for it is not installed.
        """
        ...
