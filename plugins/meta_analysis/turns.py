"""Turns: the steps of a history with what is compared of them, worked out once."""

import json
import math
from collections.abc import Sequence
from typing import NamedTuple

from dataagents.core.meta_analysis import StepLike

_write = json.JSONEncoder(sort_keys=True, default=str).encode


class Turn(NamedTuple):
    """A step, and what is compared of it."""

    step: StepLike
    mark: tuple[str, str]
    """Its action and its input; steps that do the same have the same."""
    score: float
    """How far it can be trusted, in [0, 1]."""


class Repeat(NamedTuple):
    """A turn that does what an earlier one did."""

    first: Turn
    again: Turn


def turns_of(steps: Sequence[StepLike]) -> tuple[Turn, ...]:
    """Return steps as turns.

    An input that is no JSON is like no other; a score that is no number counts as 0.
    """
    return tuple(Turn(step, _mark(step), _score(step.score)) for step in steps)


def repeats_in(turns: Sequence[Turn]) -> tuple[Repeat, ...]:
    """Return the turns that do what an earlier one did, each with the first that did it."""
    first: dict[tuple[str, str], Turn] = {}
    found: list[Repeat] = []
    for turn in turns:
        if turn.mark in first:
            found.append(Repeat(first[turn.mark], turn))
        else:
            first[turn.mark] = turn
    return tuple(found)


def _mark(step: StepLike) -> tuple[str, str]:
    try:
        written = _write(dict(step.action_input))
    except (TypeError, ValueError, RecursionError):
        written = f"input of step {step.number}"
    return step.action, written


def _score(score: float) -> float:
    if 0.0 <= score <= 1.0:
        return score
    return 0.0 if math.isnan(score) else min(1.0, max(0.0, score))
