"""Risk: how likely a plan is to succeed as it stands, what threatens it, and what then.

A plan is a series system: it succeeds as planned when each of its methods and tasks does, so that
its confidence is the product of their success probabilities (Rausand and Høyland, "System
Reliability Theory", 2nd ed., 2004, section 4.2). That takes them to be independent.
"""

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dataagents.core.planning import (
    Decomposition,
    Domain,
    Method,
    PlannedTask,
    Risk,
    Schedule,
    Slot,
)

_EXACT = 2_000
"""Most tasks of a plan of which it is counted who waits for whom at any distance."""
_NAMED = 3
"""Most names in one sentence."""


def confidence(probabilities: Iterable[float]) -> float:
    """Return the probability that all succeed: their product.

    It is summed up as logarithms. Where the product is smaller than any number of a computer's, the
    smallest one is returned, so that 0 means that one of them can't succeed.
    """
    total = math.fsum(_log(each) for each in probabilities)
    if total == -math.inf:
        return 0.0
    return max(math.exp(total), sys.float_info.min)


def with_retries(probability: float, retries: int) -> float:
    """Return the probability that a task succeeds in 1 + `retries` independent attempts."""
    return 1 - (1 - probability) ** (retries + 1)


def loss(probability: float, whole: float) -> float:
    """Return how much higher a confidence would be if one of its factors were certain.

    Args:
        probability: The factor.
        whole: The logarithm of the confidence.
    """
    if probability <= 0:
        return 0.0
    return math.exp(whole - _log(probability)) * (1 - probability)


def _log(probability: float) -> float:
    return math.log(probability) if probability > 0 else -math.inf


@dataclass(frozen=True, slots=True)
class Assessment:
    """What may go wrong with a plan."""

    risks: tuple[Risk, ...]
    """The one that costs most confidence first; of equal ones, in the order of the plan."""
    confidence: float


def assess(
    tasks: Sequence[PlannedTask],
    choices: Sequence[Decomposition],
    domain: Domain,
    schedule: Schedule,
) -> Assessment:
    """Return a risk for each task and each method that may not succeed.

    Args:
        tasks: Of the plan.
        choices: The methods that it was made by.
        domain: Says what else could be done.
        schedule: Says how much time each task has to spare.
    """
    ways = _Ways(choices, domain)
    chances = [*(ways.chance(each) for each in choices), *(t.success_probability for t in tasks)]
    total = math.fsum(_log(each) for each in chances if each > 0)
    impossible = sum(each <= 0 for each in chances)
    sizes = _sizes(tasks, choices)
    waiting = _Waiting(tasks, schedule)
    found: list[Risk] = []
    for place, chance in enumerate(chances):
        if chance >= 1:
            continue
        lost = _lost(chance, total, impossible)
        if place < len(choices):
            found.append(_of_method(choices[place], chance, lost, ways, sizes))
        else:
            number = place - len(choices)
            found.append(_of_task(tasks[number], number, lost, ways, waiting, total))
    found.sort(key=lambda risk: -risk.probability)
    return Assessment(tuple(found), confidence(chances))


def _lost(chance: float, total: float, impossible: int) -> float:
    """Return how much higher the confidence would be; what can't succeed is not in the total."""
    if chance > 0:
        return 0.0 if impossible else loss(chance, total)
    return math.exp(total) if impossible == 1 else 0.0


def _of_method(
    choice: Decomposition, chance: float, lost: float, ways: "_Ways", sizes: Mapping[str, int]
) -> Risk:
    others = ways.others(choice.id or choice.task)
    size = sizes.get(choice.id, len(choice.into))
    by = _either(others)
    return Risk(
        task=choice.id or choice.task,
        probability=1 - chance,
        impact=f"{_count(size, 'task')} made by method {choice.method} would have to be replaced",
        mitigation=f"replan by {by}" if others else "none",
        contingency=f"replanned by {by} from the state reached"
        if others
        else "planned again by the same method, until the replans are used up",
        loss=lost,
    )


