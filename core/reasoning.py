"""Reasoning: steps that can be read, measured and stopped (ReAct, Yao et al. 2022)."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Protocol, TypeVar

from annotated_types import Interval
from pydantic import BaseModel

from dataagents.core.messaging import Lineage
from dataagents.core.meta_analysis import HistoryAnalysis
from dataagents.core.models import ModelT, Prompt
from dataagents.core.planning import FailureKind, PlannedTask, TaskResult
from dataagents.core.values import Json, JsonObject

FINAL_RESULT = "final_result"
"""The action that ends a reasoning; its input is the result."""


class Effect(StrEnum):
    """What a tool does to the world; the kernel checks it, not a prompt."""

    READ = "read"
    """It leaves everything as it is."""
    WRITE = "write"
    """It writes below the run's workspace."""
    EXTERNAL = "external"
    """It changes something outside of the run, or tells somebody."""


@dataclass(frozen=True, slots=True)
class ToolLimits:
    """How much a tool may be used; None means the configuration's bound, or none."""

    seconds: float | None = None
    """How long one call may take."""
    calls: int | None = None
    """How often one reasoning may call it."""
    characters: int = 2_000
    """How long the summary of what it saw may get; the rest is cut off."""


RESERVED: dict[str, Json] = {"reserved": True}
"""Marks a field of a tool's input, as its `json_schema_extra`: the task fills it, never a model."""


class StopReason(StrEnum):
    """Why a reasoning ended."""

    FINAL_RESULT = "final_result"
    MAX_STEPS = "max_steps"
    MAX_SECONDS = "max_seconds"
    MAX_TOKENS = "max_tokens"
    MAX_COST = "max_cost"
    CIRCLE = "circle"
    """It went round in circles, and is configured to stop then."""
    FAILED = "failed"
    """The last action failed, and the reasoner saw no way round it."""


@dataclass(frozen=True, slots=True)
class StepBudget:
    """Where a reasoning must stop; None means no bound."""

    steps: int = 8
    seconds: float | None = None
    tokens: int | None = None
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """What an action showed."""

    summary: str
    """One sentence with the figures that matter."""
    data: JsonObject = field(default_factory=dict)
    quality: Annotated[float, Interval(ge=0.0, le=1.0)] | None = None
    """Data quality score in [0, 1]; None when the action measured none."""
    error: str | None = None
    """What went wrong; None when the action worked."""
    failure: FailureKind | None = None
    """What the error calls for."""


@dataclass(frozen=True, slots=True)
class Step:
    """One turn of thought, action and observation."""

    number: int
    """Counts from 1."""
    thought: str
    action: str
    action_input: JsonObject
    observation: str
    score: float
    """Confidence in [0, 1]; see `confidence`."""
    at: datetime
    """When the action began."""
    seconds: float
    """How long the action took."""
    quality: float | None = None
    """Data quality score in [0, 1] that the action measured."""
    error: str | None = None
    by: str = ""
    """Who decided, and why where it was not who should have: `rules`, or a model's name."""
    model_seconds: float = 0.0
    """How long models took to think and decide."""
    tokens: int = 0
    cost: float = 0.0
    """In US dollars; 0 where the price is not known."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of a reasoning: the best result so far, and why it stopped there."""

    id: str
    stop: StopReason
    result: JsonObject
    summary: str
    score: float
    """Mean of the step scores, in [0, 1]; 0 without a step."""
    steps: tuple[Step, ...] = ()
    seconds: float = 0.0
    tokens: int = 0
    cost: float = 0.0
    failure: FailureKind | None = None
    """What the failure calls for, when it stopped because of one."""
    analysis: HistoryAnalysis | None = None
    """What the configured analyst makes of the steps."""


@dataclass(frozen=True, slots=True)
class ReasoningTask:
    """What is to be found out, and with what."""

    question: str
    actions: tuple[str, ...]
    """Names of the tools that may be used; `final_result` always may."""
    args: JsonObject = field(default_factory=dict)
    """What it is about, for example `{"dataset": "orders"}`."""
    facts: JsonObject = field(default_factory=dict)
    """What is known at the start."""
    budget: StepBudget = StepBudget()
    wanted: tuple[str, ...] = ()
    """Facts that the result has to have, as `fact:thing`."""
    effects: tuple[Effect, ...] = (Effect.READ, Effect.WRITE)
    """What the actions may do to the world."""
    advice: tuple[str, ...] = ()
    """What was learned from failures of similar tasks, in words: to consider, not to obey."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """Something measured about a data set."""

    dataset: str
    kind: str
    """For example `schema` or `quality`."""
    score: float | None
    """In [0, 1]; None when nothing was scored."""
    figures: JsonObject = field(default_factory=dict)


class Bench(Protocol):
    """What a tool may touch while it runs."""

    @property
    def workspace(self) -> Path:
        """Folder of this run; everything a tool writes goes below it."""
        ...

    @property
    def memory_bytes(self) -> int:
        """How much memory an engine may use: a share of the limit, as others work beside it."""
        ...

    @property
    def batch_rows(self) -> int:
        """How many rows may leave an engine at once."""
        ...

    @property
    def settings(self) -> JsonObject:
        """What the goal tells those who work on it; a tool checks what it reads."""
        ...

    def source(self, dataset: str) -> Path:
        """Return the path of an input by the name the goal gives it.

        Raises:
            InputError: The run has no such input.
        """
        ...

    async def record_lineage(self, lineage: Lineage) -> None:
        """Record where a data set came from."""
        ...

    async def record_analysis(self, analysis: Analysis) -> None:
        """Record a measured analysis of a data set."""
        ...

    async def record_progress(
        self, stage: str, done: int | None = None, total: int | None = None
    ) -> None:
        """Tell those who wait how far this is; at a change of stage, or about once a second.

        Args:
            stage: What is being done, in a few words: `reading orders.csv`.
            done: How much of it is done, for example rows.
            total: How much there is; None when unknown.
        """
        ...

    def now(self) -> datetime:
        """Return the kernel's time, in UTC."""
        ...


