"""The toolbox: what one reasoning may use, and the place where every use is checked."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from dataagents.core.durability.effects import Verifiable, after_crash
from dataagents.core.errors import DataAgentsError, InputError, MissingExtraError, StoreError
from dataagents.core.planning import FailureKind
from dataagents.core.reasoning import FINAL_RESULT, Bench, Effect, Observation, Tool
from dataagents.core.registry import Built
from dataagents.core.services.bench import ToolBench
from dataagents.core.services.durability.effects import Guard
from dataagents.core.services.runtime import Runtime
from dataagents.core.suggestions import did_you_mean
from dataagents.core.values import JsonObject, describe_validation, from_json, read_json, write_json


class Toolbox:
    """Uses tools, if they are allowed and their input is valid; a failure is an observation too."""

    def __init__(
        self,
        runtime: Runtime,
        tools: Mapping[str, Built[Tool[Any]]],
        effects: Collection[Effect],
        bench: Bench,
        guard: Guard | None = None,
    ) -> None:
        self._runtime = runtime
        self._tools = tools
        self._effects = effects
        self._bench = bench
        self._guard = guard
        self._calls: Counter[str] = Counter()

    async def use(self, action: str, action_input: JsonObject) -> Observation:
        """Take an action.

        Raises:
            StoreError: What the tool recorded could not be stored.
        """
        tool = self._tools.get(action)
        objection = self._objection(action, tool)
        if tool is None or objection:
            return self._failed("not done", objection)
        try:
            return await self._run(tool, action_input)
        except StoreError:
            raise
        except _BadArgumentsError as error:
            return self._failed("not done", error)
        except (InputError, MissingExtraError) as error:
            return self._failed("failed", error, FailureKind.INPUT)
        except DataAgentsError as error:
            return self._failed("failed", error, FailureKind.RECOVERABLE)

    def _objection(self, action: str, tool: Built[Tool[Any]] | None) -> str:
        if tool is None:
            hint = did_you_mean(action, (*self._tools, FINAL_RESULT))
            return f"{action!r} is not allowed here.{hint}"
        if tool.value.effect not in self._effects:
            allowed = ", ".join(sorted(self._effects)) or "nothing"
            return (
                f"{action!r} is not allowed here: its effect is {tool.value.effect!s}, allowed is "
                f"{allowed}."
            )
        most = tool.value.limits.calls
        if most is not None and self._calls[action] >= most:
            return f"{action!r} was used {most} times, which is its limit."
        return ""

    async def _run(self, tool: Built[Tool[Any]], action_input: JsonObject) -> Observation:
        boundary, what = self._runtime.boundary, f"tool {tool.name}"
        parse = partial(_request, tool, action_input)
        request = boundary.call_now(tool.plugin, f"{what} input", parse)
        self._calls[tool.name] += 1
        if self._guard is None or tool.value.effect is not Effect.EXTERNAL:
            return await self._called(tool, request, self._bench)
        verifiable = isinstance(tool.value, Verifiable)
        return await self._guard.once(
            tool.name,
            action_input,
            lambda key: self._called(tool, request, _keyed(self._bench, key)),
            policy=after_crash(tool.value),
            check=(lambda key: self._checked(tool, request, key)) if verifiable else None,
        )

    async def _checked(
        self, tool: Built[Tool[Any]], request: BaseModel, key: str
    ) -> Observation | None:
        """Ask a tool whether a call happened."""
        verify, bench = cast("Verifiable[Any]", tool.value).verify, _keyed(self._bench, key)
        observation: Observation | None = await self._runtime.boundary.call(
            tool.plugin,
            f"tool {tool.name} verify",
            lambda: verify(request, bench),
            limit=self._limit(tool),
            returns=(Observation, type(None)),
        )
        return observation

    async def _called(
        self, tool: Built[Tool[Any]], request: BaseModel, bench: Bench
    ) -> Observation:
        what, limits = f"tool {tool.name}", tool.value.limits
        observation = await self._runtime.boundary.call(
            tool.plugin,
            what,
            lambda: tool.value.run(request, bench),
            limit=self._limit(tool),
            returns=Observation,
        )
        written = write_json(observation)
        clean = self._runtime.redactor.object(read_json(written), written.decode())
        checked = from_json(Observation, clean, what=what)
        summary = checked.summary[: limits.characters]
        return checked if summary == checked.summary else replace(checked, summary=summary)

    def _limit(self, tool: Built[Tool[Any]]) -> float:
        # Less than the reasoner has, or that would be blamed.
        return tool.value.limits.seconds or self._runtime.config.task_timeout * 0.98

    def _failed(
        self, summary: str, problem: object, failure: FailureKind | None = None
    ) -> Observation:
        return Observation(
            summary, error=self._runtime.redactor.text(str(problem)), failure=failure
        )


def _keyed(bench: Bench, key: str) -> Bench:
    return replace(bench, key=key) if isinstance(bench, ToolBench) else bench


class _BadArgumentsError(InputError):
    """Raised about the input of an action: the reasoner's mistake, not that of the run's input."""


def _request(tool: Built[Tool[Any]], action_input: JsonObject) -> BaseModel:
    try:
        return tool.value.input_model.model_validate(dict(action_input))
    except ValidationError as error:
        what = f"input of {tool.name!r}"
        raise _BadArgumentsError(what, describe_validation(error)) from error
