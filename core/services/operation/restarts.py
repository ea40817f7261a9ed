"""Restarts: an agent that failed is built anew, later each time; then replaced, or given up."""

import asyncio
import logging
from collections import deque
from random import Random

from dataagents.core.cards import AgentState
from dataagents.core.deployment import Deployed
from dataagents.core.errors import DataAgentsError
from dataagents.core.health import HealthReport
from dataagents.core.operation.restarting import HOUR, delay_before, may_restart
from dataagents.core.services.operation.deployment import DeploymentService
from dataagents.core.services.operation.monitor import Monitor
from dataagents.core.services.roster import Roster
from dataagents.core.services.runtime import Runtime

_log = logging.getLogger(__name__)


class Supervisor:
    """Brings back the agents of one kernel that the monitor finds to have failed."""

    def __init__(
        self,
        runtime: Runtime,
        roster: Roster,
        monitor: Monitor,
        deployment: DeploymentService,
        rng: Random,
    ) -> None:
        self._runtime = runtime
        self._roster = roster
        self._monitor = monitor
        self._deployment = deployment
        self._rng = rng
        self._settings = runtime.config.restarts
        self._restarts: dict[str, deque[float]] = {}
        """When each agent was restarted in the last hour, in seconds of the monotonic clock."""
        self._given_up: set[str] = set()
        self._closed = False
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def failed(self, report: HealthReport) -> None:
        """Take care of an agent that was found to have failed, unless that is being done."""
        agent = report.agent
        if self._closed:
            return
        if agent in self._tasks or not self._deployment.can_rebuild(agent):
            return
        if not self._settings.enabled or self._is_given_up(agent):
            return
        task = asyncio.create_task(self._revive(agent, report.detail), name=f"restart of {agent}")
        self._tasks[agent] = task
        task.add_done_callback(lambda _: self._tasks.pop(agent, None))

    async def close(self) -> None:
        """Restart nothing any more."""
        self._closed = True
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _is_given_up(self, agent: str) -> bool:
        """Return whether an agent was given up and the budget of the hour is still spent."""
        if agent in self._given_up and may_restart(
            self._lately(agent), self._now(), self._settings
        ):
            self._given_up.discard(agent)
        return agent in self._given_up

    async def _revive(self, agent: str, reason: str) -> None:
        try:
            while self._is_failed(agent):
                lately, now = self._lately(agent), self._now()
                if not may_restart(lately, now, self._settings):
                    await self._give_up(agent, reason)
                    return
                pause = delay_before(lately, now, self._settings, self._rng)
                await self._runtime.clock.sleep(pause)
                if not self._is_failed(agent):
                    return  # it came to itself, or was taken out
                lately.append(self._now())
                why = f"{reason or 'it failed'}; restart {len(lately)} in this hour"
                outcome = await self._deployment.restart(agent, why)
                if isinstance(outcome, Deployed):
                    return
                reason = outcome.reason
        except DataAgentsError as error:
            _log.error("restart of %s: %s", agent, error)  # the next check begins again

    async def _give_up(self, agent: str, reason: str) -> None:
        self._given_up.add(agent)
        why = f"restarted {self._settings.hourly} times in an hour, in vain; last: {reason}"
        spare = await self._deployment.replace(agent, why)
        if spare is None:
            await self._monitor.given_up(agent, f"{why}; nobody can stand in for it")

    def _is_failed(self, agent: str) -> bool:
        return agent in self._roster and self._roster.state(agent) is AgentState.UNHEALTHY

    def _lately(self, agent: str) -> deque[float]:
        lately = self._restarts.setdefault(agent, deque())
        while lately and self._now() - lately[0] >= HOUR:
            lately.popleft()
        return lately

    def _now(self) -> float:
        return self._runtime.clock.monotonic()
