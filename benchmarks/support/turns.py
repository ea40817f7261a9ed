"""Measures contenders in turns, so that a busy moment hits all of them."""

import asyncio
import gc
import statistics
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from support.figures import Figure, arguments, show

Name = TypeVar("Name", bound=Hashable)
Job: TypeAlias = Callable[[float], Awaitable[float]]
"""Does something for about so many seconds; returns how often a second it was done."""
Measure: TypeAlias = Callable[[int, float, Path], Coroutine[Any, Any, Iterable[Figure]]]
"""Measures in so many rounds, for so many seconds each, with files in a folder."""


async def in_turns(
    jobs: Mapping[Name, Job], rounds: int, seconds: float
) -> dict[Name, list[float]]:
    """Return what each job did per second in each round, after one that warms up."""
    rates: dict[Name, list[float]] = {name: [] for name in jobs}
    for number in range(rounds + 1):
        for name, job in jobs.items():
            gc.collect()
            gc.freeze()  # what one has left behind must not be looked through by another
            rate = await job(seconds if number else seconds / 2)
            gc.unfreeze()
            if number:
                rates[name].append(rate)
    return rates


def ratio(ours: Sequence[float], others: Sequence[float]) -> float:
    """Return how many times as fast as another ours is: the median of the rounds' ratios."""
    return statistics.median(mine / other for mine, other in zip(ours, others, strict=True))


def compete(
    description: str | None, title: str, measure: Measure, *, digits: int, files: str
) -> None:
    """Measure as the command line asks, and print.

    Args:
        description: What the benchmark is about.
        title: What stands above the names of the figures.
        measure: What measures.
        digits: How many decimals the table has.
        files: What is in the folder that can be named.
    """
    parser = arguments(description)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured")
    parser.add_argument("--seconds", type=float, default=0.5, help="how long a measurement takes")
    parser.add_argument("--folder", type=Path, help=f"where {files}; on the disk that matters")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        figures = asyncio.run(measure(options.rounds, options.seconds, Path(name)))
    show(title, figures, as_json=options.json, digits=digits)
