"""Configuration: from `dataagents.toml`, from `DATAAGENTS_*` variables, or from code."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, TypeVar, cast

from pydantic import BaseModel, Field, ValidationError, field_validator

from dataagents.core.cards import AgentCard
from dataagents.core.errors import ConfigError
from dataagents.core.operation import (
    AlertRule,
    HealthSettings,
    RestartSettings,
    default_rules,
    merged_rules,
)
from dataagents.core.planning import Objective
from dataagents.core.settings import Level, Seconds, Settings

ENVIRONMENT_PREFIX = "DATAAGENTS_"
Overflow: TypeAlias = Literal["wait", "refuse", "drop_oldest"]


class AgentConfig(Settings):
    """One agent of the team."""

    id: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    kind: str
    """Name of the strategy of `register_agents` that builds it."""
    role: str = ""
    """How it is shown; the kind when empty."""
    capabilities: dict[str, Level] = Field(default_factory=dict)
    cost: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    summary: str = ""
    options: dict[str, Any] = Field(default_factory=dict)
    """Options of the kind."""
    mailbox_size: Annotated[int, Field(ge=1)] | None = None
    mailbox_overflow: Overflow | None = None
    """Both as for all agents when None."""
    standby: bool = False
    """Built only when an agent has to be replaced that it can stand in for."""

    def card(self) -> AgentCard:
        """Return what others may know of this agent."""
        return AgentCard(
            id=self.id,
            role=self.role or self.kind,
            capabilities=dict(self.capabilities),
            cost=self.cost,
            summary=self.summary,
        )


class StrategyChoices(Settings):
    """Which strategy serves each concern, by name."""

    reasoner: str = "react"
    analyst: str = "history"
    detectors: tuple[str, ...] | None = None
    """Those that look for cells that are wrong; all that there are when None."""
    correctors: tuple[str, ...] | None = None
    """Those that propose what a wrong cell should say; all that there are when None."""
    cell_rule: str = "weighted-noisy-or"
    """The voting rule by which detectors decide about cells; one without `bulk()` is refused."""
    transport: str = "in-process"
    router: str = "direct"
    interceptors: tuple[str, ...] = ()
    """In the order in which a message meets them."""
    voting_rule: str = "supermajority"
    auction: str = "sealed-bid"
    allocator: str = "assignment"
    planner: str = "htn"
    domain: str = "data-pipeline"
    reflector: str = "experience"
    organizer: str = "divisional"


def _member(id: str, kind: str, options: dict[str, Any], **levels: float) -> AgentConfig:
    return AgentConfig(id=id, kind=kind, options=options, capabilities=levels)


def default_team() -> tuple[AgentConfig, ...]:
    """Return the data team that a kernel starts with when nothing else is configured."""
    return (
        _member("coordinator", "coordinator", {}, coordinate=1.0),
        _member("profiler", "profiler", {}, profile=0.9),
        _member("profiler-backup", "profiler", {}, profile=0.8),
        _member("validator-complete", "validator", {"view": "completeness"}, validate=0.9),
        _member("validator-valid", "validator", {"view": "validity"}, validate=0.95),
        _member("validator-unique", "validator", {"view": "uniqueness"}, validate=0.9),
        _member("transformer", "transformer", {}, transform=0.9, validate=0.6, profile=0.5),
        _member("router", "router", {}, route=0.9, relate=0.9),
    )


class ModelCalls(Settings):
    """How models are asked."""

    fallbacks: tuple[str, ...] = ()
    """Models to ask, in this order, when the chosen one gives no answer."""
    timeout: Seconds = 60.0
    """Seconds that one answer may take; also the longest wait that a server may ask for."""
    attempts: Annotated[int, Field(ge=1, le=20)] = 4
    """How often one model is asked the same, where asking again may help."""
    parallel: Annotated[int, Field(ge=1)] = 4
    """Questions that one model gets at the same time."""
    record: Path | None = None
    """File that all exchanges are written to, for `model = "replay:FILE"`."""


class Planning(Settings):
    """How plans are made and carried out."""

    objective: Objective = Objective.FIRST
    improving: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 1.0
    """Seconds to look for better plans, with an objective other than `first`."""
    attempts: Annotated[int, Field(ge=1, le=20)] = 3
    """How often a task is tried whose failures are declared transient, before it is replanned."""
    backoff: Seconds = 1.0
    """Seconds of the longest pause before the second attempt; twice that before the next."""


class KernelConfig(Settings):
    """Everything about a kernel that can be set."""

    max_agents: Annotated[int, Field(ge=1)] = 50
    consensus_timeout: Seconds = 30.0
    """Seconds that an election waits for ballots."""
    health_check_interval: Seconds = 10.0
    """Seconds between health checks."""
    health_check_timeout: Seconds = 5.0
    monitoring: bool = True
    """Off stops the periodic checks, not the one at deployment."""
    health: HealthSettings = Field(default_factory=HealthSettings)
    restarts: RestartSettings = Field(default_factory=RestartSettings)
    drain_timeout: Seconds = 60.0
    """Seconds that an agent gets to finish what it has; the rest is handed back."""
    alerts: dict[str, AlertRule] = Field(default_factory=default_rules)
    """Name → rule; those given are laid over the default ones, key by key."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["plain", "json"] = "plain"
    """How the commands write logs: lines for people, or one JSON object a line."""
    batch_size: Annotated[int, Field(ge=1)] = 10_000
    """Rows that leave the engine at once."""
    max_parallel_streams: Annotated[int, Field(ge=1)] = 8
    """Tasks of a plan that run at the same time."""
    max_reasoning_steps: Annotated[int, Field(ge=1)] = 8
    max_reasoning_seconds: Seconds | None = None
    max_reasoning_tokens: Annotated[int, Field(ge=1)] | None = None
    max_reasoning_cost: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """In US dollars, for one reasoning, as far as prices are known."""
    allowed_effects: tuple[Literal["read", "write", "external"], ...] = ("read", "write")
    """What tools may do to the world, whatever a task allows."""
    model: str = ""
    """The language model that thinks and decides, as `provider:name`; rules do when empty."""
    model_calls: ModelCalls = Field(default_factory=ModelCalls)
    memory_limit_mb: Annotated[int, Field(ge=64)] = 2048
    """Memory that an engine may use."""
    task_timeout: Seconds = 3600.0
    """Seconds that one task of a plan may take."""
    strategy_timeout: Seconds = 30.0
    """Seconds that one call into a strategy or a behaviour may take."""
    bid_timeout: Seconds = 10.0
    command_interval: Seconds | None = 0.5
    """Seconds between looks for operator commands beside the store; None leaves them there."""
    operators: tuple[str, ...] | None = None
    """Who may give commands; whoever can write the file of the commands when None."""
    quarantine_after: Annotated[int, Field(ge=1)] = 5
    """Failures in a row after which a strategy is not called any more."""
    grace: Seconds = 5.0
    """Seconds that tasks get to stop when the kernel closes."""
    mailbox_size: Annotated[int, Field(ge=1)] = 1_000
    """Messages that may wait for one agent in each lane."""
    mailbox_overflow: Overflow = "refuse"
    """What happens to one more: it is refused, its sender has to wait, or the oldest is dropped."""
    max_message_bytes: Annotated[int, Field(ge=1_000)] = 4_000_000
    """Size of a payload as JSON."""
    max_message_depth: Annotated[int, Field(ge=1, le=200)] = 64
    """How deep a payload may be nested."""
    max_message_rate: Annotated[int, Field(ge=1)] = 1_000
    """Messages that one agent may send in a second."""
    delivery_attempts: Annotated[int, Field(ge=1, le=100)] = 5
    """How often a message with guaranteed delivery is tried."""
    remembered_messages: Annotated[int, Field(ge=1)] = 2_000
    """Messages whose outcome is kept in memory: a duplicate is answered from there."""
    max_hops: Annotated[int, Field(ge=1)] = 32
    max_replans: Annotated[int, Field(ge=0)] = 3
    """Replans because of one task that was not completed since."""
    planning: Planning = Field(default_factory=Planning)
    resume: Literal["ask", "always", "never"] = "ask"
    """What becomes of runs that were cut off, when a kernel opens their store: a line in the log
    says that they are there, they go on, or nothing."""
    history: Annotated[int, Field(ge=1)] = 500
    """Votes, auctions, plans and replans that are remembered in memory, each."""
    seed: int | None = None
    """Seed of everything random; drawn when None."""
    keep_days: Annotated[float, Field(gt=0, le=365_000)] | None = None
    """Days that ended runs, and all that belongs to them, stay in the store; for ever when None."""
    workspace: Path | None = None
    """Folder for the working files of runs; a temporary one, removed at the end, when None."""
    strategies: StrategyChoices = Field(default_factory=StrategyChoices)
    options: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Name of a strategy → its options."""
    agents: tuple[AgentConfig, ...] = Field(default_factory=default_team)
    disabled_plugins: tuple[str, ...] = ()
    """Names of plugins that stay out, bundled ones too."""
    allowed_plugins: tuple[str, ...] | None = None
    """Names of installed plugins that may be loaded beside the bundled ones; all when None."""

    @field_validator("alerts", mode="before")
    @classmethod
    def _beside_the_defaults(cls, alerts: object) -> object:
        return merged_rules(alerts)

    @field_validator("agents")
    @classmethod
    def _ids_differ(cls, agents: tuple[AgentConfig, ...]) -> tuple[AgentConfig, ...]:
        ids = [agent.id for agent in agents]
        twice = sorted({id_ for id_ in ids if ids.count(id_) > 1})
        if twice:
            raise ValueError(f"the id {twice[0]!r} occurs twice")
        return agents

    @classmethod
    def load(
        cls, path: Path | None = None, *, environment: Mapping[str, str] | None = None
    ) -> "KernelConfig":
        """Read a configuration.

        Args:
            path: A TOML file; only the environment counts when None.
            environment: Variables; those called `DATAAGENTS_KEY` override the file. A double
                underscore leads into a table: `DATAAGENTS_STRATEGIES__PLANNER=htn`.

        Raises:
            ConfigError: The file can't be read, or a key or value is wrong; names the nearest key.
        """
        settings = _read_toml(path) if path is not None else {}
        variables = _overlay(settings, environment or {})
        source = str(path) if path is not None else "configuration"
        try:
            return cls.parse(settings, source=source)
        except ConfigError as error:
            variable = variables.get(error.key)
            if variable is None:
                raise
            raise ConfigError(
                error.key, error.problem, source=variable, known=error.known
            ) from error

    @classmethod
    def parse(cls, settings: Mapping[str, Any], *, source: str = "configuration") -> "KernelConfig":
        """Validate plain settings.

        Raises:
            ConfigError: A key or value is wrong; names the nearest key.
        """
        return parse_settings(cls, settings, source=source)


SettingsT = TypeVar("SettingsT", bound=BaseModel)


def parse_settings(
    model: type[SettingsT], settings: Mapping[str, Any], *, source: str, prefix: str = ""
) -> SettingsT:
    """Validate settings against a model and raise a `ConfigError` about the first problem."""
    try:
        return model.model_validate(dict(settings))
    except ValidationError as error:
        first = min(
            error.errors(include_url=False), key=lambda each: each["type"] != "extra_forbidden"
        )
        location = tuple(str(part) for part in first["loc"])
        key = ".".join(part for part in (prefix, *location) if part) or "value"
        if first["type"] == "extra_forbidden":
            known = _keys_at(model, location[:-1])
            raise ConfigError(key, "unknown key", source=source, known=known) from error
        problem = str(first["msg"]).removeprefix("Value error, ").rstrip(".")
        raise ConfigError(key, problem, source=source) from error


def _keys_at(model: type[BaseModel], path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys of the table at a path, looking through `agents.0`-like positions."""
    for part in path:
        field = model.model_fields.get(part)
        if field is None:
            continue
        nested = [
            candidate
            for candidate in (field.annotation, *getattr(field.annotation, "__args__", ()))
            if isinstance(candidate, type) and issubclass(candidate, BaseModel)
        ]
        if nested:
            model = nested[0]
    return tuple(model.model_fields)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError("file", error.strerror or str(error), source=str(path)) from error
    except (ValueError, RecursionError) as error:
        raise ConfigError("file", f"not valid TOML: {error}", source=str(path)) from error


def _overlay(settings: dict[str, Any], environment: Mapping[str, str]) -> dict[str, str]:
    """Lay variables over settings and return which key came from which variable."""
    origins: dict[str, str] = {}
    for name, text in environment.items():
        if not name.startswith(ENVIRONMENT_PREFIX):
            continue
        *tables, key = name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__")
        table = settings
        for part in tables:
            nested = table.setdefault(part, {})
            if not isinstance(nested, dict):
                raise ConfigError(part, "is not a table", source=name)
            table = cast("dict[str, Any]", nested)
        table[key] = _typed(text)
        origins[".".join((*tables, key))] = name
    return origins


def _typed(text: str) -> Any:
    """Read a variable the way TOML would read its value; what is no TOML value is text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return text
