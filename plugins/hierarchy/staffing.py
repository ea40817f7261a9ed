"""Staffing: who does a task, who does it next, and who leads."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from heapq import nsmallest

from dataagents.core.cards import AgentCard
from dataagents.core.hierarchy import COORDINATE, LEAD, Assignment
from dataagents.core.planning import PlannedTask


class Staff:
    """Agents for the tasks of one plan: the least busy of those who can, the best among equals.

    Agents with the capability `lead` or `coordinate` lead; they work only where nobody else can.
    """

    def __init__(self, coordinator: str, agents: Mapping[str, AgentCard], runner_ups: int) -> None:
        self._coordinator = coordinator
        self._agents = agents
        self._runner_ups = runner_ups
        others = [card for card in agents.values() if card.id != coordinator]
        self.leaders = [card.id for card in sorted(others, key=_rank) if _leads(card)]
        self._load: Counter[str] = Counter()
        self._able: dict[tuple[tuple[str, float], ...], list[tuple[float, str]]] = {}

    def promote(self, tasks: Iterable[PlannedTask], wanted: int) -> None:
        """Let agents lead that these tasks leave idle, until there are as many as wanted."""
        lacking = wanted - len(self.leaders)
        if lacking <= 0:
            return
        tried = Staff(self._coordinator, self._agents, 0)
        busy = {each.agent for task in tasks if (each := tried.assign(task)) is not None}
        taken = {*busy, *self.leaders, self._coordinator}
        self.leaders += [who for who in self._agents if who not in taken][:lacking]
        self._able.clear()

    def has(self, task: PlannedTask) -> bool:
        """Return whether somebody can do a task."""
        return bool(self._able_to(task))

    def keeps(self, task: PlannedTask) -> bool:
        """Return whether a task stays at the top: no ordinary worker can do it."""
        above = {self._coordinator, *self.leaders}
        return all(who in above for _, who in self._able_to(task))

    def assign(self, task: PlannedTask) -> Assignment | None:
        """Give a task to somebody; None when nobody can do it."""
        able = self._able_to(task)
        chosen = nsmallest(1 + self._runner_ups, able, key=lambda each: (self._load[each[1]], each))
        if not chosen:
            return None
        (_, agent), *others = chosen
        self._load[agent] += max(1, round(task.seconds))
        return Assignment(task, agent, tuple(who for _, who in others))

    def lacking(self, task: PlannedTask) -> str:
        """Return why nobody can do a task."""
        for capability, minimum in task.requires.items():
            best = max(card.capabilities.get(capability, 0) for card in self._agents.values())
            if best < minimum:
                return f"no agent has {capability!r} at {minimum:g}"
        return f"no agent has all of {', '.join(task.requires)}"

    def _able_to(self, task: PlannedTask) -> list[tuple[float, str]]:
        """Return who can do a task, each with a figure that is lower the better it fits."""
        needs = tuple(sorted(task.requires.items()))
        if needs not in self._able:
            able = [
                (-min((card.capabilities[name] for name, _ in needs), default=1.0) / card.cost, who)
                for who, card in self._agents.items()
                if all(card.capabilities.get(name, -1.0) >= minimum for name, minimum in needs)
            ]
            above = {self._coordinator, *self.leaders}
            workers = [each for each in able if each[1] not in above]
            at_the_top = [each for each in able if each[1] == self._coordinator]
            self._able[needs] = workers or at_the_top or able
        return self._able[needs]


def runner_ups(leaders: Sequence[str], leader: str, most: int) -> tuple[str, ...]:
    """Return who leads when a leader fails: those after it in the row, then those before it."""
    start = leaders.index(leader) + 1
    return tuple([*leaders[start:], *leaders[: start - 1]][:most])


def _leads(card: AgentCard) -> bool:
    return LEAD in card.capabilities or COORDINATE in card.capabilities


def _rank(card: AgentCard) -> tuple[float, str]:
    return -max(card.capabilities.get(LEAD, 0.0), card.capabilities.get(COORDINATE, 0.0)), card.id
