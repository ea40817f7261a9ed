"""Foresight: that a task is going to fail on a source, as it did before.

The last ten runs in which the task came up for the source are what counts. The task is expected to
fail when the mean of the posterior, with a uniform prior, reaches the threshold: after one failure
in the only run, or six in ten. A failure that was provided for counts as one; a run without it
counts against it, so that foresight fades when the source is sound again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean

from dataagents.core.planning import Trigger
from dataagents.core.reflection import (
    Adaptation,
    Expectation,
    Experience,
    Lesson,
    LessonKind,
    LessonState,
    Mishap,
)
from dataagents.core.values import Json, JsonObject
from dataagents.plugins.reflection.evidence import LAST, Review, whole
from dataagents.plugins.reflection.naming import at_source, lesson_id, split_source
from dataagents.plugins.reflection.recurrence import WINDOW, foresee

_LONGEST_REASON = 200
_OF_THE_SOURCE = (
    Trigger.FAILED,
    Trigger.PRECONDITION,
    Trigger.DRIFT,
    Trigger.QUALITY,
    Trigger.PREDICTED,
)
"""What can recur because of the source; that an agent was lost does not."""
_BACKOFF = 3
"""Runs of new evidence that each roll-back asks for before the lesson is tried again."""


@dataclass(slots=True)
class Record:
    """What came of a task on a source, in the latest runs in which it came up."""

    outcomes: list[int] = field(default_factory=list)
    """1 where it failed, 0 where it did not; oldest first, at most ten."""
    rolled_back: int = 0
    newest: Mishap | None = None
    """The latest failure that was not provided for."""
    came_up: list[Experience] = field(default_factory=list)
    """Runs in which it failed without being provided for, among those counted now."""

    @property
    def probability(self) -> float:
        """Mean of the posterior that it fails again."""
        return foresee(sum(self.outcomes), len(self.outcomes))

    @property
    def enough(self) -> bool:
        """Whether there is enough evidence since the last roll-back."""
        return len(self.outcomes) >= max(1, _BACKOFF * self.rolled_back)

    def count(self, experience: Experience, mishaps: Sequence[Mishap]) -> None:
        """Count one more run."""
        self.outcomes = [*self.outcomes, int(bool(mishaps))][-WINDOW:]
        unforeseen = [each for each in mishaps if each.trigger is not Trigger.PREDICTED]
        if unforeseen:
            self.newest = unforeseen[0]
            self.came_up.append(experience)


def foresights(review: Review, threshold: float, trial: int) -> Iterator[Adaptation]:
    """Yield what is to be expected of the tasks that came up, and what is not any more."""
    subjects = {
        at_source(each.task, each.source)
        for experience in review.lived
        for each in experience.mishaps
        if recurs(each)
    }
    subjects |= {
        lesson.subject for lesson in review.lessons.values() if lesson.kind is LessonKind.FORESIGHT
    }
    for subject in sorted(subjects):
        name = lesson_id(LessonKind.FORESIGHT, subject)
        if review.decided(name):
            continue
        lesson = review.lessons.get(name)
        record = _record_of(lesson)
        news = 0
        for experience in review.lived[review.start(name) :]:
            mishaps = _of(subject, experience)
            if mishaps or _came_up(subject, experience, name):
                record.count(experience, mishaps)
                news += 1
        if news:
            yield from _adaptations(subject, lesson, record, review, threshold, trial)


def recurs(mishap: Mishap) -> bool:
    """Return whether a mishap is a task's failure that may recur because of its source."""
    of_task = bool(mishap.source and mishap.task) and not mishap.rule
    return of_task and mishap.trigger in _OF_THE_SOURCE


def _of(subject: str, experience: Experience) -> list[Mishap]:
    task, source = split_source(subject)
    return [
        each
        for each in experience.mishaps
        if each.task == task and each.source == source and recurs(each)
    ]


