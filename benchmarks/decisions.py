"""How long decisions take: the tally of 100,000 ballots for each voting rule.

Decisions are pure functions, so nothing else runs here: no kernel, no message, no store. Strategies
come from the installed plugins, as a kernel gets them, with their default options.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random

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


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement."""

    name: str
    value: float
    unit: str
    bar: float | None = None
    """What it may be at most."""

    @property
    def holds(self) -> bool | None:
        """Whether the value is within its bar."""
        return None if self.bar is None else self.value <= self.bar

    def row(self) -> dict[str, object]:
        """Return it for programs."""
        row: dict[str, object] = {"name": self.name, "value": self.value, "unit": self.unit}
        return row if self.bar is None else row | {"bar": self.bar, "holds": self.holds}


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
        yield Figure(f"tally of {BALLOTS:,} ballots: {name}", round(taken, 4), "s", TALLY_BAR)


MEASURES: tuple[Callable[[Registry, Boundary], Iterator[Figure]], ...] = (voting,)
"""What is measured, one after the other."""


def main() -> None:
    """Measure and print, as a table or as one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    as_json = parser.parse_args().json
    registry = PluginManager().load()
    boundary = Boundary(SystemClock(), quarantine_after=5, grace=0.0)
    if not as_json:
        print(f"{'decision':<52}{'value':>12}{'bar':>12}  holds")
    for measure in MEASURES:
        for each in measure(registry, boundary):
            if as_json:
                print(json.dumps(each.row()))
                continue
            value = f"{each.value:,.3f} {each.unit}"
            bar = "" if each.bar is None else f"{each.bar:,.2f} {each.unit}"
            verdict = {True: "yes", False: "NO", None: ""}[each.holds]
            print(f"{each.name:<52}{value:>12}{bar:>12}  {verdict}".rstrip())


if __name__ == "__main__":
    main()
