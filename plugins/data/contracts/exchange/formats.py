"""Formats: contracts as other tools write them."""

from collections.abc import Callable, Mapping

from dataagents.plugins.data.contracts.model import DatasetContract

Loader = Callable[[Mapping[str, object], str], DatasetContract]
EXPORTS: Mapping[str, Callable[[DatasetContract, str], str]] = {}


def recognise(document: object) -> Loader | None:
    """Return how to read a parsed document of another tool; None for one of our own."""
    return None
