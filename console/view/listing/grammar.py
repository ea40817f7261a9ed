"""The grammar of filters: conditions side by side, all of which a row has to fulfil."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Generic, TypeVar

from dataagents.console.view.listing.field import Field
from dataagents.console.view.listing.measures import measure
from dataagents.console.view.listing.naming import field_named
from dataagents.console.view.listing.pattern import Pattern
from dataagents.console.view.listing.query import Sort, Term
from dataagents.core.errors import InputError

RowT = TypeVar("RowT")

HELP: tuple[tuple[str, str], ...] = (
    ("late", "the text in any field; case does not matter"),
    ('"two words"', "the text with its spaces"),
    ("state:late", "the field has the text in it"),
    ("state=late", 'the field is the text; "" is nothing'),
    ("state:late|failed", "either will do"),
    ("took>5s", "also >=, <, <=; 5, 4k, 90%, 1h30m, 14:00, 2026-03-02"),
    (">5", "the field that the list is sorted by"),
    ("doing:/parse_.*csv/", "a regular expression; without a field, in any"),
    ("!state:ok", "not so"),
)
"""Examples of conditions, and what each finds."""

_FIELD = re.compile(r"([^\W\d][\w.-]*?)(!?=|:(?!//)|[<>]=?)")
_COMPARISON = re.compile(r"[<>]=?")
_BARE = re.compile(r"[^\s|]+")
_WORD = re.compile(r"\S+")
_SPACE = re.compile(r"\s*")
_QUOTED = re.compile(r'"((?:\\.|[^"\\])*)("?)', re.DOTALL)
_ESCAPED = re.compile(r'\\([\\"])')
_SLASHED = re.compile(r"/((?:\\.|[^/\\])+)/(?!\S)", re.DOTALL)
_PATTERN_LIKE = re.compile(r"/\S*[\\\[(*+?^${]")
"""How a regular expression begins that has no end yet; a path has none of these."""
_SOME_TIME = datetime(2000, 1, 1, tzinfo=UTC)
"""Whether a text says a time does not depend on when it is asked."""
_QUOTES = 'Put it in "quotes" to look for the text itself.'


class UnfinishedError(InputError):
    """Raised about a condition that may become one when more is typed."""

    def __init__(
        self, what: str, problem: str, *, hint: str = "", so_far: Term | None = None
    ) -> None:
        self.so_far = so_far
        super().__init__(what, problem, hint=hint)


def parse(text: str, fields: Sequence[Field[RowT]], sorts: Sequence[Sort] = ()) -> tuple[Term, ...]:
    """Return the conditions of a filter.

    Args:
        text: What the operator wrote.
        fields: The fields there are.
        sorts: What the list is sorted by; `>5` is about the first of it that is a figure.

    Raises:
        InputError: A condition can't be read; says which, and names the nearest field.
    """
    reader = _Reader(text, fields, sorts)
    terms: list[Term] = []
    while reader.has_more():
        terms.append(reader.term())
    return tuple(terms)


def parse_partial(
    text: str, fields: Sequence[Field[RowT]], sorts: Sequence[Sort] = ()
) -> tuple[tuple[Term, ...], str | None]:
    """Return the conditions of a filter that is being typed, and what is wrong with it.

    A condition at the end that may yet become one is no problem: what there is of it is in force.
    One that is wrong is left out, and the others are in force.

    Returns:
        The conditions, and a sentence about the first that is wrong or None.
    """
    reader = _Reader(text, fields, sorts)
    terms: list[Term] = []
    problem: str | None = None
    while reader.has_more():
        try:
            terms.append(reader.term())
        except UnfinishedError as error:
            if error.so_far is not None:
                terms.append(error.so_far)
            if not reader.skip_word():
                problem = problem or str(error)
        except InputError as error:
            reader.skip_word()
            problem = problem or str(error)
    return tuple(terms), problem


def said(terms: Iterable[Term]) -> str:
    """Return conditions as an operator writes them; read again, they are the same."""
    return " ".join(str(term) for term in terms)


class _Reader(Generic[RowT]):
    """Reads a filter from left to right, one condition after another."""

    def __init__(self, text: str, fields: Sequence[Field[RowT]], sorts: Sequence[Sort]) -> None:
        self._text = text
        self._fields = fields
        self._sorts = sorts
        self._at = 0
        self._begin = 0

    def has_more(self) -> bool:
        """Pass over spaces, and return whether anything follows."""
        self._pass(_SPACE)
        return self._at < len(self._text)

    def skip_word(self) -> bool:
        """Go on behind the word that could not be read; return whether it is the last thing."""
        self._pass(_WORD)
        return self._at >= len(self._text)

    def term(self) -> Term:
        """Read one condition.

        Raises:
            InputError: It is none.
        """
        self._begin = self._at
        negated = False
        while self._text.startswith("!", self._at):
            negated = not negated
            self._at += 1
        if self._ends():
            raise self._unfinished("nothing follows the !", hint="Write !state:ok, or !late.")
        found = self._pass(_FIELD)
        if found is not None:
            return self._of_field(found[1], found[2], negated)
        found = self._pass(_COMPARISON)
        if found is not None:
            return self._compared(self._sorted_by(), found[0], negated)
        return self._text_term("", "contains", negated)

    def _of_field(self, name: str, operator: str, negated: bool) -> Term:
        field = field_named(name, self._fields, otherwise=_QUOTES).name
        if operator in (":", "=", "!="):
            wanted = "contains" if operator == ":" else "is"
            return self._text_term(field, wanted, negated != (operator == "!="))
        return self._compared(field, operator, negated)

    def _text_term(self, field: str, operator: str, negated: bool) -> Term:
        """Read a regular expression, or texts of which one will do."""
        if field:
            self._pass(_SPACE)
        if operator == "contains":
            pattern = self._pattern(field, negated)
            if pattern is not None:
                return pattern
        texts: list[str] = []
        while True:
            so_far = Term(field, operator, texts[0], negated, tuple(texts[1:])) if texts else None
            if self._text.startswith("|", self._at) or (texts and self._ends()):
                raise self._unfinished("there is no text beside the |", so_far=so_far)
            if self._ends():
                raise self._unfinished("nothing follows", hint='Write "" for an empty text.')
            text, closed = self._one_text()
            texts.append(text)
            term = Term(field, operator, texts[0], negated, tuple(texts[1:]))
            if not closed:
                raise self._unfinished("its quotes are not closed", so_far=term)
            if not self._text.startswith("|", self._at):
                return term
            self._at += 1

    def _pattern(self, field: str, negated: bool) -> Term | None:
        found = self._pass(_SLASHED)
        if found is not None:
            pattern = re.sub(r"\\(.)", _unslashed, found[1], flags=re.DOTALL)
            Pattern(pattern)
            return Term(field, "matches", pattern, negated)
        if _PATTERN_LIKE.match(self._text, self._at):
            self._at = len(self._text)
            hint = f"End it with /. {_QUOTES}"
            raise self._unfinished("its regular expression has no end", hint=hint)
        return None

    def _one_text(self) -> tuple[str, bool]:
        """Read a text, and return whether it is whole."""
        quoted = self._pass(_QUOTED)
        if quoted is not None:
            return _ESCAPED.sub(r"\1", quoted[1]), bool(quoted[2])
        bare = self._pass(_BARE)
        return (bare[0] if bare is not None else ""), True

    def _compared(self, field: str, operator: str, negated: bool) -> Term:
        self._pass(_SPACE)
        if self._ends():
            raise self._unfinished(f"nothing follows {operator}", hint=f"Write {field}{operator}5.")
        text, _ = self._one_text()
        if measure(text, _SOME_TIME) is None:
            problem = f"{text!r} is no figure, duration or time"
            raise self._unfinished(problem, hint="Write 5, 4k, 90%, 30s, 1h30m, 14:00, 2026-03-02.")
        return Term(field, operator, text, negated)

    def _sorted_by(self) -> str:
        """Return the field that a comparison without one is about.

        Raises:
            InputError: The list is sorted by no figure.
        """
        figures = {field.name for field in self._fields if field.right}
        for sort in self._sorts:
            if sort.field in figures:
                return sort.field
        example = next((field.name for field in self._fields if field.right), "took")
        hint = f"Write the field before it, such as {example}>5, or sort by a figure."
        self._pass(_WORD)
        raise InputError(self._what(), "it does not say which field", hint=hint)

    def _ends(self) -> bool:
        return self._at >= len(self._text) or self._text[self._at].isspace()

    def _pass(self, expected: re.Pattern[str]) -> re.Match[str] | None:
        """Read what is expected and go on behind it; None when it is not there."""
        found = expected.match(self._text, self._at)
        if found is not None:
            self._at = found.end()
        return found

    def _what(self) -> str:
        return f"filter {self._text[self._begin : self._at].strip()!r}"

    def _unfinished(
        self, problem: str, *, hint: str = "", so_far: Term | None = None
    ) -> UnfinishedError:
        return UnfinishedError(self._what(), problem, hint=hint, so_far=so_far)


def _unslashed(escape: re.Match[str]) -> str:
    return "/" if escape[1] == "/" else escape[0]
