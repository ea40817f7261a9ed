"""From the events of an election to its replay."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import cast

from dataagents.console.view.decisions.ballots import (
    CastBallot,
    Names,
    cast_ballot,
    figures_of,
    names_of,
    text_of,
    texts_of,
)
from dataagents.console.view.decisions.election import ElectionReplay, Result, Stand, VoterLine
from dataagents.console.view.decisions.measures import UNIT, Measure, measure_of
from dataagents.console.view.decisions.support import Counting
from dataagents.console.view.fields import Fields, name
from dataagents.core.events import Event, EventKind

_MOST_CHANGES = 20


@dataclass(frozen=True, slots=True)
class _Told:
    """What is common to the lines of all voters."""

    names: Names
    target: str
    """What was decided, or leads alone; empty while it is open or several lead."""
    address: str
    """What the address of a ballot begins with."""
    is_open: bool


def election_replay(events: Sequence[tuple[int, Event]]) -> ElectionReplay | None:
    """Return an election from the events about it, oldest first, each with its place.

    Returns:
        None when neither its beginning nor its end is among the events. One whose beginning is
        missing is told from its end, which repeats the motion.
    """
    history = [event for _, event in events]
    opened, closed = _last(history, EventKind.ELECTION_OPENED), _last(history, _CLOSED)
    known = opened or closed
    if known is None:
        return None
    motion = known.body if opened is not None else _object(known.body.get("motion"))
    names, fields = names_of(motion), Fields(motion)
    tally = _object(None if closed is None else closed.body.get("tally"))
    ballots = _ballots(history)
    rule = fields.name("rule") or ("" if closed is None else Fields(closed.body).name("rule"))
    counts = None if closed is None else figures_of(tally.get("counts"))
    figures = figures_of(tally.get("figures"))
    measure, proven = measure_of(ballots, names, rule, counts, figures)
    options = fields.pairs("rule_options")
    task = f"/task:{known.task}" if known.task else ""
    at = f"run:{known.run or '-'}{task}/vote:{known.subject}"
    told = _Told(names, _target(tally), at, closed is None)
    recall = _last(history, EventKind.ELECTION_RECALLED)
    return ElectionReplay(
        id=name(known.subject),
        question=fields.text("question"),
        about=fields.name("about"),
        options=tuple(name(option) for option in names.options),
        rule=rule,
        rule_options=options,
        quorum=_quorum(fields, Fields(tally), len(names.voters)),
        enrolled=len(names.voters),
        ballots=tuple(_ballot_lines(ballots, told, measure, options.get("share_of", ""))),
        missing=tuple(_missing_lines(ballots, told, closed)),
        measure=measure,
        proven=proven,
        opened=fields.time("at") or (opened.at if opened is not None else None),
        deadline=fields.number("deadline_seconds"),
        closed=None if closed is None else Fields(closed.body).time("closed") or closed.at,
        result=None if closed is None else _result(Fields(tally)),
        recalled="" if recall is None else Fields(recall.body).text("reason") or "no reason given",
        recalled_at=None if recall is None else recall.at,
        recalls=fields.name("recalls"),
        proposals=_proposals(fields),
        without_proposal=fields.pairs("without_proposal") or None,
        drift=_drift(fields.part("context")),
        evidence=fields.pairs("context") or None,
        run=name(known.run),
        task=name(known.task),
        _cast=ballots,
        _names=names,
    )


def _drift(context: Fields) -> tuple[str, ...]:
    facts = (part for _, part in context.part("facts").objects())
    changes = [each for part in facts for each in part.parts("drift")]
    told = [each.line("explanation") for each in changes[:_MOST_CHANGES]]
    more = f"and {len(changes) - len(told)} more" if len(changes) > len(told) else ""
    return tuple(filter(None, (*told, more)))


_CLOSED = EventKind.ELECTION_CLOSED


def _last(history: Sequence[Event], kind: EventKind) -> Event | None:
    return next((event for event in reversed(history) if event.kind == kind), None)


def _object(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value if isinstance(value, Mapping) else {})


def _ballots(history: Sequence[Event]) -> tuple[CastBallot, ...]:
    """Return the ballots that count in the order they came; the last one of a voter does."""
    found: dict[str, CastBallot] = {}
    for event in history:
        if event.kind == EventKind.BALLOT_CAST:
            cast_one = cast_ballot(event)
            found.pop(cast_one.ballot.voter, None)
            found[cast_one.ballot.voter] = cast_one
    return tuple(found.values())


def _target(tally: Mapping[str, object]) -> str:
    leaders = texts_of(tally.get("leaders"))
    return text_of(tally.get("decision")) or (leaders[0] if len(leaders) == 1 else "")


def _quorum(motion: Fields, tally: Fields, enrolled: int) -> int:
    counted = tally.count("quorum")
    if counted:
        return counted
    turnout = motion.part("rule_options").number("turnout") or 0.0
    return max(1, motion.count("quorum"), ceil(Fraction(str(turnout)) * enrolled))


def _result(tally: Fields) -> Result:
    return Result(
        verdict=tally.name("verdict"),
        decision=tally.name("decision"),
        leaders=tally.texts("leaders"),
        cast=tally.count("cast"),
        abstained=tally.count("abstained"),
        confidence=tally.number("confidence"),
        threshold=tally.line("threshold"),
        reason=tally.text("reason"),
        tie_broken=tally.line("tie_broken"),
    )


def _proposals(motion: Fields) -> Mapping[str, str] | None:
    told: dict[str, str] = {}
    for each in motion.parts("proposals"):
        score = each.number("score")
        words = (
            f"by {each.name('proposer')}" if each.name("proposer") else "",
            "" if score is None else f"thought to be worth {score:.2g}",
            each.line("reason"),
        )
        said = ", ".join(word for word in words if word)
        option = each.name("option")
        told[option] = f"{told[option]}; {said}" if option in told else said
    return told or None


def _ballot_lines(
    ballots: Sequence[CastBallot], told: _Told, measure: Measure, share_of: str
) -> Iterator[VoterLine]:
    counting = Counting(told.names, measure, share_of)
    for number, each in enumerate(ballots, start=1):
        voter = each.ballot.voter
        parts = counting.add(each)
        yield VoterLine(
            address=name(f"{told.address}/ballot:{voter}"),
            voter=name(voter),
            stand=_stand(each, told),
            says=each.says,
            reason=each.reason,
            weight=told.names.weight(voter),
            counts=_counts(parts, measure),
            confidence=each.stated if each.favourites else None,
            at=each.at,
            number=number,
            after=_standing(counting),
            agent=name(f"agent:{voter}"),
        )


def _counts(parts: Mapping[str, int], measure: Measure) -> float | None:
    if measure is Measure.FIRSTS:
        return None
    return max(parts.values(), default=0) / UNIT


def _standing(counting: Counting) -> str:
    """Return who leads and with how much, in words."""
    leader, figure, share = counting.leader
    if not leader:
        return "nothing leads"
    said = f"{figure:.4g}" + ("" if share is None else f" ({share:.1%})")
    if len(counting.leaders) == 1:
        return f"{name(leader)} {said}"
    return f"{len(counting.leaders)} tie at {said}"


def _stand(cast_one: CastBallot, told: _Told) -> Stand:
    ballot = cast_one.ballot
    vetoes = told.target in ballot.vetoes and told.names.may_veto(ballot.voter)
    if vetoes and told.target:
        return Stand.VETOES
    backs = ballot.approvals or cast_one.favourites
    if not backs:
        return Stand.ABSTAINS
    if told.is_open or not told.target:
        return Stand.VOTED
    return Stand.FOR if told.target in backs else Stand.AGAINST


def _missing_lines(
    ballots: Sequence[CastBallot], told: _Told, closed: Event | None
) -> Iterator[VoterLine]:
    heard = {each.ballot.voter for each in ballots}
    why = _object(None if closed is None else closed.body.get("missing"))
    stand = Stand.AWAITED if told.is_open else Stand.NO_BALLOT
    # Who was away when it was opened is no voter, but missing all the same.
    for voter in dict.fromkeys((*told.names.voters, *why)):
        if voter in heard:
            continue
        agent = name(f"agent:{voter}")
        reason = Fields(why).text(voter)
        weight = told.names.weight(voter)
        yield VoterLine(agent, name(voter), stand, "", reason, weight, agent=agent)
