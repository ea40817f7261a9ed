"""The request: what the user asked for, as settings of a kernel and a goal."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from dataagents.console.commands.operator import OPERATOR, operator_config
from dataagents.console.commands.options import Detect, Format, OnDrift, OnLowQuality, Repair
from dataagents.console.commands.quantities import megabytes, share
from dataagents.console.commands.relating import Related, relation_settings
from dataagents.console.commands.settings import load_config, with_plugins
from dataagents.core import InputError, KernelConfig
from dataagents.core.suggestions import did_you_mean
from dataagents.core.values import Json

_LEVELS: tuple[str, ...] = get_args(KernelConfig.model_fields["log_level"].annotation)
MODEL_EXAMPLE = "--model openai:gpt-5-mini, or --model ollama:qwen3 on your own machine."
"""How to choose a model, in the end of a sentence."""
_REPLAY = "replay:"
_PATIENCE = 0.9
"""Share of a task's time that the operator may take for an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the user said about how, whatever is to be done."""

    store: Path
    config: Path | None = None
    seed: int | None = None
    memory: str | None = None
    model: str | None = None
    """None leaves it to the configuration; empty means rules."""
    record: Path | None = None
    json: bool = False
    quiet: bool = False
    log_level: str | None = None
    log_format: str | None = None
    disable_plugins: tuple[str, ...] = ()
    no_plugins: bool = False

    @property
    def asks(self) -> bool:
        """Whether there is a person who can be asked about drift."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest(Request):
    """What the user wants cleaned."""

    paths: tuple[str, ...]
    out: Path | None
    contract: Path | None
    on_drift: OnDrift | None
    min_score: str | None
    max_quarantine: str | None
    dry_run: bool
    format: Format | None
    on_low_quality: OnLowQuality | None = None
    detect: Detect | None = None
    repair: Repair | None = None
    related: Related = field(default_factory=Related)

    @property
    def asks(self) -> bool:
        """Whether there is a person who can be asked about drift."""
        return self.on_drift == "ask" and sys.stdin.isatty() and sys.stderr.isatty()


def goal_settings(request: RunRequest, datasets: Sequence[str] = ()) -> dict[str, Json]:
    """Return what the domain is told; what the user left out is absent.

    Args:
        request: What the user wants.
        datasets: Names of the data sets, in the order in which they were named.

    Raises:
        InputError: A share is none, or there is nothing to join.
    """
    if request.on_low_quality == "quarantine" and request.min_score is None:
        hint = "Say what is low: --min-score 0.95."
        raise InputError("--on-low-quality", "there is no least score", hint=hint)
    said: dict[str, Json] = {
        "contract": str(request.contract) if request.contract is not None else None,
        "on_drift": request.on_drift,
        "min_score": share("--min-score", request.min_score),
        "max_quarantine": share("--max-quarantine", request.max_quarantine),
        "on_low_quality": request.on_low_quality,
        "detect": request.detect,
        "repair": request.repair,
        "format": request.format,
        "operator": OPERATOR if request.asks else None,
        **relation_settings(request.related, datasets),
    }
    return {key: value for key, value in said.items() if value is not None}


def configured(request: Request) -> KernelConfig:
    """Return the configuration, with what the command line says about it.

    Raises:
        ConfigError: The configuration can't be used.
        InputError: The size of the memory is none, there is no model to record, or no plugin to
            leave out.
    """
    config = load_config(request.config)
    config = with_plugins(config, request.disable_plugins, none=request.no_plugins)
    changes: dict[str, Any] = {}
    if request.log_format is not None:
        changes["log_format"] = request.log_format
    if request.seed is not None:
        changes["seed"] = request.seed
    if request.memory is not None:
        changes["memory_limit_mb"] = megabytes("--memory", request.memory)
    if request.model is not None:
        changes["model"] = request.model.strip()
    if request.record is not None:
        model = changes.get("model", config.model)
        _check_record(request.record, model)
        calls = config.model_calls.model_copy(update={"record": request.record})
        changes["model_calls"] = calls
    if request.asks:
        changes |= _with_operator(config)
    return config.model_copy(update=changes)


def log_level(request: Request, config: KernelConfig, *, live: bool) -> str:
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


def _check_record(file: Path, model: str) -> None:
    """Raise about a recording that can't come to be, or that would take its own source away."""
    what = f"--record {file}"
    if not model:
        hint = f"Choose a model too: {MODEL_EXAMPLE}"
        raise InputError(what, "rules decide, so there is nothing to record", hint=hint)
    replayed = Path(model.removeprefix(_REPLAY)) if model.startswith(_REPLAY) else None
    if replayed is not None and replayed.resolve() == file.resolve():
        raise InputError(what, "the model answers out of this file", hint="Name another one.")


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
