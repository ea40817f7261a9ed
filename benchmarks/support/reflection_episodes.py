"""The job of `reflection.py`: faults that recur, repairs that may work, and who chooses among them.

A seed makes a `World`: which fault occurs in which episode, how likely each repair is to work, and
whether it would work just then. So all who choose meet the same luck.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log, sqrt
from random import Random
from typing import Protocol

from dataagents.plugins.reflection.bandit import SHARPNESS, Learner, choose, pooled, scores

EPISODES = 400
CHANGE = 200
"""Episode from which on every fault has another best repair."""
FAULTS = 4
PAYOFFS = (0.9, 0.5, 0.4, 0.2)
"""Chances that a repair works, in an order of its own for each fault; 0.5 in the mean."""
REPAIRS = tuple(f"repair-{number}" for number in range(len(PAYOFFS)))
SOURCE = "feed"

Rates = tuple[float, ...]


@dataclass(frozen=True)
class World:
    """What happens, whoever chooses."""

    seed: int
    recurring: bool = True
    """Whether there are four faults; else each episode has a new one."""
    ordered: bool = False
    """Whether the first repair is the best one all along, as in a domain whose author knew."""

    @cached_property
    def faults(self) -> list[int]:
        """Fault of each episode."""
        rng = Random(f"faults {self.seed}")
        if not self.recurring:
            return list(range(EPISODES))
        return [rng.randrange(FAULTS) for _ in range(EPISODES)]

    @cached_property
    def rates(self) -> list[tuple[Rates, Rates]]:
        """For each fault, how likely each repair works: before the change, and from then on."""
        rng = Random(f"rates {self.seed}")
        made: list[tuple[Rates, Rates]] = []
        for _ in range(FAULTS if self.recurring else EPISODES):
            before = _shuffled(rng)
            after = _shuffled(rng)
            while after.index(PAYOFFS[0]) == before.index(PAYOFFS[0]):
                after = _shuffled(rng)
            made.append((PAYOFFS, PAYOFFS) if self.ordered else (before, after))
        return made

    @cached_property
    def luck(self) -> list[Rates]:
        """For each episode and repair, the chance up to which it does not work."""
        rng = Random(f"luck {self.seed}")
        return [tuple(rng.random() for _ in PAYOFFS) for _ in range(EPISODES)]

    def rate(self, episode: int, repair: int) -> float:
        """Return how likely a repair is to work in an episode."""
        return self.rates[self.faults[episode]][episode >= CHANGE][repair]

    def works(self, episode: int, repair: int) -> bool:
        """Return whether a repair works in an episode."""
        return self.luck[episode][repair] < self.rate(episode, repair)


def _shuffled(rng: Random) -> Rates:
    return tuple(rng.sample(PAYOFFS, len(PAYOFFS)))


class Chooser(Protocol):
    """Chooses a repair for one fault, and is told whether it worked."""

    def choose(self) -> int:
        """Return the number of a repair."""
        ...

    def observe(self, repair: int, worked: bool) -> None:
        """Take what came of the choice."""
        ...


class AtRandom:
    """Nothing is learned."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng

    def choose(self) -> int:
        """Draw."""
        return self._rng.randrange(len(REPAIRS))

    def observe(self, repair: int, worked: bool) -> None:
        """Learn nothing."""


class AlwaysFirst(AtRandom):
    """Nothing is learned: the domain's order, as the planner has it without lessons."""

    def choose(self) -> int:
        """Take the first."""
        return 0


class Bandit:
    """The functions that the bundled reflector chooses methods by.

    The reflector builds the state anew from what its lessons carry; here it is kept from one
    episode to the next, which is the same fold of the same outcomes.
    """

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._learner = Learner()

    def choose(self) -> int:
        """Draw from the posteriors, as at `recall`."""
        evidence = pooled({SOURCE: self._learner.evidence()}, (SOURCE,))
        return REPAIRS.index(choose(REPAIRS, evidence, self._rng))

    def observe(self, repair: int, worked: bool) -> None:
        """Count, and forget after a change."""
        self._learner.observe(REPAIRS[repair], worked)


