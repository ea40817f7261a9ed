"""The foundry: builds the strategies that a configuration chose."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from dataagents.core.boundary import Boundary
from dataagents.core.config import KernelConfig, StrategyChoices
from dataagents.core.detection import BulkRule
from dataagents.core.errors import ConfigError, DataAgentsError
from dataagents.core.registry import Built, Catalog, Registry
from dataagents.core.voting import VotingRule

_log = logging.getLogger(__name__)
_OURS = ("dataagents.core", "builtins", "functools")
"""Modules that belong to no plugin, though it may build its strategies with what they offer."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Foundry:
    """Builds strategies with their options, behind the boundary."""

    config: KernelConfig
    boundary: Boundary

    def build(self, catalog: Catalog[T], name: str) -> Built[T]:
        """Build one.

        Raises:
            ConfigError: An option is wrong.
            UnknownStrategyError: It is not installed.
        """
        return catalog.build(name, self.config.options.get(name, {}), self.boundary)

    def build_cell_rule(self, catalog: Catalog[VotingRule]) -> Built[VotingRule] | None:
        """Build the rule by which detectors decide; None where the usual one is not installed.

        Raises:
            ConfigError: An option is wrong, or the rule can't decide about cells.
            UnknownStrategyError: One that is not the usual one is not installed.
        """
        name, usual = self.config.strategies.cell_rule, StrategyChoices().cell_rule
        if name == usual and name not in catalog.entries:
            return None
        rule = self.build(catalog, name)
        if not isinstance(rule.value, BulkRule):
            problem = f"{name!r} can't decide about cells: it has no bulk(), as {usual!r} has"
            raise ConfigError("strategies.cell_rule", problem)
        return rule

    def build_chosen(
        self, catalog: Catalog[T], names: Iterable[str] | None
    ) -> tuple[Built[T], ...]:
        """Build those that were named, in that order; whatever can be built when None.

        Raises:
            ConfigError: An option is wrong.
            UnknownStrategyError: One that was named is not installed.
        """
        if names is None:
            return self.build_all(catalog)
        return tuple(self.build(catalog, name) for name in dict.fromkeys(names))

    def build_all(self, catalog: Catalog[T]) -> tuple[Built[T], ...]:
        """Build whatever can be built: nobody asked for one of them in particular.

        Raises:
            ConfigError: An option is wrong.
        """
        built: list[Built[T]] = []
        for name in catalog:
            try:
                built.append(self.build(catalog, name))
            except ConfigError:
                raise
            except DataAgentsError as error:
                _log.warning("%s", error)
        return tuple(built)


def check_options(options: Iterable[str], registry: Registry) -> None:
    """Refuse options of a strategy that nobody provides: they would be passed over in silence.

    Raises:
        ConfigError: There is no such strategy; names the nearest one.
    """
    known = {name for catalog in registry.catalogs.values() for name in catalog}
    for name in options:
        if name not in known:
            raise ConfigError(f"options.{name}", "no strategy has this name", known=known)


def modules_of(registry: Registry) -> dict[str, str]:
    """Return module → the plugin whose strategies are built there."""
    built = (
        (str(getattr(each.strategy.build, "__module__", "")), each.plugin)
        for catalog in registry.catalogs.values()
        for each in catalog.entries.values()
    )
    return {module: plugin for module, plugin in built if not module.startswith(_OURS)}
