"""Drift: how files differ from a contract, or later files of a data set from its first.

Retyped means that new values don't fit the old type: integers in a column of decimals are no
drift, nor are days in a column of timestamps, and a column without values has no type.
"""

from collections.abc import Mapping, Sequence

from dataagents.plugins.data.contracts.model import (
    Change,
    ColumnRule,
    ColumnType,
    DatasetContract,
    Observed,
    PartColumn,
    PartProfile,
)
from dataagents.plugins.data.contracts.renames import Known, renames

HOLDS: Mapping[ColumnType, frozenset[ColumnType]] = {
    "integer": frozenset({"integer"}),
    "decimal": frozenset({"integer", "decimal"}),
    "float": frozenset({"integer", "decimal", "float"}),
    "boolean": frozenset({"boolean"}),
    "date": frozenset({"date"}),
    "timestamp": frozenset({"date", "timestamp"}),
    "text": frozenset({"integer", "decimal", "float", "boolean", "date", "timestamp", "text"}),
}
"""Type → the types whose values fit it."""


def source_of(name: str, rule: ColumnRule, names: Sequence[str]) -> str | None:
    """Return which column of a file is a contract's: by name, then alias, then whatever the case.

    Args:
        name: The contract's name.
        rule: Its rule, which has the aliases.
        names: Names of the file.
    """
    for wanted in (name, *rule.aliases):
        if wanted in names:
            return wanted
    folded = [each for each in names if each.lower() == name.lower()]
    return folded[0] if len(folded) == 1 else None


def compare(
    contract: DatasetContract,
    part: PartProfile,
    *,
    given: bool = True,
    known: Mapping[str, Known] | None = None,
) -> tuple[Change, ...]:
    """Return how one file differs from a contract.

    Args:
        contract: What it is compared with.
        part: The file.
        given: Whether a person stands behind the contract: then ranges and missing shares count.
        known: What else is known of the contract's columns, to recognise renamed ones.
    """
    names = tuple(part.columns)
    sources = {name: source_of(name, rule, names) for name, rule in contract.columns.items()}
    used = {source for source in sources.values() if source is not None}
    new = {name: column for name, column in part.columns.items() if name not in used}
    gone = {
        name: (known or {}).get(name, Known(contract.columns[name].type))
        for name, source in sources.items()
        if source is None
    }
    found: list[Change] = []
    for pair in renames(gone, new):
        sources[pair.before] = pair.after
        values = (
            "" if pair.values is None else f", {pair.values:.0%} of the sampled values the same"
        )
        why = f"`{pair.before}` is now called `{pair.after}` (names {pair.names:.0%} alike{values})"
        found.append(
            _change(part, "renamed", pair.before, why, to=pair.after, confidence=pair.confidence)
        )
        del gone[pair.before], new[pair.after]
    found += [_change(part, "removed", name, f"`{name}` is missing") for name in gone]
    found += [
        _change(part, "added", name, f"`{name}` is new", after=column.type)
        for name, column in new.items()
    ]
    for name, source in sources.items():
        if source is not None:
            found += _differences(name, contract.columns[name], part, part.columns[source], given)
    return (*found, *_reordered(sources, part))


def across(
    contract: DatasetContract, parts: Sequence[PartProfile], *, baseline_is_first_part: bool
) -> tuple[Change, ...]:
    """Return how the files of a data set differ from a contract, the same change told once.

    Args:
        contract: What they are compared with.
        parts: The files, in order.
        baseline_is_first_part: Whether the contract is what the first file looks like.
    """
    known = {name: Known(rule.type) for name, rule in contract.columns.items()}
    if baseline_is_first_part and parts:
        known = {
            name: Known(column.type, column.sample) for name, column in parts[0].columns.items()
        }
        contract = _typed(contract, parts)
    merged: dict[tuple[str, str, str | None], list[Change]] = {}
    for part in parts:
        for change in compare(contract, part, given=not baseline_is_first_part, known=known):
            merged.setdefault((change.kind, change.column, change.to), []).append(change)
    return tuple(_told(changes) for changes in merged.values())


