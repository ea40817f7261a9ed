"""Decisions as a store has them: events of votes that real rules count, and of auctions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from dataagents.core.bidding import Award, Bid, Lot, Refusals
from dataagents.core.events import Event, EventKind
from dataagents.core.testing.clock import START
from dataagents.core.values import to_json
from dataagents.core.voting import Ballot, Election, Motion, Recall
from tests.support.polls import motion, rule

Stored = tuple[int, Event]


def stored(place: int, kind: str, subject: str, value: object, **more: str | None) -> Stored:
    """An event, a second after the one before."""
    at = START + timedelta(seconds=place)
    place_of = {"run": "run-1", "task": "decide_schema(prices)", **more}
    return place, Event(f"event-{place}", at, kind, subject, to_json(value), **place_of)


def vote(
    ballots: Sequence[Ballot],
    options: Sequence[str] = ("accept", "reject"),
    *,
    by: str = "majority",
    missing: Mapping[str, str] | None = None,
    settings: Mapping[str, object] | None = None,
    closed: bool = True,
    recalled: str = "",
    **fields: object,
) -> list[Stored]:
    """The events of a vote, counted by a bundled rule."""
    given = {"veto": [], "share_of": "votes"} if by == "majority" else {}
    put = motion(
        options, ballots, question="Adopt this schema?", about="prices", rule=by,
        rule_options={**given, **(settings or {})}, quorum=2, **fields,
    )  # fmt: skip
    put = replace(put, voters=(*put.voters, *(missing or {})))
    events = [stored(1, EventKind.ELECTION_OPENED, put.id, put)]
    for each in ballots:
        cast = replace(each, at=START + timedelta(seconds=len(events)))
        events.append(
            stored(len(events) + 1, EventKind.BALLOT_CAST, put.id, cast, agent=each.voter)
        )
    if closed:
        events.append(_closed(len(events) + 1, put, ballots, by, missing, settings))
    if recalled:
        at = START + timedelta(minutes=1)
        recall = Recall(put.id, recalled, at)
        events.append(stored(len(events) + 1, EventKind.ELECTION_RECALLED, put.id, recall))
    return events


def _closed(
    place: int,
    put: Motion,
    ballots: Sequence[Ballot],
    by: str,
    missing: Mapping[str, str] | None,
    settings: Mapping[str, object] | None,
) -> Stored:
    counted = rule(by, **(settings or {})).tally(put, ballots)
    election = Election(put, by, (), missing or {}, counted, START + timedelta(seconds=place))
    return stored(place, EventKind.ELECTION_CLOSED, put.id, election)


def sale(
    lot: Lot,
    bids: Sequence[Bid],
    awards: Sequence[Award] = (),
    refusals: Refusals | None = None,
    **more: str | None,
) -> list[Stored]:
    """The events of an auction."""
    place_of = {"task": lot.task.id, **more}
    events = [stored(1, EventKind.AUCTION_OPENED, lot.id, lot, **place_of)]
    for bid in bids:
        made = replace(bid, at=START + timedelta(seconds=len(events)))
        events.append(stored(len(events) + 1, EventKind.BID_MADE, lot.id, made, **place_of))
    if refusals is not None:
        events.append(stored(len(events) + 1, EventKind.BIDS_REFUSED, lot.id, refusals, **place_of))
    for award in awards:
        events.append(stored(len(events) + 1, EventKind.AUCTION_CLOSED, lot.id, award, **place_of))
    return events
