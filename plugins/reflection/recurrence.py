"""Recurring failures: which tasks fail again and again, and by what: source, column, agent, time.

A failure recurs by a source when it is more frequent there than on the others, beyond chance; so
with columns, rules, agents, hours and weekdays. Each of them is held against all others of its
kind by Fisher's exact test, one-sided (Fisher, "The Design of Experiments", 1935, chapter 2). Many
are tested at once, so the level is corrected by Holm's procedure ("A Simple Sequentially Rejective
Multiple Test Procedure", 1979), over those that could pass at all (Tarone, "A Modified Bonferroni
Method for Discrete Data", 1990).

`foresee` says how likely a task is to fail the next time.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import comb
from typing import NamedTuple

WINDOW = 10
"""Runs that count for what is foreseen: the newest ones."""
FORESEEN = 0.55
"""Chance from which on a failure is foreseen: 1 failure in 1 run, or 6 in 10, but not 5 in 10."""
TRIED = ("source", "agent", "hour", "weekday")
"""What an attempt is made with, whether it fails or not."""
SUFFERED = ("column", "rule")
"""What is known of failures only; every attempt could have failed by each."""
_TIMES = ("hour", "weekday")
_ANYWHERE = "recurring_failure"

Attempt = Mapping[str, str]
"""A task that was tried once: `task`, what it was tried with, and when it failed a `failure`, which
is the reason, with the `column` and the `rule` if it was about one. What is not known is left out
or empty."""


class Recurrence(NamedTuple):
    """A failure that recurs."""

    kind: str
    subject: str
    """The task; with `@` and the source, column, rule, agent, hour or weekday that it recurs by."""
    occurrences: int
    detail: str
    by: str
    """`source`, `column`, `rule`, `agent` or `time`; empty for the failure as such."""


class _Suspect(NamedTuple):
    task: str
    dimension: str
    value: str
    failed: int
    tried: int
    failed_elsewhere: int
    tried_elsewhere: int

    @property
    def p(self) -> float:
        failures = self.failed + self.failed_elsewhere
        return fisher(self.failed, self.tried, failures, self.tried + self.tried_elsewhere)

    @property
    def least_p(self) -> float:
        failures = self.failed + self.failed_elsewhere
        most = min(failures, self.tried)
        return fisher(most, self.tried, failures, self.tried + self.tried_elsewhere)


def recurring(
    attempts: Sequence[Attempt], *, least: int = 2, alpha: float = 0.05
) -> tuple[Recurrence, ...]:
    """Return the failures that recur, the most frequent first; those as such before those by.

    Args:
        attempts: Each task that was tried, once for each try.
        least: How often a failure has to happen to recur.
        alpha: Chance that any of those `by` something is there by accident.
    """
    reasons = Counter((each["task"], each["failure"]) for each in attempts if _failed(each))
    anywhere = [
        Recurrence(_ANYWHERE, task, times, f"failed {times} times: {reason}", "")
        for (task, reason), times in reasons.most_common()
        if times >= least
    ]
    suspects = [each for each in _suspects(attempts) if each.least_p <= alpha]
    by = [
        _recurrence(suspect, p)
        for suspect, p in zip(suspects, holm([each.p for each in suspects]), strict=True)
        if p <= alpha and suspect.failed >= least
    ]
    return (*anywhere, *sorted(by, key=lambda each: -each.occurrences))


def foresee(failures: int, runs: int) -> float:
    """Return the chance that the next run fails: the mean of the posterior, from an even prior."""
    return (1 + failures) / (2 + runs)


def foreseen(failed: Sequence[bool]) -> bool:
    """Return whether the next run is expected to fail.

    Args:
        failed: Whether each run failed, oldest first; only the newest ones count.
    """
    newest = failed[-WINDOW:]
    return foresee(sum(newest), len(newest)) >= FORESEEN


def fisher(hits: int, drawn: int, marked: int, total: int) -> float:
    """Return the chance of at least so many hits.

    Args:
        hits: How many of those drawn are marked.
        drawn: How many are drawn, without putting back.
        marked: How many are marked among all.
        total: How many there are.
    """
    ways = sum(
        comb(marked, k) * comb(total - marked, drawn - k)
        for k in range(hits, min(drawn, marked) + 1)
    )
    return ways / comb(total, drawn)


def holm(chances: Sequence[float]) -> list[float]:
    """Return p values corrected for there being so many of them, in the same order."""
    corrected = [1.0] * len(chances)
    least = 0.0
    order = sorted(range(len(chances)), key=chances.__getitem__)
    for rank, place in enumerate(order):
        least = max(least, min(1.0, (len(chances) - rank) * chances[place]))
        corrected[place] = least
    return corrected


def _failed(attempt: Attempt) -> bool:
    return bool(attempt.get("failure"))


def _suspects(attempts: Sequence[Attempt]) -> Iterator[_Suspect]:
    by_task: defaultdict[str, list[Attempt]] = defaultdict(list)
    for each in attempts:
        by_task[each["task"]].append(each)
    for task, tried in sorted(by_task.items()):
        if not any(map(_failed, tried)):
            continue
        for dimension in TRIED:
            yield from _tried_with(task, dimension, tried)
        for dimension in SUFFERED:
            yield from _suffered(task, dimension, tried)


def _tried_with(task: str, dimension: str, attempts: Sequence[Attempt]) -> Iterator[_Suspect]:
    known = [each for each in attempts if each.get(dimension)]
    tried = Counter(each[dimension] for each in known)
    failed = Counter(each[dimension] for each in known if _failed(each))
    for value, times in sorted(tried.items()):
        elsewhere = failed.total() - failed[value], tried.total() - times
        yield _Suspect(task, dimension, value, failed[value], times, *elsewhere)


def _suffered(task: str, dimension: str, attempts: Sequence[Attempt]) -> Iterator[_Suspect]:
    """Yield columns or rules; when only one ever failed, it is held against one that did not."""
    failed = Counter(each[dimension] for each in attempts if _failed(each) and each.get(dimension))
    others = max(1, len(failed) - 1)
    for value, times in sorted(failed.items()):
        elsewhere = failed.total() - times, others * len(attempts)
        yield _Suspect(task, dimension, value, times, len(attempts), *elsewhere)


def _recurrence(suspect: _Suspect, p: float) -> Recurrence:
    elsewhere = f"{suspect.failed_elsewhere} of {suspect.tried_elsewhere}"
    detail = (
        f"failed {suspect.failed} of {suspect.tried} times by {suspect.dimension} "
        f"{suspect.value!r}, {elsewhere} elsewhere (p {p:.2g})"
    )
    by = "time" if suspect.dimension in _TIMES else suspect.dimension
    subject = f"{suspect.task}@{suspect.value}"
    return Recurrence(_ANYWHERE, subject, suspect.failed, detail, by)
