"""The reasoning service: gives a reasoner its desk, and holds it to its budget."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from math import inf
from typing import Any

from pydantic import ValidationError

from dataagents.core.errors import DecisionError, ModelError, StrategyError
from dataagents.core.events import EventKind
from dataagents.core.meta_analysis import Analyst, HistoryAnalysis
from dataagents.core.models import Completion, ModelT, Prompt
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
    ToolCard,
    confidence,
)
from dataagents.core.registry import Built
from dataagents.core.services.durability.effects import Effects
from dataagents.core.services.reasoning.models import ModelService
from dataagents.core.services.reasoning.toolbox import Toolbox
from dataagents.core.services.runtime import Runtime
from dataagents.core.tracing import TraceContext
from dataagents.core.values import JsonObject, describe_validation


class ReasoningService:
    """Runs the configured reasoner."""

    def __init__(
        self,
        runtime: Runtime,
        reasoner: Built[Reasoner],
        analyst: Built[Analyst],
        models: ModelService,
        tools: Mapping[str, Built[Tool[Any]]],
        effects: Effects | None = None,
    ) -> None:
        self._runtime = runtime
        self._effects = effects
        self._reasoner = reasoner
        self._analyst = analyst
        self._models = models
        self._tools = tools

    async def reason(self, task: ReasoningTask, bench: Bench, context: TraceContext) -> Answer:
        """Reason about a task and return the answer, with every step on record.

        Raises:
            StrategyError: The reasoner itself failed.
        """
        runtime, config = self._runtime, self._runtime.config
        effects = {each for each in task.effects if each.value in config.allowed_effects}
        offered = {name: self._tools[name] for name in task.actions if name in self._tools}
        bound = {name: tool for name, tool in offered.items() if tool.value.effect in effects}
        guard = self._effects.at(context) if self._effects is not None else None
        toolbox = Toolbox(runtime, offered, effects, bench, guard)
        desk = TracedReasoningDesk(
            runtime, runtime.new_id(), task, bound, toolbox, self._models, self._analyst, context
        )
        answer: Answer = await runtime.boundary.call(
            self._reasoner.plugin,
            f"reasoner {self._reasoner.name}",
            lambda: self._reasoner.value.reason(task, desk),
            # The reasoner stops by itself at its budget; the boundary is for one that does not. It
            # ends before the agent's own limit, or the agent would be blamed.
            limit=min((task.budget.seconds or inf) + config.grace, config.task_timeout * 0.99),
            returns=Answer,
        )
        answer = replace(answer, analysis=desk.analysis)
        ended = replace(answer, steps=())
        await runtime.record(EventKind.REASONING_ENDED, answer.id, ended, context)
        return answer


class TracedReasoningDesk:
    """The desk of one reasoning: an empty history, a budget, and a list of allowed actions."""

    def __init__(
        self,
        runtime: Runtime,
        id: str,
        task: ReasoningTask,
        tools: Mapping[str, Built[Tool[Any]]],
        toolbox: Toolbox,
        models: ModelService,
        analyst: Built[Analyst],
        context: TraceContext,
    ) -> None:
        self._runtime = runtime
        self._id = id
        self._task = task
        self._toolbox = toolbox
        self._models = models
        self._analyst = analyst
        self._context = context
        self.actions = {
            name: ToolCard(name, tool.value.description, tool.value.input_model, tool.value.effect)
            for name, tool in tools.items()
        }
        """The tools that may be used."""
        self._began = runtime.clock.monotonic()
        self._thinking = _Thinking()
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
        if budget.tokens is not None and self._tokens >= budget.tokens:
            return StopReason.MAX_TOKENS
        if budget.cost is not None and self._cost >= budget.cost:
            return StopReason.MAX_COST
        return None

    @property
    def analysis(self) -> HistoryAnalysis:
        """What the configured analyst makes of the steps so far; nothing when it fails."""
        analyst = self._analyst
        try:
            return self._runtime.boundary.call_now(
                analyst.plugin,
                f"analyst {analyst.name}",
                lambda: analyst.value.analyze(self.steps),
                returns=HistoryAnalysis,
            )
        except StrategyError:
            return HistoryAnalysis()

    @property
    def model(self) -> str:
        """Name of the model that may be asked."""
        return self._models.name

    async def complete(self, prompt: Prompt) -> str:
        """Return what the model says."""
        return (await self._consult(prompt, None)).text

    async def decide(self, prompt: Prompt, into: type[ModelT]) -> ModelT:
        """Return what the model decides, validated."""
        said = await self._consult(prompt, into)
        try:
            return into.model_validate_json(said.text)
        except ValidationError as error:
            raise DecisionError(said.model, describe_validation(error), said.text) from error

    async def think(self, thought: str, *, by: str = "") -> None:
        """State the thought that leads to the next action."""
        self._thinking.thought = self._runtime.redactor.text(thought)
        self._thinking.by = self._runtime.redactor.text(by) or self._thinking.by

    async def act(self, action: str, action_input: JsonObject) -> Observation:
        """Take one action and record the step; a failure is an observation too."""
        at, began = self._runtime.clock.now(), self._runtime.clock.monotonic()
        spent = self.spent
        if spent is not None:
            return Observation("not done", error=f"the budget is used up: {spent}")
        observation = await self._toolbox.use(action, action_input)
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

    async def stop(
        self, result: JsonObject, summary: str, reason: StopReason | None = None
    ) -> Answer:
        """Return the best answer so far."""
        return self._answer(reason or self.spent or StopReason.MAX_STEPS, result, summary)

    async def give_up(self, reason: str) -> Answer:
        """Return without a result because an action failed."""
        return self._answer(StopReason.FAILED, {}, reason)

    async def _consult(self, prompt: Prompt, into: type[ModelT] | None) -> Completion:
        """Ask the model, and charge what it took to the next step."""
        spent = self.spent
        if spent is not None:
            raise ModelError(self.model, f"not asked: the budget is used up: {spent}")
        clock, thinking, left = self._runtime.clock, self._thinking, self._task.budget.seconds
        began = clock.monotonic()
        try:
            async with clock.limit(None if left is None else left - self._elapsed()):
                said = await self._models.ask(prompt, into)
        except TimeoutError as error:
            raise ModelError(self.model, "the time for this reasoning is used up") from error
        finally:
            thinking.seconds += clock.monotonic() - began
        thinking.by = said.model
        thinking.tokens += said.tokens
        thinking.cost += said.cost
        return said

    async def _record(
        self,
        action: str,
        action_input: JsonObject,
        observation: Observation,
        at: datetime,
        seconds: float,
    ) -> None:
        thinking, self._thinking = self._thinking, _Thinking()
        redact = self._runtime.redactor
        step = Step(
            number=len(self._steps) + 1,
            thought=thinking.thought,
            action=redact.text(action),
            action_input=redact.fields(action_input),
            observation=redact.text(observation.summary),
            score=confidence(thinking.thought, observation),
            at=at,
            seconds=seconds,
            quality=observation.quality,
            error=observation.error,
            by=thinking.by,
            model_seconds=thinking.seconds,
            tokens=thinking.tokens,
            cost=thinking.cost,
        )
        self._steps.append(step)
        await self._runtime.record(EventKind.STEP_TAKEN, self._id, step, self._context)

    def _answer(self, stop: StopReason, result: JsonObject, summary: str) -> Answer:
        steps = self.steps
        return Answer(
            id=self._id,
            stop=stop,
            result=result,
            summary=self._runtime.redactor.text(summary),
            score=sum(step.score for step in steps) / len(steps) if steps else 0.0,
            steps=steps,
            seconds=self._elapsed(),
            tokens=self._tokens,
            cost=self._cost,
            failure=self._failure if stop is StopReason.FAILED else None,
        )

    @property
    def _tokens(self) -> int:
        return self._thinking.tokens + sum(step.tokens for step in self._steps)

    @property
    def _cost(self) -> float:
        return self._thinking.cost + sum(step.cost for step in self._steps)

    def _elapsed(self) -> float:
        return self._runtime.clock.monotonic() - self._began


@dataclass(slots=True)
class _Thinking:
    """What went before an action, until the step is recorded."""

    thought: str = ""
    by: str = ""
    seconds: float = 0.0
    tokens: int = 0
    cost: float = 0.0
