"""The report of `dataagents reason`: the answer, and how it was come by, as plain values.

A figure that nobody measured is None. Texts are safe to show.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text

from dataagents.console.commands.model_lines import model_lines
from dataagents.console.commands.request import MODEL_EXAMPLE
from dataagents.console.commands.trace import trace_command
from dataagents.console.view import RunView
from dataagents.console.view.fields import Fields, name
from dataagents.console.view.reasoning_rows import analysis_texts
from dataagents.console.view.runs import AnalysisView, StepView
from dataagents.console.view.usage import ModelUse, model_use, reasonings_of
from dataagents.console.view.words import duration
from dataagents.core import RunResult, RunStatus
from dataagents.core.reasoning import FINAL_RESULT, StopReason

_STOPS = {
    StopReason.MAX_STEPS: ("took as many steps as it may", "Raise --max-steps."),
    StopReason.MAX_SECONDS: ("took as long as it may", "Raise max_reasoning_seconds."),
    StopReason.MAX_TOKENS: ("took as many tokens as it may", "Raise max_reasoning_tokens."),
    StopReason.MAX_COST: ("cost as much as it may", "Raise max_reasoning_cost."),
    StopReason.CIRCLE: ("went round in circles", "Ask in other words, or ask another --model."),
}
"""Why a reasoning stopped without a result → in words, and what to do about it."""


@dataclass(frozen=True, slots=True)
class AnswerReport:
    """What a question was answered with."""

    question: str
    dataset: str
    path: str
    answer: str | None
    """None when there is none; `stop` and `reason` say why."""
    stop: str | None
    """Why the reasoning ended; `final_result` when it came to a result, None when none began."""
    reason: str
    """Why there is no answer; empty when there is one."""
    agent: str | None
    steps: tuple[StepView, ...]
    analysis: AnalysisView | None
    model: ModelUse | None
    """None where rules alone decided."""
    tokens: int | None
    cost: float | None
    seconds: float
    run: str
    status: RunStatus
    store: str


def answer_report(
    question: str, path: str, result: RunResult, view: RunView, store: str
) -> AnswerReport:
    """Return the report of a run that was asked a question.

    Args:
        question: What was asked.
        path: What the user named the data by.
        result: What the kernel returned.
        view: The trace of the run.
        store: Where the trace is.
    """
    (dataset,) = result.goal.inputs
    outcome, reasonings = result.outcome, tuple(reasonings_of(view))
    last = reasonings[-1] if reasonings else None
    known = Fields(outcome.summary).part("datasets").part(dataset).part("answer")
    used = model_use(reasonings)
    return AnswerReport(
        question=Fields({"question": question}).text("question"),
        dataset=name(dataset),
        path=name(path),
        answer=known.text("text") or None,
        stop=(last.stop or None) if last is not None else None,
        reason=Fields({"reason": outcome.reason}).line("reason"),
        agent=last.agent if last is not None else None,
        steps=tuple(step for reasoning in reasonings for step in reasoning.steps),
        analysis=last.analysis if last is not None else None,
        model=used,
        tokens=used.tokens if used is not None else None,
        cost=used.cost if used is not None else None,
        seconds=outcome.seconds,
        run=name(outcome.run),
        status=outcome.status,
        store=name(store),
    )


def no_answer(report: AnswerReport) -> str:
    """Return why there is no answer, and what to do about it where that is known."""
    for stop, (why, remedy) in _STOPS.items():
        if report.stop == stop:
            return f"no answer: the reasoning {why} ({stop}). {remedy}"
    return f"no answer: {report.reason.rstrip('.') or 'nobody gave one'}."


def closing_lines(report: AnswerReport, *, has_model: bool) -> Iterator[Text]:
    """Yield how the answer was come by: who decided, what that took, where all of it stands.

    Args:
        report: The report.
        has_model: Whether a model was chosen.
    """
    if not has_model and report.stop != StopReason.FAILED:
        yield Text(
            f"Rules decided, which don't read questions. Choose a model that does: {MODEL_EXAMPLE}",
            "yellow",
        )
    if report.model is not None:
        yield from model_lines(report.model)
    if report.answer is not None and report.stop not in (FINAL_RESULT, None):
        yield Text(f"The reasoning stopped at {report.stop}.", "yellow")
    measured, circles, _ = analysis_texts(report.analysis)
    judged = f", {measured}" if measured else ""
    steps = f"{len(report.steps)} step" + ("" if len(report.steps) == 1 else "s")
    yield Text(f"{steps} in {duration(report.seconds)}{judged}", "dim")
    for circle in circles.splitlines():
        yield Text.assemble(("circle ", "yellow"), circle)
    command = trace_command(report.run, Path(report.store), "--analysis")
    yield Text.assemble("The whole reasoning: ", (command, "bold"), overflow="fold")
