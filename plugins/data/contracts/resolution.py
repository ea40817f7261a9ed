"""Resolution: how files that drifted are read, once it was decided what to do about it."""

from collections.abc import Sequence

from dataagents.plugins.data.contracts.drift import HOLDS, source_of
from dataagents.plugins.data.contracts.model import (
    Change,
    ColumnRule,
    ColumnType,
    DatasetContract,
    DriftPolicy,
    Resolution,
)

_WIDENING: tuple[ColumnType, ...] = (
    "integer",
    "decimal",
    "float",
    "boolean",
    "date",
    "timestamp",
    "text",
)


def resolve(
    contract: DatasetContract,
    changes: Sequence[Change],
    parts: Sequence[Sequence[str]],
    choice: DriftPolicy | None,
) -> Resolution:
    """Return the contract in force and how each file is read under it.

    `evolve` changes the contract: new columns are added and may be empty, missing ones are not
    required any more, renamed ones get an alias, retyped ones the narrowest type that holds both.
    The other policies leave it and the new columns out: `freeze` refuses the release,
    `discard_row` keeps rows that don't obey out of the clean ones, `discard_value` drops what does
    not fit. While nobody has decided, files are read as if it evolved.

    Args:
        contract: What was agreed on before.
        changes: How the files differ from it.
        parts: The columns of each file, in order.
        choice: What was decided; None while nobody has.
    """
    structural = [change for change in changes if change.structural]
    if choice in (None, "evolve"):
        evolved = evolve(contract, structural)
        return Resolution(contract=evolved, parts=_sources(evolved, parts), choice=choice)
    retyped = tuple(change.column for change in structural if change.kind == "retyped")
    return Resolution(
        contract=contract,
        parts=_sources(contract, parts),
        choice=choice,
        refused=choice == "freeze" and bool(structural),
        quarantined=_quarantined(contract, structural, parts) if choice == "discard_row" else (),
        nulled=retyped if choice == "discard_value" else (),
    )


def evolve(contract: DatasetContract, changes: Sequence[Change]) -> DatasetContract:
    """Return a contract that files with these changes obey."""
    columns = dict(contract.columns)
    for change in changes:
        rule = columns.get(change.column)
        if change.kind == "added" and rule is None:
            columns[change.column] = ColumnRule.model_validate({"type": change.after or "text"})
        elif rule is None:
            continue
        elif change.kind == "removed":
            columns[change.column] = rule.model_copy(update={"required": False})
        elif change.kind == "renamed" and change.to is not None:
            aliases = tuple(dict.fromkeys((*rule.aliases, change.to)))
            columns[change.column] = rule.model_copy(update={"aliases": aliases})
        elif change.kind == "retyped":
            columns[change.column] = rule.model_copy(
                update={"type": _wider(rule.type, change.after or "text")}
            )
    return contract.model_copy(update={"columns": columns})


def _wider(one: ColumnType, other: str) -> ColumnType:
    return next(kind for kind in _WIDENING if {one, other} <= HOLDS[kind])


def _sources(
    contract: DatasetContract, parts: Sequence[Sequence[str]]
) -> tuple[dict[str, str | None], ...]:
    return tuple(
        {name: source_of(name, rule, names) for name, rule in contract.columns.items()}
        for names in parts
    )


def _quarantined(
    contract: DatasetContract, changes: Sequence[Change], parts: Sequence[Sequence[str]]
) -> tuple[dict[str, str], ...]:
    """Return for each file what of it is kept out, and why."""
    found: list[dict[str, str]] = []
    for names, sources in zip(parts, _sources(contract, parts), strict=True):
        why: dict[str, str] = {}
        lost = [name for name, source in sources.items() if source is None]
        for change in changes:
            if change.kind == "added" and change.column in names:
                why[change.column] = f"`{change.column}` is not in the contract"
            elif change.kind in ("removed", "renamed") and change.column in lost:
                why["*"] = f"the file has no column `{change.column}`"
        found.append(why)
    return tuple(found)
