"""Unification: what variables have to stand for so that two terms are the same.

A term is a constant (any JSON value but a list), a variable (`?name`) or a list of terms. The
algorithm is Robinson's ("A Machine-Oriented Logic Based on the Resolution Principle", 1965), with
bindings that may lead to further variables, as in a triangular substitution.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeGuard

from dataagents.core.values import Json

Bindings: TypeAlias = Mapping[str, Json]
"""Variable → term; variables of the term may be bound in turn."""


def is_variable(term: object) -> TypeGuard[str]:
    """Whether a term is a variable."""
    return isinstance(term, str) and len(term) > 1 and term[0] == "?"


def unify(left: Json, right: Json, given: Bindings) -> Bindings | None:
    """Return the most general bindings that make two terms the same; None when there are none.

    Args:
        left: A term; variables may be on both sides.
        right: The other one.
        given: What is bound already; it is not changed.
    """
    bound, open_ = dict(given), [(left, right)]
    while open_:
        one, other = (_walk(term, bound) for term in open_.pop())
        if is_variable(one):
            if one != other:
                if _occurs(one, other, bound):
                    return None
                bound[one] = other
        elif is_variable(other):
            open_.append((other, one))
        elif isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other):
                return None
            open_.extend(zip(one, other, strict=True))
        elif not _same(one, other):
            return None
    return bound


def filled(term: Json, given: Bindings) -> Json:
    """Return a term with everything filled in that is bound."""
    found = _walk(term, given)
    return [filled(each, given) for each in found] if isinstance(found, list) else found


def variables(term: Json) -> Iterator[str]:
    """Yield the variables of a term."""
    if is_variable(term):
        yield term
    elif isinstance(term, list):
        for each in term:
            yield from variables(each)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A fact with variables, and its value."""

    predicate: str
    parts: list[Json]
    """Arguments: names and variables."""
    value: Json = True

    @classmethod
    def read(cls, fact: str, value: Json = True) -> "Pattern":
        """Return the pattern that a fact such as `on:?x,?y` is."""
        predicate, colon, rest = fact.partition(":")
        return cls(predicate, [*rest.split(",")] if colon else [], value)

    def fact(self, given: Bindings) -> str:
        """Return the name of the fact, with what is bound filled in."""
        return self.named([filled(part, given) for part in self.parts])

    def named(self, arguments: Sequence[Json]) -> str:
        """Return the name of the fact about these arguments."""
        return f"{self.predicate}:{','.join(map(str, arguments))}" if self.parts else self.predicate

    def arguments(self, fact: str) -> list[Json] | None:
        """Return the arguments of a fact; None when it has another predicate or number of them."""
        predicate, colon, rest = fact.partition(":")
        if predicate != self.predicate or bool(colon) != bool(self.parts):
            return None
        found: list[Json] = [*rest.split(",", len(self.parts) - 1)] if colon else []
        return found if len(found) == len(self.parts) else None


def _walk(term: Json, bound: Bindings) -> Json:
    while is_variable(term) and term in bound:
        term = bound[term]
    return term


def _occurs(variable: str, term: Json, bound: Bindings) -> bool:
    """Whether binding a variable to a term would make it a part of itself."""
    found = _walk(term, bound)
    if isinstance(found, list):
        return any(_occurs(variable, each, bound) for each in found)
    return is_variable(found) and found == variable


def _same(one: Json, other: Json) -> bool:
    """Whether constants are equal; to JSON, unlike to Python, true is not 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)
