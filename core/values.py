"""JSON at the borders: typed values out, validated values in.

Inside, values are frozen dataclasses that are passed along as they are. Only where one leaves for
the store, another process or a screen does it become JSON, and only there is it validated again.
"""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import lru_cache
from math import isfinite
from typing import Any, TypeAlias, TypeVar, cast, get_type_hints

from pydantic import JsonValue, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError
from pydantic_core import from_json as parse

from dataagents.core.errors import InputError

T = TypeVar("T")
_LONGEST_PROBLEM = 300
_PLAIN = (str, str | None, float, float | None)

Json: TypeAlias = JsonValue
JsonObject: TypeAlias = Mapping[str, JsonValue]


class WrittenObject(Mapping[str, Json]):
    """A JSON object as its text, so that a store need not write it again; never changed.

    The text is read only when somebody wants more of it than the value it was written from tells.

    Args:
        text: What `write_json` has returned for `source`.
        source: That value; a dataclass tells its texts and numbers as they are in JSON.
    """

    __slots__ = ("_plain", "_read", "_source", "text")

    def __init__(self, text: str, source: object = None) -> None:
        self.text = text
        self._read: dict[str, Json] | None = None
        self._source = source
        self._plain = _plain_fields(cast(Hashable, type(source)))

    def read(self) -> dict[str, Json]:
        """Return it as a dictionary, always the same one.

        Raises:
            ValueError: The text is no JSON.
        """
        if self._read is None:
            self._read = read_json(self.text)
        return self._read

    def get(self, key: str, default: Any = None) -> Any:
        """Return a value by its name."""
        if key in self._plain and self._read is None:
            value: object = getattr(self._source, key)
            kind = type(value)
            if kind is str or value is None or (kind is float and isfinite(cast(float, value))):
                return value
            if isinstance(value, StrEnum):
                return value._value_  # `value` is a property, and takes as long as a call
        return self.read().get(key, default)

    def __getitem__(self, key: str) -> Json:
        return self.read()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.read())

    def __len__(self) -> int:
        return len(self.read())

    def __repr__(self) -> str:
        return repr(self.read())


@lru_cache(maxsize=256)
def _plain_fields(type_: Hashable) -> frozenset[str]:
    """Return the fields of a dataclass whose values are in its JSON as they are."""
    if not isinstance(type_, type) or not is_dataclass(type_):
        return frozenset()
    hints = get_type_hints(type_, include_extras=True)
    return frozenset(
        each.name
        for each in fields(type_)
        if (hint := hints[each.name]) in _PLAIN
        or (isinstance(hint, type) and issubclass(hint, StrEnum))
    )


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
    plain = value.read() if isinstance(value, WrittenObject) else value
    try:
        validated: T = _adapter(cast(Hashable, type_)).validate_python(plain)
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
