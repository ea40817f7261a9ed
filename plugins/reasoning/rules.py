"""The rule-based policy: data work without a model, each choice explained by its figures."""

from collections.abc import Mapping

from dataagents.core.reasoning import FINAL_RESULT
from dataagents.core.values import Json
from dataagents.plugins.reasoning.react import Decision, Progress

FACTS: Mapping[str, str] = {
    "analyze_schema": "schema",
    "validate_data": "quality",
    "transform_data": "transformed",
    "route_pipeline": "routed",
}
"""Action → the fact that it establishes."""


class RulePolicy:
    """Takes the allowed actions in the order that data work needs, each when there is a reason."""

    def fact_of(self, action: str) -> str:
        """Return the name of the fact that an action's observation establishes."""
        return FACTS.get(action, action)

    def decide(self, progress: Progress) -> Decision:
        """Return the next step: the first allowed action that there is a reason for."""
        reasons = {
            "analyze_schema": _why_analyze,
            "transform_data": _why_transform,
            "validate_data": _why_validate,
            "route_pipeline": _why_route,
        }
        for action in (*reasons, *progress.task.actions):
            if action in progress.task.actions:
                why = reasons.get(action, _why_other)(progress, action)
                if why:
                    return Decision(why, action, _arguments(progress, action))
        return Decision(_conclusion(progress), FINAL_RESULT)


def _arguments(progress: Progress, action: str) -> dict[str, Json]:
    """Return the input of an action: the task's arguments, and what was decided on drift."""
    arguments = dict(progress.task.args)
    decision = progress.fact("drift_decision")
    if action == "analyze_schema" and decision:
        arguments |= {
            "on_drift": decision.get("choice"),
            "by": decision.get("by"),
            "reason": decision.get("reason"),
            "election": decision.get("election"),
        }
    return arguments


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
        return f"{applied:,} cells were changed: measure the quality again."
    if action in progress.taken or "transform_data" in progress.task.actions:
        return ""
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
    listed = ", ".join(f"{rule} in {cells:,} cells" for rule, cells in totals.items())
    return f"Format gaps remain ({listed}): fix them, for that loses nothing."


def _why_route(progress: Progress, action: str) -> str:
    if action in progress.taken:
        return ""
    violating = _number(progress.fact("quality"), "violating_rows")
    rows = _number(progress.fact("schema"), "rows")
    known = f"{violating:,} of {rows:,} rows break the schema" if violating else "No fix is left"
    return f"{known}: send clean rows on and the others to quarantine, each with its reason."


def _why_other(progress: Progress, action: str) -> str:
    if action in progress.taken or action in FACTS:
        return ""
    return f"{action} is allowed here and was not used yet: see what it shows."


def _conclusion(progress: Progress) -> str:
    if progress.latest is None:
        return "There is nothing to do with the actions that are allowed."
    return progress.latest.summary


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


def _number(fact: Mapping[str, Json], name: str) -> int:
    value = fact.get(name)
    return int(value) if isinstance(value, (int, float)) else 0
