import pytest

from dataagents.core.errors import InputError


def test_a_cell_says_its_text_without_blanks_and_nothing_where_it_is_a_null_token(within):
    def job(session, table):
        return table.query(f"SELECT * FROM {table.relation} ORDER BY _row")

    rows = [[" a ", "1"], ["N/A", ""], ["x y", None]]
    assert within(["name", "n"], rows, job) == [(1, "a", "1"), (2, None, None), (3, "x y", None)]


def test_the_raw_cells_are_as_they_were_read(within):
    def job(session, table):
        return table.query(f"SELECT * FROM {table.raw} ORDER BY _row")

    assert within(["name"], [[" a "], ["N/A"], [None]], job) == [(1, " a "), (2, "N/A"), (3, None)]


def test_columns_are_measured_in_order(within):
    def job(session, table):
        return table.rows, table.columns

    rows = [["1", "x", "2020-01-01"], ["2", "x", "2020-01-02"], ["oops", "", "2020-01-02"]]
    count, columns = within(["id", "label", "day"], rows, job, key=("id",))
    assert count == 3
    assert [(c.name, c.place, c.type, c.present, c.distinct, c.key) for c in columns] == [
        ("id", 0, "integer", 3, 3, True),
        ("label", 1, "text", 2, 1, False),
        ("day", 2, "date", 3, 2, False),
    ]


def test_names_that_need_quotes_are_columns_like_any_other(within):
    names = ['he said "no"', "select", "ü, ö"]

    def job(session, table):
        cells = ", ".join(table.identifier(each.name) for each in table.columns)
        return table.query(f"SELECT {cells} FROM {table.relation}")

    assert within(names, [["1", "2", "3"]], job) == [("1", "2", "3")]


def test_a_table_without_rows_has_columns_of_text(within):
    def job(session, table):
        return table.rows, [(each.type, each.present) for each in table.columns]

    assert within(["a", "b"], [], job) == (0, [("text", 0), ("text", 0)])


def test_what_is_kept_is_there_until_it_is_released(within):
    def job(session, table):
        name = table.keep(f"SELECT _row FROM {table.relation} WHERE a = ?", ["x"])
        other = table.keep(f"SELECT count(*) AS n FROM {name}")
        found = table.query(f"SELECT n FROM {other}")
        table.release()
        with pytest.raises(session.failure, match="does not exist"):
            table.query(f"SELECT * FROM {name}")
        return found

    assert within(["a"], [["x"], ["y"], ["x"]], job) == [(2,)]


def test_work_that_was_stopped_goes_no_further(within):
    def job(session, table):
        session.stop()
        with pytest.raises(InputError, match="stopped"):
            table.query("SELECT 1")

    within(["a"], [["x"]], job)
