"""A team at work while messages get lost, agents hang and the store fails: what must hold anyway.

A seed that fails is the last part of the test's name: `pytest tests/simulation --seed N` plays it
again, the same to the last event.
"""

import asyncio
import hashlib
import os
import subprocess
import sys
from collections import Counter

from faults import FaultyStore
from simulated_team import DEADLINE, SLACK, Outcome, Team

from dataagents.core import Message
from dataagents.core.errors import StoreError
from dataagents.core.events import EventKind
from dataagents.core.goals import RunResult
from dataagents.core.messaging import Receipt, ReceiptStatus
from dataagents.core.testing.simulation import Simulation, simulate
from dataagents.core.voting import Election


async def scenario(simulation: Simulation) -> Team:
    team = Team(simulation, FaultyStore(simulation))
    await team.work()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert not left, f"at work after the kernel closed: {sorted(map(str, left))}"
    return team


def test_whatever_goes_wrong_the_promises_hold(seed: int):
    team = simulate(scenario, seed)
    events = team.store.events
    assert len({event.id for event in events}) == len(events)
    assert len(team.outcomes) == 15, "somebody has no answer"
    recorded = Counter((event.kind, event.subject) for event in events)
    for outcome in team.outcomes:
        if not isinstance(outcome.value, (StoreError, asyncio.CancelledError)):
            check(outcome, recorded)
    delegated = Counter(
        f"done {event.run} {event.subject}" for event in team.store.of(EventKind.TASK_STARTED)
    )
    for effect, times in team.effects.items():
        assert times <= (delegated[effect] if effect.startswith("done ") else 1), effect


def check(outcome: Outcome, recorded: Counter[tuple[str, str]]) -> None:
    """Hold what was acknowledged against the journal, and its time against its deadline."""
    value = outcome.value
    match value:
        case Election():
            motion = value.motion.id
            assert outcome.seconds <= DEADLINE + SLACK
            assert recorded[EventKind.ELECTION_OPENED, motion] == 1
            assert recorded[EventKind.BALLOT_CAST, motion] == len(value.ballots)
            assert recorded[EventKind.ELECTION_CLOSED, motion] == 1
            asked = {ballot.voter for ballot in value.ballots} | set(value.missing)
            assert asked == set(value.motion.voters)
        case Message():
            assert recorded[EventKind.MESSAGE_SENT, value.reply_to or ""] == 1
            assert recorded[EventKind.MESSAGE_SENT, value.id] == 1
            assert recorded[EventKind.MESSAGE_SETTLED, value.reply_to or ""] == 1
        case Receipt():
            assert outcome.seconds <= 30.0 + SLACK
            assert recorded[EventKind.MESSAGE_SETTLED, value.message] == 1
            if value.status is ReceiptStatus.DELIVERED:
                assert recorded[EventKind.MESSAGE_SENT, value.message] == 1
        case RunResult():
            assert recorded[EventKind.RUN_STARTED, value.outcome.run] == 1
            assert recorded[EventKind.RUN_ENDED, value.outcome.run] == 1
        case _:
            assert recorded[EventKind.AUCTION_CLOSED, _lot(value)] >= 1


def _lot(value: object) -> str:
    return getattr(value, "lot", "") or value.award.lot  # type: ignore[attr-defined]


def digest(seed: int) -> str:
    """What happened in a simulation, and when; all but what is measured on this machine."""
    team = simulate(scenario, seed)
    events = (f"{each.id} {each.at} {each.kind} {each.subject}" for each in team.store.events)
    happened = [*team.simulation.trace, *events]
    return hashlib.sha256("\n".join(happened).encode()).hexdigest()


def test_a_seed_gives_the_same_run_each_time():
    assert digest(7) == digest(7)
    assert digest(7) != digest(8)


def test_a_seed_gives_the_same_run_in_another_process():
    def elsewhere(hashes: str) -> str:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        environment["PYTHONHASHSEED"] = hashes
        command = [sys.executable, __file__, "7"]
        return subprocess.check_output(command, env=environment, text=True)

    assert elsewhere("1") == elsewhere("2")


if __name__ == "__main__":
    print(digest(int(sys.argv[1])))  # noqa: T201  # for the test above
