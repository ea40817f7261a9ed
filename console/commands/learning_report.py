"""What a run's report says of the changes of its plan, and of lessons, as plain values."""

from collections.abc import Iterable
from dataclasses import dataclass

from dataagents.console.view.fields import Fields
from dataagents.console.view.lessons import lesson_of
from dataagents.console.view.plans import replan_of
from dataagents.core.planning import Replan
from dataagents.core.reflection import Adaptation, Lesson, LessonKind
from dataagents.core.values import to_json


@dataclass(frozen=True, slots=True)
class ReplanReport:
    """Why the plan changed, and how."""

    trigger: str
    """What made it change, such as `schema drift`."""
    task: str
    """The one that it was about; empty when it was about none."""
    reason: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    moved: tuple[str, ...]
    kept: int
    """Tasks that both plans have."""
    stability: float
    """Of the tasks that were still to be done, the share that stayed where they were."""


@dataclass(frozen=True, slots=True)
class LessonReport:
    """A lesson: what it is about, what it rests on, what it changes."""

    kind: str
    subject: str
    change: str
    """What became of it: `applied`, `learned`, `updated`, `kept` or `rolled back`."""
    evidence: str
    reason: str
    """Why that became of it; empty for one that was applied."""
    effect: str
    """What it changes, in words; empty for what changes nothing yet."""
    trigger: str
    """What is expected to go wrong; empty where it foresees nothing."""
    expected: str
    """What it is hoped to do for later runs, in words; empty when it corrects itself."""
    state: str


def replan_report(replan: Replan) -> ReplanReport:
    """Return what there is to say about a change of plan."""
    # The plan itself is shown elsewhere, and may have a hundred thousand tasks.
    known = {"failure": to_json(replan.failure), "diff": to_json(replan.diff)}
    view = replan_of(Fields(known))
    return ReplanReport(
        trigger=view.trigger,
        task=view.task,
        reason=view.reason,
        added=view.diff.added,
        removed=view.diff.removed,
        moved=view.diff.moved,
        kept=len(view.diff.kept),
        stability=replan.diff.stability,
    )


def lessons_of(found: Iterable[Lesson | Adaptation]) -> tuple[LessonReport, ...]:
    """Return what there is to say about lessons that were applied, or changed.

    What is new, or was taken back, comes before what was only brought up to date, and what changes
    plans before what changes how much agents count.
    """
    return tuple(sorted(map(_lesson, found), key=_rank))


def _rank(lesson: LessonReport) -> tuple[bool, bool]:
    return lesson.change == "updated", lesson.kind in (LessonKind.REPUTATION, LessonKind.DETECTOR)


def _lesson(found: Lesson | Adaptation) -> LessonReport:
    said, lesson = Fields({}), found
    if isinstance(found, Adaptation):
        said, lesson = Fields({"change": found.change, "reason": found.reason}), found.lesson
    view = lesson_of(Fields(to_json(lesson)))
    return LessonReport(
        kind=view.kind,
        subject=view.subject,
        change=said.name("change") or "applied",
        evidence=view.evidence,
        reason=said.text("reason"),
        effect=view.effect,
        trigger=view.trigger,
        expected=view.expected,
        state=view.state,
    )
