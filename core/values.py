"""JSON at the borders: typed values out, validated values in.

Inside, values are frozen dataclasses that are passed along as they are. Only where one leaves for
the store, another process or a screen does it become JSON, and only there is it validated again.
"""

from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar, cast

from pydantic import JsonValue, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError
from pydantic_core import from_json as parse

from dataagents.core.errors import InputError

T = TypeVar("T")
_LONGEST_PROBLEM = 300

Json: TypeAlias = JsonValue
JsonObject: TypeAlias = Mapping[str, JsonValue]


class WrittenObject(dict[str, Json]):
    """A JSON object beside its text, so that a store need not write it again; never changed.

    Raises:
        ValueError: The text is no JSON.
    """

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        super().__init__(read_json(text))
        self.text = text


@lru_cache(maxsize=256)
def _adapter(type_: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast(Any, type_))


def write_json(value: object) -> bytes:
    """Return a dataclass or model as JSON text.

    Args:
        value: A frozen dataclass or pydantic model of this framework or of a plugin.

    Returns:
        Times are ISO 8601, enumerations their values, and a NaN or an infinity, which JSON doesn't
        have, is null.

    Raises:
        InputError: A field holds something that is no JSON; the message has its name or value.
    """
    adapter = _adapter(cast(Hashable, type(value)))
    try:
        # `dump_json` only names each option again, which costs as much as a small value.
        return adapter.serializer.to_json(value, warnings="error")
    except (PydanticSerializationError, ValueError, RecursionError) as error:
        problem = " ".join(str(error).split())[:_LONGEST_PROBLEM]
        raise InputError(type(value).__name__, problem.rstrip(".")) from error


def read_json(text: str | bytes) -> dict[str, Json]:
    """Return the JSON object that a text is.

    Raises:
        ValueError: It is no JSON.
    """
    parsed: dict[str, Json] = parse(text)
    return parsed


def to_json(value: object) -> dict[str, Json]:
    """Return a dataclass or model as a new dictionary of plain JSON values; see `write_json`.

    Raises:
        InputError: A field holds something that is no JSON; the message has its name or value.
    """
    written = write_json(value)
    try:
        return read_json(written)
    except ValueError as error:
        raise InputError(type(value).__name__, str(error)) from error


def from_json(type_: type[T], value: object, *, what: str = "") -> T:
    """Return `value` as a `type_`, validated field by field.

    Args:
        type_: A frozen dataclass or pydantic model.
        value: Plain JSON, for example a message's payload.
        what: How to call the value in an error; the type's name when empty.

    Raises:
        InputError: A field is missing, unknown or of the wrong type; the message has its path.
    """
    try:
        validated: T = _adapter(cast(Hashable, type_)).validate_python(value)
    except ValidationError as error:
        raise InputError(what or type_.__name__, describe_validation(error)) from error
    return validated


def describe_validation(error: ValidationError, *, most: int = 3) -> str:
    """Return the first few problems of a validation as one line: `path: problem; path: problem`."""
    problems = [
        f"{'.'.join(str(part) for part in item['loc']) or 'value'}: {item['msg']}"
        for item in error.errors(include_url=False, include_input=False)[:most]
    ]
    rest = error.error_count() - len(problems)
    return "; ".join(problems) + (f"; and {rest} more" if rest > 0 else "")
