"""Timing: points and ranges of time as an operator types them; all of them are UTC."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from dataagents.console.view.listing.query import Span
from dataagents.core.errors import InputError

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_PART = r"([0-9]{1,12}(?:\.[0-9]{1,6})?)(ms|[smhdw])"
_DURATION = re.compile(rf"(?:{_PART})+")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6}))?)?")
_DATE = re.compile(r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}")
_DATE_LENGTH = len("2026-03-02")
_LONGEST = 100 * 366 * 86400.0
"""Seconds: nobody looks back further, and times stay within the calendar."""
_TICK = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_EVERYTHING = ("", "-", "all", "..")
_BETWEEN = (r"\.\.", r"\s+to\s+", r"\s*\u2013\s*", r"\s+-\s+", r"-")
"""What may stand between two times; the hyphen last, as dates have it, too."""

EXAMPLES = "Write 15m, today, 14:00, 14:00-14:10, 2026-03-02 14:00..15:30, or - for all of it."


def parse_duration(text: str) -> float | None:
    """Return the seconds of a duration such as `90s` or `1h30m`; None when it is none."""
    if not _DURATION.fullmatch(text):
        return None
    seconds = sum(float(number) * _UNITS[unit] for number, unit in re.findall(_PART, text))
    return seconds if seconds <= _LONGEST else None


def parse_point(text: str, now: datetime) -> datetime:
    """Return a point in time: `14:00` is the last one there was, `15m` is that long ago.

    Raises:
        InputError: It is none.
    """
    point = _point(text.strip(), now)
    if point is None:
        hint = "Write 14:00, 2026-03-02, 2026-03-02 14:00, today, or 15m for that long ago."
        raise InputError(f"time {text!r}", "it is none", hint=hint)
    return point


def parse_span(text: str, now: datetime) -> Span:
    """Return a range of time; one that ends now stays open, so that what happens next is in it.

    Raises:
        InputError: It is none; shows how they are written.
    """
    wanted = text.strip()
    if wanted.casefold() in _EVERYTHING:
        return Span()
    span = _single(wanted, now) or next(_ranges(wanted, now), None)
    if span is None:
        raise InputError(f"time range {text!r}", "it is none", hint=EXAMPLES)
    if span.since and span.until and span.until < span.since:
        raise InputError(f"time range {text!r}", "it ends before it begins", hint=EXAMPLES)
    return span


def describe(span: Span, now: datetime) -> str:
    """Return a range of time in words, for the head of a list."""
    since, until = span.since, span.until
    if since is None:
        return "all time" if until is None else f"until {_said(until, now)}"
    midnight = since.time() == time()
    if until is None:
        if midnight and since.date() == now.date():
            return "today"
        passed = now - since
        if passed > timedelta() and not passed.microseconds and passed < 100 * _DAY:
            return f"last {_length(passed)}"
        return f"since {_said(since, now)}"
    if midnight and (until + _TICK).time() == time():
        whole = f"{since:%Y-%m-%d}"
        return whole if until < since + _DAY else f"{whole} to {until:%Y-%m-%d}"
    return f"{_said(since, now)} to {_said(until, now, since)}"


def _single(text: str, now: datetime) -> Span | None:
    """Return the range that one point says: a day is all of it, anything else goes on."""
    point = _point(text, now)
    if point is None:
        return None
    return Span(point, _end_of(text, point) if _is_day(text) else None)


def _ranges(text: str, now: datetime) -> Iterator[Span]:
    """Yield the ranges that a text can be read as; either end may be left open."""
    for between in _BETWEEN:
        for found in re.finditer(between, text):
            begin, end = text[: found.start()].strip(), text[found.end() :].strip()
            since = _point(begin, now) if begin else None
            if begin and since is None:
                continue
            until = _end(end, since, now) if end else None
            if end and until is None:
                continue
            yield Span(since, until)


def _end(text: str, since: datetime | None, now: datetime) -> datetime | None:
    """Return the end of a range: a time of day is the first one after its beginning."""
    point = _point(text, now)
    if point is None:
        return None
    if since is not None and _CLOCK.fullmatch(text):
        point = datetime.combine(since.date(), point.time(), UTC)
        return point if point >= since else point + _DAY
    return _end_of(text, point) if _is_day(text) else point


def _is_day(text: str) -> bool:
    return text.casefold() in ("today", "yesterday") or _DATE.fullmatch(text) is not None


def _end_of(text: str, day: datetime) -> datetime | None:
    """Return the last tick of a day; today has not ended."""
    return None if text.casefold() == "today" else day + (_DAY - _TICK)


def _point(text: str, now: datetime) -> datetime | None:
    now = now.astimezone(UTC)
    midnight = datetime.combine(now.date(), time(), UTC)
    match text.casefold():
        case "now":
            return now
        case "today":
            return midnight
        case "yesterday":
            return midnight - _DAY
        case _:
            pass
    seconds = parse_duration(text)
    if seconds is not None:
        return now - timedelta(seconds=seconds)
    if _CLOCK.fullmatch(text):
        clock = _clock(text)
        point = datetime.combine(now.date(), clock, UTC) if clock is not None else None
        return point - _DAY if point is not None and point > now else point
    return _dated(text)


def _clock(text: str) -> time | None:
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    hour, minute, second, fraction = (each or "0" for each in found.groups())
    try:
        return time(int(hour), int(minute), int(second), int(fraction.ljust(6, "0")))
    except ValueError:
        return None


def _dated(text: str) -> datetime | None:
    """Return a day, with or without a time of day; with a zone only where a T is before it."""
    if not _DATE.match(text):
        return None
    day, rest = text[:_DATE_LENGTH], text[_DATE_LENGTH:]
    clock = _clock(rest[1:].strip())
    if rest and (rest[0] not in " T" or (clock is None and rest[0] == " ")):
        return None
    try:
        found = datetime.fromisoformat(text if rest and clock is None else day)
        if clock is not None:
            found = datetime.combine(found, clock)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _said(at: datetime, now: datetime, beside: datetime | None = None) -> str:
    """Return a time, with its day when it is neither today nor that of a time beside it."""
    clock = f"{at:%H:%M:%S}" if at.second or at.microsecond else f"{at:%H:%M}"
    known = beside.date() if beside is not None else now.date()
    return clock if at.date() == known else f"{at:%Y-%m-%d} {clock}"


def _length(passed: timedelta) -> str:
    whole = int(passed.total_seconds())
    said = ""
    for unit in ("d", "h", "m", "s"):
        number, whole = divmod(whole, int(_UNITS[unit]))
        said += f"{number}{unit}" if number else ""
    return said
