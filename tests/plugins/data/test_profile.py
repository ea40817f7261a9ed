from pathlib import Path

import pytest
from judging import schema_of

from dataagents.plugins.data.cells import fits, locate, open_staged, read_date
from dataagents.plugins.data.contracts.model import ColumnRule, DatasetContract, Resolution
from dataagents.plugins.data.options import SchemaOptions
from dataagents.plugins.data.profile import profile_parts, suspected_key


def column(values):
    return [["c", "n"], *([value, str(n)] for n, value in enumerate(values))]


@pytest.mark.parametrize(
    ("value", "types"),
    [
        ("17", {"integer", "decimal", "float"}),
        ("00501", set()),
        ("+5", set()),
        ("12.0", {"decimal", "float"}),
        ("1e-10", {"float"}),
        ("-2.5E+07", {"float"}),
        ("1e999", set()),
        ("True", {"boolean"}),
        ("2026-02-28", {"date"}),
        ("2026-02-30", set()),
        ("2026-02-28T12:00", {"timestamp"}),
        ("1/22/2020", set()),
    ],
)
def test_a_value_fits_what_brings_it_back(in_engine, value, types):
    kinds = ("integer", "decimal", "float", "boolean", "date", "timestamp")
    row = in_engine(
        lambda session: session.row(
            f"SELECT {', '.join(fits(kind, 'v') for kind in kinds)} FROM (SELECT ? AS v)", [value]
        )
    )
    assert {kind for kind, fit in zip(kinds, row, strict=True) if fit} == types


@pytest.mark.parametrize(
    ("cell", "order", "iso"),
    [
        ("1/22/2020 17:00", "mdy", "2020-01-22 17:00:00"),
        ("1/31/20 23:59", "mdy", None),
        ("5/14/68", "mdy", None),
        ("31.12.2026", "dmy", "2026-12-31"),
        ("31-12-2026", "dmy", "2026-12-31"),
        ("2026/12/31", "ymd", "2026-12-31"),
        ("12/31/2026 5:07:08 PM", "mdy", "2026-12-31 17:07:08"),
        ("13/01/2026", "mdy", None),
        ("1.2.3", "dmy", None),
        ("10.0.0.1", "dmy", None),
        ("soon", "dmy", None),
    ],
)
def test_dates_are_read_in_an_order(in_engine, cell, order, iso):
    (read,) = in_engine(
        lambda session: session.row(f"SELECT {read_date('v', order)} FROM (SELECT ? AS v)", [cell])
    )
    assert read == iso


@pytest.mark.parametrize(
    ("cell", "years", "iso"),
    [
        ("5/14/68", (1931, 2020), "1968-05-14"),
        ("5/14/31", (1931, 2020), "1931-05-14"),
        ("5/14/20 7:00", (1931, 2020), "2020-05-14 07:00:00"),
        ("5/14/25", (1931, 2020), None),
        ("5/14/20", (1900, 2020), None),
        ("5/14/00", (1900, 1999), "1900-05-14"),
        ("5/14/27", (2024, 2031), "2027-05-14"),
        ("5/14/1801", (1931, 2020), "1801-05-14"),
    ],
)
def test_a_year_of_two_digits_is_read_where_a_span_has_one_such_year(in_engine, cell, years, iso):
    sql = f"SELECT {read_date('v', 'mdy', years)} FROM (SELECT ? AS v)"
    assert in_engine(lambda session: session.row(sql, [cell])) == (iso,)


def profiled(stage_rows, in_engine, *tables):
    place = stage_rows(*tables)
    return in_engine(lambda session: schema_of(place, session))


