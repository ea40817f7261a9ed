"""The contract of language models."""

import math
from copy import deepcopy

from pydantic import BaseModel, ConfigDict

from dataagents.core.models import Completion, Exchange, LanguageModel, Prompt
from dataagents.core.values import from_json, to_json


class Choice(BaseModel):
    """The decision that a model is asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    option: str


class ModelContract:
    """What every language model holds to.

    A model that is far away is tried against a server that the test runs: a contract is no place
    for keys and costs.
    """

    def model(self) -> LanguageModel:
        """Return the model under test, able to answer `prompt` once."""
        raise NotImplementedError

    def prompt(self) -> Prompt:
        """Return what the model is asked; override it for one that answers nothing else."""
        return Prompt("Choose an option.", "There are two: accept, reject.")

    async def test_it_completes_with_text(self) -> None:
        """A completion is text, with figures that can be added up."""
        model = self.model()
        self._check(await model.complete(self.prompt()))
        await model.close()

    async def test_it_decides_with_text(self) -> None:
        """A decision comes as the model wrote it: the kernel validates it, and it alone."""
        model = self.model()
        self._check(await model.decide(self.prompt(), Choice))
        await model.close()

    async def test_it_leaves_what_it_is_asked_as_it_is(self) -> None:
        """Prompts are recorded after they were answered."""
        model, prompt = self.model(), self.prompt()
        before = deepcopy(prompt)
        await model.complete(prompt)
        await model.close()
        assert prompt == before

    async def test_what_it_says_can_be_recorded(self) -> None:
        """An exchange is the same after it went through a file."""
        model = self.model()
        exchange = Exchange(self.prompt(), await model.complete(self.prompt()))
        await model.close()
        assert from_json(Exchange, to_json(exchange)) == exchange

    async def test_it_closes(self) -> None:
        """Unused, and twice: a kernel closes what it opened, whatever happened in between."""
        model = self.model()
        await model.close()
        await model.close()

    def _check(self, said: Completion) -> None:
        assert isinstance(said, Completion)
        assert isinstance(said.text, str)
        assert said.text, "a model that has nothing to say raises a ModelError"
        assert isinstance(said.tokens, int)
        assert said.tokens >= 0
        assert math.isfinite(said.cost)
        assert said.cost >= 0.0
        assert isinstance(said.model, str)
