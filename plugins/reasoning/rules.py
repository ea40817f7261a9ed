"""The rule-based policy: data work without a model, each choice explained by its figures."""

from collections.abc import Mapping

from pydantic import ValidationError

from dataagents.core.reasoning import FINAL_RESULT
from dataagents.core.values import Json
from dataagents.plugins.reasoning.progress import FACTS, Decision, Progress


class RulePolicy:
    """Takes the allowed actions in the order that data work needs, each when there is a reason."""

    def decide(self, progress: Progress) -> Decision:
        """Return the next step: the first allowed action that there is a reason for."""
        hindrance = _hindrance(progress)
        if hindrance:
            return Decision(hindrance, "")
        reasons = {
            "sample_data": _why_sample,
            "analyze_schema": _why_analyze,
            "transform_data": _why_transform,
            "validate_data": _why_validate,
            "route_pipeline": _why_route,
            "join_data": _why_join,
            "aggregate_data": _why_aggregate,
        }
        for action in (*reasons, *progress.task.actions):
            if action in progress.task.actions and action not in progress.barred:
                why = reasons.get(action, _why_other)(progress, action)
                if why and action not in progress.failed:
                    return Decision(why, action, progress.given(action))
        return Decision(_conclusion(progress), FINAL_RESULT)


def _hindrance(progress: Progress) -> str:
    """Say why the task can't be done any more: what it is for failed; empty when it can be."""
    wanted = progress.task.wanted
    for action, observation in progress.failed.items():
        if progress.hopeless or not wanted or progress.established_by(action) in wanted:
            return observation.error or f"{action} failed"
    return ""


def _why_sample(progress: Progress, action: str) -> str:
    if action in progress.taken:
        return ""
    return f"{progress.dataset} is large: look at the first rows of its files before all of them."


def _why_analyze(progress: Progress, action: str) -> str:
    if action in progress.taken:
        return ""
    choice = progress.fact("drift_decision").get("choice")
    if choice:
        return f"Drift of {progress.dataset} was decided on ({choice}): read its files that way."
    if progress.task.args.get("lenient"):
        return (
            f"The schema of {progress.dataset} was turned down: read it again with every column "
            "as text, so that nothing is quarantined for its type."
        )
    return f"Nothing is known about {progress.dataset} yet: find its columns, types and gaps."


def _why_validate(progress: Progress, action: str) -> str:
    if progress.taken and progress.taken[-1] == "transform_data":
        applied = _number(progress.fact("transformed"), "cells_changed")
        return f"{_counted(applied, 'cell')} changed: measure the quality again."
    if action in progress.taken or "transform_data" in progress.task.actions:
        return ""
    if progress.task.args.get("strict"):
        score = progress.fact("quality").get("score")
        measured = f"{score:.3f}" if isinstance(score, float | int) else "not known"
        return f"The quality is {measured}: leave out doubtful rows and measure the others."
    doubtful = _least_conforming(progress)
    if doubtful:
        return f"{doubtful}: validate before transforming."
    rows = _number(progress.fact("schema"), "rows")
    return (
        f"Every typed column fits its type in all {rows:,} rows: validate to be sure of the rest."
    )


def _why_transform(progress: Progress, action: str) -> str:
    if action in progress.taken:
        return ""
    gaps = progress.fact("quality").get("gaps")
    found = [gap for gap in gaps if isinstance(gap, dict)] if isinstance(gaps, list) else []
    if not found:
        return (
            "Validation found 0 format gaps: apply the format rules once, to have that on record."
        )
    totals: dict[str, int] = {}
    for gap in found:
        rule = str(gap.get("rule"))
        totals[rule] = totals.get(rule, 0) + _number(gap, "cells")
    listed = ", ".join(
        f"{rule} in {_counted(cells, 'row' if rule == 'duplicates' else 'cell')}"
        for rule, cells in totals.items()
    )
    return f"Format gaps remain ({listed}): fix them, for that loses nothing."


def _why_route(progress: Progress, action: str) -> str:
    if action in progress.taken:
        return ""
    violating = _number(progress.fact("quality"), "violating_rows")
    rows = _number(progress.fact("schema"), "rows")
    known = f"{violating:,} of {rows:,} rows break the schema" if violating else "No fix is left"
    return f"{known}: send clean rows on and the others to quarantine, each with its reason."


def _why_join(progress: Progress, action: str) -> str:
    if action in progress.taken:
        return ""
    other, on = progress.task.args.get("other"), progress.task.args.get("on")
    pairs = on.items() if isinstance(on, dict) else ()
    key = " and ".join(f"{one} = {two}" for one, two in pairs) or "the columns that match"
    return f"The clean rows of {other} belong beside those of {progress.dataset}: join on {key}."


def _why_aggregate(progress: Progress, action: str) -> str:
    if action in progress.taken:
        return ""
    by = progress.task.args.get("by")
    named = ", ".join(map(str, by)) if isinstance(by, list | tuple) else ""
    return f"Measures are wanted of {f'each {named}' if named else 'all rows'}: aggregate them."


def _why_other(progress: Progress, action: str) -> str:
    if action in progress.taken or action in FACTS:
        return ""
    tool, wanted = progress.tools.get(action), progress.task.wanted
    if tool is None and wanted and progress.established_by(action) not in wanted:
        return ""  # it is not installed, and nobody waits for it
    try:
        if tool is not None:
            tool.input_model.model_validate(progress.given(action))
    except ValidationError:
        return ""  # it has to be told more than the task says, which takes a model
    return f"{action} is allowed here and was not used yet: see what it shows."


def _conclusion(progress: Progress) -> str:
    if progress.wants_answer:
        measured = "; ".join(progress.seen.values()) or "nothing"
        return (
            f"Rules decided here, and they can't read a question. What they measured of "
            f"{progress.dataset}: {measured}."
        )
    if progress.failed:
        failed = ", ".join(f"{action} ({each.error})" for action, each in progress.failed.items())
        return f"This is what there is without {failed}."
    if not progress.taken:
        return "There is nothing to do with the actions that are allowed."
    return progress.seen.get(progress.taken[-1], "Everything that is allowed was done.")


def _least_conforming(progress: Progress) -> str:
    """Describe the typed column with the smallest share of cells that fit; empty when all do."""
    columns = progress.fact("schema").get("columns")
    worst: tuple[float, str, str] | None = None
    for name, column in columns.items() if isinstance(columns, dict) else ():
        if not isinstance(column, dict) or column.get("type") in (None, "text"):
            continue
        present = _number(column, "present")
        share = _number(column, "conforming") / present if present else 1.0
        if share < 1 and (worst is None or share < worst[0]):
            worst = (share, name, str(column["type"]))
    if worst is None:
        return ""
    share, name, type_ = worst
    return f"`{name}` is {share:.1%} {type_}, {1 - share:.1%} not"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _number(fact: Mapping[str, Json], name: str) -> int:
    value = fact.get(name)
    return int(value) if isinstance(value, (int, float)) else 0
