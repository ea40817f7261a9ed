"""The toolbox: what one reasoning may use, and the place where every use is checked."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from pydantic import BaseModel, ValidationError

from dataagents.core.errors import DataAgentsError, InputError, MissingExtraError, StoreError
from dataagents.core.planning import FailureKind
from dataagents.core.reasoning import FINAL_RESULT, Bench, Effect, Observation, Tool
from dataagents.core.registry import Built
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
    ) -> None:
        self._runtime = runtime
        self._tools = tools
        self._effects = effects
        self._bench = bench
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
        limits = tool.value.limits
        observation = await boundary.call(
            tool.plugin,
            what,
            lambda: tool.value.run(request, self._bench),
            limit=limits.seconds or self._runtime.config.task_timeout,
            returns=Observation,
        )
        written = write_json(observation)
        clean = self._runtime.redactor.object(read_json(written), written.decode())
        checked = from_json(Observation, clean, what=what)
        summary = checked.summary[: limits.characters]
        return checked if summary == checked.summary else replace(checked, summary=summary)

    def _failed(
        self, summary: str, problem: object, failure: FailureKind | None = None
    ) -> Observation:
        return Observation(
            summary, error=self._runtime.redactor.text(str(problem)), failure=failure
        )


class _BadArgumentsError(InputError):
    """Raised about the input of an action: the reasoner's mistake, not that of the run's input."""


def _request(tool: Built[Tool[Any]], action_input: JsonObject) -> BaseModel:
    try:
        return tool.value.input_model.model_validate(dict(action_input))
    except ValidationError as error:
        what = f"input of {tool.name!r}"
        raise _BadArgumentsError(what, describe_validation(error)) from error
