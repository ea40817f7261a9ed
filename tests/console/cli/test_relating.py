"""What `dataagents run` is told to join and aggregate, as settings of a goal."""

import pytest

from dataagents.console.commands.relating import Related, relation_settings
from dataagents.core import InputError

NAMES = ("orders", "customers", "cities")


def test_nothing_wanted_is_nothing_said():
    assert (Related().goal, relation_settings(Related(), NAMES)) == ("clean", {})


@pytest.mark.parametrize(
    ("keys", "on"),
    [
        (("auto",), [None, None]),
        (("a=b", "auto"), [{"a": "b"}, None]),
        (("a = b , c", "x=y z"), [{"a": "b", "c": "c"}, {"x": "y z"}]),
    ],
)
def test_each_data_set_after_the_first_has_a_key(keys, on):
    related = Related(join=keys)
    said = relation_settings(related, NAMES)
    assert related.goal == "join"
    assert said == {"join": {"datasets": list(NAMES), "on": on, "how": "left"}}


@pytest.mark.parametrize(
    "keys", [("a=b",), ("a=b", "=c"), ("a=b", "a="), ("a=b", "c=d,c=e"), ("a", "")]
)
def test_a_key_that_can_not_be_read_is_told(keys):
    with pytest.raises(InputError, match="--join"):
        relation_settings(Related(join=keys), NAMES)


def test_groups_are_counted_unless_something_else_is_asked_for():
    related = Related(by=("city",))
    said = relation_settings(related, ("orders",))
    assert (related.goal, said["aggregate"]) == (
        "aggregate",
        {"by": ["city"], "measures": ["count"]},
    )


def test_joined_rows_may_be_aggregated():
    related = Related(join=("auto",), matched_only=True, measures=("sum(n)",))
    said = relation_settings(related, NAMES[:2])
    assert (related.goal, said["join"]["how"]) == ("aggregate", "inner")
    assert said["aggregate"] == {"by": [], "measures": ["sum(n)"]}
