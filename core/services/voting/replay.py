"""Replay: decides once more what is on record, from the record alone."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from dataagents.core.boundary import Boundary
from dataagents.core.clock import SystemClock
from dataagents.core.errors import InputError
from dataagents.core.events import Event, EventKind
from dataagents.core.registry import Registry
from dataagents.core.services.voting.counting import count
from dataagents.core.values import JsonObject, from_json
from dataagents.core.voting import Ballot, Election, Motion, Recall, Tally


@dataclass(frozen=True, slots=True)
class ReplayedElection:
    """An election as it was recorded, and what its ballots add up to now."""

    recorded: Election
    tally: Tally

    @property
    def same(self) -> bool:
        """Whether both came to the same result, figures and reason included."""
        return self.recorded.tally == self.tally


def replay_election(events: Iterable[Event], registry: Registry) -> ReplayedElection:
    """Add the ballots of a recorded election up once more, by its rule and that rule's options.

    Args:
        events: The events about one motion, in any order; others among them are passed over.
        registry: The strategies that are installed.

    Raises:
        InputError: The events are not those of one election that was closed, or were changed.
        UnknownStrategyError: Nobody provides the rule any more.
        ConfigError: The rule does not take these options any more.
        StrategyError: The rule failed.
    """
    history = tuple(events)
    motion = from_json(Motion, _body(history, EventKind.ELECTION_OPENED))
    recorded = from_json(Election, _body(history, EventKind.ELECTION_CLOSED))
    ballots = tuple(
        from_json(Ballot, event.body) for event in history if event.kind == EventKind.BALLOT_CAST
    )
    boundary = Boundary(SystemClock(), quarantine_after=1, grace=0.0)
    rule = registry.voting_rules.build(motion.rule or recorded.rule, motion.rule_options, boundary)
    recalls = [event for event in history if event.kind == EventKind.ELECTION_RECALLED]
    reason = from_json(Recall, recalls[-1].body).reason if recalls else None
    recorded = replace(recorded, ballots=ballots, recalled=reason)
    return ReplayedElection(recorded, count(rule, boundary, motion, ballots))


def _body(events: tuple[Event, ...], kind: EventKind) -> JsonObject:
    found = [event.body for event in events if event.kind == kind]
    if len(found) != 1:
        raise InputError("replay", f"there are {len(found)} events {kind}, not one")
    return found[0]
