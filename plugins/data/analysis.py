"""The analysis of a data set: its contract, how its files drifted from that, and the profile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dataagents.plugins.data.contracts.drift import across
from dataagents.plugins.data.contracts.learning import learn
from dataagents.plugins.data.contracts.model import (
    Change,
    ColumnRule,
    ColumnType,
    DatasetContract,
    DriftPolicy,
    PartProfile,
    Resolution,
    Revision,
)
from dataagents.plugins.data.contracts.resolution import resolve
from dataagents.plugins.data.engine import Session
from dataagents.plugins.data.options import SchemaOptions
from dataagents.plugins.data.profile import (
    columns_of,
    count_copies,
    key_of,
    profile_columns,
    profile_parts,
    promised_years,
)
from dataagents.plugins.data.workplace import Column, Schema, Staging, Workplace


@dataclass(frozen=True, slots=True)
class Given:
    """The contract that the user gave."""

    contract: DatasetContract
    path: str


@dataclass(frozen=True, slots=True)
class Decision:
    """How files that drifted are to be read, and who said so."""

    choice: DriftPolicy | None
    by: str
    reason: str
    election: str | None
    at: datetime


def analyze(
    place: Workplace,
    staging: Staging,
    given: Given | None,
    decision: Decision,
    options: SchemaOptions,
    session: Session,
    *,
    lenient: bool,
) -> Schema:
    """Return the contract in force for staged rows, and their profile under it.

    Args:
        place: Where they are staged.
        staging: How they were read.
        given: The contract, if the user gave one; else it is learned.
        decision: How to read files that drifted.
        options: The thresholds.
        session: The engine.
        lenient: Make every column nullable text, if the contract is learned.
    """
    parts: tuple[PartProfile, ...] = ()
    if given is not None or len(staging.parts) > 1:
        promises = promised_years(given.contract) if given is not None else {}
        parts = profile_parts(place, staging, options, session, promises)
    baseline = given.contract if given is not None else _baseline(staging, parts)
    drift = across(baseline, parts, baseline_is_first_part=given is None) if parts else ()
    resolution = resolve(baseline, drift, [part.columns for part in staging.parts], decision.choice)
    schema = propose(
        place,
        staging,
        resolution,
        options,
        session,
        given=None if given is None else given.path,
        drift=drift,
        lenient=lenient,
    )
    contract = _revised(schema, staging, decision)
    resolution = schema.resolution.model_copy(update={"contract": contract})
    return schema.model_copy(update={"resolution": resolution})


def _revised(schema: Schema, staging: Staging, decision: Decision) -> DatasetContract:
    """Return the contract with its history: that it was learned, and what was decided on drift."""
    contract, revisions = schema.contract, list(schema.contract.history)
    version = contract.version
    if schema.given is None:
        learned = f"learned from {staging.rows:,} rows of {len(staging.parts):,} files"
        revisions.append(
            Revision(version=version, at=decision.at, change=learned, choice="learned", by="policy")
        )
    changes = [change.explanation for change in schema.drift if change.structural]
    if decision.choice is not None and changes:
        version += decision.choice == "evolve"
        revisions.append(
            Revision(
                version=version,
                at=decision.at,
                change="; ".join(changes),
                choice=decision.choice,
                by=decision.by,
                reason=decision.reason,
                election=decision.election,
            )
        )
    return contract.model_copy(update={"version": version, "history": tuple(revisions)})


def _baseline(staging: Staging, parts: Sequence[PartProfile]) -> DatasetContract:
    """Return what the first file promises of the others: its columns and their types."""
    if not parts:
        return DatasetContract(columns={name: ColumnRule() for name in staging.parts[0].columns})
    return DatasetContract(
        columns={name: ColumnRule(type=column.type) for name, column in parts[0].columns.items()}
    )


def propose(
    place: Workplace,
    staging: Staging,
    resolution: Resolution,
    options: SchemaOptions,
    session: Session,
    *,
    given: str | None,
    drift: tuple[Change, ...],
    lenient: bool,
) -> Schema:
    """Profile the staged rows, read as the resolution says, and return the schema.

    Types of a given contract are in force whatever the cells say.
    """
    rules = resolution.contract.columns
    lenient = lenient and given is None
    settled: dict[str, ColumnType] = {
        name: rule.type
        for name, rule in rules.items()
        if given is not None or _retyped(name, drift)
    }
    profiles = profile_columns(place, staging, resolution, options, session)
    columns = columns_of(profiles, settled, staging.rows, options, lenient=lenient)
    session.tell("looking for duplicates", None, None)
    copies = count_copies(columns, staging.rows, options.null_tokens, session)
    contract = resolution.contract
    if given is None:
        contract = _learned(contract, columns, () if lenient else key_of(columns, copies))
    columns = {
        name: column.model_copy(update={"nullable": not contract.columns[name].required})
        for name, column in columns.items()
    }
    return Schema(
        rows=staging.rows,
        rejects=staging.rejects,
        lenient=lenient,
        columns=columns,
        duplicates=copies,
        null_tokens=options.null_tokens,
        resolution=resolution.model_copy(update={"contract": contract}),
        given=given,
        drift=drift,
    )


def _retyped(name: str, drift: Sequence[Change]) -> bool:
    return any(change.kind == "retyped" and change.column == name for change in drift)


def _learned(
    resolved: DatasetContract, columns: dict[str, Column], key: tuple[str, ...]
) -> DatasetContract:
    """Return the contract that all rows suggest, with what was decided on drift."""
    learned = learn(columns, key)
    rules = {
        name: rule.model_copy(update={"aliases": resolved.columns[name].aliases})
        for name, rule in learned.columns.items()
    }
    return resolved.model_copy(update={"key": learned.key, "columns": rules})
