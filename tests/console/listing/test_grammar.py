"""Filters as operators write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataagents.console.view.listing import Field, Sort, Term
from dataagents.console.view.listing.grammar import HELP, parse, parse_partial, said
from dataagents.console.view.listing.pattern import Pattern
from dataagents.core.errors import InputError

NAMES = ("name", "state", "took", "error-rate", "x.y")
FIELDS = tuple(
    Field(name, name.upper(), lambda row, moment: None, "", right=name == "took")
    for name in (*NAMES, "doing")
)
BY_TOOK = (Sort("state"), Sort("took", descending=True))


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", []),
        ("   ", []),
        ("late", [Term("", "contains", "late")]),
        ('late "two words"', [Term("", "contains", "late"), Term("", "contains", "two words")]),
        ("state:late", [Term("state", "contains", "late")]),
        ("state: late", [Term("state", "contains", "late")]),
        ('state:"a b"', [Term("state", "contains", "a b")]),
        ("state=late", [Term("state", "is", "late")]),
        ('state=""', [Term("state", "is", "")]),
        ("state!=late", [Term("state", "is", "late", negated=True)]),
        ("!state!=late", [Term("state", "is", "late")]),
        ("STATE:Late", [Term("state", "contains", "Late")]),
        ("took>5", [Term("took", ">", "5")]),
        ("took >= 1h30m", [Term("", "contains", "took"), Term("took", ">=", "1h30m")]),
        ("took<=90%", [Term("took", "<=", "90%")]),
        ("took<14:00", [Term("took", "<", "14:00")]),
        ('took<"2026-03-02 14:00"', [Term("took", "<", "2026-03-02 14:00")]),
        (">5", [Term("took", ">", "5")]),
        ("!late", [Term("", "contains", "late", negated=True)]),
        ("!!late", [Term("", "contains", "late")]),
        ('!"two words"', [Term("", "contains", "two words", negated=True)]),
        ("state:/a b|c/ x", [Term("state", "matches", "a b|c"), Term("", "contains", "x")]),
        ("!/^e.+r$/", [Term("", "matches", "^e.+r$", negated=True)]),
        (r"/a\/b\d/", [Term("", "matches", r"a/b\d")]),
        ("state:a|b|c", [Term("state", "contains", "a", others=("b", "c"))]),
        ('state=a|"b c"', [Term("state", "is", "a", others=("b c",))]),
        ("timeout|refused", [Term("", "contains", "timeout", others=("refused",))]),
        ("error-rate:1 x.y=2", [Term("error-rate", "contains", "1"), Term("x.y", "is", "2")]),
        ("/data/sales.csv", [Term("", "contains", "/data/sales.csv")]),
        ("/data", [Term("", "contains", "/data")]),
        ("http://host/x", [Term("", "contains", "http://host/x")]),
        ("14:00", [Term("", "contains", "14:00")]),
        (r'"say \"no\" \\ C:\temp"', [Term("", "contains", r'say "no" \ C:\temp')]),
    ],
)
def test_what_is_written_is_what_is_meant(text, terms):
    assert list(parse(text, FIELDS, BY_TOOK)) == terms


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("stat:late", "'state'"),
        ("KeyError: 'price'", 'Put it in "quotes"'),
        ("took>soon", "'soon' is no figure, duration or time"),
        ("state:", "nothing follows"),
        ("!", "nothing follows the !"),
        ("took>", "nothing follows >"),
        ("a|", "no text beside the |"),
        ("|a", "no text beside the |"),
        ('"two wor', "quotes are not closed"),
        ("state:/err(", "regular expression has no end"),
        ("state:/err(/", "missing )"),
        ("/" + "a" * 201 + "/", "more than 200 characters"),
    ],
)
def test_a_filter_that_is_none_is_told_with_what_to_do(text, told):
    with pytest.raises(InputError) as raised:
        parse(text, FIELDS)

    assert told in str(raised.value)


def test_a_comparison_without_a_field_needs_a_list_sorted_by_a_figure():
    with pytest.raises(InputError, match="Write the field before it, such as took>5"):
        parse(">5", FIELDS, (Sort("state"),))


def test_a_heading_will_do_for_a_name():
    heading = (Field("took", "Duration", lambda row, moment: None, ""),)

    assert parse("duration:5", heading) == (Term("took", "contains", "5"),)


@pytest.mark.parametrize(
    ("text", "in_force"),
    [
        ("late !", "late"),
        ("late state:", "late"),
        ("late took>", "late"),
        ("late took>1h3", "late"),
        ("late took>14:0", "late"),
        ("late state:/err(", "late"),
        ('late "two wor', 'late "two wor"'),
        ("late state:a|", "late state:a"),
    ],
)
def test_what_is_not_finished_is_no_problem_while_it_is_typed(text, in_force):
    terms, problem = parse_partial(text, FIELDS)

    assert (said(terms), problem) == (in_force, None)


@pytest.mark.parametrize(
    ("text", "in_force", "told"),
    [
        ("stat:x late", "late", "'state'"),
        ("late took>soon ok", "late ok", "'soon'"),
        ("! late", "late", "follows the !"),
        (">5 late", "late", "which field"),
        ("a||b late", "a late", "beside the |"),
        ("/(/ late", "late", "can't be read"),
    ],
)
def test_what_is_wrong_is_told_and_the_rest_is_in_force(text, in_force, told):
    terms, problem = parse_partial(text, FIELDS)

    assert said(terms) == in_force
    assert problem is not None
    assert told in problem


def test_every_beginning_of_a_good_filter_can_be_typed_without_an_error():
    whole = 'late !state:ok|"a b" took>=1h30m doing:/parse_(csv|json)$/ name="x y" took<90%'
    parse(whole, FIELDS)

    assert {parse_partial(whole[:end], FIELDS)[1] for end in range(len(whole) + 1)} == {None}


def test_the_examples_of_the_help_are_filters():
    parse(" ".join(example for example, _ in HELP), FIELDS, BY_TOOK)


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12) | st.text(
    ' "\\|!/<>=:ab5', max_size=8
)
patterns = st.text("ab5/\\.[]()|^$ dw\"'", min_size=1, max_size=12)


def is_pattern(text):
    """Whether it can be a term's: what is read has no backslash before a slash."""
    try:
        Pattern(text)
    except InputError:
        return False
    return "\\/" not in text.replace("\\\\", "")


