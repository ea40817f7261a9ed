"""The end of a run's summary: how the plan changed, which lessons were used and which are new."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from dataagents.console.commands.dataset_summary import indented, more, title
from dataagents.console.commands.learning_report import LessonReport, ReplanReport
from dataagents.console.commands.report import RunReport
from dataagents.console.view.words import plural
from dataagents.core.reflection import LessonState

_MOST_REPLANS = 6
_MOST_TASKS = 8
"""Tasks that a change of plan names for each sign."""
_MOST_LESSONS = 5
_DEEPER = 4


def learning_blocks(report: RunReport) -> Iterator[RenderableType]:
    """Yield what the plan met and what came of it; nothing when all went as planned."""
    yield from _applied(report.applied)
    yield from _replans(report.replans)
    yield from _learned(report.learned)


def _replans(replans: Sequence[ReplanReport]) -> Iterator[RenderableType]:
    if replans:
        yield title(f"Why the plan changed ({plural(len(replans), 'time')})")
    for each in replans[:_MOST_REPLANS]:
        yield indented(Text.assemble((f"{each.trigger}: ", "yellow"), each.reason))
        signs = (("+", each.added), ("-", each.removed), ("~", each.moved))
        changes = " ".join(word for sign, tasks in signs for word in _few(sign, tasks))
        due = each.kept + len(each.removed)
        kept = f"; kept {each.kept} of {due}, stability {each.stability:.2f}"
        yield indented(Text((changes or "same tasks again") + kept, "dim"), _DEEPER)
    yield from more(len(replans) - _MOST_REPLANS, "change")


def _few(sign: str, tasks: Sequence[str]) -> Iterator[str]:
    yield from (f"{sign}{task}" for task in tasks[:_MOST_TASKS])
    if len(tasks) > _MOST_TASKS:
        yield f"and {sign}{len(tasks) - _MOST_TASKS} more"


def _applied(lessons: Sequence[LessonReport]) -> Iterator[RenderableType]:
    if lessons:
        yield title("Lessons applied")
    for each in lessons[:_MOST_LESSONS]:
        trigger = f", {each.trigger} expected" if each.trigger else ""
        effect = f" → {each.effect}" if each.effect else ""
        yield indented(
            Text.assemble(_name(each), (f": {each.evidence}{trigger}", "dim"), (effect, "green"))
        )
    yield from more(len(lessons) - _MOST_LESSONS, "lesson")


def _learned(lessons: Sequence[LessonReport]) -> Iterator[RenderableType]:
    if lessons:
        yield title("What was learned")
    told = [each for each in lessons if _is_news(each)]
    for each in told[:_MOST_LESSONS]:
        style = "yellow" if each.change == LessonState.ROLLED_BACK else "green"
        judged = each.change in (LessonState.ROLLED_BACK, LessonState.KEPT)
        why = each.reason if judged and each.reason else each.evidence or each.reason
        yield indented(Text.assemble((each.change, style), " ", _name(each), f": {why}"))
        effect = [each.effect] if each.effect else []
        if each.trigger:
            effect.insert(0, f"{each.trigger} expected")
        expected = [f"expected: {each.expected}"] if each.expected else []
        if effect or expected:
            yield indented(Text("; ".join([*effect, *expected]), "dim"), _DEEPER)
    yield from more(len(told) - _MOST_LESSONS, "lesson")
    if len(lessons) > len(told):
        others = plural(len(lessons) - len(told), "lesson")
        yield indented(Text(f"{others} brought up to date, or without effect yet", "dim"))


def _is_news(lesson: LessonReport) -> bool:
    back = lesson.change == LessonState.ROLLED_BACK
    return back or (lesson.change != "updated" and bool(lesson.effect))


def _name(lesson: LessonReport) -> tuple[str, str]:
    return (f"{lesson.kind} {lesson.subject}", "bold")
