"""How long decisions take: the tally of 100,000 ballots for each voting rule.

Decisions are pure functions, so nothing else runs here: no kernel, no message, no store. Strategies
come from the installed plugins, as a kernel gets them, with their default options.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from random import Random

from support.figures import Figure, arguments, show

from dataagents.core.boundary import Boundary
from dataagents.core.clock import SystemClock
from dataagents.core.plugin_manager import PluginManager
from dataagents.core.registry import Registry
from dataagents.core.voting import Ballot, Motion

BALLOTS = 100_000
TALLY_BAR = 0.5
"""Seconds for the ballots above."""
OPTIONS = ("a", "b", "c", "d", "e")
REPEATS = 3


def seconds(work: Callable[[], object]) -> float:
    """Return the median time of a few calls."""
    times: list[float] = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def ballots(seed: int = 1) -> list[Ballot]:
    """Return ballots as a simulation would draw them: no two voters are equally sure."""
    rng, at = Random(seed), SystemClock().now()
    return [
        Ballot(f"voter-{n}", order[0], rng.random(), "", at, ranking=tuple(order))
        for n in range(BALLOTS)
        for order in (rng.sample(OPTIONS, len(OPTIONS)),)
    ]


def voting(registry: Registry, boundary: Boundary) -> Iterator[Figure]:
    """Measure each rule on ballots that rank; then those that read more, on ballots that say it."""
    plain = ballots()
    rng = Random(2)
    weights = {each.voter: rng.uniform(0.5, 1.5) for each in plain}
    voters = tuple(each.voter for each in plain)
    motion = Motion("motion", "?", OPTIONS, voters, plain[0].at, weights=weights)
    bare = [replace(each, ranking=(), choice=None) for each in plain]
    said = {
        "approval": [replace(each, approvals=tuple(rng.sample(OPTIONS, 2))) for each in bare],
        "score": [replace(each, scores={o: rng.random() for o in OPTIONS}) for each in bare],
    }
    for name in registry.voting_rules:
        rule = registry.voting_rules.build(name, {}, boundary).value
        given = said.get(name, plain)
        taken = seconds(lambda rule=rule, given=given: rule.tally(motion, given))
        yield Figure(f"tally of {BALLOTS:,} ballots: {name}", taken, "s", TALLY_BAR)


MEASURES: tuple[Callable[[Registry, Boundary], Iterator[Figure]], ...] = (voting,)
"""What is measured, one after the other."""


def main() -> None:
    """Measure and print, as a table or as one JSON object a line."""
    options = arguments(__doc__).parse_args()
    registry = PluginManager().load()
    boundary = Boundary(SystemClock(), quarantine_after=5, grace=0.0)
    figures = chain.from_iterable(measure(registry, boundary) for measure in MEASURES)
    show("decision", figures, as_json=options.json, digits=3)


if __name__ == "__main__":
    main()
