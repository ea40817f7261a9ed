"""Cell-level error detection on dirty tables whose truth is known: what voting adds.

Every detector looks at every table, every rule that decides in bulk adds their flags up, and what
comes out is compared with the truth, cell by cell. A cell is an error where dirty and clean differ
as text. Cells of the tables of a set are judged together; ± is half the width of the middle 95 % of
F1 over resampled tables, or blocks of rows where a set is one table. Errors that were in a table
before others were put in are not in the truth, so the precision on `matelda` is a lower bound.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, pairwise
from json import loads
from pathlib import Path
from statistics import fmean
from typing import Any

from support.dirty_review import REVIEWS
from support.dirty_sets import DirtySet, dirty_sets, sample_data, sets_below
from support.dirty_votes import REPAIR, REVIEWED, Scores, judge
from support.figures import Figure, arguments, show

from dataagents.core.boundary import Boundary
from dataagents.core.clock import SystemClock
from dataagents.core.detection import BulkRule
from dataagents.core.detection.panel import Panel
from dataagents.core.plugin_manager import PluginManager
from dataagents.core.registry import Registry
from dataagents.plugins.data.engine import Session, work_here

MEMORY = 2 * 1024**3
SIZES = (50_000, 200_000, 1_000_000)
DEFAULT = "weighted-noisy-or"
"""The rule that detection uses when none is chosen; see `docs/detection.md` for why."""
BARS = {
    "hospital": 0.80,
    "beers": 0.80,
    "matelda FD": 0.35,
    "matelda NO": 0.20,
    "matelda Typo": 0.65,
}
REPAIR_BARS = {"hospital": 0.75, "beers": 0.75}
REVIEWED_BAR = 0.85
"""About what Raha (SIGMOD 2019) reaches on average with 20 labelled rows a table."""
GAIN_BAR = 0.20
"""Least that the default is above the best single detector in the mean over the sets."""
LOSS_BAR = 0.05
"""Most that it is below the best single detector of a set, chosen with the truth."""
SECONDS_BAR = 60.0
"""For 200,000 rows of 15 columns, with 2 threads."""
MEMORY_BAR = 2048.0
GROWTH_BAR = 7.5
"""Most that five times the rows take: half as much again as linear."""
WIDE_ROWS = 100
WIDTHS = (250, 500)
WIDE_BAR = 3.0
"""Most that twice the columns take: half as much again as linear."""


def quality(
    sets: Sequence[DirtySet], registry: Registry, boundary: Boundary, *, detail: bool
) -> Iterator[Figure]:
    """Judge every detector and rule on every set."""
    panel = Panel(
        boundary,
        tuple(registry.detectors.build(name, {}, boundary) for name in registry.detectors),
        tuple(registry.correctors.build(name, {}, boundary) for name in registry.correctors),
    )
    detectors = [each.name for each in panel.detectors]
    built = (registry.voting_rules.build(name, {}, boundary) for name in registry.voting_rules)
    rules = {each.name: each.value for each in built if isinstance(each.value, BulkRule)}
    judged: dict[str, Scores] = {}
    for group in sets:
        job = partial(_judged, group, panel, rules)
        with tempfile.TemporaryDirectory() as folder:
            judged[group.name] = work_here(
                "dirty.py", job, folder=Path(folder), memory_bytes=MEMORY, threads=2
            )
        yield from _of_set(group.name, judged[group.name], detectors, tuple(rules), detail=detail)
    yield from _means(judged, detectors, tuple(rules))


def _judged(
    group: DirtySet,
    panel: Panel,
    rules: Mapping[str, BulkRule],
    session: Session,
) -> Scores:
    expressions = {name: rule.bulk() for name, rule in rules.items()}
    return judge(session, group, panel, expressions, DEFAULT)


def _of_set(
    group: str,
    scores: Scores,
    detectors: Sequence[str],
    rules: Sequence[str],
    *,
    detail: bool,
) -> Iterator[Figure]:
    for each in detectors:
        if each in scores.problems:
            note = f"it failed: {scores.problems[each]}"
            yield Figure(f"{group}: {each}", None, "F1", note=note)
        elif detail:
            yield _f1(group, each, scores)
            yield Figure(f"{group}: {each}, found by no other", scores.alone[each], "errors")
            yield Figure(f"{group}: {each}, time", scores.seconds[each], "s")
    for name in rules:
        bar = BARS.get(group) if name == DEFAULT else None
        yield _f1(group, name, scores, bar)
    yield _f1(group, f"{DEFAULT} by agreement", scores)
    yield _f1(group, REVIEWED, scores)
    for name in REVIEWS:
        yield _f1(group, name, scores)
    yield _f1(group, REPAIR, scores, REPAIR_BARS.get(group))
    best = max((scores.of(each).f1, each) for each in detectors)
    yield Figure(
        f"{group}: {DEFAULT} above the best single detector of the set",
        scores.of(DEFAULT).f1 - best[0],
        "F1",
        -LOSS_BAR,
        at_least=True,
        note=f"{best[1]}, {best[0]:.3f}",
    )


def _f1(group: str, name: str, scores: Scores, bar: float | None = None) -> Figure:
    count = scores.of(name)
    note = f"± {scores.spread(name):.3f}, P {count.precision:.3f}, R {count.recall:.3f}"
    return Figure(f"{group}: {name}", count.f1, "F1", bar, at_least=True, note=note)


def _means(
    judged: Mapping[str, Scores], detectors: Sequence[str], rules: Sequence[str]
) -> Iterator[Figure]:
    voted = (*rules, f"{DEFAULT} by agreement", REVIEWED, *REVIEWS)
    means = {
        name: fmean(scores.of(name).f1 for scores in judged.values())
        for name in (*detectors, *voted)
    }
    best = max(detectors, key=lambda name: means[name])
    for name in (best, *voted):
        bar = REVIEWED_BAR if name in REVIEWS[-2:] else None
        yield Figure(f"mean: {name}", means[name], "F1", bar, at_least=True)
    yield Figure(
        f"mean: {DEFAULT} above the best single detector",
        means[DEFAULT] - means[best],
        "F1",
        GAIN_BAR,
        at_least=True,
        note=best,
    )


def sizes(rows: Sequence[int], *, detail: bool) -> Iterator[Figure]:
    """Measure time and memory of all detectors and the vote, each size in a fresh process."""
    spent: dict[int, float] = {}
    for count in rows:
        took = _sized(count)
        spent[count] = float(took["processor"])
        about = f"{count:,} rows of 15 columns"
        slowest = sorted(took["detectors"].items(), key=lambda item: -item[1])
        note = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in slowest[:3])
        failed = "; ".join(f"{name} failed: {why}" for name, why in took["problems"].items())
        barred = count == SIZES[1]
        yield Figure(
            f"{about}: time", float(took["all"]), "s", SECONDS_BAR if barred else None,
            note=failed or note,
        )  # fmt: skip
        yield Figure(
            f"{about}: memory", took["bytes"] / 2**20, "MB", MEMORY_BAR if barred else None
        )
        if detail:
            for name, seconds in slowest:
                yield Figure(f"{about}: {name}", seconds, "s")
    for fewer, more in pairwise(rows):
        growth = spent[more] / spent[fewer]
        bar = GROWTH_BAR * (more / fewer) / 5
        yield Figure(f"{more:,} rows take so many times the processor time of {fewer:,}",
            growth, "times", bar,
        )  # fmt: skip


def widths() -> Iterator[Figure]:
    """Measure how the time grows with the columns, each width in a fresh process."""
    fewer, more = (_sized(WIDE_ROWS, width) for width in WIDTHS)
    for width, took in zip(WIDTHS, (fewer, more), strict=True):
        failed = "; ".join(f"{name} failed: {why}" for name, why in took["problems"].items())
        yield Figure(f"{WIDE_ROWS} rows of {width} columns: time", took["all"], "s", note=failed)
    yield Figure(f"{WIDTHS[1]} columns take so many times the processor time of {WIDTHS[0]}",
        more["processor"] / fewer["processor"], "times", WIDE_BAR,
    )  # fmt: skip


def _sized(*numbers: int) -> dict[str, Any]:
    """Return what a table of so many rows, and columns, took in a process of its own."""
    command = [sys.executable, "-m", "support.dirty_sizes", *map(str, numbers)]
    finished = subprocess.run(
        command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True
    )
    took: dict[str, Any] = loads(finished.stdout)
    return took


def main() -> None:
    """Measure and print, as a table or as one JSON object a line."""
    parser = arguments(__doc__)
    parser.add_argument("--quick", action="store_true", help="few tables a set, small sizes")
    parser.add_argument("--detail", action="store_true", help="each detector on each set")
    parser.add_argument("--no-sizes", action="store_true", help="leave time and memory out")
    parser.add_argument(
        "--sets",
        type=Path,
        metavar="DIR",
        help="other sets: DIR/SET/TABLE/dirty.csv, with clean.csv beside it",
    )
    options = parser.parse_args()
    tables = 6 if options.quick else None
    if options.sets is not None and not options.sets.is_dir():
        parser.error(f"--sets {options.sets} is no folder")
    sets = (
        dirty_sets(sample_data(), tables=tables)
        if options.sets is None
        else sets_below(options.sets, tables=tables)
    )
    if not sets:
        parser.error(f"no dirty.csv below {options.sets or sample_data()}; set SAMPLE_DATA")
    boundary = Boundary(SystemClock(), quarantine_after=1_000_000, grace=0.0)
    figures = quality(sets, PluginManager().load(), boundary, detail=options.detail)
    if not options.no_sizes:
        rows = SIZES[:2] if options.quick else SIZES
        figures = chain(figures, sizes(rows, detail=options.detail), widths())
    show("dirty data", figures, as_json=options.json, digits=3)


if __name__ == "__main__":
    main()
