"""Joining and aggregating: clean rows of data sets that belong together."""

import asyncio
import csv
import random
from shutil import copytree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from volume import amount

from dataagents.core.errors import InputError
from dataagents.plugins.data import register_tools
from dataagents.plugins.data.aggregation import parse_measure

ORDERS = [
    ["order", "customer", "amount"],
    ["1", "A", "1.50"],
    ["2", "B", "2.25"],
    ["3", "A", "10"],
    ["4", "Z", "7"],
    ["5", "", "3"],
]
CUSTOMERS = [["customer", "city", "order"], ["A", "Rome", "x"], ["B", "Oslo", "y"], ["C", "", "z"]]
TOOLS = ("analyze_schema", "validate_data", "transform_data", "route_pipeline")


class Team:
    """A bench for several files, with their rows cleaned."""

    def __init__(self, small_bench, folder):
        self.bench = small_bench(folder, folder / "run")
        self.bench.source = lambda name: folder / f"{name}.csv"
        self.folder = folder

    async def clean(self, name, rows):
        with (self.folder / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows(rows)
        for tool in TOOLS:
            await self.use(tool, dataset=name)

    async def use(self, name, **request):
        strategy = next(each for each in register_tools() if each.name == name)
        tool = strategy.build(strategy.options())
        return await tool.run(tool.input_model.model_validate(request), self.bench)

    def rows(self, name, table):
        import duckdb

        path = self.bench.workspace / name / f"{table}.parquet"
        with duckdb.connect() as connection:
            found = connection.read_parquet(str(path))
            return found.columns, found.fetchall()


@pytest.fixture
def team(new_bench, tmp_path):
    return Team(new_bench, tmp_path)


@pytest.fixture(scope="module")
def cleaned(new_bench, tmp_path_factory):
    """A folder with the rows of a shop, cleaned."""
    folder = tmp_path_factory.mktemp("shop")

    async def clean():
        team = Team(new_bench, folder)
        await team.clean("orders", ORDERS)
        await team.clean("customers", CUSTOMERS)

    asyncio.run(clean())
    return folder


@pytest.fixture
def shop(cleaned, team):
    copytree(cleaned, team.folder, dirs_exist_ok=True)
    return team


async def test_a_row_keeps_its_place_whether_it_matches_or_not(shop):
    on = {"customer": "customer"}
    told = await shop.use("join_data", dataset="orders", other="customers", on=on)
    columns, rows = shop.rows("orders", "joined")
    assert columns == ["_row", "order", "customer", "amount", "city", "customers_order"]
    assert [row[1:] for row in rows] == [
        ("1", "A", "1.50", "Rome", "x"),
        ("2", "B", "2.25", "Oslo", "y"),
        ("3", "A", "10", "Rome", "x"),
        ("4", "Z", "7", None, None),
        ("5", None, "3", None, None),
    ]
    (join,) = told.data["joins"]
    assert (join["matched"], join["unmatched"], join["unused"], join["found"]) == (3, 2, 1, False)
    assert told.data["others"] == ["customers"]


async def test_rows_without_a_match_may_be_left_out(shop):
    on = {"customer": "customer"}
    request = {"dataset": "orders", "other": "customers", "on": on, "how": "inner"}
    told = await shop.use("join_data", **request)
    assert (told.data["rows"], len(shop.rows("orders", "joined")[1])) == (3, 3)


async def test_a_key_is_found_by_name_and_by_what_it_holds(team):
    await team.clean("orders", [["Customer ID", "n"], *(["abc"[i % 3], str(i)] for i in range(30))])
    await team.clean("people", [["n", "customer_id"], ["x", "a"], ["y", "b"], ["z", "c"]])
    told = await team.use("join_data", dataset="orders", other="people")
    (join,) = told.data["joins"]
    assert (join["on"], join["found"]) == ({"Customer ID": "customer_id"}, True)
    assert "(found)" in told.summary


async def test_columns_that_only_tell_rows_apart_together_are_found_together(team):
    pairs = [[a, b] for a in ("x", "y") for b in ("1", "2")]
    await team.clean(
        "sales", [["shop", "day", "n"], *([*pair, str(n)] for n in range(9) for pair in pairs)]
    )
    await team.clean("weather", [["shop", "day", "sky"], *([*pair, "blue"] for pair in pairs)])
    told = await team.use("join_data", dataset="sales", other="weather")
    assert told.data["joins"][0]["on"] == {"shop": "shop", "day": "day"}
    assert told.data["rows"] == 36


async def test_numbers_match_by_value_and_text_by_letter(team):
    await team.clean("a", [["k", "z"], ["1", "007"], ["2", "7"]])
    await team.clean("b", [["k", "z", "v"], ["1.0", "007", "one"], ["2.00", "07", "two"]])
    told = await team.use("join_data", dataset="a", other="b", on={"k": "k"})
    assert told.data["joins"][0]["matched"] == 2
    told = await team.use("join_data", dataset="a", other="b", on={"z": "z"})
    assert told.data["joins"][0]["matched"] <= 2


async def test_joining_twice_changes_nothing_and_a_third_data_set_is_added(shop):
    await shop.clean("cities", [["city", "country"], ["Rome", "IT"], ["Oslo", "NO"]])
    on = {"customer": "customer"}
    await shop.use("join_data", dataset="orders", other="customers", on=on)
    first = shop.rows("orders", "joined")
    await shop.use("join_data", dataset="orders", other="customers", on=on)
    assert shop.rows("orders", "joined") == first
    told = await shop.use("join_data", dataset="orders", other="cities", on={"city": "city"})
    assert told.data["others"] == ["customers", "cities"]
    columns, rows = shop.rows("orders", "joined")
    assert columns[-1] == "country"
    assert [row[-1] for row in rows] == ["IT", "NO", "IT", None, None]
    assert shop.bench.lineage[-1].sources == ("orders:clean", "customers:clean", "cities:clean")
    assert shop.bench.lineage[-1].columns["customers_order"] == ("order",)


@pytest.mark.parametrize(
    ("on", "message"),
    [
        ({"custmer": "customer"}, "'orders' has no column 'custmer'.*customer"),
        ({"customer": "town"}, "'customers' has no column 'town'"),
    ],
)
async def test_a_column_that_is_not_there_is_named(shop, on, message):
    with pytest.raises(InputError, match=message):
        await shop.use("join_data", dataset="orders", other="customers", on=on)


async def test_rows_are_never_multiplied_on_both_sides(team):
    rows = [["k", "v"], *([f"{i % 2}", f"{i}"] for i in range(6))]
    await team.clean("a", rows)
    await team.clean("b", rows)
    with pytest.raises(InputError, match="2 values occur more than once in 'a' and 2 in 'b'"):
        await team.use("join_data", dataset="a", other="b", on={"k": "k"})


async def test_one_row_may_match_many_where_its_own_key_is_unique(shop):
    on = {"customer": "customer"}
    told = await shop.use("join_data", dataset="customers", other="orders", on=on)
    assert told.data["rows"] == 4  # A twice, B, C
    assert [row[0] for row in shop.rows("customers", "joined")[1]] == [1, 2, 3, 4]


async def test_nothing_that_matches_is_an_answer_too(team):
    await team.clean("a", [["x"], ["p"], ["q"]])
    await team.clean("b", [["y"], ["r"], ["s"]])
    with pytest.raises(InputError, match=r"no columns were found that match.*--join"):
        await team.use("join_data", dataset="a", other="b")


async def test_hostile_names_stay_names(team):
    name = 'k"; DROP TABLE x--'
    await team.clean("a", [[name, "it's {v}"], ["p", "1"], ["q", "2"]])
    await team.clean("b", [[name, "it's {v}"], ["p", "3"], ["q", "4"]])
    told = await team.use("join_data", dataset="a", other="b", on={name: name})
    assert told.data["rows"] == 2
    await team.use("aggregate_data", dataset="a", by=[name], measures=["sum(it's {v})"])
    assert [row[1] for row in team.rows("a", "aggregated")[1]] == [1, 2]


async def test_before_rows_are_clean_there_is_nothing_to_join(new_bench, team):
    await team.clean("a", [["x"], ["1"]])
    with (team.folder / "b.csv").open("w") as file:
        file.write("x\n1\n")
    await team.use("analyze_schema", dataset="b")
    with pytest.raises(InputError, match="its rows were not separated yet"):
        await team.use("join_data", dataset="a", other="b", on={"x": "x"})


MEASURES = ["count", "distinct(order)", "sum(amount)", "mean(amount)", "min(order)", "max(order)"]


async def test_groups_have_measures_of_the_columns_types(shop):
    told = await shop.use("aggregate_data", dataset="orders", by=["customer"], measures=MEASURES)
    columns, rows = shop.rows("orders", "aggregated")
    assert columns == ["customer", *MEASURES]
    assert [(row[0], row[1], float(row[3])) for row in rows] == [
        ("A", 2, 11.5),
        ("B", 1, 2.25),
        ("Z", 1, 7.0),
        (None, 1, 3.0),
    ]
    assert rows[0][5:] == (1, 3)
    assert (told.data["rows"], told.data["groups"], told.data["source"]) == (5, 4, "clean")


async def test_all_rows_are_one_group_without_columns_and_joined_rows_come_first(shop):
    on = {"customer": "customer"}
    await shop.use("join_data", dataset="orders", other="customers", on=on, how="inner")
    told = await shop.use("aggregate_data", dataset="orders")
    assert (told.data["source"], shop.rows("orders", "aggregated")[1]) == ("joined", [(3,)])
    assert shop.bench.lineage[-1].sources == ("orders:joined",)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"by": ["custmer"]}, "no column 'custmer'.*customer"),
        ({"measures": ["sum(customer)"]}, "sum.customer. needs numbers, and 'customer' is text"),
        ({"by": ["customer"], "measures": ["count", "count"]}, "'count' is named twice"),
    ],
)
async def test_what_can_not_be_measured_is_named(shop, request_, message):
    with pytest.raises(InputError, match=message):
        await shop.use("aggregate_data", dataset="orders", **request_)


