"""Allocation: many lots for many agents at once, rather than one after the other."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from typing import Protocol

from dataagents.core.bidding import Award, Bid, Lot, Offer
from dataagents.core.values import JsonObject


@dataclass(frozen=True, slots=True)
class BidSheet:
    """What one agent said to all lots of an allocation."""

    bidder: str
    at: datetime
    offers: Mapping[str, Offer] = field(default_factory=dict)
    """Id of a lot → the offer, valid ones alone."""
    ineligible: Mapping[str, str] = field(default_factory=dict)
    """Id of a lot → why the agent can't do it."""
    rejected: Mapping[str, str] = field(default_factory=dict)
    """Id of a lot → why there is no valid offer for it."""
    reputation: Mapping[str, float] = field(default_factory=dict)
    """Id of a lot → factor learned from earlier awards, where it is not 1."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """Many lots shared out at once."""

    method: str
    """How it was found, in words that name the algorithm."""
    objective: str
    """What was made small: for example `cost`."""
    exact: bool
    """Whether nothing better is possible, by the method."""
    value: float
    """What it comes to, over the lots that were awarded."""
    bound: float
    """No allocation of the same lots comes to less."""
    awards: tuple[Award, ...]
    """One for each lot, in the order of the lots."""
    terms: JsonObject = field(default_factory=dict)
    """Options that repeat it where the configured ones left something open."""
    id: str = ""
    """Like `at`, filled in by the kernel."""
    at: datetime | None = None

    @property
    def gap(self) -> float:
        """How far it may be from the optimum, as a share of the bound; 0 when it is exact."""
        return 0.0 if self.exact or self.value <= self.bound else _share(self.value, self.bound)

    @property
    def loads(self) -> Mapping[str, int]:
        """Agent → how many lots it got."""
        return Counter(award.winner for award in self.awards if award.winner is not None)


def _share(value: float, bound: float) -> float:
    return value / bound - 1 if bound > 0 else inf


class Allocator(Protocol):
    """Shares many lots out to many agents at once. Pure, like an auction; called in a thread."""

    def allocate(self, lots: Sequence[Lot], bids: Mapping[str, Sequence[Bid]]) -> Allocation:
        """Return who gets which lot.

        Args:
            lots: What is to be done.
            bids: Id of a lot → the bids for it; at most one of a bidder counts.
        """
        ...
