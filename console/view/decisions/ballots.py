"""Ballots as they are on record: read without trust, and compared by what they really name.

The names of options and voters stay as they were written as long as they are compared; they become
showable where a line is made of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from dataagents.console.view.elections import vote_text
from dataagents.console.view.fields import Fields
from dataagents.core.events import Event
from dataagents.core.voting import Ballot, Ranking, favourites


@dataclass(frozen=True, slots=True)
class CastBallot:
    """A ballot with what only its event says; the names in it are not safe to show."""

    ballot: Ballot
    stated: float | None
    """Its confidence, where one is on record."""
    reason: str
    """Safe to show."""
    at: datetime
    event: str
    """Id of its event."""

    @property
    def says(self) -> str:
        """What it says, in one safe line."""
        return vote_text(self.ballot)

    @property
    def favourites(self) -> tuple[str, ...]:
        """The options it puts first; none where it abstains."""
        return favourites(self.ballot)


@dataclass(frozen=True, slots=True)
class Names:
    """Names of a motion as they were written, none of them safe to show."""

    options: tuple[str, ...]
    voters: tuple[str, ...]
    weights: Mapping[str, float] = field(default_factory=dict)
    """Voter → reputation, for those whose is not 1."""
    vetoers: tuple[str, ...] | None = None
    """Who may veto, `*` for all; None where that is not on record."""

    def weight(self, voter: str) -> float:
        """Return how much a voter counts where the rule weighs voters."""
        return self.weights.get(voter, 1.0)

    def may_veto(self, voter: str) -> bool:
        """Return whether a voter's veto counts, as far as that is on record."""
        return self.vetoers is not None and ("*" in self.vetoers or voter in self.vetoers)


def cast_ballot(event: Event) -> CastBallot:
    """Return the ballot of an event; what is malformed in it is absent."""
    body, fields = event.body, Fields(event.body)
    stated = fields.number("confidence")
    at = fields.time("at") or event.at
    ballot = Ballot(
        voter=text_of(body.get("voter")),
        choice=text_of(body.get("choice")) or None,
        confidence=0.0 if stated is None else stated,
        reason="",
        at=at,
        ranking=_ranking(body.get("ranking")),
        approvals=texts_of(body.get("approvals")),
        scores=figures_of(body.get("scores")) or None,
        vetoes=texts_of(body.get("vetoes")),
    )
    return CastBallot(ballot, stated, fields.text("reason"), at, event.id)


def names_of(body: Mapping[str, object]) -> Names:
    """Return the names in a `voting.Motion`."""
    rules = body.get("rule_options")
    given = cast("Mapping[str, object]", rules if isinstance(rules, Mapping) else {})
    return Names(
        texts_of(body.get("options")),
        texts_of(body.get("voters")),
        figures_of(body.get("weights")),
        texts_of(given["veto"]) if "veto" in given else None,
    )


def text_of(value: object) -> str:
    """Return a text as it is, without trust; empty for anything else."""
    return value if isinstance(value, str) else ""


def texts_of(value: object) -> tuple[str, ...]:
    """Return the texts of a list as they are."""
    items = cast("list[object]", value) if isinstance(value, list | tuple) else ()
    return tuple(item for item in items if isinstance(item, str))


def figures_of(value: object) -> dict[str, float]:
    """Return the finite numbers of an object by their names, as these are."""
    items = cast("Mapping[object, object]", value if isinstance(value, Mapping) else {})
    fields = Fields(items)
    found = {key: fields.number(key) for key in items if isinstance(key, str)}
    return {key: number for key, number in found.items() if number is not None}


def _ranking(value: object) -> Ranking:
    ranks = cast("list[object]", value) if isinstance(value, list | tuple) else ()
    read = (rank if isinstance(rank, str) else texts_of(rank) for rank in ranks)
    return tuple(rank for rank in read if rank)
