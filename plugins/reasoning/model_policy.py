"""The model's policy: it thinks, then decides; what does not validate is never done."""

from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from dataagents.core.errors import DecisionError, ModelError
from dataagents.core.models import Prompt
from dataagents.core.reasoning import FINAL_RESULT, ReasoningDesk
from dataagents.core.values import Json, describe_validation
from dataagents.plugins.reasoning.options import ReactOptions
from dataagents.plugins.reasoning.progress import RULES, Decision, Policy, Progress
from dataagents.plugins.reasoning.prompting import FinalResult, Prompting, hidden, input_of
from dataagents.plugins.reasoning.templates import Templates

_LONGEST_THOUGHT = 1_000
_LONGEST_REASON = 200


class Choice(BaseModel):
    """What a model decides."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: str
    """One of those that are allowed in this step."""
    input: dict[str, Any] = Field(default_factory=dict)
    """Fits the schema of the action."""


class ModelPolicy:
    """Lets the model of the desk think and decide, and the rules where it does not."""

    def __init__(self, options: ReactOptions, templates: Templates) -> None:
        self._options = options
        self._prompting = Prompting(options, templates)

    async def decide(self, progress: Progress, desk: ReasoningDesk, rules: Policy) -> Decision:
        """Return the model's decision; that of the rules, which says why, where there is none."""
        thought, model, problem = "", desk.model, progress.silence
        if not problem:
            allowed, situation = _allowed(progress), self._prompting.situation(progress, desk)
            try:
                prompt = self._prompting.thought(progress, situation, allowed)
                thought = _tidy(await desk.complete(prompt))
                prompt = self._prompting.decision(progress, situation, allowed, thought)
                return await self._choose(progress, desk, allowed, thought, prompt)
            except DecisionError as error:
                model, problem = error.model, error.problem
            except ModelError as error:
                model, problem = error.model, error.problem
                progress.silence = problem
        return _taken_over(rules.decide(progress), model, problem, thought)

    async def _choose(
        self,
        progress: Progress,
        desk: ReasoningDesk,
        allowed: tuple[str, ...],
        thought: str,
        asked: Prompt,
    ) -> Decision:
        """Return the model's choice, after as many repairs as are allowed.

        Raises:
            DecisionError: It made none that validates.
            ModelError: It gave no answer.
        """
        prompt, left = asked, self._options.repairs
        while True:
            try:
                choice = await desk.decide(prompt, choice_of(allowed))
                return _checked(choice, progress, thought, desk.model)
            except DecisionError as error:
                if not left:
                    raise
                left -= 1
                prompt = self._prompting.repair(asked, error.text, error.problem)


def _allowed(progress: Progress) -> tuple[str, ...]:
    actions = [name for name in progress.tools if name not in progress.barred]
    return (*actions, FINAL_RESULT)


@lru_cache(maxsize=256)
def choice_of(allowed: tuple[str, ...]) -> type[Choice]:
    """Return the type of a decision between actions."""
    action: Any = Literal[allowed]
    return create_model("Choice", __base__=Choice, action=(action, ...))


def _checked(choice: Choice, progress: Progress, thought: str, model: str) -> Decision:
    """Return a choice as a decision.

    Raises:
        DecisionError: Its input does not fit the action, or it ends before there is a result.
    """
    action = choice.action
    problem = _objection(choice, progress)
    if problem:
        raise DecisionError(model, problem, choice.model_dump_json())
    arguments: dict[str, Json] = choice.input | progress.given(action)
    try:
        checked = input_of(progress, action).model_validate(arguments)
    except ValidationError as error:
        problem = f"input of {action}: {describe_validation(error)}"
        raise DecisionError(model, problem, choice.model_dump_json()) from error
    if isinstance(checked, FinalResult):
        return Decision(thought, FINAL_RESULT, answer=checked.answer, by="")
    return Decision(thought, action, arguments, by="")


def _objection(choice: Choice, progress: Progress) -> str:
    if choice.action == FINAL_RESULT:
        missing = progress.missing()
        todo = ", ".join(f"{action} gives {fact!r}" for fact, action in missing.items())
        return f"too early for {FINAL_RESULT}: {todo}" if missing else ""
    foreign = sorted(hidden(progress, choice.action) & choice.input.keys())
    return f"input of {choice.action}: {', '.join(foreign)} is not yours to set" if foreign else ""


def _taken_over(decision: Decision, model: str, problem: str, thought: str = "") -> Decision:
    """Return a decision of the rules that says for whom they step in, and why."""
    by = f"{RULES}, for {model}: {_tidy(problem)[:_LONGEST_REASON]}"
    whole = f"{thought} | {decision.thought}" if thought else decision.thought
    answer = decision.answer or decision.thought
    return Decision(whole, decision.action, decision.action_input, answer, by)


def _tidy(said: str) -> str:
    """Return a text on one line, cut."""
    line = " ".join(said.split())
    return line if len(line) <= _LONGEST_THOUGHT else f"{line[:_LONGEST_THOUGHT]}…"
