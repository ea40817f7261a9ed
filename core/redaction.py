"""Redaction: secrets are taken out before anything is stored, shown or sent to a model.

What looks like a key, a token or a password goes, and every value of an environment variable or
option that is named like one. Rows of data in files are the user's own, and stay as they are.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import cast
from urllib.parse import quote, quote_plus, unquote

from pydantic import SecretStr

from dataagents.core.values import Json, JsonObject

REDACTED = "[redacted]"

_SHORTEST_SECRET = 8
"""Shorter values of variables are words such as `true`: taking those out would blind everything."""

_KEY = r"(?:api|access|auth|secret|private|signing|encryption|account|master)[_.-]?key"
_NAME = rf"(?:{_KEY}|token|secret|passw(?:or)?d|passphrase|[_-]pwd)"
_FIELD = re.compile(rf"(?:{_NAME}|credentials?|authorization)$", re.IGNORECASE)
_NAMED_SECRET = re.compile(
    r"(?:passw(?:or)?d|passphrase|secret|credential|api_?key|access_?key)s?\d*(?:$|[_.-])"
    r"|(?<!null_)token\d*(?:$|[_.-])|[_.-](?:key|pwd)\d*(?:$|[_.-])"
)
_NAMED_OTHERWISE = re.compile(
    r"(?:primary|foreign|unique|sort|partition|public|row|join|natural|business|surrogate|group)_key"
    r"|_(?:file|path|dir|folder|sock|socket)$"
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_START = r"(?:(?<![\w-])|(?<=\\[nrt]))"
"""Where a key begins: not within another, so that the time is linear; `\\n` may be before it."""
_TICKET = r"[\w.~+/=-]"
_LOGIN = r"(?<=://)[^\s/@:\"'?#]*:(?!\d{1,5}[?#])([^\s/\"']+)(?=@)"
_BLOCK = re.compile(
    r"-----BEGIN ([A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?)-----[\s\S]*?(?:-----END \1-----|\Z)"
)
_SHAPES = re.compile(
    rf"{_LOGIN}|{_START}(?:[spr]k-(?=[\w-]*\d)[\w-]{{16,}}|[spr]k_(?:live|test)_[A-Za-z0-9]{{10,}}"
    r"|gh[opsur]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|(?:AKIA|ASIA)[0-9A-Z]{16}(?![A-Za-z0-9])"
    r"|AIza[\w-]{30,}|xox[abprs]-[A-Za-z0-9-]{10,}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*)"
    rf"|(?<=\b[Bb]earer )(?={_TICKET}*(?:[\d=]|[a-z][A-Z])){_TICKET}{{8,}}"
    rf"|(?<=\b[Bb]asic )(?={_TICKET}*[\d=]){_TICKET}{{8,}}"
    rf"|(?:(?<=\b[Bb]earer )|(?<=\b[Bb]asic )){_TICKET}{{24,}}",
    re.ASCII,
)
_ASSIGNED = re.compile(
    rf"({_NAME}(\\*[\"']|)[ \t]{{0,8}}(?:=>|[:=]{{1,2}})[ \t]{{0,8}})"
    r"(?:(\\?[\"'])((?:(?!\3)(?:[^\\\n]|\\.?))*+)(\3|$)"
    r"|(?!(?:\[redacted\]|null|none|true|false)(?![^\s\"',;&}\])])|[\[{][\s\"'\d\[{\]}-])"
    r"((?:[^\s\"',;&\\]|\\(?![\"']))" + r"{3,}))",
    re.IGNORECASE | re.MULTILINE,
)
"""Name with its quotation mark, then a quoted value, closed or cut off, or one without quotes."""

_THEN = r"[\\\"' \tt]{0,24}[:=]"
_MARKS = re.compile(
    rf"k(?:en{_THEN}|ey(?:{_THEN}|-----)|-[\w-]{{16}}|_live_|_test_)|w(?:or)?d{_THEN}|phrase{_THEN}"
    rf"|cre(?:t|dentials?){_THEN}|z(?:ation{_THEN}|a[\w-]{{30}})|ia[a-z0-9]{{16}}|yj[\w-]{{10}}"
    r"|gh[opsur]_[a-z0-9]{20}|github_pat_|xox[abprs]-|bearer |basic |//[^\s/]*@".encode()
)
"""What every secret has about it, in lower case, as text or as JSON writes it.

