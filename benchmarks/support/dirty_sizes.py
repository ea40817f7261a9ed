"""What `dirty.py` measures about size; it runs this as a module, in a process of its own.

A table of any number of rows is made from a small one: rows are drawn again and again, columns that
tell rows apart go on doing so, and a share of the cells gets a typing error or a number off by far.
One of any number of columns has those of the small one again and again, each in an order of its
own, so that they have nothing to do with each other.
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from dataagents.core.boundary import Boundary
from dataagents.core.clock import SystemClock
from dataagents.core.detection import BulkRule
from dataagents.core.plugin_manager import PluginManager
from dataagents.plugins.data.detection.flags import collect
from dataagents.plugins.data.detection.learning import weights_by_agreement
from dataagents.plugins.data.detection.table import open_table
from dataagents.plugins.data.detection.verdicts import vote
from dataagents.plugins.data.engine import Session, identifier, work_here
from support.dirty_sets import dirty_sets, read_dirty, sample_data
from support.profile_jobs import peak_bytes

COLUMNS = 15
MEMORY = 2 * 1024**3
THREADS = 2
NOISE = 0.02
"""Share of the cells that get an error."""
TELLING = 0.5
"""A column with so large a share of different values tells rows apart."""
RULE = "weighted-noisy-or"


def enlarge(session: Session, columns: tuple[str, ...], rows: int) -> tuple[str, ...]:
    """Make `large` out of `dirty`, and return its columns; it is the same every time."""
    chosen = columns[-COLUMNS:]
    (count,) = session.row("SELECT count(*) FROM dirty")
    cells: list[str] = []
    for place, name in enumerate(chosen):
        cell = identifier(name)
        (different,) = session.row(f"SELECT count(DISTINCT {cell}) FROM dirty")
        told = f"{cell} || '-' || copy" if different >= TELLING * count else cell
        lot = f"hash(number, {place}) % 1000000 / 1000000.0"
        at = f"(1 + hash(number, {place}, 1) % greatest(length({cell}), 1))::BIGINT"
        slip = f"substr({cell}, 1, {at} - 1) || 'x' || substr({cell}, {at} + 1)"
        far = f"CAST(TRY_CAST({cell} AS DOUBLE) * 100 AS VARCHAR)"
        cells.append(
            f"CASE WHEN {lot} < {NOISE / 2} THEN {slip} WHEN {lot} < {NOISE} "
            f"THEN coalesce({far}, {cell}) ELSE {told} END AS {cell}"
        )
    session.rows(
        f"CREATE OR REPLACE TEMP TABLE large AS SELECT number + 1 AS _row, {', '.join(cells)} "
        f"FROM (SELECT range AS number, range // {count} AS copy, "
        f"1 + hash(range, 7) % {count} AS drawn FROM range({rows})) "
        "JOIN dirty ON dirty._row = drawn"
    )
    return chosen


def widen(session: Session, columns: tuple[str, ...], rows: int, width: int) -> tuple[str, ...]:
    """Make `large` out of `dirty`, with so many columns, and return them."""
    cells = ", ".join(identifier(name) for name in columns)
    read = session.rows(f"SELECT {cells} FROM dirty ORDER BY _row")
    random = Random(width)
    made = [
        [random.choice(read)[place % len(columns)] for place in range(width)] for _ in range(rows)
    ]
    names = tuple(f"{columns[place % len(columns)]} {place}" for place in range(width))
    listed = ", ".join(
        f"cells[{place}] AS {identifier(name)}" for place, name in enumerate(names, 1)
    )
    session.rows(
        f"CREATE OR REPLACE TEMP TABLE large AS SELECT _row, {listed} FROM ("
        "SELECT unnest(?::BIGINT[]) AS _row, unnest(?::VARCHAR[][]) AS cells)",
        [list(range(1, rows + 1)), made],
    )
    return names


def measure(rows: int, width: int = COLUMNS) -> dict[str, object]:
    """Have all detectors look at so many rows, hold the vote, and return what it took."""
    registry = PluginManager().load()
    boundary = Boundary(SystemClock(), quarantine_after=1_000_000, grace=0.0)
    detectors = [registry.detectors.build(name, {}, boundary) for name in registry.detectors]
    rule = registry.voting_rules.build(RULE, {}, boundary).value
    assert isinstance(rule, BulkRule)
    source = dirty_sets(sample_data())[0].tables[0]
    took: dict[str, object] = {}

    def job(session: Session) -> None:
        given = read_dirty(session, source)
        columns = (
            enlarge(session, given, rows)
            if width == COLUMNS
            else widen(session, given, rows, width)
        )
        began, spent = time.perf_counter(), time.process_time()
        table = open_table(session, "large", "large", columns)
        took["open"] = time.perf_counter() - began
        looked = collect(session, table, detectors, boundary)
        took["detectors"] = {each.detector: each.seconds for each in looked}
        took["problems"] = {each.detector: each.problem for each in looked if each.problem}
        before = time.perf_counter()
        names = [each.name for each in detectors]
        weights = weights_by_agreement(session, names, rows)
        took["wrong"] = vote(session, names, rule.bulk(), weights)
        took["vote"] = time.perf_counter() - before
        took["all"] = time.perf_counter() - began
        took["processor"] = time.process_time() - spent

    with tempfile.TemporaryDirectory() as folder:
        work_here("dirty.py", job, folder=Path(folder), memory_bytes=MEMORY, threads=THREADS)
    took["bytes"] = peak_bytes()
    return took


if __name__ == "__main__":
    print(json.dumps(measure(*map(int, sys.argv[1:]))))
