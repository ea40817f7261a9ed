"""Relating: what the user wants joined and aggregated, as a goal and its settings."""

from collections.abc import Sequence
from dataclasses import dataclass

from dataagents.core import InputError
from dataagents.core.values import Json

AUTO = "auto"
"""What `--join` says to have the columns found in the data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """What the user wants beside clean rows."""

    join: tuple[str, ...] = ()
    """One for each data set after the first, or `auto` once for all."""
    matched_only: bool = False
    by: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()

    @property
    def goal(self) -> str:
        """The goal that includes what is wanted."""
        if self.by or self.measures:
            return "aggregate"
        return "join" if self.join else "clean"


def relation_settings(related: Related, datasets: Sequence[str]) -> dict[str, Json]:
    """Return what the domain is told; what the user left out is absent.

    Raises:
        InputError: There is too little to join, or a key can't be read.
    """
    settings: dict[str, Json] = {}
    if related.join:
        settings["join"] = {
            "datasets": list(datasets),
            "on": _keys(related.join, datasets),
            "how": "inner" if related.matched_only else "left",
        }
    elif related.matched_only:
        raise InputError("--matched-only", "nothing is joined", hint="Say by what: --join auto.")
    if related.goal == "aggregate":
        settings["aggregate"] = {
            "by": list(related.by),
            "measures": list(related.measures or ("count",)),
        }
    return settings


def _keys(keys: Sequence[str], datasets: Sequence[str]) -> list[Json]:
    others = len(datasets) - 1
    if not others:
        hint = "Name the data set to join to it, too."
        raise InputError("--join", "there is one data set only", hint=hint)
    if list(keys) == [AUTO]:
        return [None] * others
    if len(keys) != others:
        named = ", ".join(datasets[1:])
        hint = f"Say one for each of {named}, in this order; or --join auto once."
        raise InputError("--join", f"it is there {len(keys)} times, for {others}", hint=hint)
    return [_pairs(key) for key in keys]


def _pairs(key: str) -> Json:
    if key == AUTO:
        return None
    pairs: dict[str, Json] = {}
    for pair in key.split(","):
        left, sign, right = (part.strip() for part in pair.partition("="))
        if not left or (sign and not right) or left in pairs:
            hint = "Write LEFT=RIGHT, or NAME where both are called the same."
            raise InputError(f"--join {key}", "this is no pair of columns", hint=hint)
        pairs[left] = right or left
    return pairs
