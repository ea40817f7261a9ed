"""How far a pipeline of 200 tasks gets when things break, by what is done about it.

Forty tables go through five steps each; up to 30 % of the tasks meet a fault: the network is down
for a moment, a table's columns drift, an agent is lost, or (rarely) the source is gone. The same
faults are met by three policies: run to failure, which ends at the first; retry only, which tries
whatever fails up to three times; and replanning, with the bundled planner, which also retries what
is declared transient. All go through a whole kernel with auctions and messages, on a fake clock.
"""

import asyncio
from collections.abc import Iterator, Sequence

from support.figures import Figure, arguments, show
from support.replanning_jobs import POLICIES, Result, run

RATES = (0.0, 0.05, 0.1, 0.2, 0.3)


def mean(values: Sequence[float]) -> float | None:
    """Return the mean; None of nothing."""
    return sum(values) / len(values) if values else None


def measured(seeds: int) -> Iterator[Figure]:
    """Run each policy at each rate, and say how it did."""
    for policy in POLICIES:
        for rate in RATES:
            runs = [asyncio.run(run(policy, rate, seed)) for seed in range(seeds)]
            yield from figures(policy, rate, runs)


def figures(policy: str, rate: float, runs: Sequence[Result]) -> Iterator[Figure]:
    """Say how a policy did at a rate."""
    name, by_replanning = f"{policy}, {rate:.0%} faults", policy == "replanning"
    curable = [each.whole for each in runs if each.curable]
    yield Figure(f"{name}: tasks completed", mean([each.tasks for each in runs]), "of 1")
    yield Figure(f"{name}: runs completed", mean([each.whole for each in runs]), "of 1")
    yield Figure(
        f"{name}: runs completed, no fatal fault",
        mean(curable),
        "of 1",
        1.0 if by_replanning else None,
        at_least=True,
        note=f"{len(curable)} runs",
    )
    yield Figure(f"{name}: executions wasted", mean([each.wasted for each in runs]), "of 1")
    if by_replanning:
        stable = [each.stability for each in runs if each.stability is not None]
        yield Figure(f"{name}: replans", mean([each.replans for each in runs]), "a run")
        yield Figure(f"{name}: plan stability", mean(stable), "of 1")


def main() -> None:
    """Run what was asked for and print it."""
    parser = arguments(__doc__)
    parser.add_argument("--seeds", type=int, default=30, help="runs of each policy at each rate")
    options = parser.parse_args()
    show("200 tasks", measured(options.seeds), as_json=options.json)


if __name__ == "__main__":
    main()
