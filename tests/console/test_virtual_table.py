"""The table: rows without end, one of them under the cursor."""

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
        self.near: list[str] = []
        self.headings: list[int] = []

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

    def on_virtual_table_near_end(self, event):
        self.near.append("end")

    def on_virtual_table_near_start(self, event):
        self.near.append("start")

    def on_virtual_table_heading_clicked(self, event):
        self.headings.append(event.table.column)


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


async def test_an_empty_table_says_so_and_tells_that_its_first_row_is_to_be_opened():
    app = Counting([])
    async with app.run_test(size=(40, 10)) as pilot:
        app.table.empty = "nothing here\nsecond [/] line"
        await pilot.press("down", "end", "enter")

        assert app.table.current is None
        assert text(app, 2).strip() == "nothing here"
        assert text(app, 3).strip() == "second [/] line"
        assert app.opened == [None]


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


async def test_a_cursor_on_the_first_row_stays_with_what_is_newest_when_it_follows():
    app = Counting([30, 20, 10])
    async with app.run_test(size=(40, 10)) as pilot:
        app.table.show([40, 30, 20, 10], follow=True)
        await pilot.pause()
        assert (app.table.current, app.table.cursor) == (40, 0)

        await pilot.press("down")
        app.table.show([50, 40, 30, 20, 10], follow=True)
        await pilot.pause()
        assert (app.table.current, app.table.cursor) == (30, 2)


async def test_a_row_keeps_its_line_while_others_come_above_it():
    app = Counting(list(range(100)))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press(*["down"] * 30)
        before = [text(app, line) for line in range(10)]
        app.table.show([1_000, 1_001, *range(100)])
        await pilot.pause()

        assert app.table.current == 30
        assert [text(app, line) for line in range(10)] == before


async def test_a_lost_row_leaves_the_cursor_at_the_nearest_place():
    app = Counting(list(range(10)))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("end")
        app.table.show([0, 1, 2])
        await pilot.pause()
        assert app.table.current == 2
        app.table.show([])
        await pilot.pause()
        assert app.table.current is None
        app.table.show([7])
        assert app.table.current == 7


async def test_it_says_when_it_will_need_more_rows():
    app = Counting(range(200))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("down")
        await pilot.pause()
        assert set(app.near) == {"start"}
        app.near.clear()
        app.table.move_to(100)
        await pilot.pause()
        assert not app.near
        app.table.move_to(150)
        await pilot.pause()
        assert app.near == ["end"]
        app.near.clear()
        await pilot.press("end", "down")
        await pilot.pause()
        assert set(app.near) == {"end"}


async def test_a_row_is_found_by_its_key():
    app = Counting(list(range(100)))
    async with app.run_test(size=(40, 10)) as pilot:
        assert app.table.go_to("77")
        await pilot.pause()
        assert app.table.current == 77
        assert any(text(app, line).startswith(">row-77") for line in range(10))
        assert not app.table.go_to("none")
        assert app.table.current == 77


async def test_marks_are_told_by_a_character():
    app = Counting(list(range(5)))
    async with app.run_test(size=(40, 10)):
        app.table.marked = {"0", "2"}
        starts = [text(app, line)[0] for line in range(1, 6)]
        assert starts == ["»", " ", "*", " ", " "]


async def test_a_column_is_chosen_among_those_in_sight():
    app = Counting(list(range(5)))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("left")
        assert app.table.column == 0
        await pilot.press("right", "right", "right")
        assert app.table.column == 3
        await pilot.press("left")
        assert app.table.column == 1  # WIDE ONLY has no room


async def test_a_click_on_a_heading_chooses_its_column():
    app = Counting(list(range(5)))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.click(VirtualTable, offset=(12, 0))
        await pilot.pause()
        assert app.headings == [1]
        assert app.opened == []


async def test_a_heading_shows_the_order_even_where_it_has_to_be_cut():
    app = Counting(list(range(5)))
    async with app.run_test(size=(40, 10)):
        app.table.set_columns(COLUMNS, {0: "↑", 1: "↓"})
        assert text(app, 0).startswith(" NAME↑     N↓ REST")
        app.table.set_columns((Column("LONG NAME", 5), Column("REST")), {0: "↓"})
        assert text(app, 0).split()[0] == "LON…↓"


async def test_fewer_columns_leave_the_choice_in_sight():
    app = Counting(list(range(5)))
    async with app.run_test(size=(60, 10)) as pilot:
        await pilot.press("right", "right", "right")
        assert app.table.column == 3
        app.table.set_columns(COLUMNS[:2], {})
        assert app.table.column == 1


@pytest.mark.parametrize("size", [(8, 3), (1, 1), (200, 2)])
async def test_any_size_is_drawn(size):
    app = Counting(list(range(50)))
    async with app.run_test(size=size) as pilot:
        await pilot.press("end", "pageup")
        await pilot.resize_terminal(20, 5)
        await pilot.pause()
        assert app.table.current is not None
        assert any(text(app, line).startswith(">") for line in range(1, 5))


async def test_after_a_new_size_the_cursor_is_in_sight():
    app = Counting(list(range(100)))
    async with app.run_test(size=(40, 40)) as pilot:
        app.table.move_to(35)
        await pilot.resize_terminal(40, 8)
        await pilot.pause()
        assert any(text(app, line).startswith(">row-35 ") for line in range(1, 8))


async def test_what_is_said_in_place_of_rows_is_wrapped():
    app = Counting([])
    async with app.run_test(size=(20, 10)):
        app.table.empty = "a sentence that is longer than a line\n\n  x"
        assert [text(app, line).rstrip() for line in range(2, 7)] == [
            "  a sentence that", "  is longer than a", "  line", "", "    x",
        ]  # fmt: skip
