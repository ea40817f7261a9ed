"""What reflection is worth: recurring faults, repairs that may work, the best one changing.

Each episode meets one of four recurring faults, and a choice among four repairs that work with a
chance of 0.9, 0.5, 0.4 and 0.2, in an order of its own for each fault. At episode 200 of 400 the
orders change, and with them every fault's best repair. Nobody is told the chances or the change,
but an oracle. "None" has learned nothing: it draws a repair, or takes the first, which is what the
domain's order comes to when its author did not know. Regret is how many more successes the oracle
has, in expectation.

"Reflection" chooses by the functions of the bundled reflector, one outcome an episode, like its
peers. "Through a kernel" is the whole way: experiences, reflections, lessons on trial, recall; a
repair that fails makes the run replan, so a run can tell of several, and the first is measured.

The settings of the bandit were chosen on seeds from 10,000 on and on other payoffs; seeds reported
here, from 0 on, played no part in that.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from math import sqrt
from pathlib import Path
from statistics import fmean, stdev

from support.figures import Figure, arguments, show
from support.line_chart import Panel, drawn
from support.reflecting_kernel import played_by_kernel
from support.reflection_episodes import (
    CHANGE,
    CONTENDERS,
    EPISODES,
    PAYOFFS,
    Record,
    World,
    by_occurrence,
    play,
    played_by_oracle,
)

REMOVED_BAR = 65.0
"""Percent of the regret."""
REGAINED_BAR = 20
"""Occurrences of a changed fault within which half of the lost success is regained."""
SHOWN = ("none, at random", "Thompson", "UCB1", "Thompson, Page-Hinkley", "reflection", "oracle")
_WINDOW = 15
_WITHOUT = "none, at random"

Records = dict[str, list[Record]]


def changing(records: Records, worlds: Sequence[World]) -> Iterator[Figure]:
    """Report success and regret of each, and what of the loss reflection takes away."""
    for name, played in records.items():
        yield Figure(f"success: {name}", fmean(each.success for each in played), "")
    for name, played in records.items():
        yield Figure(f"regret: {name}", fmean(each.regret for each in played), "")
    yield _removed("reflection", records["reflection"], records[_WITHOUT])
    yield _regained("reflection", records["reflection"], worlds)


def _removed(name: str, played: Sequence[Record], without: Sequence[Record]) -> Figure:
    left = fmean(each.regret for each in played) / fmean(each.regret for each in without)
    return Figure(f"regret removed: {name}", 100 * (1 - left), "%", REMOVED_BAR, at_least=True)


def _regained(name: str, played: Sequence[Record], worlds: Sequence[World]) -> Figure:
    """Report the first occurrence from which on half of what was lost is back, and stays."""
    before = fmean(rate for each in played for rate in each.rates[CHANGE - 40 : CHANGE])
    after = by_occurrence(worlds, played, 2 * REGAINED_BAR)
    half = (before + after[0]) / 2
    short = [number for number, rate in enumerate(after, 1) if rate < half]
    what = f"half regained, of {before:.2f} before and {after[0]:.2f} just after: {name}"
    return Figure(what, max(short, default=0) + 1, "occurrences", REGAINED_BAR)


def nothing_to_learn(seeds: range) -> Iterator[Figure]:
    """Report that reflection costs nothing where no fault comes twice, and what it costs else."""
    worlds = [World(seed, recurring=False) for seed in seeds]
    yield _gained("nothing recurs", *_both(worlds), barred=True)
    worlds = [World(seed, ordered=True) for seed in seeds]
    with_it, without = _both(worlds)
    yield Figure("the first is best, success: none", fmean(each.success for each in without), "")
    yield Figure(
        "the first is best, success: reflection", fmean(each.success for each in with_it), ""
    )


def _both(worlds: Sequence[World]) -> tuple[list[Record], list[Record]]:
    with_it = [play(world, CONTENDERS["reflection"]) for world in worlds]
    return with_it, [play(world, CONTENDERS["none, the first"]) for world in worlds]


def _gained(
    what: str, with_it: Sequence[Record], without: Sequence[Record], *, barred: bool
) -> Figure:
    """Report the success gained, against no loss beyond two standard errors."""
    gains = [mine.success - other.success for mine, other in zip(with_it, without, strict=True)]
    noise = 2 * stdev(gains) / sqrt(len(gains)) if len(gains) > 1 else 0.0
    bar = 0.0 - round(noise, 4) if barred else None
    return Figure(f"{what}, success gained", fmean(gains), "", bar, at_least=True)


async def _through(worlds: Sequence[World], *, reflecting: bool) -> list[Record]:
    return [await played_by_kernel(world, reflecting=reflecting) for world in worlds]


def through_a_kernel(seeds: range, others: Records) -> Iterator[Figure]:
    """Report the same for the whole way, on the first of the seeds."""
    worlds = [World(seed) for seed in seeds]
    played = asyncio.run(_through(worlds, reflecting=True))
    name = f"through a kernel, {len(seeds)} seeds"
    yield Figure(f"success: {name}", fmean(each.success for each in played), "")
    yield Figure(f"regret: {name}", fmean(each.regret for each in played), "")
    yield _removed(name, played, others[_WITHOUT][: len(seeds)])
    yield _regained(name, played, worlds)
    alone = [World(seed, recurring=False) for seed in seeds[: max(2, len(seeds) // 4)]]
    with_it = asyncio.run(_through(alone, reflecting=True))
    without = asyncio.run(_through(alone, reflecting=False))
    what = f"nothing recurs, through a kernel, {len(alone)} seeds"
    yield _gained(what, with_it, without, barred=True)


def picture(records: Records) -> str:
    """Return the plot: success around each episode, and regret up to it."""
    shown = {name: records[name] for name in SHOWN}
    success = {name: _smoothed(_means(played)) for name, played in shown.items()}
    regret = {
        name: list(accumulate(PAYOFFS[0] - rate for rate in _means(played)))
        for name, played in shown.items()
    }
    top = 20 * (1 + max(values[-1] for values in regret.values()) // 20)
    mark = (CHANGE, "the best repairs change")
    return drawn(
        (
            Panel("chance that the chosen repair works", success, 1.0, "episode", mark),
            Panel("regret so far", regret, top, "episode", mark),
        )
    )


def _means(played: Sequence[Record]) -> list[float]:
    return [fmean(rates) for rates in zip(*(each.rates for each in played), strict=True)]


def _smoothed(values: Sequence[float]) -> list[float]:
    """Return means over the latest episodes, none of which looks across the change."""
    return [
        fmean(values[max(place - _WINDOW + 1, CHANGE if place >= CHANGE else 0) : place + 1])
        for place in range(len(values))
    ]


def figures(seeds: range, kernel_seeds: int, plot: Path | None) -> Iterator[Figure]:
    """Measure all of it."""
    worlds = [World(seed) for seed in seeds]
    records: Records = {
        name: [play(world, build) for world in worlds] for name, build in CONTENDERS.items()
    }
    records["oracle"] = [played_by_oracle(world) for world in worlds]
    if plot is not None:
        plot.write_text(picture(records), encoding="utf-8")
    parts: tuple[Callable[[], Iterator[Figure]], ...] = (
        lambda: changing(records, worlds),
        lambda: nothing_to_learn(seeds),
        lambda: through_a_kernel(seeds[:kernel_seeds], records),
    )
    for part in parts[: None if kernel_seeds > 0 else 2]:
        yield from part()


def main() -> None:
    """Measure and print, as a table or as one JSON object a line."""
    parser = arguments(__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many worlds")
    parser.add_argument(
        "--kernel-seeds", type=int, default=20, help="how many of them go through a kernel, too"
    )
    parser.add_argument("--plot", type=Path, help="write the plot to this SVG file")
    options = parser.parse_args()
    found = figures(range(options.seeds), options.kernel_seeds, options.plot)
    title = f"{options.seeds} seeds of {EPISODES} episodes"
    show(title, found, as_json=options.json, digits=3)


if __name__ == "__main__":
    main()
