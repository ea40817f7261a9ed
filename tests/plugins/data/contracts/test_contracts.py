from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dataagents.core.errors import InputError
from dataagents.plugins.data.contracts.drift import across, compare
from dataagents.plugins.data.contracts.exchange.formats import EXPORTS
from dataagents.plugins.data.contracts.files import contract_text, read_contract
from dataagents.plugins.data.contracts.model import (
    ColumnRule,
    DatasetContract,
    Observed,
    PartColumn,
    PartProfile,
    RowRule,
)
from dataagents.plugins.data.contracts.resolution import resolve

ORDERS = DatasetContract(
    key=("id",),
    columns={
        "id": ColumnRule(type="integer", required=True),
        "zip": ColumnRule(type="text", pattern="[0-9]{5}"),
        "state": ColumnRule(allowed=("NY", "CA"), required=True),
        "price": ColumnRule(type="float", minimum="0", maximum="99.5"),
    },
    rules=(RowRule(name="cheap", sql="price < 50"),),
)


def saved(tmp_path: Path, text: str, name: str = "contract.yaml") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def part(number: int, **columns: str) -> PartProfile:
    return PartProfile(
        part=number,
        file=f"day{number}.csv",
        columns={
            name: PartColumn(type=kind, present=9, missing=0, sample=(f"{name}1", f"{name}2"))
            for name, kind in columns.items()
        },
    )


def test_a_contract_survives_its_file(tmp_path):
    path = saved(tmp_path, contract_text({"orders": ORDERS}))
    assert read_contract(path, "orders", only=False) == ORDERS


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=8).filter(lambda name: name.isprintable()),
        st.builds(
            ColumnRule,
            type=st.sampled_from(["integer", "text", "date"]),
            required=st.booleans(),
            allowed=st.none() | st.lists(st.text(max_size=4), max_size=3).map(tuple),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_any_names_and_values_survive(columns):
    contract = DatasetContract(columns=columns)
    body = yaml.safe_load(contract_text({"x": contract}))["datasets"]["x"]
    assert DatasetContract.model_validate(body) == contract


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("datasets: [", r"not valid YAML in line \d"),
        ("columns: {}", "no `datasets`"),
        ("datasets: {o: {columns: {a: {typ: text}}}}", "typ"),
        ("datasets: {o: {columns: {a: {type: int}}}}", "type"),
        ("datasets: {o: {key: [b], columns: {a: {}}}}", "no column 'b'"),
        ("datasets: {o: {columns: {a: {type: integer, minimum: 3, maximum: 2}}}}", "greater"),
        ("datasets: {o: {columns: {a: {pattern: '['}}}}", "no regular expression"),
        ("datasets: {o: {freshness: {column: a, max_age: soon}, columns: {a: {}}}}", "7 days"),
        ("datasets: {x: {columns: {a: {}}}, y: {columns: {a: {}}}}", "no data set 'o'"),
    ],
)
def test_what_is_wrong_with_a_contract_is_named(tmp_path, text, says):
    with pytest.raises(InputError, match=says):
        read_contract(saved(tmp_path, text), "o", only=True)


def test_numbers_and_ages_are_read_as_they_are_written(tmp_path):
    text = (
        "datasets: {o: {freshness: {column: t, max_age: 7 days}, columns: "
        "{t: {type: date}, p: {type: decimal, minimum: 1.50, allowed: [1.50, 2020-01-01, 007]}}}}"
    )
    contract = read_contract(saved(tmp_path, text), "o", only=True)
    assert contract.columns["p"].minimum == "1.50"
    assert contract.columns["p"].allowed == ("1.50", "2020-01-01", "007")
    assert contract.freshness is not None
    assert contract.freshness.max_age == 7 * 86400


