"""Dates that can't be read as those of their column."""

import pytest

from dataagents.plugins.detection.days import Days


def flagged(look, values):
    """Return what is flagged of a column: the value, and what it is to be."""
    rows = [[str(number), value] for number, value in enumerate(values)]
    found = look(Days(), ["number", "it"], rows)
    assert {column for _, column in found} <= {"it"}
    return {values[row]: each.suggestion for (row, _), each in found.items()}


def days(form, months=(3, 11)):
    return [form.format(d=day, m=month) for month in months for day in range(1, 29)]


@pytest.mark.parametrize(
    ("form", "wrong", "right"),
    [
        ("{d:02}/{m:02}/2021", "09/14/2021", "14/09/2021"),
        ("{m:02}/{d:02}/2021", "14/09/2021", "09/14/2021"),
        ("{m}/{d}/21", "14/9/68", "9/14/68"),
        ("{d:02}.{m:02}.2021", "09.14.2021", "14.09.2021"),
        ("{d:02}-{m:02}-2021 10:30", "09-14-2021 11:20", "14-09-2021 11:20"),
        ("{d:02}/{m:02}/2021", "00/00/0000", None),
        ("{d:02}/{m:02}/2021", "30/02/2021", None),
        ("{d:02}/{m:02}/2021", "45/09/2021", None),
    ],
)
def test_what_the_order_of_the_column_does_not_allow_is_flagged(look, form, wrong, right):
    assert flagged(look, [*days(form), wrong]) == {wrong: right}


def test_the_reason_names_the_value_and_the_order(look):
    rows = [[value] for value in [*days("{d}/{m}/2021"), "9/14/2021"]]
    (found,) = look(Days(), ["it"], rows).values()
    expected = (
        "'9/14/2021' is no day read as day, month, year, as 98 % of the days in the column are"
    )
    assert found.reason == expected
    assert 0.9 < found.confidence <= 0.95


@pytest.mark.parametrize(
    "values",
    [
        days("{d}/{m}/2021"),
        [*days("{d}/{m}/2021", (3,)), *days("{m}/{d}/2021", (3,))],
        [*days("{d}/{m}/2021"), "5/6/2021", "2021-09-14", "soon", "9/14"],
        [f"{n}.{n + 14}.20" for n in range(30)] + ["20.1.20"],
        [f"{n % 40}/{n % 50}/2021" for n in range(100)],
        ["about 9/14/2021", *(f"word {n}" for n in range(50))],
    ],
    ids=["one", "both", "others", "versions", "no days", "text"],
)
def test_what_fits_and_what_is_no_column_of_days_stays(look, values):
    assert flagged(look, values) == {}
