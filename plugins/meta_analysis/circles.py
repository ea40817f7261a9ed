"""Circles: parts of a reasoning that go round without getting on."""

from collections.abc import Sequence

from dataagents.core.meta_analysis import Circle
from dataagents.plugins.meta_analysis.turns import Repeat, Turn

WINDOW = 4
"""How many of the latest steps are looked at for few different actions."""
FEWEST = 3
"""Fewer steps than this in the window say nothing."""
MOST_ACTIONS = 2
"""With no more different actions than this in the window, a reasoning turns on the spot."""
PERIODS = range(2, 5)
"""Lengths of the cycles that are looked for."""


def find_circles(turns: Sequence[Turn], repeats: Sequence[Repeat]) -> tuple[Circle, ...]:
    """Return the circles of a history and its repeats, at most one of each kind.

    There is one when the latest steps know too few actions, when the same action with the same
    input recurs, or when a row of two to four actions comes twice, one right after the other. The
    first kind is none while every repeat has a new input and a better score: that is work on one
    thing after the other.
    """
    found = (_narrow(turns[-WINDOW:]), _recurring(repeats), _cycle(turns))
    return tuple(circle for circle in found if circle is not None)


def _narrow(window: Sequence[Turn]) -> Circle | None:
    actions = {turn.step.action for turn in window}
    if len(window) < FEWEST or len(actions) > MOST_ACTIONS or _gets_on(window):
        return None
    few = "one action" if len(actions) == 1 else f"{len(actions)} actions"
    return _circle(window, f"the last {len(window)} steps know {few} only")


def _recurring(repeats: Sequence[Repeat]) -> Circle | None:
    if not repeats:
        return None
    first, again = repeats[-1]
    reason = f"step {again.step.number} does again what step {first.step.number} did"
    return _circle(repeats[-1], reason)


def _cycle(turns: Sequence[Turn]) -> Circle | None:
    actions = [turn.step.action for turn in turns]
    if len(set(actions)) == 1:
        return None
    for end in range(len(turns), 0, -1):
        for period in PERIODS:
            begin = end - 2 * period
            if begin < 0 or len(set(actions[begin:end])) == 1:
                continue
            if actions[begin : begin + period] == actions[begin + period : end]:
                reason = f"a cycle of {period} actions shows"
                numbers = tuple(turn.step.number for turn in turns[begin:end])
                return Circle(tuple(actions[begin : begin + period]), numbers, reason)
    return None


def _gets_on(turns: Sequence[Turn]) -> bool:
    """Whether actions are repeated, each time with a new input and a better score."""
    scores: dict[str, float] = {}
    for step, _, score in turns:
        if score <= scores.get(step.action, -1.0):
            return False
        scores[step.action] = score
    return len({turn.mark for turn in turns}) == len(turns)


def _circle(turns: Sequence[Turn], reason: str) -> Circle:
    actions = tuple(turn.step.action for turn in turns)
    return Circle(actions, tuple(turn.step.number for turn in turns), reason)
