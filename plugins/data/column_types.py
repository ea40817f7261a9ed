"""Typing: columns as values of their type, wherever that loses nothing."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from dataagents.plugins.data.contracts.model import ColumnType
from dataagents.plugins.data.engine import Session, identifier
from dataagents.plugins.data.workplace import Staging, Workplace

BATCH = 100
MOST_DIGITS = 38
_PLAIN = re.compile(r"[A-Z][A-Z0-9_ ]*(\(\d+, ?\d+\))?(\[\])*")
_TYPES: Mapping[ColumnType, str] = {
    "integer": "BIGINT",
    "float": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}


def typed(place: Workplace, staging: Staging, session: Session) -> str:
    """Return the select list that gives the columns of `clean_rows` their types.

    A column keeps the type that its file declares, if every value can be read as that; else it gets
    the one in force. A column of which a value would be lost stays text.
    """
    declared = staging.parts[0].declared if len(staging.parts) == 1 else {}
    kinds: dict[str, ColumnType] = {
        name: column.type for name, column in place.schema().columns.items()
    }
    return typed_as(kinds, "clean_rows", session, declared)


def typed_as(
    kinds: Mapping[str, ColumnType],
    relation: str,
    session: Session,
    declared: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Return the select list that gives columns of a relation the types of their kinds.

    Args:
        kinds: Column → its kind, in the order of the list.
        relation: Name of a table or view of text columns.
        session: The engine.
        declared: Column → the SQL type that its file declares, which comes first.
    """
    wanted = {name: _candidates(kind, declared.get(name)) for name, kind in kinds.items()}
    decimals = [name for name, kind in kinds.items() if kind == "decimal"]
    for name, kind in _decimals(session, decimals, relation).items():
        wanted[name].append(kind)
    chosen: dict[str, str] = {}
    pending = {name: list(types) for name, types in wanted.items() if types}
    while pending:
        tried = {name: types.pop(0) for name, types in pending.items()}
        chosen |= {name: tried[name] for name in _lossless(session, tried, relation)}
        pending = {name: types for name, types in pending.items() if types and name not in chosen}
    return ", ".join(
        f"CAST({identifier(name)} AS {chosen[name]}) AS {identifier(name)}"
        if name in chosen
        else identifier(name)
        for name in kinds
    )


def _candidates(kind: ColumnType, declared: str | None) -> list[str]:
    found = [declared] if declared and declared != "VARCHAR" and _PLAIN.fullmatch(declared) else []
    return found + ([_TYPES[kind]] if kind in _TYPES else [])


def _decimals(session: Session, names: list[str], relation: str) -> dict[str, str]:
    """Return the decimal type that holds all digits of each column, where one does."""
    found: dict[str, str] = {}
    for start in range(0, len(names), BATCH):
        batch = names[start : start + BATCH]
        digits = ", ".join(
            f"coalesce(max(strlen(ltrim(split_part({cell}, '.', 1), '-'))), 1), "
            f"coalesce(max(strlen(split_part({cell}, '.', 2))), 0)"
            for cell in map(identifier, batch)
        )
        row = session.row(f"SELECT {digits} FROM {identifier(relation)}")
        for place, name in enumerate(batch):
            whole, fraction = int(row[2 * place]), int(row[2 * place + 1])
            if whole + fraction <= MOST_DIGITS:
                found[name] = f"DECIMAL({whole + fraction}, {fraction})"
    return found


def _lossless(session: Session, kinds: Mapping[str, str], relation: str) -> list[str]:
    """Return the columns of which every value can be read as a type."""
    names, found = list(kinds), list[str]()
    for start in range(0, len(names), BATCH):
        batch = names[start : start + BATCH]
        kept = ", ".join(
            f"count({identifier(name)}) = count(TRY_CAST({identifier(name)} AS {kinds[name]}))"
            for name in batch
        )
        row = session.row(f"SELECT {kept} FROM {identifier(relation)}")
        found += [name for name, whole in zip(batch, row, strict=True) if whole]
    return found