@st.composite
def terms(draw):
    field = draw(st.sampled_from(("", *NAMES)))
    negated = draw(st.booleans())
    match draw(st.sampled_from(["text", "matches", "compares"])):
        case "matches":
            pattern = draw(patterns.filter(is_pattern))
            return Term(field, "matches", pattern, negated)
        case "compares":
            operator = draw(st.sampled_from([">", ">=", "<", "<="]))
            limit = draw(st.sampled_from(["5", "-1.5", "1h30m", "90%", "2026-03-02 14:00", "4k"]))
            return Term(field or "took", operator, limit, negated)
        case _:
            operator = draw(st.sampled_from(["contains", "is"] if field else ["contains"]))
            first, *others = draw(st.lists(texts, min_size=1, max_size=3))
            return Term(field, operator, first, negated, tuple(others))


@given(st.lists(terms(), max_size=4).map(tuple))
def test_a_filter_that_is_written_down_and_read_is_the_same(written):
    assert parse(said(written), FIELDS) == written


@given(st.text(max_size=40) | st.text(' "\\|!/<>=:ab5state', max_size=30))
def test_whatever_is_typed_ends_in_terms_or_in_a_sentence(text):
    in_force, problem = parse_partial(text, FIELDS, BY_TOOK)

    assert parse(said(in_force), FIELDS, BY_TOOK) == in_force
    try:
        strict = parse(text, FIELDS, BY_TOOK)
    except InputError:
        return
    assert (strict, None) == (in_force, problem)
