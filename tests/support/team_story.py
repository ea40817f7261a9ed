"""What happens to a team, from the first event to the last, and what is to be found in it."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, cycle, islice
from math import pi, sin
from operator import itemgetter
from random import Random
from typing import Final

from dataagents.core.health import Health
from tests.support.moulds import Cast, Mould, base32, time_text
from tests.support.team_figures import (
    HEALTHS,
    KERNEL_FIGURES,
    LEVELS,
    ROLES,
    alerted,
    checked,
    deployed,
    odds,
    sampled,
    started,
    stopped,
    team,
)
from tests.support.team_runs import (
    DATASETS,
    DISSENT,
    FAILING_TASK,
    FIRST_ERROR,
    USUALLY,
    RunMaker,
    cleaned,
    counted,
    cut_off,
    drifted,
    failed,
    recovered,
)

WINDOW: Final = 10_000_000
"""Microseconds between two checks of an agent, and between two samples of a figure."""
EVENTS_A_RUN: Final = 320
"""Of all events, a half is of runs, which have about 160."""
_LAST: Final[tuple[RunMaker, ...]] = (failed, *[cleaned] * 6, drifted, *[counted] * 4, cut_off)
"""The runs at the end, one after another: what is looked for is among them, but not the newest."""
_ODD: Final = 20
"""Windows between two of the things that happen now and then."""
_ERAS: Final = 3
"""Kernels that the team had, in a store that is long enough."""
_UNWELL: Final = ((Health.DEGRADED, 8), (Health.LATE, 14), (Health.FAILED, 5))
_ILL_PER_WINDOW: Final = 0.004
_PAUSE: Final = 60_000_000
"""Microseconds between two kernels."""


@dataclass(frozen=True, slots=True)
class Spec:
    """What a store is to hold."""

    events: int = 1_000_000
    """Exactly so many."""
    agents: int = 1_000
    runs: int | None = None
    """One for `EVENTS_A_RUN` events when None."""
    failed_steps: int = 200
    """Exactly so many steps of reasonings that failed."""
    seed: int = 1
    start: datetime = datetime(2026, 3, 2, 4, tzinfo=UTC)
    """When its first event is."""


@dataclass(frozen=True, slots=True)
class Landmarks:
    """What can be found in a store, for whoever looks for it."""

    events: int
    agents: int
    runs: int
    failed_steps: int
    first: str
    last: str
    """Times of the first and the last event, in ISO 8601."""
    failed_run: str
    """The newest run that failed; newer ones did not."""
    failed_task: str
    failed_agent: str
    failed_step: int
    """Number of its first failed step within the reasoning about that task."""
    error: str
    """What that step says."""
    election: str
    """The newest vote on a change of a schema."""
    election_run: str
    dissenter: str
    """Who alone voted against what was decided there."""
    dissent: str
    """Why."""
    cut_off_run: str
    """The newest run, which its kernel did not live to end."""
    agent: str
    """One that is well."""


class Story:
    """Composes the events of a store.

    Raises:
        ValueError: There can be no such store.
    """

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._rng = Random(spec.seed)
        self._team = team(spec.agents)
        self._everybody = list(chain.from_iterable(self._team.values()))
        self._makers = _Makers(self._rng)
        self._moulds()
        self._runs = self._drawn()
        self._tail = [self._makers.one_of(maker) for maker in _LAST]
        # A team of some size needs time to be of interest before it is replaced.
        self._eras = _ERAS if spec.events >= 150 * (spec.agents + len(KERNEL_FIGURES)) else 1
        self._windows = self._fitting()
        self._ill: dict[str, tuple[Health, int]] = {}
        self._made = 0
        self._found: dict[str, str] = {}
        self.landmarks: Landmarks

    @property
    def length(self) -> timedelta:
        """About how long it takes."""
        return timedelta(microseconds=(self._windows + 9) * WINDOW + _ERAS * _PAUSE)

    def tell(self) -> Iterator[list[Cast]]:
        """Yield the events, in order; afterwards `landmarks` says where what is."""
        start = int(self._spec.start.timestamp()) * 1_000_000 + 500
        now, pending = start, list[Cast]()
        eras = {self._windows * era // self._eras: era for era in range(self._eras)}
        runs = iter(enumerate(self._runs))
        upcoming = next(runs, None)
        for window in range(self._windows):
            if window in eras:
                yield pending
                now = max(now, pending[-1][0] if pending else 0) + (_PAUSE if window else 0)
                pending = self._begun(now, eras[window])
                now = pending[-1][0] + 1000
            while upcoming and upcoming[0] * self._windows // len(self._runs) <= window:
                pending += self._run(upcoming[1], now + self._rng.randrange(WINDOW // 1000) * 1000)
                upcoming = next(runs, None)
            pending += self._checks(now, window)
            pending += self._figures(now, window)
            if window % _ODD == _ODD - 1:
                pending += self._odd(now, window // _ODD)
            pending.sort(key=itemgetter(0))
            now += WINDOW
            done = bisect_left(pending, now, key=itemgetter(0))
            yield pending[:done]
            pending = pending[done:]
        yield from self._end(start, now, pending)

    def _moulds(self) -> None:
        rng = self._rng
        self._kernels = [
            (Mould(started(self._everybody, 4000 + era)), Mould(stopped(4000 + era)))
            for era in range(_ERAS)
        ]
        self._deployments = {role: Mould(deployed(role, rng)) for role in ROLES}
        self._checked = {
            health: [Mould(checked(health, rng)) for _ in range(48 if health == "healthy" else 8)]
            for health in HEALTHS
        }
        self._sampled = [
            [Mould(sampled(name, level)) for level in range(LEVELS)] for name in KERNEL_FIGURES
        ]
        self._odds = list(map(Mould, odds(rng)))
        self._standing = [
            Mould(alerted(rng, noticed=noticed, over=False)) for noticed in (True, False)
        ]

    def _drawn(self) -> list[Mould]:
        """Return the runs in their order, but for those at the end."""
        spec, rng = self._spec, self._rng
        total = spec.events // EVENTS_A_RUN if spec.runs is None else spec.runs
        failing = spec.failed_steps * 2 // 5
        recovering = spec.failed_steps - 2 * failing
        many = total - len(_LAST)
        special = [failed] * (failing - 1) + [recovered] * recovering
        if failing < 1 or len(special) > many:
            problem = f"{spec.failed_steps} failed steps don't fit into {total} runs"
            raise ValueError(f"{problem}; at least 3 are needed, and two runs for each")
        rng.shuffle(special)
        makers, weights = zip(*USUALLY, strict=True)
        chosen = rng.choices(makers, weights, k=many)
        for number, maker in enumerate(special):
            chosen[(2 * number + 1) * many // (2 * len(special))] = maker
        return [self._makers.one_of(maker) for maker in chosen]

    def _fitting(self) -> int:
        """Return how many windows there are, so that their events and those of runs are enough."""
        spec = self._spec
        each = spec.agents + len(KERNEL_FIGURES)
        rest = spec.events - sum(map(len, (*self._runs, *self._tail, *self._standing)))
        rest -= self._eras * (spec.agents + 2) - 1
        windows = rest // each
        while windows > 0 and windows * each + self._odd_events(windows) > rest:
            windows -= 1
        if windows < 1:
            raise ValueError(f"{spec.events:,} events are too few for {spec.agents:,} agents")
        self._rest = rest - windows * each - self._odd_events(windows)
        return windows

    def _odd_events(self, windows: int) -> int:
        return sum(map(len, islice(cycle(self._odds), windows // _ODD)))

    def _begun(self, now: int, era: int) -> list[Cast]:
        """Return how a kernel starts, and whether the one before has stopped."""
        casts = self._kernels[era - 1][1].cast(now - 1_000_000, "gone", {}) if era else []
        casts += self._kernels[era][0].cast(now, "kern", {})
        for role, names in self._team.items():
            for name in names:
                now += 1000
                casts += self._deployments[role].cast(now, "depl", {"agent": name})
        return casts

    def _run(self, mould: Mould, start: int) -> list[Cast]:
        self._made += 1
        names = {
            mark: self._rng.choice(agents)
            for role, agents in self._team.items()
            for mark in ROLES[role][1]
        }
        for role, (_, marks) in ROLES.items():  # nobody stands for two
            if len(marks) > 1:
                chosen = self._rng.sample(self._team[role], len(marks))
                names |= zip(marks, chosen, strict=True)
        self._found = names
        return mould.cast(start, base32(self._made, 4), names)

    def _checks(self, now: int, window: int) -> list[Cast]:
        rng, casts = self._rng, list[Cast]()
        well, step = self._checked[Health.HEALTHY], WINDOW // len(self._everybody)
        self._fall_ill(window)
        for agent in self._everybody:
            health, until = self._ill.get(agent, (Health.HEALTHY, 0))
            if until and until <= window:
                del self._ill[agent]
            moulds = self._checked[health] if until > window else well
            mould = moulds[int(rng.random() * len(moulds))]
            casts += mould.cast(now - now % 1000 + 500, "heal", {"agent": agent})
            now += step
        return casts

    def _fall_ill(self, window: int) -> None:
        expected = len(self._everybody) * _ILL_PER_WINDOW
        count = int(expected) + (self._rng.random() < expected % 1)
        kinds, weights = zip(*_UNWELL, strict=True)
        for health in self._rng.choices(kinds, weights, k=count):
            agent = self._rng.choice(self._everybody)
            self._ill.setdefault(agent, (health, window + self._rng.randint(2, 12)))

    def _figures(self, now: int, window: int) -> list[Cast]:
        casts = list[Cast]()
        for number, moulds in enumerate(self._sampled):
            wave = 0.62 + 0.3 * sin(2 * pi * window / (40 + 9 * number)) + self._rng.gauss(0, 0.04)
            level = min(LEVELS - 1, max(0, round(wave * (LEVELS - 1))))
            casts += moulds[level].cast(now + number * 1000, "figr", {})
        return casts

    def _odd(self, now: int, number: int) -> list[Cast]:
        mould = self._odds[number % len(self._odds)]
        return mould.cast(now, "oddx", {"agent": self._rng.choice(self._everybody)})

    def _end(self, start: int, now: int, pending: list[Cast]) -> Iterator[list[Cast]]:
        """Yield what is left, the last runs one after another, and a few more checks."""
        yield pending
        now = max(now, pending[-1][0] if pending else 0) + 1000
        places: dict[RunMaker, tuple[list[Cast], dict[str, str]]] = {}
        for maker, mould in zip(_LAST, self._tail, strict=True):
            casts = self._run(mould, now)
            places[maker] = casts, self._found
            yield casts
            now = casts[-1][0] + 500_000
        for number, mould in enumerate(self._standing):
            agent = self._everybody[number]
            casts = mould.cast(now, f"a1{number:02}", {"agent": agent})
            yield casts
            now = casts[-1][0] + 1000
        for agent in islice(cycle(self._everybody), self._rest):
            health, _ = self._ill.get(agent, (Health.HEALTHY, 0))
            casts = self._rng.choice(self._checked[health]).cast(now, "heal", {"agent": agent})
            yield casts
            now += 1000
        begun = start + self._kernels[0][0].shapes[0].offset
        self.landmarks = self._marks(begun, casts[-1][0], places)

    def _marks(
        self, first: int, last: int, places: dict[RunMaker, tuple[list[Cast], dict[str, str]]]
    ) -> Landmarks:
        failing, doers = places[failed]
        voting, voters = places[drifted]
        motion = next(row for row in _rows(voting) if row[1] == "election.opened")
        return Landmarks(
            events=self._spec.events,
            agents=self._spec.agents,
            runs=self._made,
            failed_steps=self._spec.failed_steps,
            first=f"{time_text(first)}+00:00",
            last=f"{time_text(last)}+00:00",
            failed_run=next(_rows(failing))[2],
            failed_task=next(row[4] for row in _rows(failing) if FAILING_TASK in (row[4] or "")),
            failed_agent=doers["transformer"],
            failed_step=2,
            error=FIRST_ERROR,
            election=motion[2],
            election_run=motion[3],
            dissenter=voters["valid"],
            dissent=DISSENT,
            cut_off_run=next(_rows(places[cut_off][0]))[2],
            agent=next(agent for agent in reversed(self._everybody) if agent not in self._ill),
        )


def _rows(casts: Sequence[Cast]) -> Iterator[tuple[str, ...]]:
    """Yield at, kind, subject, run, task, agent and body of events."""
    return (shape.row(fields) for _, shape, fields in casts)


class _Makers:
    """Moulds of runs: a few of each kind, made when the first one is wanted."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._kept: dict[RunMaker, list[Mould]] = {}

    def one_of(self, maker: RunMaker) -> Mould:
        """Return one of a kind."""
        if maker not in self._kept:
            many = len(DATASETS) if maker is cleaned else 4
            datasets = self._rng.sample(DATASETS, many)
            self._kept[maker] = [Mould(maker(self._rng, name).events) for name in datasets]
        return self._rng.choice(self._kept[maker])
