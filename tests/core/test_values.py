from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataagents.core import InputError, Vote
from dataagents.core.ids import IdSource
from dataagents.core.messaging import Message, MessageType
from dataagents.core.suggestions import did_you_mean, nearest
from dataagents.core.values import from_json, to_json


class StillClock:
    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


def test_a_message_survives_the_way_through_json():
    message = Message(
        id="m1",
        sender="a",
        recipient="b",
        at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        type=MessageType.SCHEMA_PROPOSAL,
        payload={"columns": ["x", 1, None, {"deep": True}]},
    )
    assert from_json(Message, to_json(message)) == message


@pytest.mark.parametrize("score", [float("nan"), float("inf"), -0.1, 1.1, "high", None])
def test_a_confidence_outside_its_range_is_refused_with_its_path(score: object):
    with pytest.raises(InputError, match="confidence"):
        from_json(Vote, {"choice": "yes", "confidence": score})


def test_many_problems_are_told_in_one_bounded_line():
    @dataclass(frozen=True)
    class Many:
        a: int
        b: int
        c: int
        d: int

    with pytest.raises(InputError) as caught:
        from_json(Many, {})
    assert "and 1 more" in str(caught.value)


def test_ids_sort_by_time_even_when_the_clock_stands_still_or_jumps_back():
    clock = StillClock()
    new_id = IdSource(clock, Random(1))
    ids = [new_id() for _ in range(3000)]
    clock.time -= timedelta(hours=1)
    ids += [new_id() for _ in range(10)]
    clock.time += timedelta(hours=2)
    ids.append(new_id())
    ids += [new_id(clock.time), new_id(clock.time + timedelta(seconds=1))]
    assert ids == sorted(set(ids))
    assert {len(each) for each in ids} == {15}


def test_two_sources_do_not_give_the_same_id():
    clock = StillClock()
    assert IdSource(clock, Random(1))() != IdSource(clock, Random(2))()


def test_the_same_seed_and_clock_give_the_same_ids():
    assert IdSource(StillClock(), Random(7))() == IdSource(StillClock(), Random(7))()


def test_a_suggestion_is_the_nearest_name_or_all_of_them():
    assert nearest("planer", ["planner", "router"]) == "planner"
    assert did_you_mean("planer", ["planner"]) == " Did you mean 'planner'?"
    assert did_you_mean("zzz", ["b", "a"]) == " Known: a, b."
    assert did_you_mean("zzz", []) == ""


@given(st.dictionaries(st.text(), st.one_of(st.none(), st.booleans(), st.integers(), st.text())))
def test_any_json_payload_comes_back_as_it_was(payload: dict[str, object]):
    message = Message(
        id="m", sender="a", recipient="b", at=datetime(2026, 1, 1, tzinfo=UTC), payload=payload
    )
    assert from_json(Message, to_json(message)).payload == payload