def _of_task(
    task: PlannedTask, number: int, lost: float, ways: "_Ways", waiting: "_Waiting", total: float
) -> Risk:
    others = ways.others(task.parent)
    by = _either(others)
    chance = task.success_probability
    helps: list[str] = []
    # Asking voters the same question again is no new attempt.
    if chance > 0 and not task.question:
        once = with_retries(chance, 1)
        before, after = math.exp(total), math.exp(total - _log(chance) + _log(once))
        gain = f", the plan from {before:.3f} to {after:.3f}" if before > sys.float_info.min else ""
        helps.append(f"retry once: it succeeds with {once:.4g}{gain}")
    if others:
        helps.append(f"replan {task.parent} by {by}")
    last = f"replanned by {by}" if others else "planned again, until the replans are used up"
    return Risk(
        task=task.id,
        probability=1 - chance,
        impact=waiting.told(number),
        mitigation="; or ".join(helps) or "none",
        contingency=f"tried again where the failure is transient; else {last}, from the state "
        "reached",
        loss=lost,
    )


class _Ways:
    """What each method used promises, and what could be done in place of it."""

    def __init__(self, choices: Iterable[Decomposition], domain: Domain) -> None:
        self._choices = {choice.id or choice.task: choice for choice in choices}
        self._methods: dict[str, list[Method]] = {}
        for method in domain.methods:
            self._methods.setdefault(method.task, []).append(method)

    def chance(self, choice: Decomposition) -> float:
        """Return the success probability of the method that was taken."""
        used = (each for each in self._all(choice) if each.name == choice.method)
        return next((each.success_probability for each in used), 1.0)

    def others(self, parent: str) -> tuple[str, ...]:
        """Return the methods that are left for a compound task: not those that did not fit."""
        choice = self._choices.get(parent)
        if choice is None:
            return ()
        names = (each.name for each in self._all(choice) if each.name != choice.method)
        return tuple(dict.fromkeys(name for name in names if name not in choice.rejected))

    def _all(self, choice: Decomposition) -> Sequence[Method]:
        return self._methods.get(choice.task.partition("(")[0], ())


def _sizes(tasks: Iterable[PlannedTask], choices: Sequence[Decomposition]) -> dict[str, int]:
    """Return how many tasks of the plan each decomposition led to, at any depth."""
    sizes = {choice.id: 0 for choice in choices if choice.id}
    for task in tasks:
        if task.parent in sizes:
            sizes[task.parent] += 1
    # A decomposition comes after the one it is part of.
    for choice in reversed(choices):
        if choice.id in sizes and choice.parent in sizes and choice.parent != choice.id:
            sizes[choice.parent] += sizes[choice.id]
    return sizes


@dataclass(slots=True)
class _Waiting:
    """Who waits for a task, and what a delay of it costs."""

    tasks: Sequence[PlannedTask]
    schedule: Schedule
    _direct: list[list[int]] = field(init=False)
    _all: list[int] | None = field(init=False, default=None)
    _slots: dict[str, Slot] = field(init=False)

    def __post_init__(self) -> None:
        numbers = {task.id: number for number, task in enumerate(self.tasks)}
        self._slots = {slot.task: slot for slot in self.schedule.slots}
        self._direct = [[] for _ in self.tasks]
        for number, task in enumerate(self.tasks):
            for each in task.depends_on:
                if each in numbers:
                    self._direct[numbers[each]].append(number)
        if len(self.tasks) <= _EXACT:
            # One bit for each task that waits: unions are as quick as additions.
            self._all = [0] * len(self.tasks)
            for place in reversed(range(len(self.tasks))):
                for later in self._direct[place]:
                    self._all[place] |= self._all[later] | 1 << later

    def told(self, number: int) -> str:
        """Return in words what is lost when a task fails."""
        task = self.tasks[number]
        words = [self._who(number)]
        if task.seconds > 0:
            slot = self._slots.get(task.id)
            late = task.seconds - (slot.slack if slot else 0.0)
            words.append(f"doing it again takes {task.seconds:g} s")
            words.append(f"the end comes {late:g} s later" if late > 0 else "its slack covers that")
        return ", ".join(words)

    def _who(self, number: int) -> str:
        direct = self._direct[number]
        if not direct:
            return "no task waits for it"
        if self._all is None:
            count, least = len(direct), "at least "
        else:
            count, least = self._all[number].bit_count(), ""
        names = ", ".join(self.tasks[each].id for each in direct[:_NAMED])
        more = f", {names}" if count <= _NAMED and count == len(direct) else f", first {names}"
        return f"{least}{_count(count, 'task')} {'waits' if count == 1 else 'wait'} for it{more}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _either(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return " or ".join(names[:_NAMED]) + (f" or {more} more" if more > 0 else "")