def _came_up(subject: str, experience: Experience, lesson: str) -> bool:
    """Return whether a run without the failure was one in which it could have happened."""
    task, source = split_source(subject)
    if source not in experience.sources:
        return False
    if lesson in experience.applied and experience.success:
        return True
    return any(
        each.task == task and each.success and each.source in ("", source)
        for each in experience.deliveries
    )


def _adaptations(
    subject: str,
    before: Lesson | None,
    record: Record,
    review: Review,
    threshold: float,
    trial: int,
) -> Iterator[Adaptation]:
    expected = record.probability >= threshold
    evidence = f"failed in {sum(record.outcomes)} of {len(record.outcomes)} runs"
    counts: JsonObject = {
        LAST: review.last,
        "outcomes": list(record.outcomes),
        "rolled_back": record.rolled_back,
    }
    gone = before is None or before.state in (LessonState.ROLLED_BACK, LessonState.FORGOTTEN)
    if gone and expected and record.enough and record.came_up:
        yield Adaptation(
            "learned", _lesson(subject, record, review, trial, evidence, counts), evidence
        )
    elif before is not None and before.state is not LessonState.FORGOTTEN:
        facts = _facts(record, before.facts)
        made = replace(
            before, value=record.probability, evidence=evidence,
            counts={**before.counts, **counts},
            samples=len(record.outcomes), facts=facts, text=_text(subject, facts),
        )  # fmt: skip
        faded = not expected and before.value >= threshold
        reason = f"{evidence}: not expected any more" if faded else evidence
        yield Adaptation("updated", made, reason)


def _lesson(
    subject: str, record: Record, review: Review, trial: int, evidence: str, counts: JsonObject
) -> Lesson:
    facts = _facts(record, {})
    return Lesson(
        id=lesson_id(LessonKind.FORESIGHT, subject),
        kind=LessonKind.FORESIGHT,
        subject=subject,
        value=record.probability,
        low=0.0,
        high=1.0,
        evidence=evidence,
        samples=len(record.outcomes),
        at=review.now,
        expected=_expectation(record.came_up, trial),
        text=_text(subject, facts),
        facts=facts,
        counts=counts,
    )


def _expectation(came_up: Sequence[Experience], trial: int) -> Expectation:
    """Return what providing for the failure is to change: fewer replans, or more runs that succeed.

    Half a replan less in the mean is asked for, as one failure costs one. Where the failure ended
    the run at once, there was no replan to save.
    """
    replans = fmean(each.replans for each in came_up)
    if replans > 0:
        return Expectation("replans", replans, min(0.5, replans / 2), trial)
    success = fmean(each.success for each in came_up)
    return Expectation("success", success, 0.0 if success == 1.0 else 0.2, trial)


def _facts(record: Record, before: JsonObject) -> JsonObject:
    facts = dict(before)
    if record.newest is not None:
        remedy: list[Json] = list(record.newest.remedy)
        facts |= {
            "trigger": record.newest.trigger.value,
            "reason": record.newest.reason[:_LONGEST_REASON],
            "remedy": remedy or facts.get("remedy", []),
        }
    return facts | {"failed": sum(record.outcomes), "of": len(record.outcomes)}


def _text(subject: str, facts: JsonObject) -> str:
    task, source = split_source(subject)
    trigger, reason = facts.get("trigger", "failure"), facts.get("reason", "")
    often = f"{facts['failed']} of {facts['of']} runs"
    return f"{task} is expected to fail on {source} ({trigger} in {often}): {reason}"


def _record_of(lesson: Lesson | None) -> Record:
    """Return what a lesson has counted; whatever makes no sense counts nothing."""
    if lesson is None:
        return Record()
    found = lesson.counts.get("outcomes")
    listed = found if isinstance(found, list) else []
    outcomes = [int(each) for each in listed if each in (0, 1)]
    return Record(outcomes[-WINDOW:], whole(lesson.counts, "rolled_back"))