class Thompson:
    """Thompson sampling: every outcome counts for ever."""

    sharpness = 1.0

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._worked = [0] * len(REPAIRS)
        self._failed = [0] * len(REPAIRS)

    def choose(self) -> int:
        """Draw from the posteriors."""
        by = self.sharpness
        drawn = [
            self._rng.betavariate(by * (1 + worked), by * (1 + failed))
            for worked, failed in zip(self._worked, self._failed, strict=True)
        ]
        return drawn.index(max(drawn))

    def observe(self, repair: int, worked: bool) -> None:
        """Count."""
        (self._worked if worked else self._failed)[repair] += 1


class SharpThompson(Thompson):
    """The bundled bandit without its change detection."""

    sharpness = SHARPNESS


class PlainPageHinkley(Bandit):
    """The bundled bandit without its sharpening."""

    def choose(self) -> int:
        """Draw from the posteriors as they are."""
        evidence = pooled({SOURCE: self._learner.evidence()}, (SOURCE,))
        drawn = scores(REPAIRS, evidence, self._rng, sharpness=1.0)
        return REPAIRS.index(max(REPAIRS, key=drawn.__getitem__))


class Ucb:
    """Upper confidence bounds (Auer, Cesa-Bianchi and Fischer, 2002); the peer."""

    exploring = 2.0

    def __init__(self, rng: Random) -> None:
        self._tried = [0] * len(REPAIRS)
        self._worked = [0] * len(REPAIRS)

    def choose(self) -> int:
        """Take what may be best."""
        if 0 in self._tried:
            return self._tried.index(0)
        wide = self.exploring * log(sum(self._tried))
        bounds = [
            worked / tried + sqrt(wide / tried)
            for worked, tried in zip(self._worked, self._tried, strict=True)
        ]
        return bounds.index(max(bounds))

    def observe(self, repair: int, worked: bool) -> None:
        """Count."""
        self._tried[repair] += 1
        self._worked[repair] += worked


class BoldUcb(Ucb):
    """With the narrow bounds that did best on seeds that are not reported."""

    exploring = 0.2


Build = Callable[[Random], Chooser]

CONTENDERS: dict[str, Build] = {
    "none, at random": AtRandom,
    "none, the first": AlwaysFirst,
    "Thompson": Thompson,
    "Thompson, sharpened": SharpThompson,
    "Thompson, Page-Hinkley": PlainPageHinkley,
    "UCB1": Ucb,
    "UCB, bounds narrowed": BoldUcb,
    "reflection": Bandit,
}


@dataclass(frozen=True, slots=True)
class Record:
    """What one contender did in one world."""

    rates: list[float]
    """How likely the chosen repair was to work, for each episode."""
    worked: int

    @property
    def success(self) -> float:
        """Share of the episodes in which the chosen repair worked."""
        return self.worked / len(self.rates)

    @property
    def regret(self) -> float:
        """How many more successes the best repairs would have had, in expectation."""
        return sum(PAYOFFS[0] - rate for rate in self.rates)


def play(world: World, build: Build) -> Record:
    """Let a contender choose in each episode; each fault is a choice of its own."""
    choosers: dict[int, Chooser] = {}
    rates: list[float] = []
    done = 0
    for episode, fault in enumerate(world.faults):
        if fault not in choosers:
            choosers[fault] = build(Random(f"{world.seed} {fault}"))
        repair = choosers[fault].choose()
        worked = world.works(episode, repair)
        choosers[fault].observe(repair, worked)
        rates.append(world.rate(episode, repair))
        done += worked
    return Record(rates, done)


def played_by_oracle(world: World) -> Record:
    """Choose the best repair each time."""
    best = [
        max(range(len(REPAIRS)), key=lambda repair, at=episode: world.rate(at, repair))
        for episode in range(EPISODES)
    ]
    worked = sum(world.works(episode, repair) for episode, repair in enumerate(best))
    return Record([PAYOFFS[0]] * EPISODES, worked)


def by_occurrence(worlds: Sequence[World], records: Sequence[Record], most: int) -> list[float]:
    """Return the mean rate of the choices at each occurrence of a fault after the change."""
    found: list[list[float]] = [[] for _ in range(most)]
    for world, record in zip(worlds, records, strict=True):
        seen = [0] * FAULTS
        for fault, rate in zip(world.faults[CHANGE:], record.rates[CHANGE:], strict=True):
            if seen[fault] < most:
                found[seen[fault]].append(rate)
            seen[fault] += 1
    return [sum(each) / len(each) for each in found]
