"""Blocks: how data gets into a prompt, so that it stays data.

What a block holds is JSON in which `<` and `>` are written as escapes, so nothing in it can end the
block, and so is every character that can't be seen: line breaks, controls, bidirectional marks.
"""

import json
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import cast

from pydantic_core import to_json

_LONGEST_TEXT = 200
_MOST_ITEMS = 12
_MOST_FIELDS = 40
_DEEPEST = 5
_DIGITS = 6
"""Significant digits of a fraction."""


def block(name: str, value: object, limit: int) -> str:
    """Return a value as a marked block of data, cut to a length.

    Args:
        name: One of our own words for what it is.
        value: JSON, as foreign as can be.
        limit: How many characters it may have.
    """
    written = to_json(value, inf_nan_mode="null", serialize_unknown=True).decode()
    text = written.replace("<", "\\u003c").replace(">", "\\u003e")
    if not text.isprintable():
        text = "".join(each if each.isprintable() else json.dumps(each)[1:-1] for each in text)
    if len(text) > limit:
        text = f"{text[:limit]} [cut: {len(text) - limit:,} more characters]"
    return f'<data name="{name}">\n{text}\n</data>'


def brief(value: object, *, depth: int = 0) -> object:
    """Return JSON without what is long, deep or too exact; what was left out is counted."""
    if isinstance(value, str):
        more = len(value) - _LONGEST_TEXT
        return f"{value[:_LONGEST_TEXT]} [{more:,} more characters]" if more > 0 else value
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}")
    if isinstance(value, dict):
        return _brief_object(cast("dict[str, object]", value), depth)
    if isinstance(value, list | tuple):
        return _brief_list(cast("Sequence[object]", value), depth)
    return value


def _brief_object(value: Mapping[str, object], depth: int) -> object:
    if depth >= _DEEPEST:
        return f"[{len(value):,} fields]"
    first = islice(value.items(), _MOST_FIELDS)
    kept = {str(name): brief(each, depth=depth + 1) for name, each in first}
    more = len(value) - _MOST_FIELDS
    return {**kept, "…": f"{more:,} more fields"} if more > 0 else kept


def _brief_list(value: Sequence[object], depth: int) -> object:
    if depth >= _DEEPEST:
        return f"[{len(value):,} items]"
    more = len(value) - _MOST_ITEMS
    items = [brief(each, depth=depth + 1) for each in value[:_MOST_ITEMS]]
    return [*items, f"{more:,} more items"] if more > 0 else items
