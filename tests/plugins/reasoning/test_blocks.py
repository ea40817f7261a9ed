"""Data in prompts stays data."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataagents.plugins.reasoning.blocks import block, brief

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_a_block_has_one_beginning_one_end_and_one_line_between(value):
    lines = block("facts", value, 500).split("\n")
    assert (lines[0], lines[-1]) == ('<data name="facts">', "</data>")
    assert len(lines) == 3
    assert not {"<", ">", "\r"} & set(lines[1])
    assert lines[1].isprintable()


@given(JSON)
def test_what_is_not_cut_can_be_read_back(value):
    text = block("facts", value, 1_000_000).split("\n")[1]
    read = json.loads(text)
    assert json.dumps(read).count("<") == json.dumps(value).count("<")


def test_what_is_cut_is_counted():
    text = block("facts", "x" * 1_000, 100)
    assert "[cut: 902 more characters]" in text
    assert len(text) < 200


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x" * 300, "x" * 200 + " [100 more characters]"),
        (list(range(20)), [*range(12), "8 more items"]),
        (
            {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}},
            {"a": {"b": {"c": {"d": {"e": "[1 fields]"}}}}},
        ),
        ([[[[[[1]]]]]], [[[[["[1 items]"]]]]]),
        ({"id": {"type": "integer"}}, {"id": {"type": "integer"}}),
        (3.5, 3.5),
        (0.9976759640026224, 0.997676),
        (10**30, 10**30),
        (None, None),
    ],
)
def test_what_is_long_or_deep_is_left_out_and_counted(value, expected):
    assert brief(value) == expected


def test_a_wide_table_is_cut_after_forty_columns():
    columns = {f"c{number}": {"type": "text"} for number in range(1_500)}
    shown = brief(columns)
    assert len(shown) == 41
    assert shown["…"] == "1,460 more fields"