InputT = TypeVar("InputT", bound=BaseModel, contravariant=True)


class Tool(Protocol[InputT]):
    """An action that a reasoner can take."""

    @property
    def name(self) -> str:
        """The action's name."""
        ...

    @property
    def description(self) -> str:
        """What it does, in one sentence that a model can be shown."""
        ...

    @property
    def effect(self) -> Effect:
        """What it does to the world."""
        ...

    @property
    def limits(self) -> ToolLimits:
        """How much it may be used."""
        ...

    @property
    def input_model(self) -> type[BaseModel]:
        """The typed input; unknown fields should be refused."""
        ...

    async def run(self, request: InputT, bench: Bench) -> Observation:
        """Act.

        Args:
            request: An `input_model`, validated.
            bench: The only way to the outside.

        Returns:
            What was seen; a failure that the next thought can use goes into its `error`.
        """
        ...


@dataclass(frozen=True, slots=True)
class ToolCard:
    """What a reasoner is told of a tool."""

    name: str
    description: str
    input_model: type[BaseModel]
    effect: Effect


class ReasoningDesk(Protocol):
    """What a reasoner gets: every effect goes through it, is traced, charged and limited."""

    @property
    def steps(self) -> Sequence[Step]:
        """The steps taken so far."""
        ...

    @property
    def spent(self) -> StopReason | None:
        """Which budget is used up; None while there is room for another step."""
        ...

    @property
    def actions(self) -> Mapping[str, ToolCard]:
        """The tools that may be used, by name."""
        ...

    @property
    def analysis(self) -> HistoryAnalysis:
        """What the configured analyst makes of the steps so far."""
        ...

    @property
    def model(self) -> str:
        """Name of the model that may be asked; empty without one."""
        ...

    async def complete(self, prompt: Prompt) -> str:
        """Return what the model says; tokens and cost are charged to the next step.

        Raises:
            ModelError: It gave no answer, or the budget is used up.
        """
        ...

    async def decide(self, prompt: Prompt, into: type[ModelT]) -> ModelT:
        """Return what the model decides, validated.

        Raises:
            DecisionError: What it said does not validate.
            ModelError: It gave no answer, or the budget is used up.
        """
        ...

    async def think(self, thought: str, *, by: str = "") -> None:
        """State the thought that leads to the next action.

        Args:
            thought: What was thought.
            by: Who decided; the model that answered last for this step when empty.
        """
        ...

    async def act(self, action: str, action_input: JsonObject) -> Observation:
        """Take one action and record the step; one that fails gives an observation with an `error`.

        So does one that is not allowed, or whose input doesn't validate: nothing is raised.
        """
        ...

    async def finish(self, result: JsonObject, summary: str) -> Answer:
        """Record the final step and return the answer."""
        ...

    async def stop(
        self, result: JsonObject, summary: str, reason: StopReason | None = None
    ) -> Answer:
        """Return the best answer so far; the reason is the budget that is used up, when None."""
        ...

    async def give_up(self, reason: str) -> Answer:
        """Return without a result because an action failed."""
        ...


class Reasoner(Protocol):
    """A strategy of reasoning."""

    async def reason(self, task: ReasoningTask, desk: ReasoningDesk) -> Answer:
        """Work until a task is answered or the budget is used up; return the desk's answer."""
        ...


def confidence(thought: str, observation: Observation) -> float:
    """Return how far a step can be trusted, in [0, 1].

    Half of it is whether the action worked, a quarter whether it was thought about (a thought that
    gives a figure counts whole, one without counts half), a quarter the data quality that was
    measured (0.5 where none was). A failed action scores at most 0.25.
    """
    if observation.error is not None:
        return 0.25 if thought.strip() else 0.0
    thinking = 0.0
    if thought.strip():
        thinking = 1.0 if any(character.isdigit() for character in thought) else 0.5
    quality = 0.5 if observation.quality is None else observation.quality
    if math.isnan(quality):
        quality = 0.0
    return 0.5 + 0.25 * thinking + 0.25 * min(1.0, max(0.0, quality))


def task_result(task: PlannedTask, answer: Answer) -> TaskResult:
    """Return the result of a planned task from the answer that reasoning gave.

    Only a `final_result` is a success; a budget that ran out is recoverable by another plan.
    """
    measured = [step.quality for step in answer.steps if step.quality is not None]
    success = answer.stop is StopReason.FINAL_RESULT
    return TaskResult(
        task=task.id,
        success=success,
        effects=answer.result,
        summary=answer.summary,
        error=None if success else answer.summary or f"stopped at {answer.stop}",
        failure=None if success else answer.failure or FailureKind.RECOVERABLE,
        quality=measured[-1] if measured else None,
        score=answer.score,
        reasoning=answer.id,
        seconds=answer.seconds,
    )
