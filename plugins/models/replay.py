"""Recorded reasoning: answers out of the file that an earlier run recorded."""

from collections import defaultdict, deque
from pathlib import Path

from pydantic import BaseModel

from dataagents.core.errors import ConfigError, InputError, ModelError
from dataagents.core.models import Completion, Exchange, Prompt
from dataagents.core.values import from_json, read_json


class ReplayModel:
    """Answers a prompt with what was said to the very same one.

    Prompts that came several times are answered in the recorded order; one that was never asked
    gets no answer, since any other would be made up.
    """

    def __init__(self, name: str, exchanges: "list[Exchange]") -> None:
        self._name = name
        self._answers: dict[Prompt, deque[Completion]] = defaultdict(deque)
        for exchange in exchanges:
            self._answers[exchange.prompt].append(exchange.completion)
        self._all = len(exchanges)
        self._given = 0

    async def complete(self, prompt: Prompt) -> Completion:
        """Return what was said to this prompt.

        Raises:
            ModelError: It was not asked in the recorded run, or not as often.
        """
        answers = self._answers.get(prompt)
        if not answers:
            why = "as often" if answers is not None else "at all"
            problem = (
                f"this was not asked {why} in the recorded run, of which {self._given} of "
                f"{self._all} answers were given: data, prompts or settings are not the same"
            )
            raise ModelError(self._name, problem)
        self._given += 1
        return answers.popleft()

    async def decide(self, prompt: Prompt, into: type[BaseModel]) -> Completion:
        """Return what was decided on this prompt."""
        return await self.complete(prompt)

    async def close(self) -> None:
        """Hold nothing."""


class ReplayProvider:
    """Opens recordings."""

    def open(self, name: str) -> ReplayModel:
        """Return the model that a file stands for.

        Raises:
            ConfigError: There is no such file, or it is no recording; names the line.
        """
        setting = "model"
        try:
            lines = Path(name).read_bytes().splitlines()
        except OSError as error:
            raise ConfigError(setting, f"replay:{name}: {error.strerror or error}") from error
        exchanges: list[Exchange] = []
        for number, line in enumerate(lines, start=1):
            try:
                exchanges.append(from_json(Exchange, read_json(line)))
            except (InputError, ValueError) as error:
                problem = f"replay:{name}: line {number} is no recorded exchange ({error})"
                raise ConfigError(setting, problem) from error
        return ReplayModel(f"replay:{name}", exchanges)
