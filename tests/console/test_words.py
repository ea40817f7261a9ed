"""Figures in words."""

import pytest

from dataagents.console.view.words import measured, plural


@pytest.mark.parametrize(
    ("value", "unit", "of", "text"),
    [
        (197_400.0, "1/s", "records_per_second", "197,400/s"),
        (57.83, "1/s", "messages_per_second", "57.8/s"),
        (0.0021, "s", "store_seconds", "2ms"),
        (0, "0/1", "loop_blocked", "no"),
        (0.5, "ratio", "", "50.0%"),
        (3, "errors", "errors", "3"),
        (2, "messages", "queued", "2 messages"),
    ],
)
def test_a_figure_is_read_with_its_unit(value, unit, of, text):
    assert measured(value, unit, of) == text


def test_one_is_not_many():
    assert (plural(1, "task"), plural(0, "task"), plural(1_200, "task")) == (
        "1 task", "0 tasks", "1,200 tasks",
    )  # fmt: skip
