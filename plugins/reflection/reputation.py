"""Reputation of agents, and weights of those who judge.

Reputation is what an agent delivered of what it promised, averaged over its tasks and drawn towards
1 for an agent with few (the mean of a Beta distribution with a prior of `patience` successes, where
a task may be a part of a success; Jøsang and Ismail, "The Beta Reputation System", 2002). A task
that failed counts 0; one that succeeded counts the share of the promised quality that it reached,
times the promised time over the time it took, neither above 1. What was not promised or not
measured counts 1. It multiplies the quality that the agent's bids promise.

The tasks on one source count for at most `influence`, so nobody falls below
patience / (patience + influence) by what one source says. The weight of a judge's ballots is the
same mean, of judgements that were right.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import isfinite
from typing import TypeAlias

from dataagents.core.reflection import Adaptation, Delivery, Lesson, LessonKind, LessonState
from dataagents.plugins.reflection.evidence import Ledger, Review
from dataagents.plugins.reflection.naming import lesson_id

_LEAST = 0.05
"""Nobody falls below that: one who is never asked could never do better."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something done, with how well it went, in [0, 1]."""

    place: int
    """Of its experience."""
    source: str
    kept: float
    success: bool


Marks: TypeAlias = dict[str, list[Mark]]
"""Who did something → what, oldest first."""


def reputations(review: Review, patience: int, influence: int) -> Iterator[Adaptation]:
    """Yield the reputation of each agent that did something since it was last counted."""
    marks: Marks = {}
    for place, experience in enumerate(review.lived):
        for each in experience.deliveries:
            mark = Mark(place, each.source, kept_of(each), each.success)
            marks.setdefault(each.agent, []).append(mark)
    for agent, ledger in _counted(LessonKind.REPUTATION, marks, review):
        lesson = _lesson(LessonKind.REPUTATION, agent, ledger, review, patience, influence)
        yield _adaptation(lesson, _kept_in_words(ledger), review)


def weights(review: Review, patience: int, influence: int) -> Iterator[Adaptation]:
    """Yield the weight of each judge that was borne out, or was not, since it was last counted."""
    marks: Marks = {}
    for place, experience in enumerate(review.lived):
        for each in experience.judgements:
            mark = Mark(place, each.source, float(each.right), each.right)
            marks.setdefault(each.judge, []).append(mark)
    for judge, ledger in _counted(LessonKind.DETECTOR, marks, review):
        lesson = _lesson(LessonKind.DETECTOR, judge, ledger, review, patience, influence)
        evidence = f"{ledger.succeeded} of {ledger.done} judgements were borne out"
        yield _adaptation(lesson, evidence, review)


def _counted(kind: LessonKind, marks: Marks, review: Review) -> Iterator[tuple[str, Ledger]]:
    """Yield those of whom there is news, with all that was ever counted of them."""
    for subject, own in sorted(marks.items()):
        name = lesson_id(kind, subject)
        start = review.start(name)
        news = [mark for mark in own if mark.place >= start]
        if not news or review.decided(name):
            continue
        ledger = Ledger.of(review.lessons.get(name))
        for mark in news:
            ledger.add(mark.source, mark.kept, success=mark.success)
        yield subject, ledger


def _lesson(
    kind: LessonKind, subject: str, ledger: Ledger, review: Review, patience: int, influence: int
) -> Lesson:
    kept, done = ledger.bounded(influence)
    return Lesson(
        id=lesson_id(kind, subject),
        kind=kind,
        subject=subject,
        value=min(1.0, max(_LEAST, (kept + patience) / (done + patience))),
        low=_LEAST,
        high=1.0,
        evidence="",
        samples=ledger.done,
        at=review.now,
        state=LessonState.KEPT,
        counts=ledger.written(review.last),
    )


def _adaptation(made: Lesson, evidence: str, review: Review) -> Adaptation:
    before = review.lessons.get(made.id)
    text = f"{made.subject} counts {made.value:.2f}: {evidence}"
    made = replace(made, evidence=evidence, text=text)
    if before is None or before.state is LessonState.FORGOTTEN:
        return Adaptation("learned", made, evidence)
    made = replace(made, at=before.at, uses=before.uses, observed=before.observed)
    return Adaptation("updated", made, evidence)


def kept_of(delivery: Delivery) -> float:
    """Return how much of its promise a delivery kept, in [0, 1]."""
    if not delivery.success:
        return 0.0
    quality = _share(delivery.score, delivery.promised_quality)
    return quality * _share(delivery.promised_seconds, delivery.seconds)


def _share(part: float | None, whole: float | None) -> float:
    if part is None or whole is None or not (isfinite(part) and isfinite(whole)) or whole <= 0:
        return 1.0
    return min(1.0, max(0.0, part / whole))


def _kept_in_words(ledger: Ledger) -> str:
    evidence = f"{ledger.succeeded} of {ledger.done} tasks succeeded"
    succeeded = sum(count.succeeded for count in ledger.sources.values())
    if succeeded - ledger.kept <= 0.005 * succeeded:
        return evidence
    return f"{evidence}, which kept {ledger.kept / succeeded:.0%} of what was promised"
