"""Search: from tasks to actions, depth first, with a way back that learns.

The algorithm is SHOP2's (Nau et al., "SHOP2: An HTN Planning System", JAIR 20, 2003): take a task
that waits for no other; a primitive one is applied, a compound one is replaced by the subtasks of a
method that fits; when nothing fits, go back to the latest choice. It is a loop over an explicit
stack with one state that changes in place, so that time and memory grow with the plan, and no
recursion of Python's is involved.

A dead end is explained by the facts that were read there. On the way back the explanation is
carried across each action: facts that the action made are replaced by those that its effect read.
What has failed is then known for every state that agrees on the explanation, and alternatives that
cannot write any of its facts are jumped over. All of this relies on conditions, effects and
subtasks being pure, and the jump on `writes` being complete where an operator declares it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dataagents.core.planning import Domain, Operator, State, Task, TaskNetwork, as_given, no_effect
from dataagents.core.values import JsonObject
from dataagents.plugins.planning.conflicts import bindings, explained, extra, is_pointless
from dataagents.plugins.planning.guidance import DEAD, Guidance
from dataagents.plugins.planning.memo import NOTHING, Conflict, Memo, asked, joined
from dataagents.plugins.planning.network import (
    Cell,
    NetworkKeys,
    Place,
    Thread,
    arranged,
    chain,
    within,
)
from dataagents.plugins.planning.path import Act, Choice, Frame, Path

_LOOK_OUT = 20_000
"""Steps after which loops are looked for even if there was no dead end."""
_BYTES = {"node": 330, "frame": 900, "memo": 420}
"""About what one of them holds in CPython, for the estimate of memory."""


@dataclass(slots=True)
class Statistics:
    """What a search did."""

    nodes: int = 0
    dead_ends: int = 0
    memo_hits: int = 0
    backjumps: int = 0
    """Alternatives that were left out because they could not have changed what failed."""
    loops: int = 0
    plans: int = 0


class Search(Path):
    """One search, step by step; `run` goes on until it found a plan, failed, or has had enough."""

    def __init__(
        self, domain: Domain, tasks: Sequence[Task], state: State, guidance: Guidance
    ) -> None:
        super().__init__(state)
        self.statistics = Statistics()
        self._blocked: tuple[Task, str] | None = None
        self.exhausted = False
        self.best: tuple[float, float] | None = None
        """Cost below which, and chance above which, a better plan lies; None for any plan."""
        self._operators = {operator.name: operator for operator in domain.operators}
        self._guidance = guidance
        self.cell = chain(tasks, None, -1)
        self._frames: list[Frame] = []
        self._keys = NetworkKeys()
        self._memo = Memo(self.facts)
        self._open: set[tuple[int, int]] = set()
        self._reached: dict[tuple[int, int], tuple[float, float]] = {}
        self._seen: tuple[int | None, str, int | None] | None = None
        self._next_look = _LOOK_OUT
        self._deepest = -1
        self._learning = self._improving = False
        self._failing = self._tainted = False
        self._conflict: Conflict = NOTHING
        self._failed: Cell | None = None
        self._skip: Conflict = None

    @property
    def megabytes(self) -> float:
        """About how much memory the search holds."""
        nodes = len(self.acts) + len(self.choices) + self.facts.entries
        memo = len(self._keys) + self._memo.entries + len(self._reached)
        held = nodes * _BYTES["node"] + len(self._frames) * _BYTES["frame"] + memo * _BYTES["memo"]
        return held / 1e6

    @property
    def blocked(self) -> tuple[Task | None, str]:
        """The deepest task that could not be done, and why; else what the search has come to."""
        if self._blocked is not None:
            return self._blocked
        return (self.cell.task if self.cell else None), "it did not come to an end"

    def run(self, steps: int) -> bool:
        """Go on for some steps; return whether a plan was found. `exhausted`: there is none."""
        for _ in range(steps):
            if self._failing:
                if not self._frames:
                    self.exhausted = True
                    return False
                self._back(self._frames[-1])
                continue
            cell = self.cell
            if cell is None:
                self.statistics.plans += 1
                return True
            self.statistics.nodes += 1
            operator = self._operators.get(cell.task.name)
            if operator is not None and self.others is None:
                if self.best is not None and self._bounded():
                    continue
                self._act(cell, operator, alone=True)
            else:
                self._branch(cell)
        return False

    def improve(self) -> None:
        """Go on after a plan was found, to look for others."""
        if not self._improving:
            self._improving = True
            self._memo.forget_exact()
            self._start_learning()
        self._fail(None, None, tainted=True)

    def _act(self, cell: Cell, operator: Operator, *, alone: bool) -> bool:
        """Apply a primitive task of the current thread; return whether that could be done."""
        task, facts = cell.task, self.facts
        reason = operator.condition(facts.view, task)
        if reason is not None:
            self._block(task, reason)
            if alone:
                self._dead_end(asked(facts, operator.condition, task), cell)
            return False
        mark = len(facts.trail)
        effect: JsonObject = {}
        if operator.effect is not no_effect:
            effect = operator.effect(facts.view, task)
            if self.links and (kept := self._kept(effect)) is not None:
                self._block(task, f"{kept} is kept for another task")
                if alone:
                    self._dead_end(None, cell)
                return False
            facts.apply(effect)
        self.acts.append(Act(cell, operator, mark))
        self.cost += operator.cost
        self.chance *= operator.success_probability
        self.cell = cell.rest
        if cell.rest is None:
            self.settle()
        return True

    def _kept(self, effect: JsonObject) -> str | None:
        """Return a fact that is handed from one subtask to another and would be made anew."""
        for fact, group, taker in self.links:
            if fact in effect and not within(self.place, group, taker):
                return fact
        return None

    def _branch(self, cell: Cell) -> None:
        """Open a point to come back to, and take its first alternative."""
        if self.best is not None and self._bounded():
            return
        if not self._learning:
            if self.statistics.nodes >= _LOOK_OUT and self._came_back(cell):
                return
            if self.others is None and self._forced(cell):
                return
        frame = Frame(self, cell)
        if self._learning and not self._is_new(frame):
            return
        if self.others is None:
            frame.alternatives = self._decompositions(cell)
        else:
            frame.alternatives = self._threads(frame)
        self._frames.append(frame)
        self._skip = None
        if not next(frame.alternatives, False):
            self._dead_end(NOTHING, None)
            self._close(frame)

    def _forced(self, cell: Cell) -> bool:
        """Take the only way there is, as long as nothing failed: no point to come back to."""
        task = cell.task
        ways = self._guidance.ways(task)
        if len(ways) != 1:
            return False
        method, view = ways[0].method, self.facts.view
        if method.bindings is not as_given or method.condition(view, task) is not None:
            return False
        network = method.subtasks(view, task)
        if isinstance(network, TaskNetwork):
            return False
        self.forced.append((len(self.acts), method, task))
        self.choices.append(Choice(task, method, network, cell.parent, cell.place, ways[0].why, {}))
        self.enter(cell, network)
        return True

    def _came_back(self, cell: Cell) -> bool:
        """Fail where a search without a dead end is where it was before.

        It is held to one earlier point only, which moves on as the steps double, so that a long
        plan costs no memory for this (Brent, "An improved Monte Carlo factorization algorithm",
        BIT 20, 1980).
        """
        if self.facts.digest is None:
            self.facts.start_digest()
        here = (self.facts.digest, cell.task.name)
        if self._seen is not None and self._seen[:2] == here:
            network = self._keys.of(cell, self.place, self.others, self.links)
            if network is not None and network == self._seen[2]:
                self._start_learning()
                self._loop(cell)
                return True
        if self.statistics.nodes >= self._next_look:
            network = self._keys.of(cell, self.place, self.others, self.links)
            self._seen = (*here, network)
            self._next_look = 2 * self.statistics.nodes
        return False

    def _loop(self, cell: Cell) -> None:
        self.statistics.loops += 1
        self._block(cell.task, "it leads back to itself")
        self._fail(None, None, tainted=self._improving)

    def _is_new(self, frame: Frame) -> bool:
        """Fail where the same was tried before; note what is tried now."""
        network = self._keys.of(frame.cell, frame.place, frame.others, frame.links)
        digest = self.facts.digest
        if network is None or digest is None:
            return True
        known = self._memo.failed(network)
        if known is not None:
            self.statistics.memo_hits += 1
            self._fail(known[0], frame.cell)
            return False
        pair = (network, digest)
        if pair in self._open:
            self._loop(frame.cell)
            return False
        if self._improving and self.best is not None:
            cost, chance = self._reached.get(pair, (float("inf"), 0.0))
            if self.cost >= cost and self.chance <= chance:
                self.statistics.memo_hits += 1
                self._fail(None, None, tainted=True)
                return False
            if pair not in self._reached or (self.cost <= cost and self.chance >= chance):
                self._reached[pair] = (self.cost, self.chance)
        frame.network, frame.digest = network, digest
        self._open.add(pair)
        return True

    def _bounded(self) -> bool:
        """Fail when no better plan can lie ahead."""
        if self.best is None or (self.cost < self.best[0] and self.chance > self.best[1]):
            return False
        self._fail(None, None, tainted=True)
        return True

    def _threads(self, frame: Frame) -> Iterator[bool]:
        """Take each thread in turn, in each way."""
        before: list[tuple[Cell, Place | None]] = []
        thread: Thread | None = (frame.cell, frame.place, frame.others)
        while thread is not None:
            cell, place, others = thread
            for earlier in reversed(before):
                others = (*earlier, others)
            before.append((cell, place))
            thread = thread[2]
            self.cell, self.place, self.others = cell, place, others
            operator = self._operators.get(cell.task.name)
            if operator is None:
                for _ in self._decompositions(cell):
                    yield True
                    self.cell, self.place, self.others = cell, place, others
            elif self._act(cell, operator, alone=False):
                yield True

    def _decompositions(self, cell: Cell) -> Iterator[bool]:
        """Replace a compound task of the current thread, in each way."""
        task, view = cell.task, self.facts.view
        rejected: dict[str, str] = {}
        ways = self._guidance.ways(task)
        place, others = self.place, self.others
        for way in ways:
            method = way.method
            taken = False
            for bound in bindings(method, view, task):
                reason = method.condition(view, bound)
                if reason is None:
                    found = method.subtasks(view, bound)
                    network = arranged(found) if isinstance(found, TaskNetwork) else found
                    if not isinstance(network, str):
                        taken = True
                        if is_pointless(network, self._skip, self._operators):
                            self.statistics.backjumps += 1
                            continue
                        why = way.why if bound is task else f"{way.why}: {extra(task, bound)}"
                        self.choices.append(
                            Choice(task, method, network, cell.parent, cell.place, why, rejected)
                        )
                        self.place, self.others = place, others
                        self.enter(cell, network)
                        yield True
                        continue
                    reason = network
                rejected.setdefault(method.name, reason)
            if taken:
                rejected[method.name] = DEAD
            elif method.name not in rejected:
                reason = method.condition(view, task)
                rejected[method.name] = reason or "nothing fits its parameters"
        if DEAD not in rejected.values():
            why_not = "; ".join(f"{name}: {reason}" for name, reason in rejected.items())
            self._block(task, why_not or "no operator and no method has this name")

    def _block(self, task: Task, reason: str) -> None:
        depth = len(self.acts) + len(self.choices)
        if depth >= self._deepest:
            self._deepest, self._blocked = depth, (task, reason)

    def _dead_end(self, conflict: Conflict, cell: Cell | None) -> None:
        self.statistics.dead_ends += 1
        self._start_learning()
        self._fail(conflict, cell)

    def _fail(self, conflict: Conflict, cell: Cell | None, *, tainted: bool = False) -> None:
        """Turn back.

        Args:
            conflict: The facts that explain why.
            cell: What could not be done in any way, with all that was to come; None when the
                failure is not about that.
            tainted: Whether it is not about all plans, only about better ones.
        """
        self._failing, self._conflict, self._tainted = True, conflict, tainted
        self._failed = cell if self.others is None and not self.links else None

    def _start_learning(self) -> None:
        if not self._learning:
            self._learning = True
            self.facts.start_digest()

    def _back(self, frame: Frame) -> None:
        """Go back to a point and take its next alternative; close it when there is none."""
        self._skip = None
        alone = frame.others is None and not frame.links and frame.place is self.place
        if alone and self._failed is not None and self._failed is frame.cell.rest:
            trail = self.facts.trail
            changed = {trail[at][0] for at in range(frame.trail, len(trail))}
            if self._conflict is not None and self._conflict.isdisjoint(changed):
                self._skip = self._conflict
        self._conflict = self.back_to(frame, self._conflict)
        frame.conflict = joined(frame.conflict, self._conflict)
        if self._skip is not None:
            frame.conflict = joined(frame.conflict, self._skip)
        frame.tainted = frame.tainted or self._tainted
        self._failing = False
        if not next(frame.alternatives, False):
            self._close(frame)

    def _close(self, frame: Frame) -> None:
        """Learn from a point that nothing leads on from."""
        self.cell, self.place, self.others = frame.cell, frame.place, frame.others
        self._frames.pop()
        if frame.network is not None and frame.digest is not None:
            self._open.discard((frame.network, frame.digest))
        conflict = (
            None
            if frame.tainted
            else joined(
                frame.conflict, explained(frame, self.facts, self._operators, self._guidance)
            )
        )
        if not frame.tainted:
            network = frame.network
            if network is None:
                network = self._keys.of(frame.cell, frame.place, frame.others, frame.links)
            if network is not None:
                self._memo.learn(network, conflict)
        self._fail(conflict, frame.cell, tainted=frame.tainted)
