"""What a kernel records outside of runs: its agents, their health, figures, alerts, commands."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Final

from dataagents.core.cards import AgentCard
from dataagents.core.commands import Command, CommandAnswer, CommandKind, CommandState
from dataagents.core.events import Event, EventKind
from dataagents.core.health import (
    Acknowledgement,
    Alert,
    Blockage,
    Health,
    HealthReport,
    Metric,
    Severity,
)
from dataagents.core.operation.rules import FIGURES, Scope
from dataagents.core.values import to_json
from dataagents.core.version import __version__
from tests.support.scenes import Scene

ROLES: Final = {
    "coordinator": ("coordinate", ("coordinator",)),
    "profiler": ("profile", ("profiler", "rival")),
    "validator": ("validate", ("complete", "valid", "unique")),
    "transformer": ("transform", ("transformer",)),
    "router": ("route", ("router",)),
}
"""Role → what its agents can do, and the marks of scenes that they stand for."""
HEALTHS: Final = (Health.HEALTHY, Health.DEGRADED, Health.LATE, Health.FAILED)
DETAILS: Final = {
    Health.HEALTHY: "",
    Health.DEGRADED: "31 messages wait for it, 25 are usual",
    Health.LATE: "no answer within 5 s",
    Health.FAILED: "no answer to 3 checks in a row",
}
LEVELS: Final = 24
"""Different values that a figure takes."""
KERNEL_FIGURES: Final = tuple(
    name for name, figure in FIGURES.items() if figure.scope is Scope.KERNEL
)
_FULL: Final = {"disk_free": 77e9, "agents": 1000, "agents_healthy": 1000, "quality_mean": 1.0,
                "system_health": 1.0, "messages_per_second": 420.0, "loop_blocked": 0.0,
                "store_damaged": 0.0, "errors": 90.0, "queued": 300.0}  # fmt: skip
"""What a figure is at most; a second where nothing is said."""


def team(agents: int) -> dict[str, list[str]]:
    """Return so many names of agents by role; every role has one for each of its marks."""
    fewest = sum(len(marks) for _, marks in ROLES.values())
    if agents < fewest:
        raise ValueError(f"a team has at least {fewest} agents")
    names: dict[str, list[str]] = {role: [] for role in ROLES}
    order = [role for role, (_, marks) in ROLES.items() for _ in marks]
    for number in range(agents):
        role = order[number % len(order)]
        names[role].append(f"{role}-{len(names[role]) + 1:04}")
    return names


def started(agents: Sequence[str], pid: int) -> list[Event]:
    """Return what is recorded when a kernel starts."""
    body = {"pid": pid, "host": "pipeline-1", "version": __version__, "plugins": ["team"],
            "agents": list(agents)}  # fmt: skip
    return _alone(EventKind.KERNEL_STARTED, f"kernel-{pid}", body)


def stopped(pid: int) -> list[Event]:
    """Return what is recorded when a kernel stops in order."""
    return _alone(EventKind.KERNEL_STOPPED, f"kernel-{pid}", {})


def deployed(role: str, rng: Random) -> list[Event]:
    """Return the deployment of `@{agent}`."""
    able = {ROLES[role][0]: round(rng.uniform(0.7, 1.0), 2)}
    card = AgentCard("@{agent}", role, able, round(rng.uniform(0.8, 1.6), 2), f"a {role}")
    seconds = round(rng.uniform(0.001, 0.04), 6)
    body = {**to_json(card), "seconds": seconds, "processing": True}
    return _alone(EventKind.AGENT_DEPLOYED, "@{agent}", body)


def checked(health: Health, rng: Random) -> list[Event]:
    """Return a health check of `@{agent}`."""
    scene = _scene()
    alive = health not in (Health.LATE, Health.FAILED)
    seconds = round(rng.expovariate(30) if alive else 5.0, 6)
    report = HealthReport(
        "@{agent}", health, seconds, scene.at + timedelta(milliseconds=1), alive, DETAILS[health],
        rng.choice((0, 0, 0, 1, 2, 5, 31 if health is Health.DEGRADED else 3)),
        {Health.LATE: 1, Health.FAILED: 4}.get(health, 0), alive, health is Health.HEALTHY,
        scene.at if alive else None, round(rng.uniform(0, 0.02), 4),
    )  # fmt: skip
    scene.record(EventKind.AGENT_HEALTH, "@{agent}", report, run=None)
    return scene.events


def sampled(name: str, level: int) -> list[Event]:
    """Return a sample of a figure of the kernel, at one of `LEVELS` heights."""
    scene = _scene()
    value = _FULL.get(name, 1.0) * level / (LEVELS - 1)
    metric = Metric(name, value, FIGURES[name].unit, scene.at + timedelta(milliseconds=1))
    scene.record(EventKind.METRIC_SAMPLED, name, metric, run=None)
    return scene.events


def alerted(rng: Random, *, noticed: bool, over: bool) -> list[Event]:
    """Return an alert about `@{agent}`.

    Args:
        rng: Where its figures come from.
        noticed: Whether somebody acknowledges it.
        over: Whether it ends.
    """
    scene = _scene()
    severity = rng.choice(tuple(Severity))
    rule = "agent_failed" if severity is Severity.CRITICAL else "agent_slow"
    alert = Alert(
        "@{run}", rule, "@{agent}", severity, DETAILS[rng.choice(HEALTHS[1:])], scene.at,
        "availability", value=1.0, latest=scene.at,
    )  # fmt: skip
    scene.record(EventKind.ALERT_RAISED, alert.id, alert, run=None)
    scene.later(20)
    if noticed:
        said = Acknowledgement("anna", "its host is being restarted", scene.at)
        alert = replace(alert, acknowledged=said)
        scene.record(EventKind.ALERT_ACKNOWLEDGED, alert.id, alert, run=None)
    if over:
        scene.later(30)
        ended = replace(alert, ended=scene.at, count=9)
        scene.record(EventKind.ALERT_ENDED, alert.id, ended, run=None)
    return scene.events


def commanded(kind: CommandKind, state: CommandState, message: str) -> list[Event]:
    """Return a command about `@{agent}`, and what became of it."""
    scene = _scene()
    target, reason = "agent:@{agent}", "its host is taken out of service"
    command = Command(
        "@{run}", kind, target, "anna", scene.at, scene.at + timedelta(minutes=1), reason,
        epoch=1, origin="anna@pipeline-1",
    )  # fmt: skip
    scene.later(0.1)
    scene.record(EventKind.COMMAND_RECEIVED, command.id, command, run=None)
    scene.later(0.2)
    answer = CommandAnswer(command.id, kind, target, "anna", reason, state, message, scene.at, 1)
    ended = EventKind.COMMAND_EXECUTED
    if state is CommandState.REFUSED:
        ended = EventKind.COMMAND_REFUSED
    scene.record(ended, command.id, answer, run=None)
    return scene.events


def restarted() -> list[Event]:
    """Return how `@{agent}` is restarted after it failed."""
    body = {"reason": "no answer to 3 checks in a row", "success": True, "seconds": 0.02}
    return _alone(EventKind.AGENT_RESTARTED, "@{agent}", body)


def troubled() -> list[Event]:
    """Return what goes wrong with plugins."""
    scene = _scene()
    error = "ConnectionError: the registry of contracts does not answer"
    body = {"target": "contracts.plugin", "error": error}
    scene.record(EventKind.PLUGIN_FAILED, "contracts", body, run=None)
    scene.later(2)
    blockage = Blockage("reporting", "write", 1.8, ("report.py:88 in write",))
    scene.record(EventKind.LOOP_BLOCKED, "reporting", blockage, run=None)
    return scene.events


def odds(rng: Random) -> Iterator[list[Event]]:
    """Yield what happens now and then."""
    yield alerted(rng, noticed=True, over=True)
    yield alerted(rng, noticed=False, over=True)
    yield commanded(CommandKind.DRAIN, CommandState.EXECUTED, "it is drained and has left")
    yield commanded(CommandKind.REDEPLOY, CommandState.REFUSED, "it is busy with 3 tasks")
    yield restarted()
    yield troubled()


def _scene() -> Scene:
    return Scene(Random(0), "")


def _alone(kind: str, subject: str, body: dict[str, object]) -> list[Event]:
    scene = _scene()
    scene.record(kind, subject, body, run=None)
    return scene.events