Each branch begins with a given letter, and with a rare one where it can: so `re` looks quickly.
"""


class Redactor:
    """Takes secrets out of text and of JSON.

    Args:
        secrets: Values that are secret whatever they look like.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        written = {form for each in secrets for form in _forms(each) if form not in REDACTED}
        self._known = sorted(written, key=lambda form: (-len(form), form))

    @classmethod
    def of(cls, *sources: Mapping[str, object]) -> "Redactor":
        """Return a redactor that knows the values that are named like secrets, at any depth."""
        return cls(secret for source in sources for secret in _secrets(source))

    def suspects(self, text: str) -> bool:
        """Return whether there may be a secret in a text, or in JSON as it is written."""
        # This is asked of every event. Bytes are lower-cased faster, and ASCII is all that counts.
        marked = _MARKS.search(text.encode("utf-8", "surrogatepass").lower())
        return marked is not None or any(map(text.__contains__, self._known))

    def text(self, text: str) -> str:
        """Return a text without its secrets."""
        if not self.suspects(text):
            return text
        for secret in self._known:
            text = text.replace(secret, REDACTED)
        text = _SHAPES.sub(REDACTED, _BLOCK.sub(REDACTED, text))
        return _ASSIGNED.sub(_hide, text)

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
        """Lists stay: under a column's name, lineage and profiles list other columns."""
        hidden = value and isinstance(value, str) and _FIELD.search(name)
        return REDACTED if hidden else self.json(value)


def _hide(found: "re.Match[str]") -> str:
    """Return an assignment without its value; JSON stays JSON."""
    lead, named, mark, quoted, end, bare = found.groups()
    if mark:
        return f"{lead}{mark}{REDACTED}{end}" if quoted else found.group()
    value = bare.rstrip("}])") if named else bare
    if not value or (value.replace(".", "", 1).isdigit() and "pass" not in lead.lower()):
        return found.group()  # `token: 3` counts something
    return f"{lead}{named}{REDACTED}{named}{bare[len(value) :]}"


def _forms(secret: str) -> set[str]:
    """Return the ways in which a secret may be written: as it is, escaped, in a URL, in Python."""
    encoded = (quote(secret, safe, errors="replace") for safe in ("", "/"))
    forms = {secret, repr(secret)[1:-1], *encoded, quote_plus(secret, errors="replace")}
    for _ in range(2):  # a text that is JSON is escaped once more where it is stored
        escaped = [json.dumps(form, ensure_ascii=False) for form in forms]
        forms |= {form[1:-1] for form in (*escaped, *map(json.dumps, forms))}
    return forms


def _secrets(source: object, *, named: bool = False) -> Iterator[str]:
    if isinstance(source, Mapping):
        for name, value in cast("Mapping[object, object]", source).items():
            yield from _secrets(value, named=named or _is_secret(str(name)))
    elif isinstance(source, list | tuple | set | frozenset):
        for value in cast("Iterable[object]", source):
            yield from _secrets(value, named=named)
    elif isinstance(source, SecretStr):
        yield from _secrets(source.get_secret_value(), named=True)
    elif isinstance(source, str):
        logins = [form for each in re.findall(_LOGIN, source) for form in (each, unquote(each))]
        found = (*logins, source.strip()) if named else logins
        yield from (each for each in found if len(each) >= _SHORTEST_SECRET)


def _is_secret(name: str) -> bool:
    words = _HUMP.sub("_", name).lower()
    return bool(_NAMED_SECRET.search(words)) and not _NAMED_OTHERWISE.search(words)
