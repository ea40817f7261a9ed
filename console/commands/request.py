"""The request of `dataagents run`: what the user asked for, as settings of a kernel and a goal."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from dataagents.console.commands.operator import OPERATOR, operator_config
from dataagents.console.commands.options import Format, OnDrift
from dataagents.console.commands.quantities import megabytes, share
from dataagents.console.commands.settings import load_config
from dataagents.core import InputError, KernelConfig
from dataagents.core.suggestions import did_you_mean
from dataagents.core.values import Json

_LEVELS: tuple[str, ...] = get_args(KernelConfig.model_fields["log_level"].annotation)
_PATIENCE = 0.9
"""Share of a task's time that the operator may take for an answer."""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What the user asked for."""

    paths: tuple[str, ...]
    out: Path | None
    contract: Path | None
    on_drift: OnDrift | None
    min_score: str | None
    max_quarantine: str | None
    dry_run: bool
    format: Format | None
    memory: str | None
    store: Path
    config: Path | None
    seed: int | None
    json: bool
    quiet: bool
    log_level: str | None

    @property
    def asks(self) -> bool:
        """Whether there is a person who can be asked about drift."""
        return self.on_drift == "ask" and sys.stdin.isatty() and sys.stderr.isatty()


def goal_settings(request: RunRequest) -> dict[str, Json]:
    """Return what the domain is told; what the user left out is absent.

    Raises:
        InputError: A share is none.
    """
    said: dict[str, Json] = {
        "contract": str(request.contract) if request.contract is not None else None,
        "on_drift": request.on_drift,
        "min_score": share("--min-score", request.min_score),
        "max_quarantine": share("--max-quarantine", request.max_quarantine),
        "format": request.format,
        "operator": OPERATOR if request.asks else None,
    }
    return {key: value for key, value in said.items() if value is not None}


def configured(request: RunRequest) -> KernelConfig:
    """Return the configuration, with what the command line says about it.

    Raises:
        ConfigError: The configuration can't be used.
        InputError: The size of the memory is none.
    """
    config = load_config(request.config)
    changes: dict[str, Any] = {}
    if request.seed is not None:
        changes["seed"] = request.seed
    if request.memory is not None:
        changes["memory_limit_mb"] = megabytes("--memory", request.memory)
    if request.asks:
        changes |= _with_operator(config)
    return config.model_copy(update=changes)


def log_level(request: RunRequest, config: KernelConfig, *, live: bool) -> str:
    """Return what was asked for; else as much as does not bury the progress.

    Raises:
        InputError: There is no such level.
    """
    if request.log_level is not None:
        level = request.log_level.upper()
        if level not in _LEVELS:
            hint = did_you_mean(level, _LEVELS).strip()
            raise InputError(
                f"--log-level {request.log_level}", "there is no such level", hint=hint
            )
        return level
    if "log_level" in config.model_fields_set:
        return config.log_level
    return "WARNING" if live or request.quiet else "INFO"


def _with_operator(config: KernelConfig) -> dict[str, Any]:
    """Return the team with the operator in it, and the time that a person needs to answer."""
    others = tuple(agent for agent in config.agents if agent.id != OPERATOR)
    patience = config.task_timeout * _PATIENCE
    return {
        "agents": (*others, operator_config()),
        "max_agents": max(config.max_agents, len(others) + 1),
        "consensus_timeout": max(config.consensus_timeout, patience),
        "strategy_timeout": max(config.strategy_timeout, patience),
    }
