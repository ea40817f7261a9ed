"""Tallying in the engine: the expression of a voting rule as SQL over ballots by the million."""

from dataagents.core.detection.expression import (
    DIGITS,
    Aggregate,
    Confidence,
    Each,
    Greatest,
    Inverse,
    Least,
    Minus,
    Number,
    Product,
    TallyExpression,
    Times,
    Total,
    VoterWeight,
)

CONFIDENCE = "confidence"
WEIGHT = "weight"


def support(expression: TallyExpression) -> str:
    """Return the support of a cell as an aggregate over columns `confidence` and `weight`."""
    return f"round({_aggregate(expression.support)}, {DIGITS})"


def tallied(expression: TallyExpression, ballots: str, cell: str = "_row, place") -> str:
    """Return the query for the support of every cell that has a ballot, and what is decided of it.

    Args:
        expression: What the rule's `bulk()` gave.
        ballots: Name of a relation with the columns of `cell`, `confidence` and `weight`, each from
            0 on; a ballot a row. Whoever abstains has none.
        cell: Columns that name a cell.

    Returns:
        A query that gives the columns of `cell`, `support` and `wrong`.
    """
    return (
        f"SELECT {cell}, support, support >= {_number(expression.threshold)} AS wrong FROM ("
        f"SELECT {cell}, {support(expression)} AS support FROM {ballots} GROUP BY {cell})"
    )


def _aggregate(aggregate: Aggregate) -> str:
    match aggregate:
        case Total(of):
            return f"sum({_each(of)})"
        case Product(of):
            return f"product({_each(of)})"
        case Greatest(of):
            return f"max({_each(of)})"
        case Inverse(of):
            return f"(1::DOUBLE - {_aggregate(of)})"


def _each(expression: Each) -> str:
    match expression:
        case Number(value):
            return _number(value)
        case Confidence():
            return CONFIDENCE
        case VoterWeight():
            return WEIGHT
        case Times(left, right):
            return f"({_each(left)} * {_each(right)})"
        case Minus(left, right):
            return f"({_each(left)} - {_each(right)})"
        case Least(left, right):
            return f"least({_each(left)}, {_each(right)})"


def _number(value: float) -> str:
    return f"{value!r}::DOUBLE"
