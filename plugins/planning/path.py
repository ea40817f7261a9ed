"""The path of a search: what was done and chosen so far, what is left, and the way back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dataagents.core.planning import Method, Operator, State, Task, TaskNetwork, no_effect
from dataagents.plugins.planning.memo import NOTHING, Conflict, asked, joined
from dataagents.plugins.planning.network import Cell, Group, Link, Place, Thread, chain
from dataagents.plugins.planning.state import Facts


@dataclass(frozen=True, slots=True)
class Choice:
    """A method taken for a compound task."""

    task: Task
    method: Method
    network: TaskNetwork | tuple[Task, ...]
    parent: int
    place: int
    why: str
    rejected: dict[str, str]


@dataclass(frozen=True, slots=True)
class Act:
    """A primitive task that was applied."""

    cell: Cell
    operator: Operator
    trail: int
    """Length of the trail before it."""


class Frame:
    """A point of the search to come back to."""

    __slots__ = (
        "acts",
        "alternatives",
        "cell",
        "chance",
        "choices",
        "conflict",
        "cost",
        "digest",
        "finished",
        "forced",
        "links",
        "network",
        "others",
        "place",
        "tainted",
        "trail",
    )

    def __init__(self, path: "Path", cell: Cell) -> None:
        self.cell = cell
        self.place = path.place
        self.others = path.others
        self.links = path.links
        self.trail = len(path.facts.trail)
        self.acts = len(path.acts)
        self.choices = len(path.choices)
        self.finished = len(path.finished)
        self.forced = len(path.forced)
        self.cost = path.cost
        self.chance = path.chance
        self.network: int | None = None
        self.digest: int | None = None
        self.conflict: Conflict = NOTHING
        self.tainted = False
        self.alternatives: Iterator[bool] = iter(())
        """Takes the next way at each step: yields true as often as there is one."""


class Path:
    """Where a search is; changed in place, and taken back from frame to frame."""

    def __init__(self, state: State) -> None:
        self.facts = Facts(state)
        self.cell: Cell | None = None
        """The next task of the current thread; None when nothing is left to do."""
        self.place: Place | None = None
        """Whose subtask that thread is."""
        self.others: Thread | None = None
        self.links: tuple[Link, ...] = ()
        """Facts that are kept for a subtask to come."""
        self.acts: list[Act] = []
        self.choices: list[Choice] = []
        self.forced: list[tuple[int, Method, Task]] = []
        """Methods taken without a frame, each with the number of actions before it."""
        self.finished: list[Place] = []
        """Subtasks of groups, as they were done."""
        self.cost: float = 0.0
        self.chance: float = 1.0
        self.groups = 0

    def enter(self, cell: Cell, network: TaskNetwork | tuple[Task, ...]) -> None:
        """Replace the task that a choice was just made for by its subtasks."""
        self.cost += self.choices[-1].method.cost
        self.chance *= self.choices[-1].method.success_probability
        number = len(self.choices) - 1
        if not isinstance(network, TaskNetwork):
            self.cell = chain(network, cell.rest, number)
            if self.cell is None:
                self.settle()
            return
        self.groups += 1
        group = Group(network, self.groups, number, cell.rest, self.place)
        free = [place for place, count in enumerate(group.blockers) if not count]
        self._start(group, free)

    def _start(self, group: Group, free: Sequence[int]) -> None:
        """Let subtasks go on, and make the first of all threads the current one."""
        others = self.others
        for place in reversed(free):
            cell = Cell(group.shape.tasks[place], None, group.choice, place)
            others = (cell, (group, place), others)
        if others is None:
            self.cell, self.place = None, None
        else:
            self.cell, self.place, self.others = others

    def settle(self) -> None:
        """When the current thread has come to its end, go on with what waited for that."""
        while self.cell is None:
            if self.place is None:
                return
            group, place = self.place
            free = group.finish(place)
            self.finished.append(self.place)
            if group.flows:
                kept = [link for link in self.links if link[1] is not group or link[2] != place]
                self.links = (*kept, *group.handed_on(place))
            if group.left:
                self._start(group, free)
            else:
                self.cell, self.place = group.rest, group.parent

    def back_to(self, frame: "Frame", conflict: Conflict) -> Conflict:
        """Take back everything since a point; return what explains there what failed here."""
        facts = self.facts
        while True:
            while len(self.forced) > frame.forced and self.forced[-1][0] == len(self.acts):
                _, method, bound = self.forced.pop()
                if conflict is not None:
                    conflict = joined(conflict, asked(facts, method.subtasks, bound))
            if len(self.acts) <= frame.acts:
                break
            act = self.acts.pop()
            if conflict is not None and act.operator.effect is not no_effect:
                trail = facts.trail
                made = frozenset(trail[at][0] for at in range(act.trail, len(trail)))
                facts.undo(act.trail)
                task, effect = act.cell.task, act.operator.effect
                read = asked(facts, effect, task)
                conflict = joined(conflict - made, read)
            else:
                facts.undo(act.trail)
        while len(self.finished) > frame.finished:
            group, place = self.finished.pop()
            group.reopen(place)
        del self.choices[frame.choices :]
        self.cell, self.place, self.others = frame.cell, frame.place, frame.others
        self.links, self.cost, self.chance = frame.links, frame.cost, frame.chance
        return conflict
