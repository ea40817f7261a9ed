"""Shapes of parsed documents, whose content nobody has checked yet."""

from typing import Any, cast


def as_table(value: object) -> dict[str, Any]:
    """Return a mapping as it is; empty for anything else."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """Return a list as it is; empty for anything else."""
    return [*value] if isinstance(value, list) else []
