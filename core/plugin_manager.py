"""The plugin manager: finds plugins, asks each for its strategies, and survives the broken ones."""

import inspect
import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.metadata import Distribution, EntryPoint, entry_points
from itertools import islice
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self, cast

import pluggy

from dataagents.core import hookspecs
from dataagents.core.boundary import describe
from dataagents.core.errors import DuplicateNameError, HookError, PluginError, PluginLoadError
from dataagents.core.hookspecs import PROJECT
from dataagents.core.registry import Concern, Registry, Strategy, StrategyOptions
from dataagents.core.suggestions import did_you_mean

if TYPE_CHECKING:
    from dataagents.core.config import KernelConfig

OURS = "dataagents"
"""Distribution whose plugins are loaded first, so that nobody takes a bundled name."""

_MOST_STRATEGIES = 1_000
"""Strategies that one hook of one plugin may return: a generator may have no end."""
_log = logging.getLogger(__name__)


class PluginState(StrEnum):
    """What became of a plugin."""

    INSTALLED = "installed"
    """Found, not looked into."""
    LOADED = "loaded"
    DISABLED = "disabled"
    """Named in `disabled_plugins`, and not imported."""
    NOT_ALLOWED = "not allowed"
    """Left out of `allowed_plugins`, and not imported."""
    FAILED = "failed"


@dataclass(slots=True)
class PluginRecord:
    """A plugin, where it comes from and what became of it."""

    name: str
    target: str
    """What is imported: `package.module`."""
    distribution: str = ""
    version: str = ""
    state: PluginState = PluginState.INSTALLED
    error: str = ""
    provides: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Concern → names of the strategies."""


def installed_plugins(
    disabled: Collection[str] = (), allowed: Collection[str] | None = None
) -> tuple[PluginRecord, ...]:
    """Return what is installed, from metadata alone: nothing is imported.

    Args:
        disabled: Names of plugins that would stay out.
        allowed: Names of those that would be loaded beside the bundled ones; all when None.
    """
    records = tuple(record for record, _ in _discovered())
    for record in records:
        record.state = _admission(record, disabled, allowed) or PluginState.INSTALLED
    return records


class PluginManager:
    """Finds and loads the plugins of one kernel.

    Args:
        plugins: Modules or objects with hooks, beside those that are installed.
        discover: Whether to load installed plugins too.
        disabled: Names of plugins that stay out; they are not imported.
        allowed: Names of installed plugins that may be loaded beside the bundled ones; all when
            None. No other is imported. What is handed over as `plugins` is allowed by that.
        strict: Raise about the first broken plugin rather than going on without it.
    """

    def __init__(
        self,
        *,
        plugins: Sequence[object] = (),
        discover: bool = True,
        disabled: Iterable[str] = (),
        allowed: Iterable[str] | None = None,
        strict: bool = False,
    ) -> None:
        self._plugins = tuple(plugins)
        self._discover = discover
        self._disabled = frozenset(disabled)
        self._allowed = None if allowed is None else frozenset(allowed)
        self._strict = strict
        self._pluggy = pluggy.PluginManager(PROJECT)
        self._pluggy.add_hookspecs(hookspecs)
        self._hooks = frozenset(concern.hook for concern in Concern)
        self.records: list[PluginRecord] = []
        self.registry = Registry()

    @classmethod
    def configured(
        cls,
        config: "KernelConfig",
        plugins: Sequence[object] = (),
        *,
        discover: bool = True,
        strict: bool = False,
    ) -> Self:
        """Return a manager that leaves out what a configuration leaves out."""
        return cls(
            plugins=plugins,
            discover=discover,
            disabled=config.disabled_plugins,
            allowed=config.allowed_plugins,
            strict=strict,
        )

    def load(self) -> Registry:
        """Load every plugin that isn't kept out and return what they provide.

        Raises:
            PluginError: A plugin is broken, with `strict` only.
        """
        for record, entry in _discovered() if self._discover else ():
            self._take(record, entry)
        for plugin in self._plugins:
            name = _name_of(plugin)
            self._take(PluginRecord(name, target=name), plugin)
        if self._discover:
            self._warn_about_names()
        return self.registry

    def _warn_about_names(self) -> None:
        """Say which names keep nothing out, or let nothing in: a typo must not pass in silence."""
        known = {record.name for record in self.records}
        installed = [record.name for record in self.records if record.distribution]
        for key, names in (("disabled", self._disabled), ("allowed", self._allowed or ())):
            for name in sorted(set(names).difference(known)):
                hint = did_you_mean(name, installed)
                _log.warning("%s_plugins: no plugin is called %r.%s", key, name, hint)

    def _take(self, record: PluginRecord, source: object) -> None:
        self.records.append(record)
        allowed = self._allowed if isinstance(source, EntryPoint) else None
        kept_out = _admission(record, self._disabled, allowed)
        if kept_out is not None:
            record.state = kept_out
            return
        try:
            self._check_name(record)
            plugin = _import(record.name, source) if isinstance(source, EntryPoint) else source
            self._check_hooks(record.name, plugin)
            self._register(record.name, plugin)
            offered = self._ask(record.name, plugin)
            self._check_duplicates(record.name, offered)
        except PluginError as error:
            record.state, record.error = PluginState.FAILED, error.problem
            if self._strict:
                raise
            return
        for concern, strategies in offered.items():
            for strategy in strategies:
                self.registry.catalogs[concern].add(record.name, strategy)
        record.provides = {
            concern.value: tuple(strategy.name for strategy in strategies)
            for concern, strategies in offered.items()
        }
        record.state = PluginState.LOADED

    def _check_name(self, record: PluginRecord) -> None:
        for other in self.records[:-1]:
            if other.name == record.name:
                owner = f"{other.name} ({other.distribution or other.target})"
                raise DuplicateNameError(record.name, owner, f"the plugin name {record.name!r}")

    def _check_hooks(self, name: str, plugin: object) -> None:
        """Refuse what pluggy would accept and then serve wrongly."""
        for attribute in dir(plugin):
            options = self._pluggy.parse_hookimpl_opts(plugin, attribute)
            if options is None:
                continue
            if attribute not in self._hooks:
                hint = did_you_mean(attribute, self._hooks)
                raise HookError(name, f"unknown hook {attribute!r}.{hint}".rstrip("."))
            if options["wrapper"] or options["hookwrapper"]:
                raise HookError(name, f"hook {attribute!r} is a wrapper, which is not supported")
            function = getattr(plugin, attribute)
            if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
                raise HookError(
                    name, f"hook {attribute!r} is a coroutine; hooks are plain functions"
                )

    def _register(self, name: str, plugin: object) -> None:
        try:
            self._pluggy.register(plugin, name=name)
        except (pluggy.PluginValidationError, ValueError) as error:
            if self._pluggy.has_plugin(name):
                self._pluggy.unregister(name=name)
            raise HookError(name, str(error).replace("\n", " ")) from error

    def _ask(self, name: str, plugin: object) -> dict[Concern, tuple[Strategy[Any], ...]]:
        """Call one plugin's hooks alone: in pluggy's own call one raise drops all results."""
        offered: dict[Concern, tuple[Strategy[Any], ...]] = {}
        for concern in Concern:
            caller = getattr(self._pluggy.hook, concern.hook)
            for implementation in caller.get_hookimpls():
                if implementation.plugin is plugin:
                    strategies = _strategies(name, concern, implementation.function)
                    if strategies:
                        offered[concern] = strategies
        return offered

    def _check_duplicates(
        self, name: str, offered: dict[Concern, tuple[Strategy[Any], ...]]
    ) -> None:
        for concern, strategies in offered.items():
            seen: set[str] = set()
            for strategy in strategies:
                taken = self.registry.catalogs[concern].entries.get(strategy.name)
                if taken is not None or strategy.name in seen:
                    owner = taken.plugin if taken is not None else name
                    raise DuplicateNameError(name, owner, f"{concern.noun} {strategy.name!r}")
                seen.add(strategy.name)


def _discovered() -> list[tuple[PluginRecord, EntryPoint]]:
    """Return what is installed, ours first; each distribution's metadata is parsed once."""
    origins: dict[Distribution | None, tuple[str, str]] = {None: ("", "")}
    found: list[tuple[PluginRecord, EntryPoint]] = []
    for entry in entry_points(group=PROJECT):
        if entry.dist is not None and entry.dist not in origins:
            metadata = entry.dist.metadata
            origins[entry.dist] = metadata["Name"], metadata["Version"]
        found.append((PluginRecord(entry.name, entry.value, *origins[entry.dist]), entry))

    def order(each: tuple[PluginRecord, EntryPoint]) -> tuple[bool, str, str]:
        record, _ = each
        return record.distribution != OURS, record.distribution, record.name

    return sorted(found, key=order)


