"""A process that dies at any commit, also while it recovers: the next goes on as if it had not."""

from collections import Counter
from random import Random

import pytest
from faults import FaultyStore
from simulated_death import PROGRAM, STEPS, World

from dataagents.core.events import Event, EventKind
from dataagents.core.goals import RunStatus
from dataagents.core.testing.simulation import Simulation, simulate

TASKS = {"task step1(first)", "task step2(first)", "task pack(first)"}


def lives(seed: int, deaths: list[int]) -> tuple[World, list[list[Event]]]:
    """Live until death as often as that, then to the end; return what was on record each time."""
    world: World | None = None
    left: list[list[Event]] = []

    async def scenario(simulation: Simulation) -> World:
        nonlocal world
        if world is None:
            world = World(FaultyStore(simulation), simulation)
        again = bool(left)
        world.simulation = simulation
        world.store.attach(simulation)
        if deaths:
            world.store.dies_at = world.store.calls + deaths.pop(0)
        await world.live(again)
        left.append(list(world.store.events))
        simulation.note("the end")
        return world

    while True:
        lived = simulate(scenario, seed + 100_000 * len(left), begin=10_000.0 * len(left))
        if not lived.store.dead:
            return lived, left


@pytest.fixture(scope="module")
def uninterrupted() -> World:
    world, _ = lives(0, [])
    return world


def test_without_a_death_everything_is_done_once(uninterrupted):
    assert uninterrupted.ended == [RunStatus.DONE]
    assert set(uninterrupted.effects.values()) == {1}
    assert {each for each in uninterrupted.effects if each.startswith("task")} == TASKS


def test_whoever_dies_is_gone_on_with_from_the_last_record(seed: int, uninterrupted):
    chance = Random(f"deaths {seed}")
    world, left = lives(seed, [chance.randrange(1, 120) for _ in range(chance.randint(1, 3))])
    assert set(world.effects) == set(uninterrupted.effects)
    assert world.ended[-1:] == [RunStatus.DONE]
    assert world.results == uninterrupted.results
    for number in range(1, STEPS + 1):
        assert world.effects[f"step {PROGRAM}/{number}/step-{number}"] == 1
    for record in left[:-1]:
        for event in record:
            assert event in world.store.events, "what was acknowledged is gone"
    ended = Counter(each.subject for each in world.store.of(EventKind.TASK_ENDED))
    started = Counter(each.subject for each in world.store.of(EventKind.TASK_STARTED))
    for what, times in world.effects.items():
        kind, _, name = what.partition(" ")
        if kind == "task":
            assert times <= started[name]
            assert ended[name] >= 1
        else:
            assert times <= len(left)
