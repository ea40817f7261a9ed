"""From the words of `dataagents plan` to a problem, and from the problem to a plan."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dataagents.console.commands.intake import data_sets
from dataagents.console.commands.settings import load_config
from dataagents.console.commands.strategies import boundary, installed
from dataagents.core.config import KernelConfig
from dataagents.core.errors import InputError
from dataagents.core.planning import Allowance, Domain, Goal, Objective, Plan, Problem
from dataagents.core.planning.asking import check_goal, root_tasks
from dataagents.core.registry import Built, Registry
from dataagents.core.services.planning.givens import given

_WRITTEN = "yaml"
"""The domain that is built from a file."""
_ENDINGS = (".yaml", ".yml")
_UNNAMED = "data"
"""What a goal without files is planned for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user asked for."""

    what: str
    more: tuple[str, ...] = ()
    objective: str | None = None
    seconds: float = 10.0
    workers: int | None = None
    seed: int | None = None
    config: Path | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A plan, and what it was made for."""

    plan: Plan
    problem: Problem


def make_plan(asked: Asked) -> Made:
    """Return a plan for what was asked, made by the configured planner.

    Raises:
        InputError: The goal is unknown, or a file can't be used.
        NoPlanError: There is no plan; names the deepest task that is blocked, and why.
        StrategyError: The planner failed.
    """
    config = load_config(asked.config)
    registry = installed(config)
    problem = _problem(asked, config, registry)
    improving = 0.0 if problem.objective is Objective.FIRST else asked.seconds
    allowance = Allowance(seconds=asked.seconds, improving=improving)
    calls, chosen = boundary(), config.strategies.planner
    planner = registry.planners.build(chosen, config.options.get(chosen, {}), calls)
    plan = asyncio.run(
        calls.call(
            planner.plugin,
            f"planner {planner.name}",
            lambda: planner.value.plan(problem, allowance),
            limit=asked.seconds * 2 + 1,
            returns=Plan,
        )
    )
    return Made(plan, problem)


def _problem(asked: Asked, config: KernelConfig, registry: Registry) -> Problem:
    if asked.what.lower().endswith(_ENDINGS):
        domain = _built(registry, _WRITTEN, {"file": asked.what})
        problem = _scenario(domain, asked) if domain.scenario else _of_file(domain, config, asked)
    else:
        chosen = config.strategies.domain
        domain = _built(registry, chosen, config.options.get(chosen, {}))
        problem = _of_goal(domain, config, asked.what, asked.more)
    objective = Objective(asked.objective) if asked.objective else problem.objective
    return replace(
        problem,
        objective=objective,
        workers=asked.workers or problem.workers or config.max_parallel_streams,
        seed=(config.seed if asked.seed is None else asked.seed) or 0,
    )


def _built(registry: Registry, name: str, options: Mapping[str, Any]) -> Domain:
    built: Built[Domain] = registry.domains.build(name, options, boundary())
    return built.value


def _scenario(domain: Domain, asked: Asked) -> Problem:
    """Return the problem that a file holds."""
    scenario = domain.scenario
    if scenario is None or not scenario.tasks:
        hint = "Add a list of them, or name a goal after the file."
        raise InputError(asked.what, "it has no `tasks` to plan for", hint=hint)
    if asked.more:
        hint = "Leave the rest of the line out, or take `tasks` out of the file."
        raise InputError(asked.what, "it has tasks of its own", hint=hint)
    goal = Goal(", ".join(dict.fromkeys(task.name for task in scenario.tasks)))
    return Problem(
        goal, domain, scenario.state, scenario.tasks, scenario.workers, scenario.objective
    )


def _of_file(domain: Domain, config: KernelConfig, asked: Asked) -> Problem:
    """Return the problem that a goal of a domain in a file is."""
    if not asked.more:
        named = ", ".join(domain.goals)
        hint = f"Name one of its goals after it: {named}." if named else ""
        raise InputError(asked.what, "it is a domain without `tasks`", hint=hint)
    return _of_goal(domain, config, asked.more[0], asked.more[1:])


def _of_goal(domain: Domain, config: KernelConfig, task: str, paths: tuple[str, ...]) -> Problem:
    """Return the problem that a run of a goal would begin with, as far as files are there."""
    inputs = data_sets(paths) if paths else {_UNNAMED: ""}
    goal = Goal(task, inputs)
    check_goal(goal, domain)
    return Problem(goal, domain, given(goal, config.memory_limit_mb), root_tasks(goal))
