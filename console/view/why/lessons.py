"""Why a run did something otherwise than the ones before: the lessons that were in force in it."""

from collections.abc import Callable

from dataagents.console.view.fields import Fields, name
from dataagents.console.view.lessons import LessonView
from dataagents.console.view.marks import Mark
from dataagents.console.view.plan_diff_rows import foresees
from dataagents.console.view.plans import PlanView
from dataagents.console.view.why.link import Chain
from dataagents.console.view.why.scene import Scene
from dataagents.core.reflection import LessonKind


def reputation(chain: Chain, of: int, scene: Scene, agent: str) -> None:
    """Add the lesson that changed how much the bids of an agent count."""
    because = f"it changed how much the bid of {agent} counted"
    _add(chain, of, scene, because, lambda each: _is(each, LessonKind.REPUTATION, agent))


def weight(chain: Chain, of: int, scene: Scene, voter: str) -> None:
    """Add the lesson that changed how much the ballots of an agent weigh."""
    because = f"it changed how much the ballot of {voter} weighed"
    _add(chain, of, scene, because, lambda each: _is(each, LessonKind.DETECTOR, voter))


def method(chain: Chain, of: int, scene: Scene, task: str, way: str) -> None:
    """Add the lesson that changed how early a method was tried."""
    subject = f"{task.partition('(')[0]}/{way}"
    because = f"it changed how early {way} was tried"
    _add(chain, of, scene, because, lambda each: _is(each, LessonKind.METHOD, subject))


def foresight(
    chain: Chain, of: int, scene: Scene, plan: PlanView, task: str, trigger: str = ""
) -> None:
    """Add the lessons that foresaw what happened to a task, or that told a model of it."""

    def fits(lesson: LessonView) -> bool:
        about = lesson.subject.partition("@")[0]
        told = lesson.kind == LessonKind.PROMPT and about == task.partition("(")[0]
        return told or foresees(lesson, task, trigger or lesson.trigger, plan)

    _add(chain, of, scene, "it shaped the plan, or the thinking, before the run", fits)


def _is(lesson: LessonView, kind: LessonKind, subject: str) -> bool:
    return lesson.kind == kind and lesson.subject == subject


def _add(
    chain: Chain, of: int, scene: Scene, because: str, fits: Callable[[LessonView], bool]
) -> None:
    for lesson in scene.run.applied:
        if not fits(lesson):
            continue
        address = f"lesson:{lesson.id}"
        if chain.was_told("lesson", address):
            continue
        says = lesson.text or lesson.evidence or "what it says is not on record"
        place = chain.add(
            of, "lesson", f"{lesson.title}: {says}", because, address=address, mark=Mark.OK
        )
        _origin(chain, place, lesson)


def _origin(chain: Chain, of: int, lesson: LessonView) -> None:
    """Add what taught a lesson: the first change of it that is on record."""
    for _, event in chain.lookup(f"lesson:{lesson.id}"):
        body = Fields(event.body)
        run, by = name(event.run), body.name("by")
        who = by or (f"the reflection on run {run}" if run else "a reflection")
        chain.add(
            of, "reflection", f"{who} {body.name('change')} it: {body.text('reason')}",
            "it taught the lesson", address=f"run:{run}" if run else "", at=event.at, agent=by,
        )  # fmt: skip
        return
    chain.unknown(of, "reflection", "no record of what taught it", "something taught the lesson")
