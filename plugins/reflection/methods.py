"""Method preferences: which way of doing a task is to be tried first.

Each method of a task is an arm of a bandit; what came of it where is its evidence. There are
lessons only for tasks with a choice that has failed more than once: where nothing goes wrong, the
domain's order stays. A lesson carries its latest outcomes with their times, so all the lessons of
a task together are the history that the bandit learns from.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from statistics import fmean

from dataagents.core.reflection import (
    Adaptation,
    Expectation,
    Lesson,
    LessonKind,
    LessonState,
)
from dataagents.core.values import Json, JsonObject
from dataagents.plugins.reflection.bandit import Evidence, Trial, learn, pooled, scores
from dataagents.plugins.reflection.evidence import LAST, Review, whole
from dataagents.plugins.reflection.naming import lesson_id

_MOST_OUTCOMES = 60
_BACKOFF = 3
"""Uses that each roll-back asks for before the lesson is tried again."""
_LOG = "log"
_SOURCES = "sources"


@dataclass(frozen=True, slots=True, order=True)
class Outcome:
    """What came of a method once."""

    at: int
    """Milliseconds since 1970."""
    method: str
    source: str
    success: bool


def method_lessons(review: Review, recurring: int, trial: int) -> Iterator[Adaptation]:
    """Yield how well each method of the tasks that came up did, where there is a choice.

    Args:
        review: What is reflected on.
        recurring: Failures from which on there is something to choose by.
        trial: Runs after which a preference is judged.
    """
    logs = _logs(review)
    news = {use.task for experience in review.lived[-1:] for use in experience.methods}
    for task in sorted(news & logs.keys()):
        methods = logs[task]
        outcomes = sorted(each for log in methods.values() for each in log)
        known = any(_id(task, method) in review.lessons for method in methods)
        failures = sum(not each.success for each in outcomes)
        if len(methods) < 2 or not (known or failures >= recurring):
            continue
        learned = learn(Trial(each.method, each.success, each.source) for each in outcomes)
        for method, log in sorted(methods.items()):
            yield from _adaptations(task, method, log, learned, review, trial)


def preferences(
    lessons: Sequence[Lesson], own: Collection[str], rng: Random
) -> tuple[tuple[Lesson, float], ...]:
    """Return how well each method may do, drawn from what is known of it; pinned ones as they are.

    Args:
        lessons: Those about methods that apply.
        own: The sources that it is about; what was seen on others counts within bounds.
        rng: Draws.
    """
    tasks: dict[str, dict[str, Lesson]] = {}
    for lesson in sorted(lessons, key=lambda each: each.id):
        task, _, method = lesson.subject.partition("/")
        tasks.setdefault(task, {})[method] = lesson
    drawn: list[tuple[Lesson, float]] = []
    for methods in tasks.values():
        learned: dict[str, dict[str, Evidence]] = {}
        for method, lesson in methods.items():
            for source, evidence in _sources(lesson).items():
                learned.setdefault(source, {})[method] = evidence
        known = pooled(learned, own)
        for method, score in scores(methods, known, rng).items():
            lesson = methods[method]
            pinned = lesson.state is LessonState.PINNED
            drawn.append((lesson, lesson.value if pinned else score))
    return tuple(drawn)


def _logs(review: Review) -> dict[str, dict[str, list[Outcome]]]:
    """Return task → method → its outcomes, those that its lesson carries and those since."""
    logs: dict[str, dict[str, list[Outcome]]] = {}
    for lesson in review.lessons.values():
        if lesson.kind is LessonKind.METHOD:
            task, _, method = lesson.subject.partition("/")
            logs.setdefault(task, {})[method] = _log(lesson, method)
    starts: dict[str, int] = {}
    for place, experience in enumerate(review.lived):
        at = round(experience.at.timestamp() * 1000)
        for use in experience.methods:
            name = _id(use.task, use.method)
            if name not in starts:
                starts[name] = review.start(name)
            if place >= starts[name]:
                outcome = Outcome(at, use.method, use.source, use.success)
                logs.setdefault(use.task, {}).setdefault(use.method, []).append(outcome)
    return logs


def _adaptations(
    task: str,
    method: str,
    log: list[Outcome],
    learned: Mapping[str, Mapping[str, Evidence]],
    review: Review,
    trial: int,
) -> Iterator[Adaptation]:
    name = _id(task, method)
    if review.decided(name):
        return
    before = review.lessons.get(name)
    back = whole(before.counts, "rolled_back") if before is not None else 0
    sources = {source: arms[method] for source, arms in learned.items() if method in arms}
    evidence = pooled({each: {method: known} for each, known in sources.items()}, ())
    value = evidence[method].expected if method in evidence else 0.5
    done = sum(each.success for each in log)
    words = f"went well in {done} of {len(log)} uses"
    written: dict[str, Json] = {
        source: [each.successes, each.failures] for source, each in sources.items()
    }
    log_written: list[Json] = [
        [each.at, each.source, int(each.success)] for each in log[-_MOST_OUTCOMES:]
    ]
    counts: JsonObject = {
        LAST: review.last, "rolled_back": back, _SOURCES: written, _LOG: log_written
    }  # fmt: skip
    made = Lesson(
        id=name,
        kind=LessonKind.METHOD,
        subject=f"{task}/{method}",
        value=value,
        low=0.0,
        high=1.0,
        evidence=words,
        samples=len(log),
        at=review.now,
        expected=_expectation(task, review, trial),
        text=f"{method} is tried for {task} by how well it did: {words}",
        counts=counts,
    )
    if before is None or before.state is LessonState.FORGOTTEN:
        yield Adaptation("learned", made, words)
    elif before.state is LessonState.ROLLED_BACK and len(log) >= _BACKOFF * back:
        yield Adaptation("learned", made, f"{words} since it was rolled back")
    else:
        kept = replace(
            made, at=before.at, state=before.state, expected=before.expected, uses=before.uses,
            observed=before.observed, counts={**before.counts, **counts},
        )  # fmt: skip
        yield Adaptation("updated", kept, words)


def _expectation(task: str, review: Review, trial: int) -> Expectation:
    """Return that plans must not have to change more often than before."""
    runs = [each.replans for each in review.lived if any(use.task == task for use in each.methods)]
    return Expectation("replans", fmean(runs) if runs else 0.0, 0.0, trial)


def _id(task: str, method: str) -> str:
    return lesson_id(LessonKind.METHOD, f"{task}/{method}")


def _log(lesson: Lesson, method: str) -> list[Outcome]:
    """Return the outcomes that a lesson carries; whatever makes no sense is left out."""
    found = lesson.counts.get(_LOG)
    log: list[Outcome] = []
    for entry in found if isinstance(found, list) else []:
        match entry:
            case [int(at), str(source), (0 | 1) as success]:
                log.append(Outcome(at, method, source, bool(success)))
            case _:
                continue
    return log[-_MOST_OUTCOMES:]


def _sources(lesson: Lesson) -> dict[str, Evidence]:
    found = lesson.counts.get(_SOURCES)
    sources: dict[str, Evidence] = {}
    for source, figures in (found if isinstance(found, dict) else {}).items():
        match figures:
            case [int() | float() as successes, int() | float() as failures]:
                if 0 <= successes <= _MOST_OUTCOMES and 0 <= failures <= _MOST_OUTCOMES:
                    sources[source] = Evidence(successes, failures)
            case _:
                continue
    return sources
