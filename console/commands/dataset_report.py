"""The report of one data set within a run, read from the facts that the tools left."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dataagents.console.commands.detection_report import (
    DetectionReport,
    RepairReport,
    detection_report,
    repair_report,
)
from dataagents.console.view.fields import Fields, name
from dataagents.core.planning import Execution
from dataagents.core.values import JsonObject


@dataclass(frozen=True, slots=True)
class Example:
    """A place in the data."""

    file: str
    line: int | None
    value: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why rows are in quarantine."""

    column: str
    rule: str
    rows: int | None
    explanation: str
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class RejectReason:
    """Why lines could not be read."""

    reason: str
    lines: int | None
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Cells that look odd; their rows are released all the same."""

    column: str
    kind: str
    cells: int | None
    explanation: str


@dataclass(frozen=True, slots=True)
class PartReport:
    """One file, and how it was read."""

    name: str
    format: str
    encoding: str
    rows: int | None
    rejects: int | None
    oddities: tuple[str, ...]
    """What is unusual about it, in a few words each."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One way in which the data differs from its contract, or from its first file."""

    kind: str
    column: str
    to: str
    """The new name of a renamed column."""
    before: str
    after: str
    file: str
    """The first file that has it."""
    parts: int | None
    """How many files have it."""
    explanation: str
    confidence: float | None


@dataclass(frozen=True, slots=True)
class DriftDecision:
    """How the data was read in spite of drift."""

    choice: str
    by: str
    """`policy`, `vote` or `operator`."""
    reason: str
    """The tally, where it was voted on."""


@dataclass(frozen=True, slots=True)
class ContractReport:
    """The contract that the data was held to."""

    given: bool
    version: int | None
    source: str


@dataclass(frozen=True, slots=True)
class Gate:
    """A bound that the user set on what may be released."""

    name: str
    bound: float
    measured: float | None
    met: bool | None
    """None when nothing was measured."""


@dataclass(frozen=True, slots=True)
class JoinReport:
    """How another data set was joined to this one."""

    other: str
    on: Mapping[str, str]
    """Column of this one → column of the other."""
    found: bool
    """Whether the columns were found in the data, not given."""
    rows: int | None
    """Rows of the joined table."""
    matched: int | None
    """Rows of this one that match one of the other."""
    unmatched: int | None
    unused: int | None
    """Rows of the other that match none."""


@dataclass(frozen=True, slots=True)
class AggregationReport:
    """Into how many groups rows were put, and what was calculated."""

    by: tuple[str, ...]
    measures: tuple[str, ...]
    rows: int | None
    groups: int | None


@dataclass(frozen=True, slots=True)
class DatasetReport:
    """What became of one data set."""

    name: str
    path: str
    parts: tuple[PartReport, ...]
    contract: ContractReport | None
    drift: tuple[Drift, ...]
    drift_decision: DriftDecision | None
    rows_in: int | None
    clean: int | None
    quarantine: int | None
    rejects: int | None
    duplicates: int | None
    score_before: float | None
    """Data quality score in [0, 1] when it was first measured."""
    score: float | None
    """The same when it was last measured."""
    dimensions: Mapping[str, float | None]
    weakest: str
    cells_changed: int | None
    reasons: tuple[Reason, ...]
    reject_reasons: tuple[RejectReason, ...]
    suspicions: tuple[Suspicion, ...]
    gates: tuple[Gate, ...]
    joins: tuple[JoinReport, ...] = ()
    """What was joined to it."""
    aggregation: AggregationReport | None = None
    detection: DetectionReport | None = None
    """How errors were looked for."""
    repair: RepairReport | None = None
    """What became of proposed repairs; None when there were none."""
    short_years: Mapping[str, int] = field(default_factory=dict)
    """Column of dates that stayed text → cells with a year of two digits, of which nothing tells
    the century."""


def dataset_report(
    dataset: str, path: str, execution: Execution | None, settings: JsonObject
) -> DatasetReport:
    """Return the report of a data set.

    Args:
        dataset: Its name.
        path: What the user named it by.
        execution: How the plan went; None when there was none.
        settings: What the goal asked for.
    """
    state = Fields(execution.state if execution is not None else {})
    schema, routed = state.part(f"schema:{dataset}"), state.part(f"routed:{dataset}")
    measured = _measurements(dataset, execution)
    latest = measured[-1] if measured else Fields({})
    return DatasetReport(
        name=name(dataset),
        path=name(path),
        parts=tuple(_part(each) for each in schema.parts("parts")),
        contract=_contract(schema),
        drift=tuple(_drift(each) for each in schema.parts("drift")),
        drift_decision=_drift_decision(state.part(f"drift_decision:{dataset}")),
        rows_in=_rows(routed, "rows_in"),
        clean=_rows(routed, "clean"),
        quarantine=_rows(routed, "quarantine"),
        rejects=_rows(routed, "rejects"),
        duplicates=_rows(routed, "duplicates"),
        score_before=measured[0].number("score") if len(measured) > 1 else None,
        score=latest.number("score"),
        dimensions={
            dimension: latest.part("dimensions").number(dimension)
            for dimension in latest.pairs("dimensions")
        },
        weakest=latest.name("weakest"),
        cells_changed=_rows(state.part(f"transformed:{dataset}"), "cells_changed"),
        reasons=tuple(_reason(each) for each in routed.parts("reasons")),
        reject_reasons=tuple(_reject_reason(each) for each in routed.parts("reject_reasons")),
        suspicions=tuple(_suspicion(each) for each in latest.parts("suspicions")),
        gates=_gates(Fields(settings), latest.number("score"), routed),
        joins=tuple(_join(each) for each in state.part(f"joined:{dataset}").parts("joins")),
        aggregation=_aggregation(state.part(f"aggregated:{dataset}")),
        detection=next(filter(None, map(detection_report, reversed(measured))), None),
        repair=repair_report(state.part(f"transformed:{dataset}")),
        short_years={
            name(column): measured.count("short_years")
            for column, measured in schema.part("columns").objects()
            if measured.count("short_years")
        },
    )


