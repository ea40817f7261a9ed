"""What one reasoning knows while it goes on, and what a policy decides from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from dataagents.core.planning import FailureKind
from dataagents.core.reasoning import FINAL_RESULT, Observation, ReasoningTask, ToolCard
from dataagents.core.values import Json, JsonObject

FACTS: Mapping[str, str] = {
    "analyze_schema": "schema",
    "validate_data": "quality",
    "transform_data": "transformed",
    "route_pipeline": "routed",
    "sample_data": "sample",
    "join_data": "joined",
    "aggregate_data": "aggregated",
}
"""Action → the fact that it establishes; any other action establishes one of its own name."""
ANSWER = "answer"
"""The fact that the final result itself establishes, where one is wanted."""
RULES = "rules"
"""Who decided, when no model did."""
_HOPELESS = (FailureKind.INPUT, FailureKind.UNDECIDED, FailureKind.FATAL)


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done next, and why."""

    thought: str
    action: str
    """`final_result` ends the reasoning; empty gives the task back, since it can't be done here."""
    action_input: JsonObject = field(default_factory=dict)
    answer: str = ""
    """What to say at the end; the thought when empty."""
    by: str = RULES


@dataclass(slots=True)
class Progress:
    """What one reasoning has seen so far."""

    task: ReasoningTask
    tools: Mapping[str, ToolCard]
    facts: dict[str, Json]
    """What was known, overlaid by what was observed."""
    result: dict[str, Json] = field(default_factory=dict)
    """What was observed: `fact:dataset` → data."""
    taken: list[str] = field(default_factory=list)
    """Actions that worked, in order."""
    seen: dict[str, str] = field(default_factory=dict)
    """Action → what it showed last."""
    latest: Observation | None = None
    failed: dict[str, Observation] = field(default_factory=dict)
    """Actions that failed and did not work since."""
    barred: frozenset[str] = frozenset()
    """Actions that may not be taken next."""
    silence: str = ""
    """Why the model gives no answers any more; empty while it does."""
    notice: str = ""
    """What the reasoner has to be told before the next step."""

    @property
    def dataset(self) -> str:
        """Name of the data set that the task is about; empty when it is about none."""
        return str(self.task.args.get("dataset", ""))

    @property
    def hopeless(self) -> bool:
        """Whether the latest failure is one that no other action can mend."""
        return self.latest is not None and self.latest.failure in _HOPELESS

    @property
    def wants_answer(self) -> bool:
        """Whether the result has to have an answer in words."""
        return self.name_of(ANSWER) in self.task.wanted

    def fact(self, name: str) -> dict[str, Json]:
        """Return a fact about the data set; empty when it isn't known."""
        value = self.facts.get(self.name_of(name))
        return value if isinstance(value, dict) else {}

    def name_of(self, fact: str) -> str:
        """Return what a fact about the data set is called."""
        return f"{fact}:{self.dataset}"

    def established_by(self, action: str) -> str:
        """Return what the fact that an action establishes is called."""
        return self.name_of(FACTS.get(action, action))

    def missing(self) -> dict[str, str]:
        """Return what is wanted, is not there, and can be had: fact → action."""
        return {
            fact: action
            for action in self.tools
            if (fact := self.established_by(action)) in self.task.wanted and fact not in self.result
        }

    def given(self, action: str) -> dict[str, Json]:
        """Return the input that the task itself gives to an action, and what was decided on."""
        if action == FINAL_RESULT:
            return {}
        arguments = dict(self.task.args)
        decision = self.fact("drift_decision")
        if action == "analyze_schema" and decision:
            arguments["on_drift"] = decision.get("choice")
            arguments |= {name: decision.get(name) for name in ("by", "reason", "election")}
        tool = self.tools.get(action)
        if tool is None:
            return arguments
        known = tool.input_model.model_fields
        return {name: value for name, value in arguments.items() if name in known}

    def note(self, action: str, observation: Observation) -> None:
        """Take in what an action showed."""
        self.latest = observation
        self.barred, self.notice = frozenset(), ""
        if observation.error is not None:
            self.failed[action] = observation
            return
        fact = self.established_by(action)
        self.result[fact] = self.facts[fact] = dict(observation.data)
        self.taken.append(action)
        self.seen[action] = observation.summary
        self.failed.pop(action, None)


class Policy(Protocol):
    """Decides the next step without waiting for anything."""

    def decide(self, progress: Progress) -> Decision:
        """Return what to do next."""
        ...
