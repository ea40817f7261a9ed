"""The model service: asks a model, again where that may help, then the next one of the chain."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from pydantic import BaseModel
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt

from dataagents.core.errors import (
    ConfigError,
    DataAgentsError,
    ModelError,
    QuarantinedError,
    StrategyError,
    StrategyTimeoutError,
)
from dataagents.core.health import ModelHealth
from dataagents.core.models import Completion, Exchange, LanguageModel, ModelProvider, Prompt
from dataagents.core.registry import Built, Catalog
from dataagents.core.services.backoff import Backoff
from dataagents.core.services.reasoning.transcript import Transcript
from dataagents.core.services.runtime import Runtime

_LONGEST_REPLY = 65_536
"""Characters of a reply that anybody reads; the rest is cut off."""

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 20.0
"""Seconds before a model that gave no answer is asked again, at most."""


class ModelService:
    """Asks the configured model and, when it gives no answer, those behind it."""

    def __init__(self, runtime: Runtime, chain: Sequence[Built[LanguageModel]]) -> None:
        self._runtime = runtime
        self._chain = tuple(chain)
        self._calls = runtime.config.model_calls
        seed = runtime.config.seed
        self._backoff = Backoff(seed, first=_FIRST_PAUSE, longest=_LONGEST_PAUSE)
        self._slots: Mapping[str, asyncio.Semaphore] = {
            model.name: asyncio.Semaphore(self._calls.parallel) for model in chain
        }
        self._clean: dict[str, str] = {}
        """The latest instructions, which seldom change, and what they are without secrets."""
        self._health = {model.name: ModelHealth(model.name) for model in chain}
        record = self._calls.record
        self._transcript = Transcript(record) if record is not None and chain else None

    @property
    def name(self) -> str:
        """Name of the first model; empty without one."""
        return self._chain[0].name if self._chain else ""

    @property
    def health(self) -> tuple[ModelHealth, ...]:
        """How each model answers, in the order in which they are asked."""
        return tuple(self._health.values())

    async def ask(self, prompt: Prompt, into: type[BaseModel] | None) -> Completion:
        """Ask until a model answers; no secret goes out, and none comes in.

        Args:
            prompt: What to ask.
            into: The type of the decision that is wanted; None for text.

        Returns:
            What was said, and by whom.

        Raises:
            ModelError: None of them gave an answer; says why the last one did not.
            InputError: The exchange could not be recorded.
        """
        redact = self._runtime.redactor.text
        if prompt.instructions not in self._clean:
            self._clean = {prompt.instructions: redact(prompt.instructions)}
        prompt = Prompt(self._clean[prompt.instructions], redact(prompt.content))
        failure = ModelError("none", "it is not configured")
        for model in self._chain:
            try:
                said = await self._persist(model, prompt, into)
                completion = _checked(said, model.name, redact)
            except ModelError as error:
                failure = ModelError(error.model, redact(error.problem))
                continue
            except StrategyError as error:
                failure = ModelError(model.name, error.problem)
                continue
            if self._transcript is not None:
                self._transcript.add(Exchange(prompt, completion))
            return completion
        raise failure

    async def close(self) -> None:
        """Let the models give back what they hold."""
        for model in self._chain:
            with suppress(StrategyError):
                await self._runtime.boundary.call(
                    model.plugin,
                    f"model {model.name} close",
                    model.value.close,
                    limit=self._runtime.config.grace,
                )

    async def _persist(
        self, model: Built[LanguageModel], prompt: Prompt, into: type[BaseModel] | None
    ) -> Completion:
        try:
            return await self._ask_once(model, prompt, into)
        except DataAgentsError as error:
            failures: list[DataAgentsError] = [error]

        async def again() -> Completion:
            if failures:
                raise failures.pop()  # the first attempt, which was made without all of this
            return await self._ask_once(model, prompt, into)

        retrying = AsyncRetrying(
            retry=retry_if_exception(self._may_help),
            wait=self._pause,
            stop=stop_after_attempt(self._calls.attempts),
            sleep=self._runtime.clock.sleep,
            reraise=True,
        )
        return await retrying(again)

    async def _ask_once(
        self, model: Built[LanguageModel], prompt: Prompt, into: type[BaseModel] | None
    ) -> Completion:
        clock = self._runtime.clock
        async with self._slots[model.name]:
            began = clock.monotonic()
            try:
                said = await self._runtime.boundary.call(
                    model.plugin,
                    f"model {model.name}",
                    lambda: (
                        model.value.complete(prompt)
                        if into is None
                        else model.value.decide(prompt, into)
                    ),
                    limit=self._calls.timeout,
                    returns=Completion,
                )
            except DataAgentsError as error:
                self._note(model.name, clock.monotonic() - began, str(error))
                raise
            self._note(model.name, clock.monotonic() - began)
            return said

    def _note(self, model: str, seconds: float, error: str = "") -> None:
        """Note how one question went."""
        before = self._health[model]
        self._health[model] = replace(
            before,
            calls=before.calls + 1,
            failures=before.failures + bool(error),
            failures_in_a_row=before.failures_in_a_row + 1 if error else 0,
            last_seconds=before.last_seconds if error else seconds,
            last_error=self._runtime.redactor.text(error) if error else before.last_error,
        )

    def _may_help(self, error: BaseException) -> bool:
        if isinstance(error, ModelError):
            patience = self._calls.timeout
            return error.retryable and (error.retry_after is None or error.retry_after <= patience)
        return isinstance(error, StrategyTimeoutError) and not isinstance(error, QuarantinedError)

    def _pause(self, state: RetryCallState) -> float:
        """Wait as long as the server asked for, else longer with each attempt."""
        error = state.outcome.exception() if state.outcome is not None else None
        if isinstance(error, ModelError) and error.retry_after is not None:
            return max(0.0, error.retry_after)
        return self._backoff(state)


def open_models(runtime: Runtime, providers: Catalog[ModelProvider]) -> ModelService:
    """Open the configured model and those that stand in for it.

    Raises:
        ConfigError: A name is no `provider:name`, or its provider refuses it.
        UnknownStrategyError: Nobody provides it.
        MissingExtraError: The library for it is not installed.
        InputError: The recording can't be written.
    """
    config = runtime.config
    names = (config.model, *config.model_calls.fallbacks) if config.model else ()
    return ModelService(runtime, [_open(runtime, providers, name) for name in names])


def _open(runtime: Runtime, providers: Catalog[ModelProvider], name: str) -> Built[LanguageModel]:
    provider, colon, rest = name.partition(":")
    if not colon or not rest:
        example = "write PROVIDER:NAME, for example openai:gpt-5-mini or replay:exchanges.jsonl"
        raise ConfigError("model", f"{name!r} is no model; {example}")
    built = providers.build(provider, runtime.config.options.get(provider, {}), runtime.boundary)
    what = f"model {name}"
    value = runtime.boundary.call_now(built.plugin, what, lambda: built.value.open(rest))
    return Built(built.plugin, name, value)


def _checked(said: Completion, model: str, redact: Callable[[str], str]) -> Completion:
    """Return a completion that can be read and added up, without secrets.

    Raises:
        ModelError: What the plugin returned can't be made one.
    """
    try:
        # Cut twice: a secret on the first border would not be recognized.
        text = redact(str(said.text)[: 2 * _LONGEST_REPLY])[:_LONGEST_REPLY]
        return Completion(
            text.encode(errors="replace").decode(),
            max(0, int(said.tokens)),
            max(0.0, float(said.cost)),
            redact(str(said.model)) or model,
        )
    except (TypeError, ValueError, OverflowError) as error:
        raise ModelError(model, f"it returned nonsense ({error})") from error
