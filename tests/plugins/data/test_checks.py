import pytest
from judging import violations_of

from dataagents.core.errors import InputError
from dataagents.plugins.data.contracts.model import ColumnRule, DatasetContract, RowRule
from dataagents.plugins.data.workplace import Rule

HEADER = ["id", "price", "day", "state"]
ROWS = [
    ["1", "5", "2026-01-01", "on"],
    ["2", " x", "2026-01-02", "off"],
    ["2", "-3", "2025-01-01", "gone"],
    ["", "N/A", "2026-01-03", "on"],
]


def contract(rules=(), key=("id",), **columns):
    plain = {name: ColumnRule() for name in HEADER}
    return DatasetContract(key=key, columns=plain | columns, rules=rules)


@pytest.fixture
def judged(stage_rows, in_engine):
    def run(contract, rows=ROWS, **more):
        place = stage_rows([HEADER, *rows])
        return in_engine(lambda session: violations_of(place, session, contract, **more))

    return run


def test_each_rule_says_why(judged):
    found = judged(
        contract(
            id=ColumnRule(type="integer", required=True),
            price=ColumnRule(type="decimal", minimum="0"),
            day=ColumnRule(type="date", minimum="2026-01-01", maximum="2026-12-31"),
            state=ColumnRule(allowed=("on", "off"), pattern="o.*"),
        )
    )
    assert found == [
        (2, "id", "unique", "2", "`2` occurs 2 times in the key"),
        (2, "price", "type", " x", "` x` is no decimal number"),
        (3, "day", "range", "2025-01-01", "`2025-01-01` is earlier than 2026-01-01"),
        (3, "id", "unique", "2", "`2` occurs 2 times in the key"),
        (3, "price", "range", "-3", "`-3` is smaller than 0"),
        (3, "state", "allowed", "gone", "`gone` is none of on, off"),
        (3, "state", "pattern", "gone", "`gone` does not match o.*"),
        (4, "id", "required", "", "a value is required here"),
    ]


def test_columns_tell_rows_apart_together(judged):
    assert judged(contract(key=("id", "state"))) == []
    rows = [*ROWS, ["2", "1", "", "off"], ["", "1", "", "on"]]
    found = judged(contract(key=("id", "state")), rows)
    assert [(row, column, rule) for row, column, rule, _, _ in found] == [
        (2, "id", "unique"),
        (5, "id", "unique"),
    ]
    assert found[0][4] == "`2`, `off` occurs 2 times in the key (id, state)"


def test_a_column_may_be_unique_beside_the_key(judged):
    found = judged(contract(key=(), state=ColumnRule(unique=True)))
    assert [(row, rule) for row, _, rule, _, _ in found] == [(1, "unique"), (4, "unique")]


def test_a_rule_in_sql_sees_typed_values_and_holds_where_it_is_null(judged):
    rule = RowRule(name="cheap", sql="price < 100 AND price >= 0", columns=("price",))
    found = judged(contract((rule,), price=ColumnRule(type="decimal")))
    broken = [(row, column, value) for row, column, rule, value, _ in found if "cheap" in rule]
    assert broken == [(3, "price", "-3")]


@pytest.mark.parametrize(
    "sql",
    ["price - 1 < 100", "price * 2 + 1 < 100", "year(today()) > price", "abs(price) < 9"],
)
def test_a_rule_in_sql_may_calculate(judged, sql):
    judged(contract((RowRule(name="r", sql=sql),), price=ColumnRule(type="decimal")))


def test_a_rule_that_cannot_be_calculated_is_broken(judged):
    rule = RowRule(name="number", sql="CAST(state AS INTEGER) > 0")
    found = judged(contract((rule,), key=()))
    assert [row for row, _, rule, _, _ in found if rule == "rule:number"] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("price > (SELECT 1)", "subquery"),
        ("price IN (SELECT price FROM kept)", "subquery"),
        ("1; DROP TABLE kept", "syntax"),
        ("price > 0) FROM read_text('/etc/passwd') WHERE (true", "one expression"),
        ("sum(price) > 0", "`sum`"),
        ("row_number() OVER () > price", "window"),
        ("current_setting('threads') = state", "`current_setting`"),
        ("getvariable('x') = state", "`getvariable`"),
        ("read_text('/etc/passwd') = state", "`read_text`"),
        ("random() > price", "`random`"),
        ("prize > 0", "did you mean 'price'"),
        ("other.price > 0", "no column"),
        ("price >", "syntax"),
        ("1 = 1", "names no column"),
        ("price > 0, price > 1", ""),
        ("*", ""),
        ("list_sum([x FOR x IN [price]]) > 0", ""),
    ],
)
def test_a_rule_is_one_expression_over_the_row(judged, sql, says):
    with pytest.raises(InputError, match="rule 'r' of the contract") as refused:
        judged(contract((RowRule(name="r", sql=sql),)))
    assert says.lower() in str(refused.value).lower()


def test_a_rule_that_the_engine_refuses_is_named(judged):
    with pytest.raises(InputError, match="rule 'r' of the contract"):
        judged(contract((RowRule(name="r", sql="date_trunc(price, price, price) > 0"),)))


def test_rules_may_have_comments_and_odd_names(stage_rows, in_engine):
    place = stage_rows([['a "b"', "c"], ["1", "2"], ["3", "2"]])
    names = {'a "b"': ColumnRule(type="integer"), "c": ColumnRule(type="integer")}
    rule = RowRule(name="x", sql='"a ""b""" <= C -- smaller')
    agreed = DatasetContract(columns=names, rules=(rule,))
    found = in_engine(lambda session: violations_of(place, session, agreed))
    assert [(row, rule) for row, _, rule, _, _ in found] == [(2, "rule:x")]


def test_drift_sends_rows_to_quarantine_by_file(stage_rows, in_engine):
    place = stage_rows([["a"], ["1"]], [["a", "new"], ["2", ""], ["3", "x"]], [["b"], ["4"]])
    agreed = DatasetContract(columns={"a": ColumnRule()})
    why = ({}, {"new": "the contract has no column new"}, {"*": "the file has no column a"})
    found = in_engine(lambda session: violations_of(place, session, agreed, quarantined=why))
    assert found == [
        (3, "new", "drift", "x", "the contract has no column new"),
        (4, "*", "drift", None, "the file has no column a"),
    ]


def test_misfits_that_become_null_break_nothing(judged):
    agreed = contract(key=(), price=ColumnRule(type="integer"))
    assert judged(agreed, nulled=("price",)) == []


def test_recorded_rules_change_what_is_current(stage_rows, in_engine):
    from judging import schema_of

    from dataagents.plugins.data.checks import open_current

    place = stage_rows([["a"], [" x "], ["y"]])
    rules = (Rule(id="trim:a", rule="trim", column="a", sql='trim("a")', cells=1),)

    def job(session):
        open_current(session, place, schema_of(place, session), rules)
        return session.rows("SELECT a FROM current ORDER BY _row"), session.rows(
            "SELECT a FROM kept ORDER BY _row"
        )

    assert in_engine(job) == ([("x",), ("y",)], [(" x ",), ("y",)])


def test_the_engine_opens_nothing_else_and_keeps_its_settings(in_engine, tmp_path):
    outside = tmp_path.parent / "outside.csv"
    outside.write_text("a\n1\n")
    for sql in (
        f"SELECT * FROM read_csv('{outside}')",
        "SELECT * FROM glob('/etc/*')",
        "SET threads = 1",
    ):
        with pytest.raises(InputError, match="DuckDB refused"):
            in_engine(lambda session, sql=sql: session.rows(sql))
