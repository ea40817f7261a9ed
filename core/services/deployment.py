"""Deployment: brings an agent into the team, or says why not."""

from collections.abc import Callable

from dataagents.core.agents import Agent
from dataagents.core.cards import SAMPLE, AgentCard, Sample
from dataagents.core.deployment import Deployed, Refusal, Refused
from dataagents.core.events import EventKind
from dataagents.core.health import Health
from dataagents.core.messaging import EVERYONE, MessageType
from dataagents.core.services.bidding.auctioneer import SENDER as AUCTIONEER
from dataagents.core.services.hierarchy.delegation import SENDER as KERNEL
from dataagents.core.services.messaging.hub import Hub
from dataagents.core.services.messaging.reception import Handler
from dataagents.core.services.monitor import SENDER as MONITOR
from dataagents.core.services.monitor import Monitor
from dataagents.core.services.recorder import NOWHERE
from dataagents.core.services.roster import Roster
from dataagents.core.services.runtime import Runtime
from dataagents.core.services.voting.election import SENDER as ELECTION
from dataagents.core.values import to_json

RESERVED = frozenset({EVERYONE, AUCTIONEER, KERNEL, ELECTION, MONITOR})
"""Names that messages of the kernel come from."""


class DeploymentService:
    """Deploys and removes agents."""

    def __init__(
        self,
        runtime: Runtime,
        hub: Hub,
        roster: Roster,
        monitor: Monitor,
        handler: Callable[[Agent], Handler],
    ) -> None:
        self._runtime = runtime
        self._hub = hub
        self._roster = roster
        self._monitor = monitor
        self._handler = handler

    async def deploy(self, agent: Agent, sample: Sample = SAMPLE) -> Deployed | Refused:
        """Register an agent, check its health on a sample, and keep it only if it is well."""
        card: object = getattr(agent, "card", None)
        if not isinstance(card, AgentCard):
            reason = "it has no card: call super().__init__(card)"
            return await self._refused(Refused("", Refusal.INVALID, reason), type(agent).__name__)
        refused = self._refusal(card)
        if refused is not None:
            return await self._refused(refused, card.role)
        self._roster.add(card)
        self._hub.register(card.id, self._handler(agent))
        try:
            report = await self._monitor.check(card.id, sample)
            if report.health is Health.HEALTHY:
                recorder, at = self._runtime.recorder, self._runtime.clock.now()
                body = {**to_json(card), "seconds": report.seconds, "processing": report.processing}
                await recorder.record(EventKind.AGENT_DEPLOYED, card.id, body)
                await self._monitor.note(report)
                if type(agent).joined is not Agent.joined:
                    await self._welcome(card)
                return Deployed(card.id, at, report)
        except BaseException:
            await self._roll_back(card.id)
            raise
        await self._roll_back(card.id)
        refused = Refused(card.id, Refusal.UNHEALTHY, report.detail)
        return await self._refused(refused, card.role)

    async def _welcome(self, card: AgentCard) -> None:
        """Let an agent begin; what goes wrong then is in its health, and it stays."""
        config = self._runtime.config
        message = self._hub.compose(
            KERNEL,
            card.id,
            MessageType.WELCOME,
            {"role": card.role},
            context=NOWHERE,
            within=config.strategy_timeout,
        )
        await self._hub.send(message)

    async def _refused(self, refused: Refused, role: str) -> Refused:
        body = {**to_json(refused), "role": role}
        await self._runtime.record(EventKind.AGENT_REFUSED, refused.agent, body)
        return refused

    async def remove(self, agent: str, reason: str = "removed") -> bool:
        """Take an agent out of the team; False when it was not there."""
        if agent not in self._roster:
            return False
        await self._roll_back(agent)
        await self._runtime.record(EventKind.AGENT_REMOVED, agent, {"reason": reason})
        return True

    async def _roll_back(self, agent: str) -> None:
        await self._hub.unregister(agent)
        self._roster.remove(agent)
        await self._monitor.forget(agent)

    def _refusal(self, card: AgentCard) -> Refused | None:
        if len(self._roster) >= self._runtime.config.max_agents:
            reason = f"the team has {len(self._roster)} agents already (max_agents)"
            return Refused(card.id, Refusal.LIMIT_REACHED, reason)
        if card.id in self._roster:
            return Refused(card.id, Refusal.DUPLICATE_ID, f"there is an agent {card.id!r} already")
        if card.id in RESERVED or not card.id:
            return Refused(card.id, Refusal.RESERVED_ID, f"the kernel itself uses {card.id!r}")
        return None
