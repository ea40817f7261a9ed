"""Settings: where the commands find their configuration."""

import os
from pathlib import Path

from dataagents.core.config import KernelConfig
from dataagents.core.redaction import Redactor

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


def secrets_of(config: KernelConfig) -> Redactor:
    """Return what takes the secrets of a configuration, and of the environment, out of texts."""
    return Redactor.of(os.environ, config.options, *(agent.options for agent in config.agents))
