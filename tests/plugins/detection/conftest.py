"""Have one detector look at a small table, and see what it flags."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from dataagents.core.boundary import Boundary
from dataagents.core.clock import SystemClock
from dataagents.core.registry import Built
from dataagents.plugins.data.detection.flags import COLUMNS, FLAGS, collect
from dataagents.plugins.data.detection.table import open_table
from dataagents.plugins.data.engine import identifier, work_here


@dataclass(frozen=True)
class Flagged:
    confidence: float
    reason: str
    suggestion: str | None


@pytest.fixture
def look(tmp_path) -> Callable[..., dict[tuple[int, str], Flagged]]:
    """Return what a detector flags of rows, which are counted from 0."""

    def run(detector, columns, rows, **options):
        def work(session):
            listed = ", ".join(f"{identifier(name)} VARCHAR" for name in columns)
            session.rows(f"CREATE TEMP TABLE given (_row BIGINT, {listed})")
            cells = ", ".join(
                f"list_extract(cells, {place}) AS {identifier(name)}"
                for place, name in enumerate(columns, 1)
            )
            session.rows(
                f"INSERT INTO given SELECT number, {cells} FROM (SELECT unnest(?::BIGINT[]) AS "
                "number, unnest(?::VARCHAR[][]) AS cells)",
                [list(range(len(rows))), [list(row) for row in rows]],
            )
            table = open_table(session, "things", "given", columns, **options)
            boundary = Boundary(SystemClock(), quarantine_after=1_000, grace=0.0)
            (looked,) = collect(session, table, [Built("zoo", "one", detector)], boundary)
            assert looked.problem == ""
            found = session.rows(
                f"SELECT _row, name, confidence, reason, suggestion FROM {FLAGS} "
                f"JOIN {COLUMNS} USING (place)"
            )
            return {(row, name): Flagged(*rest) for row, name, *rest in found}

        return work_here("looking", work, folder=tmp_path, memory_bytes=1 << 29, threads=1)

    return run
