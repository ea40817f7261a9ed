"""Trials: whether the effect that a lesson promised shows in the runs that it was applied in.

A lesson whose effect does not show is rolled back. Its counts start anew, so the same evidence does
not bring it back; what does is the lesson's own matter, and asks for more each time.
"""

from collections.abc import Iterator
from dataclasses import replace
from math import sqrt

from dataagents.core.reflection import Adaptation, Experience, Lesson, LessonKind, LessonState
from dataagents.core.values import JsonObject
from dataagents.plugins.reflection.evidence import LAST, Review, whole

_WATCHED = "watched"
"""Key in a lesson's counts: the id of the newest run in which it was watched."""
_BETTER_WHEN_LESS = ("replans", "seconds")


def watched(adaptations: list[Adaptation], review: Review) -> Iterator[Adaptation]:
    """Yield the adaptations, the lessons as they stand after the newest run.

    Lessons that were applied in it but have no other news come after the others.
    """
    if not review.lived:
        yield from adaptations
        return
    newest, told = review.lived[-1], set[str]()
    for adaptation in adaptations:
        told.add(adaptation.lesson.id)
        before = review.lessons.get(adaptation.lesson.id)
        on_trial = before is not None and before.state is adaptation.lesson.state
        yield (_after(adaptation, newest) if on_trial else None) or adaptation
    for name, lesson in review.lessons.items():
        if name not in told and lesson.state in (LessonState.TRIAL, LessonState.KEPT):
            moved = _after(Adaptation("updated", lesson, ""), newest)
            if moved is not None:
                yield moved


def _after(adaptation: Adaptation, newest: Experience) -> Adaptation | None:
    """Return an adaptation with what the newest run shows; None when it shows nothing."""
    lesson = adaptation.lesson
    figure = _figure(lesson, newest)
    if lesson.id not in newest.applied or lesson.counts.get(_WATCHED) == newest.id:
        return None
    if lesson.kind is LessonKind.METHOD and not _chosen(lesson, newest):
        return None
    counts: JsonObject = {**lesson.counts, _WATCHED: newest.id}
    lesson = replace(lesson, counts=counts, uses=lesson.uses + 1)
    if figure is not None:
        seen = 1 if lesson.observed is None else whole(counts, "seen") + 1
        mean = figure if lesson.observed is None else lesson.observed
        lesson = replace(
            lesson, observed=mean + (figure - mean) / seen, counts={**counts, "seen": seen}
        )
    return _judged(adaptation, lesson)


def _chosen(lesson: Lesson, run: Experience) -> bool:
    """Return whether a run had a choice that a preference among methods bears on."""
    task = lesson.subject.partition("/")[0]
    return any(use.task == task for use in run.methods)


def _judged(adaptation: Adaptation, lesson: Lesson) -> Adaptation:
    expected = lesson.expected
    watched_long_enough = (
        expected is not None
        and lesson.observed is not None
        and lesson.uses >= expected.trial
        and lesson.state is LessonState.TRIAL
    )
    if not watched_long_enough:
        reason = adaptation.reason or f"applied in {lesson.uses} runs"
        return Adaptation(adaptation.change, lesson, reason)
    reason = effect(lesson)
    if shows(lesson):
        return Adaptation("kept", replace(lesson, state=LessonState.KEPT), reason)
    return Adaptation("rolled back", rolled_back(lesson), reason)


def shows(lesson: Lesson) -> bool:
    """Return whether the effect that a lesson promised shows."""
    expected, observed = lesson.expected, lesson.observed
    if expected is None or observed is None:
        return True
    gain = observed - expected.baseline
    if expected.metric in _BETTER_WHEN_LESS:
        gain = -gain
    return gain >= expected.least - _noise(lesson)


def effect(lesson: Lesson) -> str:
    """Return what was expected of a lesson and what was observed, in words."""
    expected, observed = lesson.expected, lesson.observed
    if expected is None:
        return "corrects itself with each run"
    was = f"{expected.metric} {expected.baseline:.3g} before"
    if observed is None:
        return was
    return f"{was}, {observed:.3g} in {lesson.uses} runs with it"


def rolled_back(lesson: Lesson) -> Lesson:
    """Return a lesson that is applied no more, its counts to start anew."""
    counts: JsonObject = {
        LAST: lesson.counts.get(LAST, ""),
        "rolled_back": whole(lesson.counts, "rolled_back") + 1,
    }
    return replace(lesson, state=LessonState.ROLLED_BACK, counts=counts, samples=0)


def _noise(lesson: Lesson) -> float:
    """Return how much worse a mean may be by chance, where it only must not get worse."""
    expected = lesson.expected
    if expected is None or expected.least > 0:
        return 1e-9
    if expected.metric == "success":
        return 1.0 / max(1, lesson.uses)
    if expected.metric == "replans":  # one standard error of a count
        return sqrt(max(expected.baseline, 0.25) / max(1, lesson.uses))
    return max(0.01, 0.1 * abs(expected.baseline))


def _figure(lesson: Lesson, run: Experience) -> float | None:
    metric = lesson.expected.metric if lesson.expected is not None else ""
    figures = {
        "success": float(run.success),
        "replans": float(run.replans),
        "quality": run.quality,
        "seconds": run.seconds,
    }
    return figures.get(metric)