def _join(join: Fields) -> JoinReport:
    return JoinReport(
        other=join.name("other"),
        on={column: name(other) for column, other in join.pairs("on").items()},
        found=join.flag("found"),
        rows=_rows(join, "rows"),
        matched=_rows(join, "matched"),
        unmatched=_rows(join, "unmatched"),
        unused=_rows(join, "unused"),
    )


def _aggregation(fields: Fields) -> AggregationReport | None:
    if "groups" not in fields:
        return None
    return AggregationReport(
        by=fields.texts("by"),
        measures=fields.texts("measures"),
        rows=_rows(fields, "rows"),
        groups=_rows(fields, "groups"),
    )


def _measurements(dataset: str, execution: Execution | None) -> list[Fields]:
    """Return the quality of a data set each time that a task measured it, oldest first."""
    fact = f"quality:{dataset}"
    completed = execution.completed if execution is not None else ()
    effects = (Fields(each.effects) for each in completed)
    return [each.part(fact) for each in effects if fact in each]


def _rows(fields: Fields, key: str) -> int | None:
    number = fields.number(key)
    return None if number is None else int(number)


def _part(part: Fields) -> PartReport:
    return PartReport(
        name=part.name("name"),
        format=part.name("format"),
        encoding=part.name("encoding"),
        rows=_rows(part, "rows"),
        rejects=_rows(part, "rejects"),
        oddities=tuple(_oddities(part)),
    )


def _oddities(part: Fields) -> list[str]:
    found: list[str] = []
    if part.name("compression"):
        found.append(part.name("compression"))
    if part.name("encoding").lower() not in ("", "utf-8", "utf8", "ascii"):
        found.append(part.name("encoding"))
    if part.name("delimiter") not in ("", ","):
        delimiter = part.name("delimiter")
        found.append("tabs" if not delimiter.strip() else f"cells parted by {delimiter}")
    if "header" in part and not part.flag("header"):
        found.append("no header")
    if preamble := part.count("preamble"):
        found.append(f"{preamble:,} line{'' if preamble == 1 else 's'} before the header")
    return found


def _contract(schema: Fields) -> ContractReport | None:
    if "contract" not in schema:
        return None
    contract = schema.part("contract")
    return ContractReport(
        given=contract.flag("given"),
        version=_rows(contract, "version"),
        source=contract.name("source"),
    )


def _drift(change: Fields) -> Drift:
    return Drift(
        kind=change.name("kind"),
        column=change.name("column"),
        to=change.name("to"),
        before=change.name("before"),
        after=change.name("after"),
        file=change.name("file"),
        parts=_rows(change, "parts"),
        explanation=change.text("explanation"),
        confidence=change.number("confidence"),
    )


def _drift_decision(decision: Fields) -> DriftDecision | None:
    choice = decision.name("choice")
    if not choice:
        return None
    return DriftDecision(choice, decision.name("by"), decision.text("reason"))


def _examples(fields: Fields, value: str) -> tuple[Example, ...]:
    return tuple(
        Example(each.name("file"), _rows(each, "line"), each.name(value))
        for each in fields.parts("examples")
    )


def _reason(reason: Fields) -> Reason:
    return Reason(
        column=reason.name("column"),
        rule=reason.name("rule"),
        rows=_rows(reason, "rows"),
        explanation=reason.text("explanation"),
        examples=_examples(reason, "value"),
    )


def _reject_reason(reason: Fields) -> RejectReason:
    return RejectReason(
        reason=reason.text("reason"),
        lines=_rows(reason, "lines"),
        examples=_examples(reason, "raw"),
    )


def _suspicion(suspicion: Fields) -> Suspicion:
    return Suspicion(
        column=suspicion.name("column"),
        kind=suspicion.name("kind"),
        cells=_rows(suspicion, "cells"),
        explanation=suspicion.text("explanation"),
    )


def _gates(settings: Fields, score: float | None, routed: Fields) -> tuple[Gate, ...]:
    """Return the gates that were set, with what was measured against them."""
    gates: list[Gate] = []
    smallest, largest = settings.number("min_score"), settings.number("max_quarantine")
    if smallest is not None:
        gates.append(Gate("min-score", smallest, score, _at_most(smallest, score)))
    if largest is not None:
        rows, held = routed.number("rows_in"), routed.number("quarantine")
        share = held / rows if rows and held is not None else None
        gates.append(Gate("max-quarantine", largest, share, _at_most(share, largest)))
    return tuple(gates)


def _at_most(left: float | None, right: float | None) -> bool | None:
    return None if left is None or right is None else left <= right