@pytest.mark.parametrize(
    ("values", "kind", "order"),
    [
        (["1/22/2020", "12/3/2020", "4/5/2020"], "date", "mdy"),
        (["22/1/2020", "3/12/2020", "4/5/2020"], "date", "dmy"),
        (["1/2/2020", "3/4/2020", "4/5/2020"], "text", None),
        (["22/1/2020", "1/22/2020", "4/5/2020"], "text", None),
        (["1/22/2020 17:00", "1/31/20 23:59", "2020-02-01T10:00:00"], "timestamp", "mdy"),
        ([f"{day}/9/2021" for day in range(1, 29)] * 2 + ["9/14/2021"], "date", "dmy"),
        ([f"{day}/9/2021" for day in range(1, 29)] + ["45/9/2021"], "date", "dmy"),
        ([f"2021/9/{day}" for day in range(1, 29)] + ["9/14/2021"], "date", "ymd"),
        (["1/22/20", "12/3/68", "4/5/71"], "text", None),
        (["1/22/20", "12/3/1918", "4/5/2021"], "text", None),
        (["1/22/20", "12/3/1968", "4/5/2021"], "date", "mdy"),
        (["2026-01-01", "2026-01-02", "2026-01-03"], "date", None),
        (["1e-10", "2.5", "3"], "float", None),
        (["01234", "22345", "98765"], "text", None),
    ],
)
def test_columns_get_the_type_that_their_cells_prove(stage_rows, in_engine, values, kind, order):
    schema = profiled(stage_rows, in_engine, column(values * 20))
    assert (schema.columns["c"].type, schema.columns["c"].date_order) == (kind, order)


def test_years_whose_century_nothing_tells_are_counted(stage_rows, in_engine):
    schema = profiled(stage_rows, in_engine, column(["1/22/20", "12/3/68", "", "4/5/71"]))
    assert (schema.columns["c"].short_years, schema.columns["c"].date_years) == (3, None)
    schema = profiled(stage_rows, in_engine, column(["1/22/20", "12/3/1968", "4/5/2021"]))
    assert (schema.columns["c"].short_years, schema.columns["c"].date_years) == (0, (1968, 2021))
    schema = profiled(stage_rows, in_engine, column(["1/22/20", "a", "b", "c"]))
    assert schema.columns["c"].short_years == 0


def test_a_contract_with_a_range_tells_the_century(stage_rows, in_engine):
    place = stage_rows(column(["1/22/20", "12/3/68", "4/5/71"]))
    bounds = ColumnRule(type="date", minimum="1930-01-01", maximum="2025-12-31")
    contract = DatasetContract(columns={"c": bounds})
    schema = in_engine(lambda session: schema_of(place, session, contract))
    measured = schema.columns["c"]
    assert (measured.conforming, measured.minimum) == (3, "1968-12-03")


def test_the_smallest_and_greatest_are_exact_and_read_as_their_type(stage_rows, in_engine):
    rows = [[str(n), f"{n}.50", f"{n % 12 + 1}/{n % 28 + 1}/2020"] for n in range(9, 120)]
    schema = profiled(stage_rows, in_engine, [["i", "d", "t"], *rows])
    ends = {name: (each.minimum, each.maximum) for name, each in schema.columns.items()}
    assert ends["i"] == ("9", "119")
    assert ends["d"] == ("9.50", "119.50")
    assert ends["t"][0].startswith("2020-01-")


def test_a_type_that_most_but_too_few_cells_fit_is_dominant(stage_rows, in_engine):
    schema = profiled(stage_rows, in_engine, column([str(n) for n in range(80)] + ["?x"] * 20))
    measured = schema.columns["c"]
    assert (measured.type, measured.dominant, measured.dominating) == ("text", "integer", 80)


