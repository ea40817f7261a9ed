"""A vote in the store is decided once more from the record alone, and comes out the same."""

from dataclasses import replace
from pathlib import Path

import pytest
from polls import RULES

from dataagents.core import Agent, AgentCard, Desk, Event, KernelConfig, Motion, Vote
from dataagents.core.clock import SystemClock
from dataagents.core.errors import ConfigError, InputError, UnknownStrategyError
from dataagents.core.plugin_manager import PluginManager
from dataagents.core.registry import Registry
from dataagents.core.services.voting.replay import replay_election
from dataagents.core.testing import kernel_for
from dataagents.core.voting import Verdict
from dataagents.storage import SqliteStore, StoreReader

VOTES = (
    Vote("a", 0.9, "as I see it"),
    Vote(ranking=("b", ("a", "c")), confidence=0.31),
    Vote(approvals=("a", "c"), confidence=0.7, vetoes=("c",)),
    Vote(scores={"a": 0.1, "b": 0.35, "c": 0.7}, confidence=1 / 3),
    Vote(reason="no view"),
    Vote("nonsense"),
)


class Saying(Agent):
    """Votes as it is made to."""

    def __init__(self, id: str, said: Vote) -> None:
        super().__init__(AgentCard(id, "voter"))
        self.said = said

    async def vote(self, motion: Motion, desk: Desk) -> Vote:
        return self.said


@pytest.fixture
def registry() -> Registry:
    return PluginManager().load()


async def stored(path: Path, rule: str, **options: object) -> tuple[Event, ...]:
    """Hold a vote by a rule, close everything, and return what the store has of it."""
    config = KernelConfig.parse({"agents": [], "options": {rule: options}})
    async with (
        SqliteStore(path / "store.db") as store,
        kernel_for(config=config, store=store, clock=SystemClock()) as kernel,
    ):
        for number, vote in enumerate(VOTES):
            await kernel.deploy(Saying(f"voter-{number}", vote))
        election = await kernel.elections.vote(
            "Which?", ("c", "b", "a"), rule=rule, weights={"voter-1": 0.3}, quorum=2
        )
    async with StoreReader(path / "store.db") as reader:
        events = [each.event for each in await reader.events()]
    return tuple(event for event in events if event.subject == election.motion.id)


@pytest.mark.parametrize("rule", RULES)
async def test_every_rule_comes_to_the_same_result(tmp_path: Path, registry: Registry, rule: str):
    events = await stored(tmp_path, rule, tie_break="seeded", turnout=0.3, veto=["voter-2"])
    replayed = replay_election(events, registry)
    assert replayed.same
    assert replayed.tally.verdict is not Verdict.NO_QUORUM
    assert replayed.recorded.rule == rule
    assert len(replayed.recorded.ballots) == 5
    assert replay_election(reversed(events), registry).tally == replayed.tally


async def test_the_options_are_those_that_were_in_force(tmp_path: Path, registry: Registry):
    events = await stored(tmp_path, "plurality", tie_break="order", threshold="1/5")
    tally = replay_election(events, registry).tally
    assert tally.threshold == "1/5"


async def test_a_record_that_was_changed_comes_out_differently(tmp_path: Path, registry: Registry):
    events = await stored(tmp_path, "plurality")
    forged = [
        replace(event, body={**event.body, "choice": "z"}) if event.kind == "ballot.cast" else event
        for event in events
    ]
    with pytest.raises(InputError, match=r"ballots\.\d\.choice"):
        replay_election(forged, registry)
    emptied = [event for event in events if event.body.get("voter") != "voter-0"]
    assert not replay_election(emptied, registry).same


async def test_what_is_no_closed_election_is_refused(tmp_path: Path, registry: Registry):
    events = await stored(tmp_path, "plurality")
    with pytest.raises(InputError, match=r"0 events election\.closed"):
        replay_election(events[:-1], registry)
    with pytest.raises(InputError, match=r"2 events election\.opened"):
        replay_election((*events, events[0]), registry)


async def test_a_rule_that_is_gone_or_has_changed_is_named(tmp_path: Path, registry: Registry):
    opened, *rest = await stored(tmp_path, "plurality")
    with pytest.raises(UnknownStrategyError, match="'gone'"):
        replay_election((replace(opened, body={**opened.body, "rule": "gone"}), *rest), registry)
    changed = {**opened.body, "rule_options": {"lead": 3}}
    with pytest.raises(ConfigError, match="lead"):
        replay_election((replace(opened, body=changed), *rest), registry)
