"""Rules: which figures there are, and when an alert is called for."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal, Self, cast

from pydantic import Field, model_validator

from dataagents.core.health import Severity
from dataagents.core.settings import Seconds, Settings
from dataagents.core.suggestions import did_you_mean, nearest


class Scope(StrEnum):
    """What the subjects of a figure are."""

    KERNEL = "kernel"
    AGENT = "agent"
    MODEL = "model"
    DATA = "data"
    """Data sets; these and goals outlive a kernel, and so do alerts about them."""
    GOAL = "goal"

    @property
    def lasting(self) -> bool:
        """Whether its subjects outlive the kernel."""
        return self in (Scope.DATA, Scope.GOAL)


class Impact(StrEnum):
    """What of the business an alert is about."""

    AVAILABILITY = "availability"
    """Work does not get done."""
    DATA_QUALITY = "data_quality"
    """Work gets done on data that is worse, or makes it worse."""
    LATENCY = "latency"
    """Work takes longer."""


SEVERITIES: Mapping[Impact, Severity] = {
    Impact.AVAILABILITY: Severity.CRITICAL,
    Impact.DATA_QUALITY: Severity.CRITICAL,
    Impact.LATENCY: Severity.WARNING,
}
"""How much an alert matters, unless its rule says otherwise."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Something that is measured."""

    unit: str
    scope: Scope
    summary: str


FIGURES: Mapping[str, Figure] = {
    "agents": Figure("agents", Scope.KERNEL, "agents in the team"),
    "agents_healthy": Figure("agents", Scope.KERNEL, "those that are healthy"),
    "system_health": Figure("ratio", Scope.KERNEL, "healthy agents / agents"),
    "response_mean": Figure("s", Scope.KERNEL, "mean time of agents to answer a check"),
    "messages_per_second": Figure("1/s", Scope.KERNEL, "messages that agents handled"),
    "records_per_second": Figure("1/s", Scope.KERNEL, "rows that finished tasks took in"),
    "latency_p50": Figure("s", Scope.KERNEL, "median time from sending to handled"),
    "latency_p95": Figure("s", Scope.KERNEL, "95th percentile of it"),
    "latency_p99": Figure("s", Scope.KERNEL, "99th percentile of it"),
    "errors": Figure("errors", Scope.KERNEL, "failures of agents and plugins so far"),
    "queued": Figure("messages", Scope.KERNEL, "messages waiting for all agents"),
    "quality_mean": Figure("ratio", Scope.KERNEL, "mean data quality of finished tasks"),
    "disk_free": Figure("B", Scope.KERNEL, "free space where the store, or the workspace, is"),
    "loop_lag": Figure("s", Scope.KERNEL, "longest wait of something due on the event loop"),
    "loop_blocked": Figure("0/1", Scope.KERNEL, "whether something blocks the event loop"),
    "store_seconds": Figure("s", Scope.KERNEL, "how long the latest commit took"),
    "store_queued": Figure("events", Scope.KERNEL, "events waiting to be written"),
    "store_damaged": Figure("0/1", Scope.KERNEL, "whether the store can't be trusted"),
    "agent_failed": Figure("0/1", Scope.AGENT, "whether the agent is failed"),
    "agent_beat": Figure("1", Scope.AGENT, "a sample for each check that it answered"),
    "agent_response": Figure("s", Scope.AGENT, "how long it took to answer"),
    "agent_queue": Figure("messages", Scope.AGENT, "messages waiting for it"),
    "agent_error_rate": Figure("ratio", Scope.AGENT, "share of what it handled that failed"),
    "agent_given_up": Figure("0/1", Scope.AGENT, "whether it is restarted no more"),
    "model_failures": Figure("failures", Scope.MODEL, "questions in a row without an answer"),
    "model_seconds": Figure("s", Scope.MODEL, "how long the latest answer took"),
    "quality": Figure("ratio", Scope.DATA, "data quality that a run of the data ended with"),
    "run_failed": Figure("0/1", Scope.GOAL, "whether the latest run of the goal failed"),
}
"""Name of a figure → what it is."""


