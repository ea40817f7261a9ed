from collections.abc import Callable, Sequence

import pytest

from dataagents.core.boundary import Boundary
from dataagents.core.clock import SystemClock
from dataagents.core.detection import Flags
from dataagents.core.registry import Built
from dataagents.plugins.data.detection.table import open_table
from dataagents.plugins.data.engine import identifier, literal, work_here


class Says:
    """A detector that flags what it was told to."""

    theory = "somebody said so"

    def __init__(self, *flagged, sql=None):
        self._sql = sql or " UNION ALL ".join(
            f'SELECT {row} AS _row, {literal(column)} AS "column", {sure} AS confidence, '
            f"{literal(reason)} AS reason, {'NULL' if hint is None else literal(hint)} "
            "AS suggestion"
            for row, column, sure, reason, hint in flagged
        )

    def detect(self, table):
        yield Flags(self._sql)


@pytest.fixture
def boundary():
    return Boundary(SystemClock(), quarantine_after=1_000, grace=0.0)


@pytest.fixture
def built() -> Callable[..., list[Built]]:
    """Detectors under the names that they are given by."""

    def make(**detectors):
        return [Built("zoo", name, each) for name, each in detectors.items()]

    return make


@pytest.fixture
def says():
    return Says


@pytest.fixture
def within(tmp_path) -> Callable[..., object]:
    """Do a job with a session and a table of given cells, and return what it returns."""

    def run(columns: Sequence[str], rows: Sequence[Sequence[str | None]], job, **options):
        def work(session):
            listed = ", ".join(f"{identifier(name)} VARCHAR" for name in columns)
            session.rows(f"CREATE TEMP TABLE given (_row BIGINT, {listed})")
            for number, row in enumerate(rows, 1):
                marks = ", ".join("?" * (len(row) + 1))
                session.rows(f"INSERT INTO given VALUES ({marks})", [number, *row])
            return job(session, open_table(session, "given", "given", columns, **options))

        return work_here("test", work, folder=tmp_path, memory_bytes=1 << 29, threads=1)

    return run