def _typed(contract: DatasetContract, parts: Sequence[PartProfile]) -> DatasetContract:
    """Give columns that are empty in the first file the type that the next file shows."""
    rules = dict(contract.columns)
    for name, rule in rules.items():
        filled = [part.columns[name] for part in parts if name in part.columns]
        first = next((column for column in filled if column.present), None)
        if first is not None:
            rules[name] = rule.model_copy(update={"type": first.type})
    return contract.model_copy(update={"columns": rules})


def _told(changes: Sequence[Change]) -> Change:
    first, later = changes[0], len(changes) - 1
    where = f" in {first.file}"
    if later:
        where += f" and {later} later file" + ("s" if later > 1 else "")
    return first.model_copy(
        update={"parts": len(changes), "explanation": first.explanation + where}
    )


def _change(
    part: PartProfile,
    kind: str,
    column: str,
    why: str,
    *,
    to: str | None = None,
    before: str | None = None,
    after: str | None = None,
    confidence: float = 1.0,
) -> Change:
    return Change.model_validate(
        {
            "kind": kind,
            "column": column,
            "to": to,
            "before": before,
            "after": after,
            "part": part.part,
            "file": part.file,
            "parts": 1,
            "explanation": why,
            "confidence": confidence,
        }
    )


def _differences(
    name: str, rule: ColumnRule, part: PartProfile, column: PartColumn, given: bool
) -> list[Change]:
    found: list[Change] = []
    if column.present and column.type not in HOLDS[rule.type]:
        example = next(iter(column.sample), "")
        shown = f", e.g. `{example[:40]}`" if example else ""
        why = f"`{name}` was {rule.type} and is {column.type}{shown}"
        found.append(_change(part, "retyped", name, why, before=rule.type, after=column.type))
    elif given and rule.observed is not None:
        found += _notes(name, rule, rule.observed, part, column)
    return found


def _notes(
    name: str, rule: ColumnRule, then: Observed, part: PartProfile, column: PartColumn
) -> list[Change]:
    found: list[Change] = []
    beyond = _beyond(rule.type, then, column)
    if beyond:
        before, after = f"{then.minimum} to {then.maximum}", f"{column.minimum} to {column.maximum}"
        why = f"`{name}` went from {before}, and now goes from {after}"
        found.append(_change(part, "range", name, why, before=before, after=after))
    cells = column.present + column.missing
    share = column.missing / cells if cells else 0.0
    if share > then.missing + 0.1 and share > 2 * then.missing:
        why = f"`{name}` had {then.missing:.1%} missing cells, and now has {share:.1%}"
        before, after = f"{then.missing:.4f}", f"{share:.4f}"
        found.append(_change(part, "missing", name, why, before=before, after=after))
    return found


def _beyond(kind: ColumnType, then: Observed, column: PartColumn) -> bool:
    """Whether numbers leave the range that was observed by more than a tenth of its width."""
    if kind not in ("integer", "decimal", "float"):
        return False
    texts = (then.minimum, then.maximum, column.minimum, column.maximum)
    try:
        low, high, least, most = (float(text) for text in texts if text is not None)
    except ValueError:
        return False
    slack = (high - low) / 10
    return least < low - slack or most > high + slack


def _reordered(sources: Mapping[str, str | None], part: PartProfile) -> tuple[Change, ...]:
    present = [source for source in sources.values() if source is not None]
    order = [name for name in part.columns if name in present]
    if order == present:
        return ()
    moved = next(name for name, now in zip(present, order, strict=True) if name != now)
    why = f"the columns are in another order, from `{moved}` on"
    return (
        _change(part, "reordered", moved, why, before=", ".join(present), after=", ".join(order)),
    )
