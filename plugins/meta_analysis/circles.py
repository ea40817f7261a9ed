"""Circles: parts of a reasoning that go round without getting on."""

import json
import math
from collections.abc import Iterator, Sequence

from dataagents.core.meta_analysis import Circle, StepLike

WINDOW = 4
"""How many of the latest steps are looked at for few different actions."""
FEWEST = 3
"""Fewer steps than this in the window say nothing."""
MOST_ACTIONS = 2
"""With no more different actions than this in the window, a reasoning turns on the spot."""
PERIODS = range(2, 5)
"""Lengths of the cycles that are looked for."""

Signature = tuple[str, str]
"""An action and its input, comparable."""


def signature(step: StepLike) -> Signature:
    """Return what two steps share that do the same; an input that is no JSON is like no other."""
    try:
        written = json.dumps(dict(step.action_input), sort_keys=True, default=str)
    except (TypeError, ValueError, RecursionError):
        written = f"input of step {step.number}"
    return step.action, written


def score_of(step: StepLike) -> float:
    """Return how far a step can be trusted, in [0, 1]; not at all when its score is no number."""
    return 0.0 if math.isnan(step.score) else min(1.0, max(0.0, step.score))


Repeat = tuple[StepLike, StepLike]
"""A step that does what an earlier one did, behind the first that did it."""


def find_circles(steps: Sequence[StepLike], again: Sequence[Repeat]) -> tuple[Circle, ...]:
    """Return the circles of a history and its repeats, at most one of each kind.

    There is one when the latest steps know too few actions, when the same action with the same
    input recurs, or when a row of two to four actions comes twice, one right after the other. The
    first kind is none while every repeat has a new input and a better score: that is work on one
    thing after the other.
    """
    found = (_narrow(steps), _recurring(again), _cycle(steps))
    return tuple(circle for circle in found if circle is not None)


def _narrow(steps: Sequence[StepLike]) -> Circle | None:
    window = steps[-WINDOW:]
    actions = {step.action for step in window}
    if len(window) < FEWEST or len(actions) > MOST_ACTIONS or _gets_on(window):
        return None
    few = "one action" if len(actions) == 1 else f"{len(actions)} actions"
    return _circle(window, f"the last {len(window)} steps know {few} only")


def _recurring(again: Sequence[Repeat]) -> Circle | None:
    if not again:
        return None
    earlier, step = again[-1]
    return _circle(again[-1], f"step {step.number} does again what step {earlier.number} did")


def _cycle(steps: Sequence[StepLike]) -> Circle | None:
    actions = [step.action for step in steps]
    for end in range(len(steps), 0, -1):
        for period in PERIODS:
            begin = end - 2 * period
            if begin < 0 or len(set(actions[begin:end])) == 1:
                continue
            if actions[begin : begin + period] == actions[begin + period : end]:
                reason = f"a cycle of {period} actions shows"
                numbers = tuple(step.number for step in steps[begin:end])
                return Circle(tuple(actions[begin : begin + period]), numbers, reason)
    return None


def repeats(steps: Sequence[StepLike]) -> Iterator[Repeat]:
    """Yield the steps that do what an earlier one did."""
    first: dict[Signature, StepLike] = {}
    for step in steps:
        mark = signature(step)
        if mark in first:
            yield first[mark], step
        else:
            first[mark] = step


def _gets_on(steps: Sequence[StepLike]) -> bool:
    """Whether actions are repeated, each time with a new input and a better score."""
    seen: set[Signature] = set()
    scores: dict[str, float] = {}
    for step in steps:
        mark = signature(step)
        better = score_of(step) > scores.get(step.action, -1.0)
        if mark in seen or not better:
            return False
        seen.add(mark)
        scores[step.action] = score_of(step)
    return True


def _circle(steps: Sequence[StepLike], reason: str) -> Circle:
    actions = tuple(step.action for step in steps)
    return Circle(actions, tuple(step.number for step in steps), reason)
