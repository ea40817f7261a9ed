"""ReAct: thought, action and observation in turn, until there is a result.

The loop is that of Yao et al., "ReAct: Synergizing Reasoning and Acting in Language Models" (ICLR
2023). What to think and to do next is the policy's; here are only the turns and their end.
"""

from dataclasses import dataclass, field
from typing import Protocol

from dataagents.core.reasoning import (
    FINAL_RESULT,
    Answer,
    Observation,
    ReasoningDesk,
    ReasoningTask,
)
from dataagents.core.values import Json, JsonObject


@dataclass(frozen=True, slots=True)
class Decision:
    """What a policy wants done next, and why."""

    thought: str
    action: str
    action_input: JsonObject = field(default_factory=dict)
    """For `final_result`: nothing; the result is what the actions observed."""


@dataclass(slots=True)
class Progress:
    """What one reasoning has seen so far."""

    task: ReasoningTask
    facts: dict[str, Json]
    """What was known, overlaid by what was observed."""
    result: dict[str, Json] = field(default_factory=dict)
    """What was observed: `fact:dataset` → data."""
    taken: list[str] = field(default_factory=list)
    """Actions taken, in order."""
    latest: Observation | None = None

    @property
    def dataset(self) -> str:
        """Name of the data set that the task is about; empty when it is about none."""
        return str(self.task.args.get("dataset", ""))

    def fact(self, name: str) -> dict[str, Json]:
        """Return a fact about the data set; empty when it isn't known."""
        value = self.facts.get(f"{name}:{self.dataset}")
        return value if isinstance(value, dict) else {}


class Policy(Protocol):
    """Decides the next step."""

    def decide(self, progress: Progress) -> Decision:
        """Return what to do next."""
        ...

    def fact_of(self, action: str) -> str:
        """Return the name of the fact that an action's observation establishes."""
        ...


class React:
    """Runs the loop with a policy."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    async def reason(self, task: ReasoningTask, desk: ReasoningDesk) -> Answer:
        """Work on a task until the policy is done, an action fails, or the budget is used up."""
        progress = Progress(task, dict(task.facts))
        while desk.spent is None:
            decision = self._policy.decide(progress)
            await desk.think(decision.thought)
            if decision.action == FINAL_RESULT:
                return await desk.finish(progress.result, decision.thought)
            observation = await desk.act(decision.action, decision.action_input)
            if observation.error is not None:
                return await desk.give_up(observation.error)
            self._note(progress, decision.action, observation)
        return await desk.stop(progress.result, "the budget was used up before there was a result")

    def _note(self, progress: Progress, action: str, observation: Observation) -> None:
        fact = f"{self._policy.fact_of(action)}:{progress.dataset}"
        progress.result[fact] = progress.facts[fact] = dict(observation.data)
        progress.taken.append(action)
        progress.latest = observation