@pytest.mark.parametrize("text", ["total(amount)", "sum", "sum()", "", "count; DROP", "SUM(a)"])
async def test_a_measure_that_nobody_knows_is_refused(shop, text):
    with pytest.raises(InputError, match="measure"):
        await shop.use("aggregate_data", dataset="orders", measures=[text])


@given(st.text(min_size=1).filter(lambda text: text.strip() == text))
def test_a_measure_may_be_of_any_column(column):
    measure = parse_measure(f"sum({column})")
    assert (measure.function, measure.column) == ("sum", column)


@settings(
    max_examples=amount(2),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 1 << 32))
async def test_sums_over_joined_rows_are_those_of_plain_python(tmp_path_factory, new_bench, seed):
    chance = random.Random(seed)
    team = Team(new_bench, tmp_path_factory.mktemp("shop"))
    keys = [f"k{n}" for n in range(6)]
    sales = [(chance.choice(keys), chance.randrange(-50, 50)) for _ in range(40)]
    groups = {key: chance.choice("xy") for key in keys[:4]}
    await team.clean("sales", [["key", "n"], *([key, str(n)] for key, n in sales)])
    await team.clean("groups", [["key", "group"], *map(list, groups.items())])
    cleaned = [(row[1], int(row[2])) for row in team.rows("sales", "clean")[1]]
    expected: dict[str | None, int] = {}
    for key, n in cleaned:
        group = groups.get(key)
        expected[group] = expected.get(group, 0) + n
    await team.use("join_data", dataset="sales", other="groups", on={"key": "key"})
    await team.use("aggregate_data", dataset="sales", by=["group"], measures=["sum(n)"])
    assert {row[0]: int(row[1]) for row in team.rows("sales", "aggregated")[1]} == expected
