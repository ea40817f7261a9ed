"""Options that the voting rules share, and thresholds as exact fractions."""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, PlainValidator

from dataagents.core import StrategyOptions

_WRITTEN = re.compile(r"\d{1,9}/\d{1,9}")


def _share(value: object) -> float | str:
    text = value if isinstance(value, str) and _WRITTEN.fullmatch(value) else None
    if text is None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise ValueError("has to be a number such as 0.67, or a fraction such as '2/3'")
    try:
        share = Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        raise ValueError("is no number") from None
    if not 0 < share <= 1:
        raise ValueError("has to be above 0 and not above 1")
    return text if text is not None else float(share)


Share: TypeAlias = Annotated[float | str, PlainValidator(_share)]
"""A share of the votes, in (0, 1]: a number, or an exact fraction such as `"2/3"`."""


ShareOf: TypeAlias = Literal["votes", "ballots", "enrolled"]


class RuleOptions(StrategyOptions):
    """Options of every bundled voting rule."""

    tie_break: Literal["none", "order", "seeded"] = "none"
    """A tie for the lead decides nothing; or the motion's order of options does, or a lot that
    the motion's id draws."""
    turnout: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.0
    """Share of the enrolled voters whose ballots are needed, beside the motion's quorum."""
    quorum_of: Literal["ballots", "votes"] = "ballots"
    """Whether abstentions count for the quorum: all ballots do, or those that are votes."""
    veto: tuple[str, ...] = ()
    """Ids of the voters who may veto; `*` stands for all of them, and nobody may by default."""


class LeadOptions(RuleOptions):
    """Options of the rules by which the lead is enough, unless more is asked for."""

    threshold: Share | None = None
    """Share that the winner needs beside leading, in the rule's measure; reached at equality."""


class ShareOptions(RuleOptions):
    """Options of the rules that compare a share of the votes."""

    share_of: ShareOf = "votes"
    """What the share is taken of: the votes, also the abstentions, or everyone enrolled."""


class SupermajorityOptions(ShareOptions):
    """Options of the supermajority rule."""

    threshold: Share = 0.67
    """Share that wins; reached at equality, compared as an exact fraction."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a share is compared with."""

    share: Fraction
    strict: bool = False
    """Whether the share has to be above it, not only reach it."""

    @classmethod
    def of(cls, share: float | str) -> "Threshold":
        """Return the threshold that a configured share is."""
        # str() first: 0.67 is to mean 67/100, not the binary fraction next to it.
        return cls(Fraction(str(share)))

    def reached(self, share: Fraction) -> bool:
        """Return whether a share is enough."""
        return share > self.share if self.strict else share >= self.share

    @property
    def words(self) -> str:
        """What is needed."""
        if not self.share:
            return "more than nothing needed"
        share = "half" if self.share == Fraction(1, 2) else f"{float(self.share):.1%}"
        return f"more than {share} needed" if self.strict else f"{share} needed"

    def __str__(self) -> str:
        return f"> {self.share}" if self.strict else str(self.share)


MAJORITY = Threshold(Fraction(1, 2), strict=True)
"""More than half."""


def threshold_of(options: LeadOptions, otherwise: Threshold | None = None) -> Threshold | None:
    """Return the configured threshold; the rule's own when there is none."""
    return otherwise if options.threshold is None else Threshold.of(options.threshold)
