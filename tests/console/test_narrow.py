"""Tables on a narrow terminal."""

import pytest
from rich.console import Console

from dataagents.console.commands.narrow import Column, fitting

COLUMNS = (
    Column("run"),
    Column("started", gives_way=1),
    Column("data", least=8),
    Column("took", "right", gives_way=2),
)
ROWS = [("1m8c9fn5j009rwe", "2026-11-26 16:02", "a-name-that-is-very-long", "7.2s")]


def drawn(width):
    console = Console(width=width, record=False, file=None)
    with console.capture() as captured:
        console.print(fitting(COLUMNS, ROWS, width))
    return captured.get()


@pytest.mark.parametrize(
    ("width", "there", "gone"),
    [
        (100, ["started", "took", "a-name-that-is-very-long"], ["…"]),
        (55, ["started", "took", "a-name-t…"], []),
        (50, ["started", "16:02"], ["took"]),
        (30, ["run", "data"], ["took", "started"]),
    ],
)
def test_whole_columns_give_way_and_an_id_is_never_cut(width, there, gone):
    text = drawn(width)
    assert "1m8c9fn5j009rwe" in text
    assert all(len(line) <= width for line in text.splitlines())
    assert not [each for each in gone if each in text]
    assert not [each for each in there if each not in text]


def test_a_table_without_rows_has_its_headings():
    console = Console(width=80, file=None)
    with console.capture() as captured:
        console.print(fitting(COLUMNS, [], 80))
    assert "started" in captured.get()


def test_what_is_too_long_takes_the_room_that_is_left():
    text = drawn(60)
    assert "a-name-that-i…" in text
    assert "7.2s" in text
