"""The rows of reflections and lessons: what was applied, what was learned, what was taken back."""

from collections.abc import Iterator, Sequence

from dataagents.console.view.lessons import AdaptationView, LessonView, ReflectionView
from dataagents.console.view.marks import Mark
from dataagents.console.view.row import TraceRow, figure, line, moment, sections
from dataagents.core.reflection import LessonState


def applied_rows(lessons: Sequence[LessonView], depth: int, at: str) -> Iterator[TraceRow]:
    """Yield the lessons of earlier runs that changed something in this one."""
    for lesson in lessons:
        trigger = f", trigger {lesson.trigger}" if lesson.trigger else ""
        effect = f" → {lesson.effect}" if lesson.effect else ""
        yield TraceRow(
            depth, "applied", f"lesson {lesson.title}",
            line(f"{lesson.evidence}{trigger}{effect}"), Mark.OK,
            f"{at}/lesson:{lesson.id}", sections=_sections(lesson),
        )  # fmt: skip


def reflection_rows(reflection: ReflectionView, depth: int, at: str) -> Iterator[TraceRow]:
    """Yield a reflection and the lessons that it changed."""
    at = f"{at}/reflection:{reflection.id}"
    failed = "" if reflection.integrated else " (what was learned is not in force)"
    yield TraceRow(
        depth, "reflection", "reflection", line(reflection.summary) + failed,
        Mark.NOTE if reflection.integrated else Mark.WARN, at,
        sections=sections(
            ("summary", reflection.summary),
            ("patterns", "\n".join(reflection.patterns)),
            ("trends", "\n".join(reflection.trends)),
            ("insights", "\n".join(reflection.insights)),
        ),
        spans=moment(reflection.at),
    )  # fmt: skip
    for number, each in enumerate(reflection.adaptations, start=1):
        yield _adaptation(each, depth + 1, f"{at}/lesson:{number}")


def _adaptation(each: AdaptationView, depth: int, at: str) -> TraceRow:
    lesson, back = each.lesson, each.change == LessonState.ROLLED_BACK
    why = each.reason or lesson.evidence
    return TraceRow(
        depth, "lesson", f"lesson {lesson.title}", line(f"{each.change}: {why}"),
        Mark.WARN if back else Mark.OK, at,
        sections=(*sections(("why", each.reason)), *_sections(lesson)),
    )  # fmt: skip


def _sections(lesson: LessonView) -> tuple[tuple[str, str], ...]:
    bounds = f"{figure(lesson.low)} to {figure(lesson.high)}"
    return sections(
        ("lesson", lesson.text),
        ("what it changes", lesson.effect),
        ("what is expected to go wrong", lesson.trigger),
        ("evidence", lesson.evidence),
        ("value", figure(lesson.value) + (f", within {bounds}" if lesson.low is not None else "")),
        ("expected effect", lesson.expected),
        ("observed", figure(lesson.observed)),
        ("stands", f"{lesson.state}, applied in {lesson.uses} runs" if lesson.state else ""),
    )
