"""A query: what an operator asks of a list."""

import re
from dataclasses import dataclass
from datetime import datetime

_PLAIN = re.compile(r'[^\s"|!/<>=:][^\s"|]*')
"""A text that means itself without quotes."""
_FIELD_LIKE = re.compile(r"[^\W\d][\w.-]*!?[:=<>]")
"""How a text begins that would be read as a condition on a field."""
_PATTERN_PART = re.compile(r"\\.|/|[^\\/]+|\\", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Term:
    """One condition; a row has to fulfil all of them."""

    field: str
    """Name of the field; empty when the text may be in any of them."""
    operator: str
    """`contains`, `is`, `>`, `>=`, `<`, `<=`, or `matches` for a regular expression."""
    text: str
    negated: bool = False
    others: tuple[str, ...] = ()
    """Texts that will do as well as the first; only where it is to contain or to be one."""

    @property
    def texts(self) -> tuple[str, ...]:
        """All the texts of which one will do."""
        return (self.text, *self.others)

    def __str__(self) -> str:
        """Return it as an operator writes it; read again, it is the same term."""
        match self.operator:
            case "contains":
                said = f"{self.field}:" if self.field else ""
                said += "|".join(_quoted(each, alone=not self.field) for each in self.texts)
            case "is":
                said = f"{self.field}=" + "|".join(_quoted(each) for each in self.texts)
            case "matches":
                said = f"{self.field}:" if self.field else ""
                said += f"/{_slashed(self.text)}/"
            case _:
                said = f"{self.field}{self.operator}{_quoted(self.text)}"
        return f"!{said}" if self.negated else said


def _quoted(text: str, *, alone: bool = False) -> str:
    """Return a text so that it is read as nothing but itself."""
    if _PLAIN.fullmatch(text) and not (alone and _FIELD_LIKE.match(text)):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _slashed(pattern: str) -> str:
    """Return a regular expression so that no slash in it ends it."""
    return "".join("\\/" if each == "/" else each for each in _PATTERN_PART.findall(pattern))


@dataclass(frozen=True, slots=True)
class Sort:
    """An order by one field."""

    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A range of time; an end that is None is open."""

    since: datetime | None = None
    until: datetime | None = None

    def __bool__(self) -> bool:
        """Whether it leaves anything out."""
        return self.since is not None or self.until is not None

    def holds(self, at: datetime | None) -> bool:
        """Return whether a time lies in it; what has no time lies in every one."""
        if at is None:
            return True
        return not (self.since and at < self.since) and not (self.until and at > self.until)


@dataclass(frozen=True, slots=True)
class Query:
    """Everything that is asked of a list; the empty one shows all of it as it comes."""

    terms: tuple[Term, ...] = ()
    sorts: tuple[Sort, ...] = ()
    """The first counts most."""
    span: Span = Span()
    hide_finished: bool = False

    @property
    def filters(self) -> bool:
        """Whether it leaves rows out by what they say."""
        return bool(self.terms) or self.hide_finished