class AlertRule(Settings):
    """When an alert is called for; one alert stands for each subject that fulfils it."""

    when: Literal["threshold", "rate", "absence", "trend"] = "threshold"
    """The latest value, its change in a second, that there is none, or its change over a window."""
    figure: str
    """What is looked at, one of `FIGURES`."""
    above: Annotated[float, Field(allow_inf_nan=False)] | None = None
    """It is called for above this."""
    below: Annotated[float, Field(allow_inf_nan=False)] | None = None
    """It is called for below this."""
    within: Seconds = 300.0
    """Seconds of the window of a rate or trend; of the silence that an absence needs."""
    hold: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    """Seconds for which it has to be so before the alert is raised."""
    clear: Annotated[float, Field(allow_inf_nan=False)] | None = None
    """What the value has to get back to before it counts as over; the limit itself when None."""
    clear_after: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    """Seconds for which it has to be over before the alert ends."""
    impact: Impact = Impact.AVAILABILITY
    severity: Severity | None = None
    """As its impact says when None."""
    enabled: bool = True

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.figure not in FIGURES:
            hint = did_you_mean(self.figure, FIGURES)
            raise ValueError(f"nothing measures the figure {self.figure!r}.{hint}")
        limits = (self.above is not None) + (self.below is not None)
        if self.when == "absence":
            if limits:
                raise ValueError("an absence has no limit: leave 'above' and 'below' out")
        elif limits != 1:
            raise ValueError(f"a {self.when} needs one limit: 'above' or 'below'")
        limit = self.above if self.above is not None else self.below
        if self.clear is not None and limit is not None:
            over = self.clear > limit if self.above is not None else self.clear < limit
            if over:
                raise ValueError("'clear' lies on the wrong side of the limit: it would never end")
        return self

    @property
    def weight(self) -> Severity:
        """How much its alerts matter."""
        return self.severity or SEVERITIES[self.impact]

    @property
    def scope(self) -> Scope:
        """What its alerts are about."""
        return FIGURES[self.figure].scope


_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "agent_failed": {"figure": "agent_failed", "above": 0.5, "clear_after": 10},
    "agent_given_up": {"figure": "agent_given_up", "above": 0.5},
    "agent_silent": {"when": "absence", "figure": "agent_beat", "within": 60},
    "agent_slow": {
        "figure": "agent_response", "above": 2.0, "clear": 1.0, "hold": 20, "clear_after": 30,
        "impact": Impact.LATENCY,
    },
    "agent_errors": {
        "figure": "agent_error_rate", "above": 0.25, "clear": 0.1, "hold": 20, "clear_after": 30,
        "impact": Impact.DATA_QUALITY, "severity": Severity.WARNING,
    },
    "queue_growing": {
        "when": "trend", "figure": "agent_queue", "above": 100, "clear": 0, "within": 120,
        "clear_after": 30, "impact": Impact.LATENCY,
    },
    "team_down": {
        "figure": "system_health", "below": 0.5, "clear": 0.75, "hold": 20, "clear_after": 20,
    },
    "errors_rising": {
        "when": "rate", "figure": "errors", "above": 1.0, "clear": 0.2, "within": 60,
        "clear_after": 60, "impact": Impact.DATA_QUALITY, "severity": Severity.WARNING,
    },
    "quality_dropped": {
        "when": "trend", "figure": "quality", "below": -0.05, "clear": -0.02,
        "within": 30 * 86_400, "impact": Impact.DATA_QUALITY,
    },
    "run_failed": {"figure": "run_failed", "above": 0.5},
    "model_failing": {"figure": "model_failures", "above": 2.5, "clear": 0.5},
    "loop_blocked": {
        "figure": "loop_blocked", "above": 0.5, "clear_after": 30, "impact": Impact.LATENCY,
    },
    "store_slow": {
        "figure": "store_seconds", "above": 1.0, "clear": 0.5, "hold": 20, "clear_after": 30,
        "impact": Impact.LATENCY,
    },
    "store_damaged": {"figure": "store_damaged", "above": 0.5},
    "disk_low": {"figure": "disk_free", "below": 500e6, "clear": 1e9, "clear_after": 30},
}  # fmt: skip
"""What is watched for without being configured."""


def default_rules() -> dict[str, AlertRule]:
    """Return the rules that hold without being configured, by name."""
    return {name: AlertRule.model_validate(rule) for name, rule in _DEFAULTS.items()}


def merged_rules(given: object) -> object:
    """Lay configured rules over the default ones, key by key; what is no table stays as it is.

    Keys that make no sense beside what is given are not taken over from the default.
    """
    if not isinstance(given, Mapping):
        return given
    rules: dict[object, object] = {name: dict(rule) for name, rule in _DEFAULTS.items()}
    for name, rule in cast("Mapping[object, object]", given).items():
        default = _DEFAULTS.get(name) if isinstance(name, str) else None
        if default is None and isinstance(rule, Mapping):
            _refuse_misspelt(str(name), cast("Mapping[str, object]", rule))
        if default is None or not isinstance(rule, Mapping):
            rules[name] = rule
            continue
        changes = cast("Mapping[str, Any]", rule)
        kept = dict(default)
        if not {"when", "figure", "above", "below"}.isdisjoint(changes):
            for key in ("above", "below", "clear"):
                kept.pop(key, None)
        if changes.get("when", default.get("when")) != default.get("when"):
            kept.pop("within", None)
        rules[name] = {**kept, **changes}
    return rules


def _refuse_misspelt(name: str, rule: Mapping[str, object]) -> None:
    """Refuse a rule that changes another one, whose name it does not quite have.

    Raises:
        ValueError: It has no figure, and the name of a default rule is close.
    """
    close = nearest(name, _DEFAULTS)
    if close is not None and "figure" not in rule and rule.keys() <= AlertRule.model_fields.keys():
        raise ValueError(f"a rule {name!r} of your own needs a 'figure'. Did you mean {close!r}?")
