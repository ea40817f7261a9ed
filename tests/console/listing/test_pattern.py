"""Regular expressions that end in time."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataagents.console.view.listing.pattern import LONGEST, SEARCHED, Pattern
from dataagents.core.errors import InputError


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("parse_.*csv", "act PARSE_the_csv", True),
        ("^(late|fail)$", "FAIL", True),
        ("^(late|fail)$", "failed", False),
        (r"(\bto\b|x+y)+", "go to it", True),
        (r"(\bto\b|x+y)+", "tomato", False),
        (r"([^\]a-c]|z){2,3}!", "..dd!", True),
        ("(a{,2}b){2}", "aabab", True),
        ("(a{,2}b){2}$", "aab", False),
        ("(x{2,}|é)+$", "É", True),
        (r"(\x41|\u0042)+$", "ab", True),
        ("(i|x)+$", "\N{LATIN SMALL LETTER DOTLESS I}", True),
        ("(a|)*", "", True),
        ("(?:a|b)(?P<n>c|d){1}", "bd", True),
        ("[[]+|(a|b)c", "[", True),
        ("a{}b{x", "a{}b{x", True),
    ],
)
def test_an_expression_is_found_where_it_is(pattern, text, found):
    assert Pattern(pattern).found(text) is found


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("(a+)+$", "a" * 499 + "!"),
        ("(a|a)*b", "a" * 499 + "c" + "b"),
        ("(a|aa)+$", "a" * 499 + "!"),
        ("a?" * 30 + "a" * 30 + "(b|c)", "a" * 29 + "bc"),
        ("(.*)(.*)(.*)(.*)(.*)[^a]z", "z" + "a" * 499),
        ("(a|b)" * 39 + "$", "ab" * 250),
    ],
)
def test_an_expression_with_many_ways_to_a_text_takes_few_steps(pattern, text, monkeypatch):
    """With Python's engine each of these takes longer than anybody waits."""
    looked: list[str] = []
    expression = Pattern(pattern)
    followed = type(expression._automaton)._followed

    def counted(self, state, character):
        looked.append(character)
        return followed(self, state, character)

    monkeypatch.setattr(type(expression._automaton), "_followed", counted)
    expression.found(text)

    assert len(looked) <= SEARCHED + 1


def test_only_an_expression_without_choices_is_left_to_pythons_engine():
    assert Pattern("late")._automaton is None
    assert Pattern(r"^etl-\d+$|err.*")._automaton is None
    for pattern in ("a.*b.*", "(ab)+", "(a|b)c", "a?b?"):
        assert Pattern(pattern)._automaton is not None, pattern


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("a" * (LONGEST + 1), "more than 200 characters"),
        ("(", "can't be read"),
        (r"(a)\1", "reference"),
        ("(?=a)", r"group with \(\?"),
        ("(?<!a)b", r"group with \(\?"),
        ("(?i)a", r"group with \(\?"),
        ("a++", "gives nothing back"),
        (r"\N{DIGIT ONE}", "name of a character"),
        ("((a|b){50}){50}", "too large"),
        ("(" * 30 + "a" + ")" * 30, "groups within groups"),
    ],
)
def test_what_filters_do_not_have_is_told(pattern, told):
    with pytest.raises(InputError, match=told):
        Pattern(pattern)


def test_the_end_of_a_long_text_is_not_looked_at():
    assert not Pattern("z").found("a" * SEARCHED + "z")
    assert Pattern("z").found("a" * (SEARCHED - 1) + "z")


def test_forgetting_what_is_known_changes_no_answer(monkeypatch):
    monkeypatch.setattr("dataagents.console.view.listing.pattern._MOST_KNOWN", 5)
    expression = Pattern("(a|b)+c")

    assert [expression.found(text) for text in ("xyzuvwababc", "ababab", "bc", "qwertc")] == [
        True, False, True, False,
    ]  # fmt: skip


atoms = st.sampled_from(
    ["a", "b", "1", "_", ".", "[ab]", "[^a]", r"\d", r"\w", r"\s", r"\b", "^", "$", " ", "", r"\."]
)
expressions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}|{pair[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,}", "*?"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
    ),
    max_leaves=6,
)


@settings(max_examples=300)
@given(expressions, st.text("abB1_ .é", max_size=8))
def test_it_finds_what_pythons_engine_finds(pattern, text):
    assert Pattern(pattern).found(text) is (re.search(pattern, text, re.IGNORECASE) is not None)
