"""The reasoning service: gives a reasoner its desk, and holds it to its actions and its budget."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from pydantic import BaseModel, ValidationError

from dataagents.core.errors import DataAgentsError, InputError, MissingExtraError, StoreError
from dataagents.core.events import EventKind
from dataagents.core.planning import FailureKind
from dataagents.core.reasoning import (
    FINAL_RESULT,
    Answer,
    Bench,
    Observation,
    Reasoner,
    ReasoningTask,
    Step,
    StopReason,
    Tool,
    confidence,
)
from dataagents.core.registry import Built
from dataagents.core.services.runtime import Runtime
from dataagents.core.suggestions import did_you_mean
from dataagents.core.tracing import TraceContext
from dataagents.core.values import JsonObject, describe_validation, from_json, to_json

_LONGEST_OBSERVATION = 2_000
"""Characters of an observation that a step keeps."""


class ReasoningService:
    """Runs the configured reasoner."""

    def __init__(
        self, runtime: Runtime, reasoner: Built[Reasoner], tools: Mapping[str, Built[Tool[Any]]]
    ) -> None:
        self._runtime = runtime
        self._reasoner = reasoner
        self._tools = tools

    async def reason(self, task: ReasoningTask, bench: Bench, context: TraceContext) -> Answer:
        """Reason about a task and return the answer, with every step on record.

        Raises:
            StrategyError: The reasoner itself failed.
        """
        allowed = {name: self._tools[name] for name in task.actions if name in self._tools}
        desk = TracedReasoningDesk(
            self._runtime, self._runtime.new_id(), task, allowed, bench, context
        )
        config = self._runtime.config
        answer = await self._runtime.boundary.call(
            self._reasoner.plugin,
            f"reasoner {self._reasoner.name}",
            lambda: self._reasoner.value.reason(task, desk),
            # The reasoner stops by itself at its budget; the boundary is for one that does not.
            limit=(task.budget.seconds or config.task_timeout) + config.grace,
            returns=Answer,
        )
        ended = replace(answer, steps=())
        await self._runtime.record(EventKind.REASONING_ENDED, answer.id, ended, context)
        return answer


class TracedReasoningDesk:
    """The desk of one reasoning: an empty history, a budget, and a list of allowed actions."""

    def __init__(
        self,
        runtime: Runtime,
        id: str,
        task: ReasoningTask,
        tools: Mapping[str, Built[Tool[Any]]],
        bench: Bench,
        context: TraceContext,
    ) -> None:
        self._runtime = runtime
        self._id = id
        self._task = task
        self._tools = tools
        self._bench = bench
        self._context = context
        self._began = runtime.clock.monotonic()
        self._thought = ""
        self._failure: FailureKind | None = None
        self._steps: list[Step] = []

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps taken so far."""
        return tuple(self._steps)

    @property
    def spent(self) -> StopReason | None:
        """Which budget is used up."""
        budget = self._task.budget
        if len(self._steps) >= budget.steps:
            return StopReason.MAX_STEPS
        if budget.seconds is not None and self._elapsed() >= budget.seconds:
            return StopReason.MAX_SECONDS
        if budget.tokens is not None and sum(s.tokens for s in self._steps) >= budget.tokens:
            return StopReason.MAX_TOKENS
        if budget.cost is not None and sum(s.cost for s in self._steps) >= budget.cost:
            return StopReason.MAX_COST
        return None

    def describe(self, action: str) -> str:
        """Return the description of an allowed action; empty for any other."""
        tool = self._tools.get(action)
        return tool.value.description if tool is not None else ""

    async def think(self, thought: str) -> None:
        """State the thought that leads to the next action."""
        self._thought = thought

    async def act(self, action: str, action_input: JsonObject) -> Observation:
        """Take one action and record the step; a failure is an observation too."""
        at, began = self._runtime.clock.now(), self._runtime.clock.monotonic()
        spent = self.spent
        if spent is not None:
            return Observation("not done", error=f"the budget is used up: {spent}")
        observation = await self._perform(action, action_input)
        self._failure = observation.failure
        seconds = self._runtime.clock.monotonic() - began
        await self._record(action, action_input, observation, at, seconds)
        return observation

    async def finish(self, result: JsonObject, summary: str) -> Answer:
        """Record the final step and return the answer."""
        measured = [step.quality for step in self._steps if step.quality is not None]
        observation = Observation(summary, quality=measured[-1] if measured else None)
        await self._record(FINAL_RESULT, {}, observation, self._runtime.clock.now(), 0.0)
        return self._answer(StopReason.FINAL_RESULT, result, summary)

    async def stop(self, result: JsonObject, summary: str) -> Answer:
        """Return the best answer so far."""
        return self._answer(self.spent or StopReason.MAX_STEPS, result, summary)

    async def give_up(self, reason: str) -> Answer:
        """Return without a result because an action failed."""
        return self._answer(StopReason.FAILED, {}, reason)

    async def _perform(self, action: str, action_input: JsonObject) -> Observation:
        tool = self._tools.get(action)
        if tool is None:
            hint = did_you_mean(action, (*self._tools, FINAL_RESULT))
            return Observation("not done", error=f"{action!r} is not allowed here.{hint}")
        boundary, what = self._runtime.boundary, f"tool {tool.name}"
        try:
            parse = partial(_request, tool, action_input)
            request = boundary.call_now(tool.plugin, f"{what} input", parse)
            observation = await boundary.call(
                tool.plugin,
                what,
                lambda: tool.value.run(request, self._bench),
                limit=self._runtime.config.task_timeout,
                returns=Observation,
            )
            return from_json(Observation, to_json(observation), what=what)
        except StoreError:
            raise
        except _BadArgumentsError as error:
            return Observation("not done", error=str(error))
        except (InputError, MissingExtraError) as error:
            return Observation("failed", error=str(error), failure=FailureKind.INPUT)
        except DataAgentsError as error:
            return Observation("failed", error=str(error), failure=FailureKind.RECOVERABLE)

    async def _record(
        self,
        action: str,
        action_input: JsonObject,
        observation: Observation,
        at: datetime,
        seconds: float,
    ) -> None:
        step = Step(
            number=len(self._steps) + 1,
            thought=self._thought,
            action=action,
            action_input=action_input,
            observation=observation.summary[:_LONGEST_OBSERVATION],
            score=confidence(self._thought, observation),
            at=at,
            seconds=seconds,
            quality=observation.quality,
            error=observation.error,
        )
        self._steps.append(step)
        self._thought = ""
        await self._runtime.record(EventKind.STEP_TAKEN, self._id, step, self._context)

    def _answer(self, stop: StopReason, result: JsonObject, summary: str) -> Answer:
        steps = self.steps
        return Answer(
            id=self._id,
            stop=stop,
            result=result,
            summary=summary,
            score=sum(step.score for step in steps) / len(steps) if steps else 0.0,
            steps=steps,
            seconds=self._elapsed(),
            tokens=sum(step.tokens for step in steps),
            cost=sum(step.cost for step in steps),
            failure=self._failure if stop is StopReason.FAILED else None,
        )

    def _elapsed(self) -> float:
        return self._runtime.clock.monotonic() - self._began


class _BadArgumentsError(InputError):
    """Raised about the input of an action: the reasoner's mistake, not that of the run's input."""


def _request(tool: Built[Tool[Any]], action_input: JsonObject) -> BaseModel:
    try:
        return tool.value.input_model.model_validate(dict(action_input))
    except ValidationError as error:
        what = f"input of {tool.name!r}"
        raise _BadArgumentsError(what, describe_validation(error)) from error
