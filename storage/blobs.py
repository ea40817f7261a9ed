"""Large values: taken out of a body before it is written, kept once each, and put back in.

A prompt, a table or a payload often occurs in several events: in the message to each recipient, in
the step and in its observation. Its digest finds the one that is there already.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from pydantic_core import to_json

from dataagents.core.values import Json, JsonObject

LARGE: Final = 2_000
"""Characters from which a text, or a field of a body as JSON, is kept apart."""
_DIGEST_SIZE = 32
_FIELD = 1
"""Depth of a body's own fields."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A large value, and where it was."""

    path: str
    """Keys and indices from the body to the value, as a JSON array."""
    digest: bytes
    """BLAKE2b of its JSON, 32 bytes."""
    body: str
    """It, as JSON."""

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return len(self.body.encode())


def split(body: JsonObject, text: str) -> tuple[str, tuple[Blob, ...]]:
    """Return a body as JSON with null in the place of what is large, and what was there.

    Texts are taken out wherever they are, and fields of the body as wholes when they are still
    large without them.

    Args:
        body: Plain JSON.
        text: The same, as text; it is what comes back when nothing in it is large.
    """
    blobs: list[Blob] = []
    rest = _without(dict(body), (), blobs)
    return (to_json(rest).decode(), tuple(blobs)) if blobs else (text, ())


def join(body: dict[str, Any], parts: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Put large values back into a body, in place.

    Args:
        body: As `split` left it.
        parts: Pairs of a path, as a list, and the value.
    """
    # A field may be a part, and a text within it another one.
    for path, value in sorted(parts, key=lambda part: len(part[0])):
        place: Any = body
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
    return body


def digest_of(text: str) -> bytes:
    """Return what a value's JSON is found by."""
    return blake2b(text.encode(), digest_size=_DIGEST_SIZE).digest()


def _without(value: Json, path: tuple[str | int, ...], blobs: list[Blob]) -> Json:
    if isinstance(value, str):
        is_large = len(value) >= LARGE
        rest: Json = value
    elif isinstance(value, Mapping):
        rest = {key: _without(each, (*path, key), blobs) for key, each in value.items()}
        is_large = len(path) == _FIELD and len(to_json(rest)) >= LARGE
    elif isinstance(value, list):
        rest = [_without(each, (*path, index), blobs) for index, each in enumerate(value)]
        is_large = len(path) == _FIELD and len(to_json(rest)) >= LARGE
    else:
        return value
    if not is_large:
        return rest
    text = to_json(rest).decode()
    blobs.append(Blob(to_json(path).decode(), digest_of(text), text))
    return None
