"""Events as rows of the journal, and back."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias, cast

from pydantic_core import to_json

from dataagents.core.errors import StoreError
from dataagents.core.events import Event
from dataagents.core.records import quick
from dataagents.core.values import JsonObject, WrittenObject, read_json
from dataagents.storage.blobs import LARGE, Blob, join, split
from dataagents.storage.projections import Projected, project

JournalRow: TypeAlias = tuple[str, str, str, str, str | None, str | None, str | None, str]
"""id, at, kind, subject, run, task, agent, body."""

COLUMNS = "id, at, kind, subject, run, task, agent, body"
READABLE = f"{COLUMNS}, parts"
"""Columns of the view `events`."""


@quick
@dataclass(frozen=True, slots=True)
class EncodedEvent:
    """An event in the form in which it is written."""

    row: JournalRow
    projected: tuple[Projected, ...]
    size: int
    """About how many bytes it takes."""
    blobs: tuple[Blob, ...] = ()
    """Large values that its body has no more."""


def encode(event: Event, store: str) -> EncodedEvent:
    """Return an event as it will be written.

    Args:
        event: Any event; its body has to be JSON.
        store: How to call the store in an error.

    Raises:
        StoreError: Something in it can't be stored; names the event, the place and the problem.
    """
    name, kind, subject = event.id, event.kind, event.subject
    run, task, agent = event.run, event.task, event.agent
    try:
        body = _written(event.body)
        # Text that is ASCII has nothing to refuse; whether it is takes no looking through it.
        size = len(body) if body.isascii() else len(body.encode())
        place = f"{name}{kind}{subject}{run}{task}{agent}"
        size += len(place) if place.isascii() else len(place.encode())
    except ValueError as error:
        raise _refusal(event, store, str(error)) from error
    if not body.startswith("{"):
        raise _refusal(event, store, "body is not an object")
    if event.at.tzinfo is None:
        raise _refusal(event, store, "at has no time zone")
    at = event.at if event.at.tzinfo is UTC else event.at.astimezone(UTC)
    blobs: tuple[Blob, ...] = ()
    if len(body) >= LARGE:
        whole = event.body if isinstance(event.body, WrittenObject) else _read(body)
        body, blobs = split(whole, body)
    plain = kind if type(kind) is str else str(kind)
    row = (name, at.isoformat(), plain, subject, run, task, agent, body)
    return EncodedEvent(row, project(event), size, blobs)


def decode(row: Sequence[Any]) -> Event:
    """Return the event that the `READABLE` columns of a row of `events` hold."""
    name, at, kind, subject, run, task, agent, body, parts = row
    return Event(
        name, datetime.fromisoformat(at), kind, subject, decode_body(body, parts), run, task, agent
    )


def decode_body(body: str, parts: str | None) -> dict[str, Any]:
    """Return a body with its large values, from both columns of `events`."""
    whole = _read(body)
    return whole if parts is None else join(whole, json.loads(parts))


def _read(body: str) -> dict[str, Any]:
    try:
        return read_json(body)
    except ValueError:  # nested deeper than the quick reader goes
        whole: dict[str, Any] = json.loads(body)
        return whole


def _written(body: JsonObject) -> str:
    """Return a body as JSON text; raises `ValueError` when it can't be."""
    if isinstance(body, WrittenObject):
        return body.text
    text = to_json(body, fallback=_plain).decode()
    if ("NaN" in text or "Infinity" in text) and any(_problems_in(body, "body")):
        raise ValueError("a number is not finite")
    return text


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(cast("Mapping[object, object]", value))
    raise ValueError(f"a {type(value).__name__} is not JSON")


def _refusal(event: Event, store: str, otherwise: str) -> StoreError:
    problem = next(_problems(event), otherwise)
    name = event.id.encode("ascii", "backslashreplace").decode()
    return StoreError(store, f"event {name} ({event.kind!a}) was refused: {problem}")


def _problems(event: Event) -> Iterator[str]:
    for name in ("id", "kind", "subject", "run", "task", "agent"):
        yield from _problems_in(getattr(event, name), name)
    yield from _problems_in(event.body, "body")


def _problems_in(value: object, path: str) -> Iterator[str]:
    """Find what can't be stored; goes as deep as `to_json` does, which is less than Python can."""
    match value:
        case str():
            if any("\ud800" <= character <= "\udfff" for character in value):
                yield f"{path} has a lone surrogate"
        case float():
            if not math.isfinite(value):
                yield f"{path} is {value}"
        case Mapping():
            for key, item in cast("Mapping[object, object]", value).items():
                yield from _problems_in(key, f"a key of {path}")
                yield from _problems_in(item, f"{path}.{key}")
        case list() | tuple():
            for index, item in enumerate(cast("Sequence[object]", value)):
                yield from _problems_in(item, f"{path}[{index}]")
        case _:
            pass
