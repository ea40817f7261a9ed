"""Task networks: what is left to do, as far as it is ordered.

What follows one after another is a linked list, which the branches of a search share. Where a
method leaves the order open, its subtasks become threads, each with a list of its own, and a group
counts what they wait for. As in SHOP2, any thread may go on, so that unordered tasks interleave
(Nau et al., "SHOP2: An HTN Planning System", JAIR 20, 2003).
"""

from collections.abc import Hashable, Iterator, Sequence
from itertools import pairwise
from typing import TypeAlias

from dataagents.core.planning import Flow, Task, TaskNetwork
from dataagents.plugins.planning.state import freeze

_LARGEST = 256
"""Threads of a network that is still remembered when it fails: more cost more than they save."""


class Cell:
    """A task, and what comes after it in the same thread."""

    __slots__ = ("key", "parent", "place", "rest", "task")

    def __init__(self, task: Task, rest: "Cell | None", parent: int, place: int) -> None:
        self.task = task
        self.rest = rest
        self.parent = parent
        """Number of the choice that it comes from; -1 for a root task."""
        self.place = place
        """Its position among the subtasks of that choice."""
        self.key: int | None = None


def chain(tasks: Sequence[Task], rest: Cell | None, parent: int) -> Cell | None:
    """Return tasks in front of what comes after them."""
    place = len(tasks)
    for task in reversed(tasks):
        place -= 1
        rest = Cell(task, rest, parent, place)
    return rest


class Group:
    """The subtasks of one choice, of which several can go on at a time."""

    __slots__ = (
        "blockers",
        "choice",
        "flows",
        "later",
        "left",
        "number",
        "parent",
        "rest",
        "shape",
    )

    def __init__(
        self,
        network: TaskNetwork,
        number: int,
        choice: int,
        rest: Cell | None,
        parent: "Place | None",
    ) -> None:
        count = len(network.tasks)
        self.number = number
        """The older, the smaller."""
        self.choice = choice
        self.rest = rest
        """What comes after the whole."""
        self.parent = parent
        """The thread that waits for the whole; None for the outermost."""
        self.flows = network.flows
        self.left = count
        self.blockers = [0] * count
        """How many tasks each one still waits for."""
        self.later: list[list[int]] = [[] for _ in range(count)]
        for earlier, place in edges(network):
            self.blockers[place] += 1
            self.later[earlier].append(place)
        self.shape = network

    def finish(self, place: int) -> list[int]:
        """Note that a subtask is done; return which ones don't wait any more."""
        self.left -= 1
        free: list[int] = []
        for later in self.later[place]:
            self.blockers[later] -= 1
            if not self.blockers[later]:
                free.append(later)
        return free

    def reopen(self, place: int) -> None:
        """Take back `finish`."""
        self.left += 1
        for later in self.later[place]:
            self.blockers[later] += 1

    def handed_on(self, place: int) -> "Iterator[Link]":
        """Yield what a subtask, now done, made for others."""
        for flow in self.flows:
            if flow.maker == place:
                args = dict(self.shape.tasks[place].args)
                yield (flow.fact.format_map(args), self, flow.taker)


Place: TypeAlias = tuple[Group, int]
"""A group, and the position of a subtask in it."""

Thread: TypeAlias = tuple[Cell, Place | None, "Thread | None"]
"""What is to be done, whose subtask it is, and the next thread: a linked list."""

Link: TypeAlias = tuple[str, Group, int]
"""A fact, and the subtask that it is kept for."""


def within(place: Place | None, group: Group, taker: int) -> bool:
    """Whether a thread belongs to a subtask."""
    while place is not None:
        if place[0] is group and place[1] == taker:
            return True
        place = place[0].parent
    return False


def edges(network: TaskNetwork) -> Iterator[tuple[int, int]]:
    """Yield each (earlier, later) of a network once, those that flows imply included."""
    flows = ((flow.maker, flow.taker) for flow in network.flows)
    yield from dict.fromkeys((*network.before, *flows))