def test_the_key_is_the_best_column_then_the_leftmost(stage_rows, in_engine):
    rows = [[str(n // 2), f"x{n}", str(n)] for n in range(100)]
    schema = profiled(stage_rows, in_engine, [["a", "b", "c"], *rows])
    assert schema.key == ("b",)
    spoilt = [[str(n // 2), f"x{max(n, 3)}", str(max(n, 4))] for n in range(100)]
    schema = profiled(stage_rows, in_engine, [["a", "b", "c"], *spoilt])
    assert schema.key == ()
    assert suspected_key(schema.columns, schema.duplicates) == "b"


def test_exact_copies_do_not_cost_a_column_its_key(stage_rows, in_engine):
    rows = [[str(n), "x"] for n in range(50)]
    schema = profiled(stage_rows, in_engine, [["a", "b"], *rows, *rows[:5]])
    assert (schema.key, schema.duplicates) == (("a",), 5)


def test_types_of_a_given_contract_are_in_force_whatever_the_cells_say(stage_rows, in_engine):
    place = stage_rows(column(["x"] * 10))
    contract = DatasetContract(columns={"c": ColumnRule(type="integer"), "n": ColumnRule()})
    schema = in_engine(lambda session: schema_of(place, session, contract))
    assert schema.columns["c"].type == "integer"
    assert (schema.columns["c"].conforming, schema.columns["n"].type) == (0, "text")


def test_a_lenient_schema_is_nullable_text(stage_rows, in_engine):
    place = stage_rows(column(["1"] * 10))
    schema = in_engine(lambda session: schema_of(place, session, lenient=True))
    assert {each.type for each in schema.columns.values()} == {"text"}
    assert schema.key == ()


def test_files_are_read_under_the_names_of_the_contract(stage_rows, in_engine):
    place = stage_rows([["Lat", "x"], ["1", "a"]], [["Latitude"], ["2"], ["3"]])
    contract = DatasetContract(columns={"Latitude": ColumnRule(), "x": ColumnRule()})
    parts = ({"Latitude": "Lat", "x": "x"}, {"Latitude": "Latitude", "x": None})

    def job(session):
        resolution = Resolution(contract=contract, parts=parts)
        open_staged(session, place, place.staging(), resolution)
        return session.rows("SELECT * FROM staged ORDER BY _row"), locate(
            session, place, place.staging(), [1, 3]
        )

    rows, lines = in_engine(job)
    assert rows == [(1, "1", "a"), (2, "2", None), (3, "3", None)]
    assert lines == {1: (2, "in0.csv"), 3: (3, "in1.csv")}


def test_files_are_profiled_one_by_one_with_the_order_that_any_proves(stage_rows, in_engine):
    place = stage_rows(
        [["d"], ["1/2/2020"], ["3/4/2020"]], [["d"], ["1/22/2020"]], [["d", "e"], ["", "7"]]
    )
    first, second, third = in_engine(
        lambda session: profile_parts(place, place.staging(), SchemaOptions(), session)
    )
    assert first.columns["d"].type == second.columns["d"].type == "date"
    assert (third.columns["d"].present, third.columns["d"].missing) == (0, 1)
    assert (third.columns["e"].type, third.columns["e"].sample) == ("integer", ("7",))
    assert (first.part, second.file) == (0, "in1.csv")


def test_daily_reports_with_three_ways_to_write_a_time_have_one(shared, stage_rows, in_engine):
    import csv

    folder: Path = shared / "data" / "dev" / "covid_daily_drift"
    tables = []
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            tables.append(list(csv.reader(file)))
    place = stage_rows(*tables)

    def job(session):
        schema = schema_of(place, session)
        return schema, profile_parts(place, place.staging(), SchemaOptions(), session)

    schema, parts = in_engine(job)
    update = schema.columns["Last Update"]
    assert (update.type, update.date_order, update.conforming) == ("timestamp", "mdy", schema.rows)
    assert update.minimum == "2020-01-22 17:00:00"
    assert {part.columns["Last Update"].type for part in parts} == {"timestamp"}


def test_fifteen_hundred_columns_are_profiled(stage_rows, in_engine):
    header = [f"c{n}" for n in range(1500)]
    schema = profiled(stage_rows, in_engine, [header, *([str(row)] * 1500 for row in range(3))])
    assert len(schema.columns) == 1500
