"""Redaction: secrets are taken out before anything is stored, shown or sent to a model.

What looks like a key, a token or a password goes, and every value of an environment variable or
option that is named like one. Rows of data in files are the user's own, and stay as they are.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from dataagents.core.values import Json, JsonObject

REDACTED = "[redacted]"

_SHORTEST_SECRET = 8
"""Shorter values of variables are words such as `true`: taking those out would blind everything."""
_NAMED_SECRET = re.compile(
    r"(?:^|[_.-])(?:api_?key|key|token|secret|password|passwd|credentials?)(?:$|[_.-])",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"^(?:(?:api|access|auth|secret|private)[_-]?key|(?:\w+[_-])?token|secret|pass(?:word|wd))$",
    re.IGNORECASE,
)
_SHAPES = (
    r"(?<=://)[^\s/@:\"']*:[^\s/@\"']+(?=@)",
    r"\b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}",
    r"\bgh[opsur]_[A-Za-z0-9]{20,}",
    r"\bAKIA[0-9A-Z]{16}\b",
    r"\bAIza[\w-]{30,}",
    r"\bxox[abprs]-[A-Za-z0-9-]{10,}",
    r"\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*",
    r"(?<=\b[Bb]earer )[\w.~+/=-]{8,}",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)",
)
_ASSIGNED = re.compile(
    r"\b((?:api[_-]?key|(?:\w+[_-])?token|secret|password|passwd)[\"']?\s*[=:]\s*"
    r"[\"']?)[^\s\"',;&]{3,}",
    re.IGNORECASE,
)


class Redactor:
    """Takes secrets out of text and of JSON.

    Args:
        secrets: Values that are secret whatever they look like.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        written = {form for each in secrets for form in (each, json.dumps(each)[1:-1]) if form}
        known = sorted(written, key=len, reverse=True)
        self._shapes = re.compile("|".join((*map(re.escape, known), *_SHAPES)))

    @classmethod
    def of(cls, *sources: Mapping[str, object]) -> "Redactor":
        """Return a redactor that knows the values that are named like secrets, at any depth."""
        return cls(secret for source in sources for secret in _secrets(source))

    def suspects(self, text: str) -> bool:
        """Return whether there may be a secret in a text, or in JSON as it is written."""
        return bool(self._shapes.search(text) or _ASSIGNED.search(text))

    def text(self, text: str) -> str:
        """Return a text without its secrets."""
        return _ASSIGNED.sub(rf"\g<1>{REDACTED}", self._shapes.sub(REDACTED, text))

    def object(self, value: dict[str, Json], written: str) -> dict[str, Json]:
        """Return an object without its secrets; as it is where its JSON text shows none."""
        return self.fields(value) if self.suspects(written) else value

    def fields(self, value: JsonObject) -> dict[str, Json]:
        """Return an object without its secrets."""
        return {self.text(name): self._field(name, each) for name, each in value.items()}

    def json(self, value: Json) -> Json:
        """Return a value without its secrets, and without strings under a secret's name."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return self.fields(value)
        if isinstance(value, list):
            return [self.json(each) for each in value]
        return value

    def _field(self, name: str, value: Json) -> Json:
        return REDACTED if isinstance(value, str) and _FIELD.match(name) else self.json(value)


def _secrets(source: Mapping[str, object]) -> Iterator[str]:
    for name, value in source.items():
        if isinstance(value, Mapping):
            yield from _secrets({str(key): each for key, each in value.items()})
        elif (
            isinstance(value, str)
            and len(value) >= _SHORTEST_SECRET
            and _NAMED_SECRET.search(str(name))
        ):
            yield value
