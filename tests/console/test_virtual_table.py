import pytest
from textual.app import App

from dataagents.console.widgets.virtual_table import Cell, Column, VirtualTable

COLUMNS = (
    Column("NAME", 8),
    Column("N", 3, right=True),
    Column("WIDE ONLY", 9, needs=50),
    Column("REST"),
)


class Counting(App[None]):
    """A table over a sequence that counts how many of its rows are rendered."""

    def __init__(self, rows):
        super().__init__()
        self.rendered: list[int] = []
        self.rows = rows
        self.moved = 0
        self.opened: list[int] = []

    def compose(self):
        yield VirtualTable[int](COLUMNS, self.cells, str)

    def on_mount(self):
        self.table.show(self.rows)

    @property
    def table(self) -> VirtualTable[int]:
        return self.query_one(VirtualTable)

    def cells(self, row):
        self.rendered.append(row)
        return Cell(f"row-{row}"), Cell(str(row)), Cell("wide"), Cell("日本語" * 20)

    def on_virtual_table_moved(self, event):
        self.moved += 1

    def on_virtual_table_opened(self, event):
        self.opened.append(event.table.current)


def text(app, line):
    return app.table.render_line(line).text


async def test_only_the_rows_in_sight_are_rendered():
    app = Counting(range(10_000_000))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("end")
        await pilot.pause()

        assert app.table.current == 9_999_999
        assert max(app.rendered) == 9_999_999
        assert len(set(app.rendered)) < 40


@pytest.mark.parametrize(
    ("keys", "row"),
    [
        (["down"], 1), (["j", "j", "k"], 1), (["up"], 0), (["end"], 99), (["G", "k"], 98),
        (["end", "home"], 0), (["pagedown"], 8), (["pagedown", "pageup"], 0), (["end", "down"], 99),
    ],
)  # fmt: skip
async def test_keys_move_the_cursor_and_keep_it_in_sight(keys, row):
    app = Counting(range(100))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press(*keys)
        await pilot.pause()

        assert app.table.current == row
        shown = [text(app, line) for line in range(1, 10)]
        assert [line for line in shown if line.startswith(f">row-{row} ")]


async def test_every_line_is_exactly_as_wide_as_the_table():
    app = Counting(range(3))
    async with app.run_test(size=(40, 10)):
        widths = {app.table.render_line(line).cell_length for line in range(10)}

        assert widths == {40}
        assert text(app, 1).startswith(">row-0      0 日本語")
        assert "…" in text(app, 1)


async def test_a_column_that_needs_room_comes_with_it():
    app = Counting(range(3))
    async with app.run_test(size=(40, 10)) as pilot:
        assert "WIDE ONLY" not in text(app, 0)
        await pilot.resize_terminal(60, 10)
        await pilot.pause()
        assert "WIDE ONLY" in text(app, 0)


async def test_the_cursor_follows_its_row_and_says_when_it_lost_it():
    app = Counting([10, 20, 30])
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("down")
        app.table.show([5, 10, 15, 20, 30])
        await pilot.pause()
        assert (app.table.current, app.table.cursor) == (20, 3)
        moved = app.moved

        app.table.show([5])
        await pilot.pause()
        assert app.table.current == 5
        assert app.moved == moved + 1


async def test_an_empty_table_says_so_and_opens_nothing():
    app = Counting([])
    async with app.run_test(size=(40, 10)) as pilot:
        app.table.empty = "nothing here\nsecond [/] line"
        await pilot.press("down", "end", "enter")

        assert app.table.current is None
        assert text(app, 2).strip() == "nothing here"
        assert text(app, 3).strip() == "second [/] line"
        assert app.opened == []


async def test_enter_and_a_second_click_open_a_row():
    app = Counting(range(3))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("down", "enter")
        await pilot.click(VirtualTable, offset=(3, 3))
        assert app.table.current == 2
        assert app.opened == [1]
        await pilot.click(VirtualTable, offset=(3, 3))
        await pilot.click(VirtualTable, offset=(3, 0))
        await pilot.click(VirtualTable, offset=(3, 8))

        assert app.opened == [1, 2]
