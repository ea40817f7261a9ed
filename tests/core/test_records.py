"""Records: quicker to make, and otherwise what a frozen dataclass is."""

from collections.abc import Mapping
from copy import copy
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from pickle import dumps, loads

import pytest

from dataagents.core.records import quick
from dataagents.core.values import from_json, to_json


@quick
@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int = 2
    labels: Mapping[str, str] = field(default_factory=dict)


def test_fields_are_given_by_place_by_name_and_by_default():
    assert Point(1) == Point(x=1, y=2, labels={}) == Point(1, 2, {})
    assert Point(1).labels is not Point(1).labels
    assert [each.name for each in fields(Point)] == ["x", "y", "labels"]
    assert replace(Point(1), y=5) == Point(1, 5)
    assert repr(Point(1)) == "Point(x=1, y=2, labels={})"


def test_it_is_of_its_own_class_and_can_be_copied():
    point = Point(1)
    assert type(point) is Point
    assert copy(point) == loads(dumps(point)) == point
    assert not hasattr(point, "__dict__")


def test_it_is_frozen():
    with pytest.raises(FrozenInstanceError):
        Point(1).x = 2  # type: ignore[misc]


@pytest.mark.parametrize(("given", "named"), [((), {}), ((1, 2, {}, 4), {}), ((1,), {"z": 1})])
def test_what_does_not_fit_is_refused_as_by_any_function(given, named):
    with pytest.raises(TypeError, match="__init__"):
        Point(*given, **named)


def test_it_becomes_json_and_back():
    point = Point(1, labels={"a": "b"})
    assert from_json(Point, to_json(point)) == point
