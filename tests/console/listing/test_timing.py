"""Times as operators type them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataagents.console.view.listing import Span
from dataagents.console.view.listing.timing import (
    describe,
    parse_duration,
    parse_point,
    parse_span,
)
from dataagents.core.errors import InputError

NOW = datetime(2026, 3, 2, 14, 15, 9, 250_000, tzinfo=UTC)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "since", "until", "said"),
    [
        ("", None, None, "all time"),
        (" - ", None, None, "all time"),
        ("all", None, None, "all time"),
        ("15m", "2026-03-02T14:00:09.25", None, "last 15m"),
        ("1h30m", "2026-03-02T12:45:09.25", None, "last 1h30m"),
        ("2d", "2026-02-28T14:15:09.25", None, "last 2d"),
        ("today", "2026-03-02", None, "today"),
        ("yesterday", "2026-03-01", "2026-03-01T23:59:59.999999", "2026-03-01"),
        ("2026-02-28", "2026-02-28", "2026-02-28T23:59:59.999999", "2026-02-28"),
        ("14:00", "2026-03-02T14:00", None, "since 14:00"),
        ("9:05:07", "2026-03-02T09:05:07", None, "since 09:05:07"),
        ("15:00", "2026-03-01T15:00", None, "since 2026-03-01 15:00"),
        ("14:00-14:10", "2026-03-02T14:00", "2026-03-02T14:10", "14:00 to 14:10"),
        ("14:00 to 14:10", "2026-03-02T14:00", "2026-03-02T14:10", "14:00 to 14:10"),
        ("14:00 \u2013 14:10", "2026-03-02T14:00", "2026-03-02T14:10", "14:00 to 14:10"),
        (
            "23:50-00:10",
            "2026-03-01T23:50",
            "2026-03-02T00:10",
            "2026-03-01 23:50 to 2026-03-02 00:10",
        ),
        ("2026-03-02 14:00..15:30", "2026-03-02T14:00", "2026-03-02T15:30", "14:00 to 15:30"),
        (
            "2026-02-27 14:00-15:30",
            "2026-02-27T14:00",
            "2026-02-27T15:30",
            "2026-02-27 14:00 to 15:30",
        ),
        (
            "2026-02-27-2026-02-28",
            "2026-02-27",
            "2026-02-28T23:59:59.999999",
            "2026-02-27 to 2026-02-28",
        ),
        ("2026-02-27..", "2026-02-27", None, "since 2026-02-27 00:00"),
        ("..14:00", None, "2026-03-02T14:00", "until 14:00"),
        ("-14:00", None, "2026-03-02T14:00", "until 14:00"),
        ("14:00-", "2026-03-02T14:00", None, "since 14:00"),
        (
            "2h..1h",
            "2026-03-02T12:15:09.25",
            "2026-03-02T13:15:09.25",
            "12:15:09 to 13:15:09",
        ),
        ("14:00..now", "2026-03-02T14:00", "2026-03-02T14:15:09.25", "14:00 to 14:15:09"),
        ("2026-03-02T15:00+02:00", "2026-03-02T13:00", None, "since 13:00"),
        ("2026-03-02T13:00Z", "2026-03-02T13:00", None, "since 13:00"),
    ],
)
def test_a_range_is_what_it_says_and_is_said_in_words(text, since, until, said):
    span = parse_span(text, NOW)

    assert span == Span(since and at(since), until and at(until))
    assert describe(span, NOW) == said


@pytest.mark.parametrize(
    "text", ["soon", "25:00", "14:60", "2026-02-30", "15", "14:00-soon", "0001-01-01", "9999999d"]
)
def test_what_is_no_range_is_told_with_examples(text):
    with pytest.raises(InputError, match=r"it is none\. Write 15m, today, 14:00"):
        parse_span(text, NOW)


@pytest.mark.parametrize("text", ["1h..2h", "2026-03-02..2026-03-01"])
def test_a_range_that_ends_before_it_begins_is_told(text):
    with pytest.raises(InputError, match="ends before it begins"):
        parse_span(text, NOW)


def test_what_happens_next_is_in_a_range_that_has_no_end():
    assert parse_span("15m", NOW).holds(NOW + timedelta(hours=1))
    assert parse_span("today", NOW).holds(NOW + timedelta(hours=1))
    assert not parse_span("14:00-14:10", NOW).holds(NOW)


def test_a_range_is_of_utc_wherever_the_clock_is():
    elsewhere = NOW.astimezone(datetime.fromisoformat("2026-01-01T00:00+11:00").tzinfo)

    assert parse_span("today", elsewhere) == parse_span("today", NOW)
    assert parse_span("14:00", elsewhere) == parse_span("14:00", NOW)


def test_a_point_that_is_none_is_told():
    assert parse_point(" 15m ", NOW) == NOW - timedelta(minutes=15)
    with pytest.raises(InputError, match="15m for that long ago"):
        parse_point("14:00-14:10", NOW)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("500ms", 0.5), ("1.5s", 1.5), ("2m10s", 130), ("1h", 3600), ("5", None), ("m", None)],
)
def test_a_duration_is_in_seconds(text, seconds):
    assert parse_duration(text) == seconds


@given(st.text("0123456789:-. TZdhmsto\u2013", max_size=24))
def test_whatever_is_typed_is_a_range_or_is_told(text):
    try:
        span = parse_span(text, NOW)
    except InputError:
        return
    assert describe(span, NOW)
