import csv
import random
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from judging import quality_of, schema_of
from panels import bundled_panel

from dataagents.plugins.data.checks import judge, open_current
from dataagents.plugins.data.contracts.model import (
    ColumnRule,
    DatasetContract,
    Freshness,
    RowRule,
)
from dataagents.plugins.data.detection.inspection import Task, inspect
from dataagents.plugins.data.quality import weighted
from dataagents.plugins.data.suspicions import told

TABLES = {
    "hospital": "hospital/clean.csv",
    "beers": "beers/clean.csv",
    "matelda": "matelda/NO/mrsa-in-hospitals-2013/clean.csv",
}
SLOW = pytest.mark.slow


@pytest.fixture
def measured(stage_rows, in_engine):
    def run(table, contract=None, **more):
        place = stage_rows(table)
        return in_engine(lambda session: quality_of(place, session, contract, **more))

    return run


def read(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    return header, rows[:3000]


def test_what_is_not_measured_is_never_one(measured):
    quality = measured([["a"], ["x"], ["y"]])
    assert (quality.dimensions["consistency"], quality.dimensions["timeliness"]) == (None, None)
    assert quality.dimensions["validity"] is None
    assert measured([["a"]]).score is None


def test_dimensions_are_weighed_and_the_weakest_is_named():
    measured = {"completeness": 0.5, "validity": 1.0, "uniqueness": None}
    assert weighted(measured, {}) == 0.75
    assert weighted(measured, {"completeness": 3}) == 0.625
    assert weighted(measured, {"completeness": 0}) == 1.0
    assert weighted({"validity": None}, {}) is None


def test_completeness_is_of_columns_that_are_mostly_filled_or_required(measured):
    rows = [[str(n), "", "N/A" if n < 10 else "x"] for n in range(100)]
    table = [["a", "b", "c"], *rows]
    assert measured(table).dimensions["completeness"] == 1 - 10 / 200
    agreed = DatasetContract(
        columns={"a": ColumnRule(), "b": ColumnRule(), "c": ColumnRule(required=True)}
    )
    quality = measured(table, agreed)
    assert quality.dimensions["completeness"] == 0.9
    assert quality.figures()["columns"]["b"] == {"completeness": 0.0, "validity": None}


def test_validity_counts_a_cell_once(measured):
    agreed = DatasetContract(
        columns={"a": ColumnRule(type="integer", pattern="[0-9]", allowed=("1", "2"))}
    )
    quality = measured([["a"], ["1"], ["2"], ["x"], [""]], agreed)
    assert quality.dimensions["validity"] == pytest.approx(2 / 3)


def test_consistency_is_of_the_cells_that_rules_cover(measured):
    agreed = DatasetContract(
        columns={"a": ColumnRule(type="integer"), "b": ColumnRule(type="integer")},
        rules=(RowRule(name="r", sql="a <= b"), RowRule(name="s", sql="a > 0")),
    )
    quality = measured([["a", "b"], ["1", "2"], ["3", "2"]], agreed)
    assert quality.dimensions["consistency"] == pytest.approx(1 - 2 / 6)


def test_timeliness_falls_with_the_age_of_the_newest_value(measured):
    agreed = DatasetContract(
        columns={"day": ColumnRule(type="date")},
        freshness=Freshness(column="day", max_age=10 * 86400),
    )
    for newest, share in (("2026-01-31", 1.0), ("2026-01-26", 0.5), ("2025-01-01", 0.0)):
        table = [["day"], ["2024-01-01"], [newest]]
        assert measured(table, agreed).dimensions["timeliness"] == pytest.approx(share)
    assert measured([["day"], ["soon"]], agreed).dimensions["timeliness"] is None


@dataclass(frozen=True)
class Clean:
    """A clean table, and what was measured of it, without a contract and with one."""

    header: list[str]
    rows: list[list[str]]
    schema: Any
    measured: dict[bool, Any]


@pytest.fixture(scope="module")
def clean(shared, stage_rows_in, engine_in, tmp_path_factory):
    """Return a clean table by name; each is looked at once."""

    @cache
    def look(name):
        folder = tmp_path_factory.mktemp(name)
        header, rows = read(shared / "data" / "dev" / TABLES[name])
        place = stage_rows_in(folder, [header, *rows])
        schema = engine_in(folder, lambda session: schema_of(place, session))

        def measured(given):
            agreed = schema.contract if given else None
            return engine_in(folder, lambda session: quality_of(place, session, agreed))

        return Clean(header, rows, schema, {given: measured(given) for given in (False, True)})

    return look


@pytest.mark.parametrize("share", [0.01, *(pytest.param(n, marks=SLOW) for n in (0.05, 0.2))])
@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("kind", ["completeness", "validity", "uniqueness"])
def test_more_errors_of_its_kind_lower_a_dimension(clean, stage_rows, in_engine, name, kind, share):
    table = clean(name)
    chosen = random.Random(7)
    spoilt = [list(row) for row in table.rows]
    {"completeness": empty, "validity": garble, "uniqueness": repeat}[kind](
        table.schema, table.header, spoilt, share, chosen
    )
    dirty = stage_rows([table.header, *spoilt])
    for given, agreed in ((False, None), (True, table.schema.contract)):
        after = in_engine(lambda session, agreed=agreed: quality_of(dirty, session, agreed))
        assert after.dimensions[kind] < table.measured[given].dimensions[kind]


def spoil(schema, header, rows, share, chosen, names, value):
    for name in names:
        at = header.index(name)
        filled = [row for row in rows if row[at]]
        for row in chosen.sample(filled, max(1, int(share * len(filled)))):
            row[at] = value


def empty(schema, header, rows, share, chosen):
    names = [name for name, rule in schema.contract.columns.items() if rule.required]
    spoil(schema, header, rows, share, chosen, names, "")


def garble(schema, header, rows, share, chosen):
    names = [name for name, column in schema.columns.items() if column.type != "text"]
    spoil(schema, header, rows, share, chosen, names, "x!")


def repeat(schema, header, rows, share, chosen):
    for row in chosen.sample(rows[1:], max(1, int(share * len(rows)))):
        row[:] = rows[0]


@pytest.mark.parametrize("share", [0.01, *(pytest.param(n, marks=SLOW) for n in (0.05, 0.2))])
def test_repeated_key_values_lower_uniqueness(shared, stage_rows, in_engine, share):
    header, rows = read(shared / "data" / "dev" / TABLES["hospital"])
    chosen = random.Random(7)
    for row in chosen.sample(rows[1:], int(share * len(rows))):
        row[0] = rows[0][0]
    place = stage_rows([header, *rows])
    quality = in_engine(lambda session: quality_of(place, session))
    assert quality.dimensions["uniqueness"] == pytest.approx(1 - share, abs=0.01)


def suspicions(stage_rows, in_engine, table, contract=None):
    place = stage_rows(table)

    def job(session):
        schema = schema_of(place, session, contract)
        open_current(session, place, schema, ())
        judge(session, place, schema)
        inspect(session, place, schema, Task(bundled_panel(), {}))
        found = told(session, place, place.staging())
        session.view("written", place.table("suspicions"))
        return found, session.rows('SELECT _row, "column", kind, value FROM written ORDER BY ALL')

    return in_engine(job)


def test_each_kind_of_suspicion_is_found_and_located(stage_rows, in_engine):
    rows = [
        [f"k{n % 195}", f"{n % 9}.5", f"AB-{n % 90 + 10}", str(n) if n % 5 else "-x"]
        for n in range(200)
    ]
    rows[3][1], rows[4][2] = "900.5", "AB99"
    found, written = suspicions(stage_rows, in_engine, [["id", "n", "code", "m"], *rows])
    by_kind = {each.kind: each for each in found}
    assert set(by_kind) == {"outliers", "shapes", "types"}
    assert by_kind["outliers"].examples == ((5, "in0.csv", "900.5"),)
    assert by_kind["shapes"].examples == ((6, "in0.csv", "AB99"),)
    assert (by_kind["types"].column, by_kind["types"].cells) == ("m", 40)
    assert (4, "n", "outliers", "900.5") in written
    assert len(written) == sum(each.cells for each in found)
    assert all(each.voices[0].reason in each.explanation for each in found)


def test_a_missing_cell_is_suspicious_where_nearly_all_are_filled_and_none_has_to_be(
    stage_rows, in_engine
):
    table = [["a"], *(["" if n == 5 else "x"] for n in range(200))]
    agreed = DatasetContract(columns={"a": ColumnRule()})
    (found,), written = suspicions(stage_rows, in_engine, table, agreed)
    assert (found.kind, found.cells, found.examples) == ("missing", 1, ((7, "in0.csv", ""),))
    assert written == [(6, "a", "missing", "")]


def test_a_long_tail_and_an_orderly_table_are_not_suspicious(stage_rows, in_engine):
    rows = [[str(n), str(2 ** (n % 30)), "x"] for n in range(300)]
    assert suspicions(stage_rows, in_engine, [["id", "n", "t"], *rows]) == ((), [])


@pytest.mark.parametrize("columns", [400, pytest.param(1500, marks=SLOW)])
def test_many_columns_are_judged(stage_rows, in_engine, columns):
    header = [f"c{n}" for n in range(columns)]
    rows = [[str(row)] * columns for row in range(60)]
    rows[7] = ["9999999"] * columns
    rows[9] = ["x"] * columns
    place = stage_rows([header, *rows])
    quality = in_engine(lambda session: quality_of(place, session))
    assert sum(rows for _, rule, rows in quality.violations if rule == "type") == columns
