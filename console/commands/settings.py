"""Settings: where the commands find their configuration."""

import os
from collections.abc import Sequence
from pathlib import Path

from dataagents.core.config import KernelConfig
from dataagents.core.errors import InputError
from dataagents.core.plugin_manager import installed_plugins
from dataagents.core.redaction import Redactor
from dataagents.core.suggestions import did_you_mean

_DEFAULT = Path("dataagents.toml")


def load_config(path: Path | None) -> KernelConfig:
    """Return what was configured: a file, overridden by the environment.

    Args:
        path: The file that the user named; `dataagents.toml`, if there is one, when None.

    Raises:
        ConfigError: The file can't be read, or a key or value is wrong.
    """
    if path is None and _DEFAULT.exists():
        path = _DEFAULT
    return KernelConfig.load(path, environment=os.environ)


def with_plugins(
    config: KernelConfig, disable: Sequence[str] = (), *, none: bool = False
) -> KernelConfig:
    """Return a configuration that keeps out what the command line keeps out.

    Args:
        config: What was configured, which stays kept out as well.
        disable: Names of plugins.
        none: Let in none but the bundled ones.

    Raises:
        InputError: No plugin has such a name: a typo would let in what somebody wanted out.
    """
    if disable:
        known = {plugin.name for plugin in installed_plugins()}
        for name in disable:
            if name not in known:
                hint = did_you_mean(name, known).strip()
                what = f"--disable-plugin {name}"
                raise InputError(what, "no plugin with this name is installed", hint=hint)
    return config.model_copy(
        update={
            "disabled_plugins": (*config.disabled_plugins, *disable),
            "allowed_plugins": () if none else config.allowed_plugins,
        }
    )


def secrets_of(config: KernelConfig) -> Redactor:
    """Return what takes the secrets of a configuration, and of the environment, out of texts."""
    return Redactor.of(os.environ, config.options, *(agent.options for agent in config.agents))
