"""Rows that are made when they are looked at."""

from dataagents.console.view.made_rows import MadeRows


def test_a_row_is_made_once_when_it_is_looked_at():
    made = []

    def make(number):
        made.append(number)
        return f"row {number}"

    rows = MadeRows(range(1_000), make)
    assert len(rows) == 1_000
    assert made == []
    assert (rows[3], rows[-1], rows[3]) == ("row 3", "row 999", "row 3")
    assert made == [3, 999]
    assert list(rows[4:7]) == ["row 4", "row 5", "row 6"]
    assert rows.index("row 5") == 5
    assert tuple(rows) == tuple(f"row {number}" for number in range(1_000))
    assert len(made) == len(set(made)) == 1_000


def test_there_may_be_none():
    rows = MadeRows((), str)
    assert not rows
    assert list(rows) == []
