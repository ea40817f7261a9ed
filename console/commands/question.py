"""The question of `dataagents reason`: what the user wants to know, as a goal."""

from dataclasses import dataclass
from pathlib import Path

from dataagents.console.commands.intake import gather
from dataagents.console.commands.request import Request, configured
from dataagents.core import Goal, InputError, KernelConfig
from dataagents.core.planning import GoalLimits

_GOAL = "answer"
_LONGEST = 2_000
"""Characters of a question that a model is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRequest(Request):
    """What the user wants to know."""

    question: str
    path: str
    max_steps: int | None = None


def question_goal(request: QuestionRequest) -> Goal:
    """Return the goal: the question, and the one data set that it is about.

    Raises:
        InputError: The question is empty or too long, or the data can't be the input.
    """
    question = request.question.strip()
    if not question:
        hint = "Put it in quotes: 'How many orders have no price?'"
        raise InputError("question", "it is empty", hint=hint)
    if len(question) > _LONGEST:
        raise InputError("question", f"it is longer than {_LONGEST:,} characters")
    _check_order(question, request.path)
    inputs = gather((request.path,))
    limits = GoalLimits(reasoning_steps=request.max_steps)
    return Goal(_GOAL, inputs, limits, {"question": question})


def question_config(request: QuestionRequest) -> KernelConfig:
    """Return the configuration of a kernel that answers a question.

    A reasoning that used up its budget is not done all over again unless somebody configured that:
    it would cost the same again, and end the same way.

    Raises:
        ConfigError: The configuration can't be used.
        InputError: The size of the memory is none, or there is no model to record.
    """
    config = configured(request)
    if "max_replans" in config.model_fields_set:
        return config
    return config.model_copy(update={"max_replans": 0})


def _check_order(question: str, path: str) -> None:
    """Raise about a file and a question that stand in each other's place."""
    try:
        swapped = Path(question).exists() and not Path(path).exists()
    except OSError:  # a question may be too long for a name
        return
    if swapped:
        hint = "The question comes first: dataagents reason 'QUESTION' PATH"
        raise InputError(f"file {path}", "there is no such file", hint=hint)
