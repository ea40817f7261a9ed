"""The validator: judges schemas and releases by one dimension of data quality, its view."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from dataagents.core import Agent, AgentCard, Desk, Motion, StrategyOptions, Vote
from dataagents.core.values import Json
from dataagents.plugins.team.coordinator import ACCEPT, DRIFT, REJECT
from dataagents.plugins.team.drift import judge_drift


class ValidatorOptions(StrategyOptions):
    """Options of a validator."""

    view: Literal["completeness", "validity", "uniqueness"] = "validity"
    """The dimension of data quality that it judges by (ISO/IEC 25012)."""
    minimum: float = Field(default=0.8, ge=0, le=1, allow_inf_nan=False)
    """The share that has to be in order, in [0, 1]."""


_NOTHING: Mapping[str, Json] = {}


@dataclass(frozen=True, slots=True)
class Evidence:
    """A share that a view found in the facts, and how it came about."""

    share: float
    detail: str


class Validator(Agent):
    """Votes to accept when its dimension reaches the minimum, and abstains without evidence."""

    def __init__(self, options: ValidatorOptions, card: AgentCard) -> None:
        super().__init__(card)
        self._view = options.view
        self._minimum = options.minimum

    async def vote(self, motion: Motion, desk: Desk) -> Vote:
        """Judge a motion by the facts it comes with."""
        facts, dataset = motion.context.get("facts"), motion.context.get("dataset")
        known = facts if isinstance(facts, dict) else {}
        if motion.context.get("decision") == DRIFT:
            return self._on_drift(_table(known, f"schema:{dataset}"))
        evidence = _evidence(self._view, str(motion.context.get("decision")), known, str(dataset))
        if evidence is None:
            return Vote(reason=f"nothing is measured about {self._view} here")
        accepted = evidence.share >= self._minimum
        return Vote(
            choice=ACCEPT if accepted else REJECT,
            confidence=evidence.share if accepted else 1 - evidence.share,
            reason=f"{self._view}: {evidence.detail}, {self._minimum:.0%} needed",
        )

    def _on_drift(self, schema: Mapping[str, Json]) -> Vote:
        judgement = judge_drift(self._view, schema)
        if judgement is None:
            return Vote(reason=f"{self._view} is not touched by this")
        return Vote(judgement.choice, judgement.confidence, judgement.reason)


def _evidence(view: str, decision: str, facts: Mapping[str, Json], dataset: str) -> Evidence | None:
    seen = {"decide_schema": "schema", "decide_sample": "sample"}.get(decision)
    if seen is not None:
        schema = _table(facts, f"{seen}:{dataset}")
        return _SCHEMA_VIEWS[view](schema) if schema else None
    dimensions = _table(_table(facts, f"quality:{dataset}"), "dimensions")
    measured = dimensions.get(view)
    if not isinstance(measured, (int, float)):
        return None
    return Evidence(float(measured), f"{measured:.1%} of {dataset} is in order")


def _completeness_of(schema: Mapping[str, Json]) -> Evidence | None:
    """Return the share of columns that hold anything at all: an empty one has no type to adopt."""
    columns = [column for column in _table(schema, "columns").values() if isinstance(column, dict)]
    if not columns:
        return None
    filled = sum(_count(column, "present") > 0 for column in columns)
    return Evidence(filled / len(columns), f"{filled} of {len(columns)} columns hold values")


def _validity_of(schema: Mapping[str, Json]) -> Evidence | None:
    """Return the share of rows that would be kept if every misfit were in a row of its own."""
    rows = _count(schema, "rows")
    if not rows:
        return None
    misfits = sum(
        _count(column, "present") - _count(column, "conforming")
        for column in _table(schema, "columns").values()
        if isinstance(column, dict) and column.get("type") != "text"
    )
    share = max(0.0, 1 - misfits / rows)
    return Evidence(share, f"at least {share:.1%} of {rows:,} rows fit all column types")


def _uniqueness_of(schema: Mapping[str, Json]) -> Evidence | None:
    """Return the share of key values that occur once; without a key there is nothing to judge."""
    names = schema.get("key")
    key = names[0] if isinstance(names, list) and len(names) == 1 else None
    column = _table(_table(schema, "columns"), str(key)) if key is not None else _NOTHING
    present = _count(column, "present")
    if not present:
        return None
    distinct = _count(column, "distinct")
    share = min(1.0, distinct / present)
    return Evidence(share, f"{distinct:,} distinct among {present:,} values of the key `{key}`")


_SCHEMA_VIEWS: Mapping[str, Callable[[Mapping[str, Json]], Evidence | None]] = {
    "completeness": _completeness_of,
    "validity": _validity_of,
    "uniqueness": _uniqueness_of,
}


def _table(facts: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    value = facts.get(name)
    return value if isinstance(value, dict) else _NOTHING


def _count(facts: Mapping[str, Json], name: str) -> int:
    value = facts.get(name)
    return int(value) if isinstance(value, (int, float)) else 0
