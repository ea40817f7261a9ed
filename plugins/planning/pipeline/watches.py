"""Watches: what makes a plan change before a task runs into it."""

from collections.abc import Mapping

from dataagents.core.planning import State, Trigger, Watch
from dataagents.core.values import Json
from dataagents.plugins.planning.pipeline.facts import fact, foresees_drift, structural
from dataagents.plugins.planning.pipeline.quality import below_threshold

_MOST = 5
"""So many changes are told of one data set."""


def watches() -> tuple[Watch, ...]:
    """Return what is looked out for."""
    return (
        Watch("drift", Trigger.DRIFT, drifted),
        Watch("quality", Trigger.QUALITY, poor),
    )


def drifted(state: State) -> str | None:
    """Say which files drifted, while the drift of one has to be decided on.

    Drift that was foreseen is no surprise: the plan has its decision already. Data sets whose drift
    was decided on stay in the sentence, so that it is not a new one when the next is decided on.
    """
    told: list[str] = []
    undecided = False
    for name in _datasets(state, "schema"):
        schema = fact(state, "schema", name) or {}
        changes = structural(schema)
        if not changes or foresees_drift(state, name):
            continue
        decided = fact(state, "drift_decision", name) is not None
        undecided |= not decided and schema.get("drift_choice") is None
        more = f"; and {len(changes) - _MOST:,} more" if len(changes) > _MOST else ""
        told.append(f"{name}: {'; '.join(_told(each) for each in changes[:_MOST])}{more}")
    return f"the files drifted ({'; '.join(told)})" if undecided else None


def poor(state: State) -> str | None:
    """Say whose quality is too low, where more rows may be held back for it."""
    reasons = (below_threshold(state, name) for name in _datasets(state, "quality"))
    return "; ".join(reason for reason in reasons if reason is not None) or None


def _datasets(state: State, name: str) -> list[str]:
    return [key.partition(":")[2] for key in state if key.startswith(f"{name}:")]


def _told(change: Mapping[str, Json]) -> str:
    return str(change.get("explanation") or f"`{change.get('column')}` {change.get('kind')}")
