"""Strategies without a kernel: what is installed, built by a file and the command line."""

import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import redirect_stdout
from typing import Any, TypeVar

from dataagents.console.commands.settings import load_config
from dataagents.core.boundary import Boundary
from dataagents.core.clock import SystemClock
from dataagents.core.config import KernelConfig, parse_settings
from dataagents.core.errors import InputError
from dataagents.core.plugin_manager import PluginManager
from dataagents.core.registry import Built, Catalog, Registry
from dataagents.core.suggestions import did_you_mean

T = TypeVar("T")


def installed(config: KernelConfig | None = None) -> Registry:
    """Return what the installed plugins provide, but for those that the configuration disables.

    Args:
        config: The configuration; that of the current folder when None.
    """
    manager = PluginManager.configured(config or load_config(None))
    with redirect_stdout(sys.stderr):  # what a plugin prints is no part of the result
        return manager.load()


def boundary() -> Boundary:
    """Return what calls plugin code here: nothing waits, and nothing is tried again."""
    return Boundary(SystemClock(), quarantine_after=1, grace=0.0)


def check_name(name: str, known: Iterable[str], concern: str, *, where: str) -> None:
    """Refuse the name of a strategy that nobody provides, saying where it was written.

    Raises:
        InputError: Nobody provides it; names the nearest one.
    """
    names = tuple(known)
    if name not in names:
        hint = did_you_mean(name, names).strip()
        raise InputError(where, f"no {concern} named {name!r} is installed", hint=hint)


def build(
    catalog: Catalog[T],
    name: str,
    given: Mapping[str, Any],
    chosen: Mapping[str, Any],
    *,
    source: str,
    key: str,
) -> Built[T]:
    """Build a strategy, with errors that say where a wrong option was written.

    Args:
        catalog: Where it is.
        name: Its name.
        given: Its options in the file.
        chosen: Its options on the command line, which take precedence.
        source: How to call the file.
        key: The field of the file that has the options.

    Raises:
        UnknownStrategyError: Nobody provides it; names the nearest one.
        ConfigError: An option is unknown or wrong; names file, path and the nearest option.
        StrategyError: It could not be built.
    """
    model = catalog.find(name).strategy.options
    parse_settings(model, given, source=source, prefix=key)
    options = {**given, **chosen}
    parse_settings(model, options, source="--option")
    return catalog.build(name, options, boundary())


def options_of(written: Sequence[str]) -> dict[str, Any]:
    """Return options that were written as `key=value`; a value is read as TOML would, else as text.

    Raises:
        InputError: One of them is none.
    """
    options: dict[str, Any] = {}
    for each in written:
        key, equals, text = each.partition("=")
        if not equals or not key.strip():
            hint = "Write it as key=value: tie_break=order."
            raise InputError(f"--option {each}", "it has no key or no value", hint=hint)
        options[key.strip()] = _typed(text.strip())
    return options


def _typed(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return text
