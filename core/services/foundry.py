"""The foundry: builds the strategies that a configuration chose."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from dataagents.core.boundary import Boundary
from dataagents.core.config import KernelConfig
from dataagents.core.errors import ConfigError, DataAgentsError
from dataagents.core.registry import Built, Catalog, Registry

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

    def build_if_there(self, catalog: Catalog[T], name: str) -> Built[T] | None:
        """Build one that is not missed where nobody provides it.

        Raises:
            ConfigError: An option is wrong.
        """
        return self.build(catalog, name) if name in catalog.entries else None

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
