"""Small random domains, and a planner that tries everything without any cleverness."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from dataagents.core.planning import Domain, Flow, Method, Operator, Task, TaskNetwork

FACTS = ("a", "b", "c")


class TooLargeError(Exception):
    """Raised when trying everything would take too long."""


@dataclass(frozen=True)
class Way:
    """A sequence of actions that is a plan."""

    actions: tuple[str, ...]
    cost: float
    confidence: float


def small_domain(rng: Random, *, partial: bool, recursive: bool = False) -> Domain:
    """Return a domain without an endless decomposition; `top` is its root task.

    Args:
        rng: Where it comes from.
        partial: Whether methods may leave the order open.
        recursive: Whether the last subtask may be the task itself again.
    """
    operators = tuple(_operator(rng, f"o{number}") for number in range(4))
    known = [operator.name for operator in operators]
    methods: list[Method] = []
    for task in ("low", "mid", "side", "top"):
        for number in range(rng.randint(1, 3)):
            names = [rng.choice(known) for _ in range(rng.randint(0, 3))]
            if recursive and rng.random() < 0.4:
                names.append(task)
            methods.append(_method(rng, f"m{number}", task, names, partial=partial))
        known += [task, task]
    return Domain("small", operators, tuple(methods))


def _condition(rng, most):
    wanted = {rng.choice(FACTS): rng.randint(0, 1) for _ in range(rng.randint(0, most))}

    def condition(state, task):
        wrong = [fact for fact, value in wanted.items() if state[fact] != value]
        return f"{wrong[0]} is {state[wrong[0]]}" if wrong else None

    return condition


def _operator(rng, name):
    made, source, target = rng.choice(FACTS), rng.choice(FACTS), rng.choice(FACTS)
    value, kind = rng.randint(0, 1), rng.choice(("nothing", "set", "set", "copy", "switch"))
    effects = {
        "nothing": lambda state, task: {},
        "set": lambda state, task: {made: value},
        "copy": lambda state, task: {target: state[source]},
        "switch": lambda state, task: {target: 1 - state[target]} if state[source] else {made: 1},
    }
    writes = {"nothing": (), "set": (made,), "copy": (target,), "switch": (target, made)}[kind]
    return Operator(
        name,
        condition=_condition(rng, 2),
        effect=effects[kind],
        writes=writes if rng.random() < 0.5 else (),
        cost=float(rng.randint(0, 3)),
        success_probability=rng.choice((0.5, 0.9, 1.0)),
    )


def _method(rng, name, task, names, *, partial):
    tasks = tuple(map(Task, names))
    network = tasks
    if partial and rng.random() < 0.7:
        pairs = [(a, b) for b in range(len(tasks)) for a in range(b)]
        before = tuple(pair for pair in pairs if rng.random() < 0.4)
        flows = tuple(Flow(rng.choice(FACTS), *pair) for pair in pairs if rng.random() < 0.15)
        network = TaskNetwork(tasks, before, flows)
    return Method(
        name,
        task,
        lambda state, asked: network,
        _condition(rng, 2),
        success_probability=rng.choice((0.8, 1.0)),
        cost=float(rng.randint(0, 2)),
    )


class Exhaustive:
    """Tries every decomposition in every order."""

    def __init__(self, domain: Domain, limit: int = 4_000) -> None:
        self._operators = {operator.name: operator for operator in domain.operators}
        self._methods = domain.methods
        self._left = limit
        self._next = 0

    def plans(self, state, *tasks):
        """Yield every plan for tasks that follow one another."""
        nodes = {self._new(): task for task in tasks}
        order = list(nodes)
        before = frozenset(pairwise(order))
        yield from self._search(nodes, before, (), state, {}, ())

    def _new(self):
        self._next += 1
        return self._next

    def _search(self, nodes, before, flows, state, above, done) -> Iterator[Way]:
        self._left -= 1
        if self._left < 0:
            raise TooLargeError
        if not nodes:
            yield Way((), 0.0, 1.0)
        for node, task in nodes.items():
            if any(later == node and earlier in nodes for earlier, later in before):
                continue
            if task.name in self._operators:
                yield from self._apply(node, nodes, before, flows, state, above, done)
            else:
                yield from self._break(node, nodes, before, flows, state, above, done)

    def _apply(self, node, nodes, before, flows, state, above, done):
        task = nodes[node]
        operator = self._operators[task.name]
        if operator.condition(state, task) is not None:
            return
        effect = operator.effect(state, task)
        rest = {key: value for key, value in nodes.items() if key != node}
        for fact, maker, taker in flows:
            handed = not _open(maker, nodes, above) and _open(taker, nodes, above)
            if handed and fact in effect and not _inside(node, taker, above):
                return
        for way in self._search(rest, before, flows, {**state, **effect}, above, done):
            yield Way(
                (task.name, *way.actions),
                way.cost + operator.cost,
                way.confidence * operator.success_probability,
            )

    def _break(self, node, nodes, before, flows, state, above, done):
        task = nodes[node]
        for method in self._methods:
            if method.task != task.name or method.condition(state, task) is not None:
                continue
            found = method.subtasks(state, task)
            chained = (
                tuple((n, n + 1) for n in range(len(found) - 1))
                if isinstance(found, tuple)
                else found.before
            )
            network = found if isinstance(found, TaskNetwork) else TaskNetwork(found, chained)
            names = [self._new() for _ in network.tasks]
            rest: dict[int, Task] = {}
            for key, value in nodes.items():
                rest |= (
                    dict(zip(names, network.tasks, strict=True)) if key == node else {key: value}
                )
            inner = {(names[a], names[b]) for a, b in network.before}
            inner |= {(names[flow.maker], names[flow.taker]) for flow in network.flows}
            outer = set(before)
            for earlier, later in before:
                if earlier == node:
                    outer |= {(each, later) for each in names}
                if later == node:
                    outer |= {(earlier, each) for each in names}
            if not names:
                ins = [earlier for earlier, later in before if later == node]
                outs = [later for earlier, later in before if earlier == node]
                outer |= {(one, other) for one in ins for other in outs}
            # An empty subtask passes its order on: whoever waited for it waits for the ones before.
            links = (*flows, *((f.fact, names[f.maker], names[f.taker]) for f in network.flows))
            over = {**above, **dict.fromkeys(names, node)}
            for way in self._search(rest, frozenset(outer | inner), links, state, over, done):
                yield Way(
                    way.actions,
                    way.cost + method.cost,
                    way.confidence * method.success_probability,
                )


def _inside(node, top, above):
    while node is not None:
        if node == top:
            return True
        node = above.get(node)
    return False


def _open(top, nodes, above):
    return any(_inside(node, top, above) for node in nodes)
