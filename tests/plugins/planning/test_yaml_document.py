"""YAML as it is read: words are words, mistakes have a line, nothing grows beyond its bounds."""

import sys
from contextlib import suppress
from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataagents.core.errors import InputError, MissingExtraError
from dataagents.plugins.planning.written import document
from dataagents.plugins.planning.written.document import parse, plain_value, read_document
from dataagents.plugins.planning.written.fields import json_of


def read(text):
    return json_of(parse(text, "file.yaml"))


def test_only_true_false_null_and_numbers_are_no_words():
    assert read("[yes, no, on, True, 2026-03-01, 010, 1:30, 1_000, 0x1f]") == [
        "yes", "no", "on", "True", "2026-03-01", "010", "1:30", "1_000", "0x1f",
    ]  # fmt: skip
    assert read("[true, false, null, ~, 3, -4, 2.5, 1e3, '3', \"true\"]") == [
        True, False, None, None, 3, -4, 2.5, 1000.0, "3", "true",
    ]  # fmt: skip


def test_infinite_and_endless_numbers_stay_words():
    assert read("[1e999, .inf, .nan]") == ["1e999", ".inf", ".nan"]
    assert read("9" * 30) == "9" * 30


def test_values_know_their_line():
    node = parse("a: 1\nb:\n  - x\n  - y: 2\n", "file.yaml")

    assert node.value["b"].value[1].value["y"].line == 4
    assert node.lines == {"a": 1, "b": 2}


def test_variables_need_no_quotes():
    assert read("{to: $place, from:$table: $source, list: [$a, $b]}") == {
        "to": "$place", "from:$table": "$source", "list": ["$a", "$b"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [1, 2\nb: 3\n", "file.yaml line 2, column 2: not valid YAML: "),
        ("a: 1\n\tb: 2\n", "file.yaml line 2, column 1: not valid YAML: "),
        ("a: *b\n", "file.yaml line 1, column 4: not valid YAML: found undefined alias"),
        ("a: 1\nb: 2\na: 3\n", "file.yaml line 3: 'a' is there twice; it also stands in line 1."),
        ("a: !!python/name:os.system\n", "file.yaml line 1: the tag '!!python/name:os.system'"),
        ("a: !!set {x}\n", "file.yaml line 1: the tag '!!set' has no meaning here."),
        ("? [a]\n: 1\n", "file.yaml line 1: a key has to be a word."),
        ("a: 1\nb: \x07\n", "file.yaml line 2: it has a control character"),
        ("--- 1\n--- 2\n", "file.yaml line 2, column 1: not valid YAML: "),
        ("# nothing\n", "file.yaml: it is empty."),
        ("[" * 60 + "]" * 60, "file.yaml line 1: it is nested too deeply."),
        ("[" * 1500 + "]" * 1500, "file.yaml: it is nested too deeply."),
        ("a: &x [*x]\n", "file.yaml line 1: it is nested too deeply."),
    ],
)
def test_what_is_no_yaml_of_ours_is_shown_where_it_is(text, told):
    with pytest.raises(InputError) as caught:
        parse(text, "file.yaml")
    assert str(caught.value).startswith(told)


def test_a_bomb_of_aliases_is_counted_not_built():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for number in range(1, 30):
        lines.append(f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 10)}]")
    with pytest.raises(InputError, match=r"line \d+: the file has more than 200,000 values"):
        parse("\n".join(lines), "bomb.yaml")


def test_an_alias_is_what_it_stands_for():
    assert read("a: &x {k: 1}\nb: *x\n") == {"a": {"k": 1}, "b": {"k": 1}}


def test_files_that_can_not_be_read_say_why(tmp_path, monkeypatch):
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"a: 1\nb: caf\xe9\n")
    with pytest.raises(InputError, match=r"latin\.yaml line 2: it is not UTF-8"):
        read_document(latin)
    with pytest.raises(InputError, match=r"gone\.yaml: No such file or directory\."):
        read_document(tmp_path / "gone.yaml")
    with pytest.raises(InputError, match="Is a directory"):
        read_document(tmp_path)
    monkeypatch.setattr(document, "MOST_BYTES", 3)
    with pytest.raises(InputError, match="it is larger than"):
        read_document(latin)


def test_a_mark_at_the_beginning_is_no_part_of_the_text(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_bytes(b"\xef\xbb\xbfname: x\n")

    assert json_of(read_document(file)) == {"name": "x"}


def test_without_yaml_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(document, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'dataagents\[data\]'"):
        read_document(tmp_path / "a.yaml")


def test_yaml_is_imported_only_when_a_file_is_read():
    source = sys.modules[document.__name__].__dict__
    assert "yaml" not in source


@given(st.text(max_size=200))
def test_any_text_is_a_value_or_an_error_of_ours(text):
    with suppress(InputError):
        json_of(parse(text, "file.yaml"))


@given(st.text(alphabet="0123456789.eE+-", max_size=30))
def test_numbers_are_numbers_of_json(text):
    value = plain_value(text)
    if isinstance(value, float):
        assert isfinite(value)