def arranged(network: TaskNetwork) -> "tuple[Task, ...] | TaskNetwork | str":
    """Return a network, its tasks alone when they have one order only, or what is wrong with it."""
    count = len(network.tasks)
    pairs = list(edges(network))
    for pair in pairs:
        for place in pair:
            if not 0 <= place < count:
                return f"its order names subtask {place}, of {count}"
    blockers, later = [0] * count, [list[int]() for _ in range(count)]
    for earlier, place in pairs:
        blockers[place] += 1
        later[earlier].append(place)
    order = [place for place in range(count) if not blockers[place]]
    for place in order:
        for follower in later[place]:
            blockers[follower] -= 1
            if not blockers[follower]:
                order.append(follower)
    if len(order) < count:
        stuck = next(place for place in range(count) if blockers[place])
        return f"its subtasks wait for one another, {network.tasks[stuck].name} among them"
    known = set(pairs)
    if not network.flows and all(pair in known for pair in pairwise(order)):
        return tuple(network.tasks[place] for place in order)
    return network


class NetworkKeys:
    """Numbers for networks: the same for equal ones, so that they are quick to look up."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def of(
        self, cell: Cell, place: Place | None, others: Thread | None, links: tuple[Link, ...]
    ) -> int | None:
        """Return the number of a network; None when it is too large to be worth it."""
        if place is None and others is None:
            return self._chain(cell)
        return self._threads((cell, place, others), links)

    def _chain(self, cell: Cell) -> int:
        open_: list[Cell] = []
        link: Cell | None = cell
        while link is not None and link.key is None:
            open_.append(link)
            link = link.rest
        key = 0 if link is None or link.key is None else link.key
        for each in reversed(open_):
            key = each.key = self._number((self._task(each.task), key))
        return key

    def _threads(self, first: Thread, links: tuple[Link, ...]) -> int | None:
        threads: list[tuple[Cell, Place | None]] = []
        link: Thread | None = first
        while link is not None and len(threads) <= _LARGEST:
            threads.append((link[0], link[1]))
            link = link[2]
        groups = _groups(place for _, place in threads)
        sizes = (len(threads), len(groups), *(len(group.blockers) for group in groups))
        if max(sizes) > _LARGEST:
            return None
        ranks = {id(group): rank for rank, group in enumerate(groups)}

        def written(place: Place | None) -> tuple[int, int]:
            return (-1, 0) if place is None else (ranks[id(place[0])], place[1])

        return self._number(
            (
                tuple(sorted((written(place), self._chain(cell)) for cell, place in threads)),
                tuple(
                    (
                        self._shape(group.shape),
                        0 if group.rest is None else self._chain(group.rest),
                        written(group.parent),
                        tuple(place for place, count in enumerate(group.blockers) if count),
                    )
                    for group in groups
                ),
                tuple(sorted((fact, written((group, taker))) for fact, group, taker in links)),
            )
        )

    def _shape(self, network: TaskNetwork) -> int:
        tasks = tuple(self._task(task) for task in network.tasks)
        return self._number((tasks, network.before, tuple(map(_flow, network.flows))))

    def _task(self, task: Task) -> int:
        return self._number((task.name, freeze(dict(task.args)) if task.args else None))

    def _number(self, what: Hashable) -> int:
        return self._numbers.setdefault(what, len(self._numbers) + 1)


def _flow(flow: Flow) -> tuple[str, int, int]:
    return (flow.fact, flow.maker, flow.taker)


def _groups(places: "Iterator[Place | None]") -> list[Group]:
    """Return the groups that threads belong to, the oldest first."""
    found: dict[int, Group] = {}
    for start in places:
        place = start
        while place is not None and place[0].number not in found and len(found) <= _LARGEST:
            found[place[0].number] = place[0]
            place = place[0].parent
    return [found[number] for number in sorted(found)]
