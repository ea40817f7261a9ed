"""The rows of a reasoning: its steps with who decided them, and what its analyst makes of it."""

from collections.abc import Iterator

from dataagents.console.view.marks import Mark
from dataagents.console.view.parts import began, ended
from dataagents.console.view.row import TraceRow, figure, line, sections, stretch
from dataagents.console.view.runs import AnalysisView, CircleView, ReasoningView, StepView
from dataagents.console.view.usage import figures
from dataagents.console.view.words import UNMEASURED
from dataagents.core.meta_analysis import ScorePattern
from dataagents.core.reasoning import FINAL_RESULT

ANALYSIS = ("analysis", "circles", "recommendations")
"""Headings of what the analyst says."""


def reasoning_rows(reasoning: ReasoningView, depth: int, at: str, taken: int) -> Iterator[TraceRow]:
    """Yield a reasoning; `taken` is how many steps its task took in reasonings before it."""
    answered = reasoning.stop == FINAL_RESULT
    mark = Mark.BUSY if not reasoning.stop else Mark.OK if answered else Mark.WARN
    stopped = f" (stopped at {reasoning.stop})" if reasoning.stop and not answered else ""
    yield TraceRow(
        depth, "reasoning", "reasoning", line(reasoning.summary or "goes on") + stopped, mark,
        f"{at}/reasoning:{reasoning.id}", reasoning.agent, reasoning.seconds, reasoning.score,
        sections(
            ("summary", reasoning.summary),
            ("stopped at", reasoning.stop),
            ("model", figures(reasoning.tokens, reasoning.cost)),
            *zip(ANALYSIS, analysis_texts(reasoning.analysis), strict=True),
        ),
        stretch(reasoning.at, reasoning.until),
    )  # fmt: skip
    for offset, step in enumerate(reasoning.steps, taken + 1):
        yield _step(step, depth + 1, f"{at}/step:{offset}")


def _step(step: StepView, depth: int, at: str) -> TraceRow:
    return TraceRow(
        depth, "step", f"{step.number} {step.action}", line(step.error or step.observation),
        Mark.FAIL if step.error else Mark.OK, at, step.agent, step.seconds, step.score,
        sections(
            ("error", step.error),
            ("thought", step.thought),
            ("action", f"{step.action} {step.input}"),
            ("observation", step.observation),
            ("data quality", figure(step.quality)),
            ("decided by", step.by),
            ("model", figures(step.tokens, step.cost, step.model_seconds)),
        ),
        stretch(began(step.at, step.model_seconds), ended(step.at, step.seconds)),
    )  # fmt: skip


def analysis_texts(analysis: AnalysisView | None) -> tuple[str, str, str]:
    """Return the figures, circles and recommendations in words, a line for each of the latter."""
    if analysis is None:
        return "", "", ""
    if analysis.pattern == ScorePattern.UNKNOWN:
        return "too few steps to judge", "", ""
    progress = UNMEASURED if analysis.progress is None else f"{analysis.progress:.2f}"
    score = UNMEASURED if analysis.score is None else f"{analysis.score:.2f}"
    measured = f"score {score}, progress {progress}, scores {analysis.pattern}"
    return (
        measured if analysis.circles else f"{measured}, no circles",
        "\n".join(_circle(each) for each in analysis.circles),
        "\n".join(f"step {each.step}: {each.change}" for each in analysis.recommendations),
    )


def _circle(circle: CircleView) -> str:
    steps = ", ".join(map(str, circle.steps))
    return f"{circle.severity}: {' → '.join(circle.actions)} (steps {steps}): {circle.reason}"