def _admission(
    record: PluginRecord, disabled: Collection[str], allowed: Collection[str] | None
) -> PluginState | None:
    """Return why a plugin is kept out; None when it isn't."""
    if record.name in disabled:
        return PluginState.DISABLED
    if allowed is None or record.distribution == OURS or record.name in allowed:
        return None
    return PluginState.NOT_ALLOWED


def _name_of(plugin: object) -> str:
    if isinstance(plugin, ModuleType):
        return plugin.__name__
    named = plugin if isinstance(plugin, type) else type(plugin)
    return f"{named.__module__}.{named.__qualname__}"


def _import(name: str, entry: EntryPoint) -> object:
    try:
        return entry.load()
    except BaseException as error:
        problem = f"import of {entry.value} failed: {describe(error)}"
        raise PluginLoadError(name, problem.rstrip(".")) from error


def _strategies(name: str, concern: Concern, function: Any) -> tuple[Strategy[Any], ...]:
    try:
        returned: Iterable[Any] | None = function()
        strategies = () if returned is None else tuple(islice(returned, _MOST_STRATEGIES + 1))
    except BaseException as error:
        problem = f"{concern.hook} raised {describe(error)}"
        raise PluginLoadError(name, problem.rstrip(".")) from error
    if len(strategies) > _MOST_STRATEGIES:
        raise PluginLoadError(name, f"{concern.hook} returned more than {_MOST_STRATEGIES} values")
    for strategy in strategies:
        problem = _flaw(strategy)
        if problem:
            raise PluginLoadError(name, f"{concern.hook} returned {problem}")
    return strategies


def _flaw(strategy: object) -> str:
    """Return what is wrong with something that should be a strategy; empty when nothing is."""
    if not isinstance(strategy, Strategy):
        return f"{type(strategy).__name__}, not Strategy values"
    name = cast(object, strategy.name)
    if not isinstance(name, str) or not name:
        return f"a strategy whose name is {name!r}"
    options = cast(object, strategy.options)
    if not isinstance(options, type) or not issubclass(options, StrategyOptions):
        return f"strategy {name!r} whose options are no StrategyOptions"
    return "" if callable(strategy.build) else f"strategy {name!r} that can't be built"