@pytest.mark.parametrize("name", sorted(EXPORTS))
def test_contracts_come_back_from_other_formats(tmp_path, name):
    path = saved(tmp_path, EXPORTS[name](ORDERS, "orders"), name)
    read = read_contract(path, "orders", only=True)
    assert list(read.columns) == list(ORDERS.columns)
    assert [rule.required for rule in read.columns.values()] == [True, False, True, False]
    assert read.columns["state"].allowed == ("NY", "CA")
    assert (read.columns["price"].minimum, read.columns["price"].maximum) == ("0", "99.5")
    if name != "dbt.yml":
        assert read.columns["zip"].pattern == "[0-9]{5}"
        assert read.columns["price"].type == "float"
    else:
        assert read.rules == ORDERS.rules


def test_the_same_change_is_told_once_with_its_first_file():
    parts = [part(0, a="integer"), part(1, a="integer", b="text"), part(2, a="integer", b="text")]
    contract = DatasetContract(columns={"a": ColumnRule(type="integer")})
    (change,) = across(contract, parts, baseline_is_first_part=True)
    assert (change.kind, change.column, change.file, change.parts) == ("added", "b", "day1.csv", 2)
    assert change.explanation == "`b` is new in day1.csv and 1 later file"


def test_renames_are_recognised_by_name():
    names = ("Province/State", "Last Update", "Latitude", "Longitude")
    contract = DatasetContract(columns=dict.fromkeys(names, ColumnRule()))
    new = part(0, Province_State="text", Last_Update="text", Lat="text", Long_="text", FIPS="text")
    changes = compare(contract, new)
    assert {(change.column, change.to) for change in changes if change.kind == "renamed"} == {
        *(("Province/State", "Province_State"), ("Last Update", "Last_Update")),
        *(("Latitude", "Lat"), ("Longitude", "Long_")),
    }
    assert [change.column for change in changes if change.kind == "added"] == ["FIPS"]


@pytest.mark.parametrize(
    ("before", "after", "drifts"),
    [
        *(("integer", "text", True), ("decimal", "integer", False), ("integer", "decimal", True)),
        *(("timestamp", "date", False), ("text", "integer", False), ("date", "timestamp", True)),
    ],
)
def test_only_values_that_do_not_fit_are_drift(before, after, drifts):
    contract = DatasetContract(columns={"a": ColumnRule(type=before)})
    kinds = [change.kind for change in compare(contract, part(0, a=after))]
    assert kinds == (["retyped"] if drifts else [])


def test_ranges_and_missing_shares_are_notes_that_nobody_decides_on():
    observed = Observed(missing=0.0, minimum="0", maximum="10")
    contract = DatasetContract(columns={"a": ColumnRule(type="integer", observed=observed)})
    column = PartColumn(type="integer", present=5, missing=5, minimum="0", maximum="99")
    changes = compare(contract, PartProfile(part=0, file="x.csv", columns={"a": column}))
    assert [change.kind for change in changes] == ["range", "missing"]
    assert not any(change.structural for change in changes)


@pytest.mark.parametrize(
    ("choice", "columns", "refused"),
    [
        ("evolve", ["a", "b", "c"], False),
        ("freeze", ["a", "b"], True),
        ("discard_row", ["a", "b"], False),
        ("discard_value", ["a", "b"], False),
    ],
)
def test_policies_are_followed(choice, columns, refused):
    contract = DatasetContract(
        columns={"a": ColumnRule(type="integer"), "b": ColumnRule(required=True)}
    )
    new = part(0, a="text", c="text")
    resolution = resolve(contract, compare(contract, new), [list(new.columns)], choice)
    assert (list(resolution.contract.columns), resolution.refused) == (columns, refused)
    assert resolution.parts[0]["b"] is None
    if choice == "evolve":
        assert resolution.contract.columns["a"].type == "text"
        assert not resolution.contract.columns["b"].required
    if choice == "discard_row":
        assert set(resolution.quarantined[0]) == {"c", "*"}
    assert resolution.nulled == (("a",) if choice == "discard_value" else ())
