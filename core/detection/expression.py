"""The tally of a bulk vote as an expression: a small closed algebra over columns.

A motion about each of a million cells can't be a million elections. A voting rule that offers
`bulk()` says how it adds ballots up as an expression of each ballot's confidence and its voter's
weight; an engine compiles that to its own language. Both come to what the rule's `tally` comes to:
an engine adds up in an order of its own, so figures are compared after rounding to a billionth.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import starmap
from math import fsum, prod
from operator import mul, sub
from typing import Protocol, TypeAlias, runtime_checkable

DIGITS = 9
"""Decimals that the support of a cell is rounded to before it is compared."""


@dataclass(frozen=True, slots=True)
class Number:
    """A constant."""

    value: float


@dataclass(frozen=True, slots=True)
class Confidence:
    """How sure a ballot is, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class VoterWeight:
    """How much the voter of a ballot counts; 1 where nothing was learned."""


@dataclass(frozen=True, slots=True)
class Times:
    """The product of two expressions."""

    left: "Each"
    right: "Each"


@dataclass(frozen=True, slots=True)
class Minus:
    """The difference of two expressions."""

    left: "Each"
    right: "Each"


@dataclass(frozen=True, slots=True)
class Least:
    """The smaller of two expressions."""

    left: "Each"
    right: "Each"


Each: TypeAlias = Number | Confidence | VoterWeight | Times | Minus | Least
"""What is calculated for each ballot."""


@dataclass(frozen=True, slots=True)
class Total:
    """The sum over the ballots of a cell."""

    of: Each


@dataclass(frozen=True, slots=True)
class Product:
    """The product over the ballots of a cell; 1 without any."""

    of: Each


@dataclass(frozen=True, slots=True)
class Greatest:
    """The greatest over the ballots of a cell; 0 without any."""

    of: Each


@dataclass(frozen=True, slots=True)
class Inverse:
    """1 less an aggregate: the chance that not all of them are mistaken, for a product."""

    of: "Aggregate"


Aggregate: TypeAlias = Total | Product | Greatest | Inverse


@dataclass(frozen=True, slots=True)
class TallyExpression:
    """How ballots about a cell come to a figure, and from which figure on it counts as wrong."""

    support: Aggregate
    threshold: float
    """In the unit of the support, rounded as that is; reached counts."""

    def decides(self, ballots: Sequence[tuple[float, float]]) -> tuple[float, bool]:
        """Return the support of a cell and whether it counts as wrong: the meaning of it all.

        Args:
            ballots: Confidence and weight of each ballot for it; those who abstained are left out.
        """
        support = round(evaluate(self.support, ballots), DIGITS)
        return support, bool(ballots) and support >= self.threshold


@runtime_checkable
class BulkRule(Protocol):
    """A voting rule that can decide about any number of cells at once."""

    def bulk(self) -> TallyExpression:
        """Return how it adds up ballots of which each is for the same option, or abstains."""
        ...


def evaluate(aggregate: Aggregate, ballots: Iterable[tuple[float, float]]) -> float:
    """Return the value of an aggregate; the order of the ballots does not matter to it."""
    match aggregate:
        case Total(of):
            return fsum(_values(of, ballots))
        case Product(of):
            return prod(sorted(_values(of, ballots)))
        case Greatest(of):
            return max(_values(of, ballots), default=0.0)
        case Inverse(of):
            return 1.0 - evaluate(of, ballots)


def _values(each: Each, ballots: Iterable[tuple[float, float]]) -> Iterator[float]:
    return starmap(_calculation(each), ballots)


def _calculation(each: Each) -> Callable[[float, float], float]:
    """Return what calculates an expression, found once for any number of ballots."""
    match each:
        case Number(value):
            return lambda confidence, weight: value
        case Confidence():
            return lambda confidence, weight: confidence
        case VoterWeight():
            return lambda confidence, weight: weight
        case Times(left, right):
            return _joined(mul, left, right)
        case Minus(left, right):
            return _joined(sub, left, right)
        case Least(left, right):
            return _joined(min, left, right)


def _joined(
    join: Callable[[float, float], float], left: Each, right: Each
) -> Callable[[float, float], float]:
    one, other = _calculation(left), _calculation(right)
    return lambda confidence, weight: join(one(confidence, weight), other(confidence, weight))
