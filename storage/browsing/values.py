"""Reading what a body of an event says; a field of the wrong type is as good as none."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast


def body_of(text: str | None) -> dict[str, Any]:
    """Return a body as the journal has it: large values are None in it."""
    return {} if text is None else json.loads(text)


def text_in(body: Mapping[str, Any], name: str) -> str:
    """Return a text; empty when there is none."""
    value = body.get(name)
    return value if isinstance(value, str) else ""


def object_in(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return an object; an empty one when there is none."""
    value = body.get(name)
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def count_in(body: Mapping[str, Any], name: str) -> int | None:
    """Return the length of a list; None when there is none."""
    value: object = body.get(name)
    return len(cast("list[object]", value)) if isinstance(value, list) else None


def time_of(text: str | None) -> datetime | None:
    """Return a time of the journal."""
    return None if text is None else datetime.fromisoformat(text)


def time_in(body: Mapping[str, Any], name: str) -> datetime | None:
    """Return a time; None when there is none."""
    try:
        return datetime.fromisoformat(text_in(body, name))
    except ValueError:
        return None
