"""Sense: whether what a contract says can hold at all."""

import re
from collections.abc import Iterator

from dataagents.core.errors import InputError
from dataagents.core.suggestions import did_you_mean
from dataagents.plugins.data.contracts.model import ColumnRule, DatasetContract


def check_sense(contract: DatasetContract, shown: str) -> None:
    """Raise about a contract that no data could obey, or that names what is not there.

    Raises:
        InputError: Names the column or rule.
    """
    names = tuple(contract.columns)
    wanted = [("key", name) for name in contract.key]
    if contract.freshness is not None:
        wanted.append(("freshness", contract.freshness.column))
    wanted += [(f"rule {rule.name!r}", name) for rule in contract.rules for name in rule.columns]
    for what, name in wanted:
        if name not in contract.columns:
            hint = did_you_mean(name, names).strip()
            raise InputError(f"{shown}: {what}", f"there is no column {name!r}", hint=hint)
    for name, rule in contract.columns.items():
        for problem in _problems(rule):
            raise InputError(f"{shown}: column {name!r}", problem)
    every = [*names, *(alias for rule in contract.columns.values() for alias in rule.aliases)]
    every += [f"rule {rule.name}" for rule in contract.rules]
    twice = next((name for name in every if every.count(name) > 1), None)
    if twice is not None:
        raise InputError(shown, f"the name {twice!r} stands for two things", hint="Rename one.")


def _problems(rule: ColumnRule) -> Iterator[str]:
    if rule.pattern is not None:
        try:
            re.compile(rule.pattern)
        except re.error as error:
            yield f"the pattern {rule.pattern!r} is no regular expression: {error}"
    if rule.minimum is None or rule.maximum is None:
        return
    try:
        empty = (
            float(rule.minimum) > float(rule.maximum)
            if rule.type in ("integer", "decimal", "float")
            else rule.minimum > rule.maximum
        )
    except ValueError:
        yield f"minimum {rule.minimum!r} and maximum {rule.maximum!r} have to be numbers"
        return
    if empty:
        yield f"its minimum {rule.minimum} is greater than its maximum {rule.maximum}"
