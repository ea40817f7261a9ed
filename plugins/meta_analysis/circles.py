"""Circles: parts of a reasoning that go round without getting on."""

import json
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
    """Return what two steps share that do the same."""
    return step.action, json.dumps(step.action_input, sort_keys=True, default=str)


def find_circles(steps: Sequence[StepLike]) -> tuple[Circle, ...]:
    """Return the circles of a history, at most one of each kind.

    There is one when the latest steps know too few actions, when the same action with the same
    input recurs, or when a row of two to four actions comes twice, one right after the other. The
    first and the last kind are none while every repeat has a new input and a better score: that
    is work on one thing after the other.
    """
    found = (_narrow(steps), _recurring(steps), _cycle(steps))
    return tuple(circle for circle in found if circle is not None)


def _narrow(steps: Sequence[StepLike]) -> Circle | None:
    window = steps[-WINDOW:]
    actions = {step.action for step in window}
    if len(window) < FEWEST or len(actions) > MOST_ACTIONS or _gets_on(window):
        return None
    few = "one action" if len(actions) == 1 else f"{len(actions)} actions"
    return _circle(window, f"the last {len(window)} steps know {few} only")


def _recurring(steps: Sequence[StepLike]) -> Circle | None:
    latest: Circle | None = None
    for earlier, step in repeats(steps):
        reason = f"step {step.number} does again what step {earlier.number} did"
        latest = _circle((earlier, step), reason)
    return latest


def _cycle(steps: Sequence[StepLike]) -> Circle | None:
    actions = [step.action for step in steps]
    for end in range(len(steps), 0, -1):
        for period in PERIODS:
            begin = end - 2 * period
            if begin < 0 or len(set(actions[begin:end])) == 1:
                continue
            twice = actions[begin : begin + period] == actions[begin + period : end]
            if twice and not _gets_on(steps[begin:end]):
                reason = f"a cycle of {period} actions shows"
                numbers = tuple(step.number for step in steps[begin:end])
                return Circle(tuple(actions[begin : begin + period]), numbers, reason)
    return None


def repeats(steps: Sequence[StepLike]) -> Iterator[tuple[StepLike, StepLike]]:
    """Yield each step that does what an earlier one did, behind the first that did it."""
    first: dict[Signature, StepLike] = {}
    for step in steps:
        earlier = first.setdefault(signature(step), step)
        if earlier is not step:
            yield earlier, step


def _gets_on(steps: Sequence[StepLike]) -> bool:
    """Whether actions are repeated, each time with a new input and a better score."""
    seen: set[Signature] = set()
    scores: dict[str, float] = {}
    for step in steps:
        mark = signature(step)
        better = step.score > scores.get(step.action, -1.0)
        if mark in seen or not better:
            return False
        seen.add(mark)
        scores[step.action] = step.score
    return True


def _circle(steps: Sequence[StepLike], reason: str) -> Circle:
    actions = tuple(step.action for step in steps)
    return Circle(actions, tuple(step.number for step in steps), reason)
