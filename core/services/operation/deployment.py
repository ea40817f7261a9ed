"""Deployment: brings an agent into the team, renews it, and takes it out in good order."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from dataagents.core.agents import Agent
from dataagents.core.cards import SAMPLE, AgentCard, AgentState, Sample
from dataagents.core.deployment import Deployed, Drained, Refusal, Refused
from dataagents.core.errors import DataAgentsError, InputError
from dataagents.core.events import EventKind
from dataagents.core.health import Health
from dataagents.core.messaging import EVERYONE, Message, MessageType
from dataagents.core.services.bidding.auctioneer import SENDER as AUCTIONEER
from dataagents.core.services.hierarchy.delegation import SENDER as KERNEL
from dataagents.core.services.messaging.hub import Hub
from dataagents.core.services.messaging.reception import Handler
from dataagents.core.services.operation.checks import SENDER as MONITOR
from dataagents.core.services.operation.monitor import Monitor
from dataagents.core.services.recorder import NOWHERE
from dataagents.core.services.roster import Roster
from dataagents.core.services.runtime import Runtime
from dataagents.core.services.voting.election import SENDER as ELECTION
from dataagents.core.suggestions import did_you_mean
from dataagents.core.values import to_json

RESERVED = frozenset({EVERYONE, AUCTIONEER, KERNEL, ELECTION, MONITOR})
"""Names that messages of the kernel come from."""


Rebuild: TypeAlias = Callable[[], Agent]
"""Builds an agent that is configured, anew; raises what the boundary raises."""

_ASKED = "an operator asked for it"
_LOOK = 0.1
"""Seconds between two looks whether an agent that drains has finished."""


@dataclass(frozen=True, slots=True)
class Reserve:
    """An agent that is configured to be built only when it has to stand in for another."""

    card: AgentCard
    rebuild: Rebuild


class DeploymentService:
    """Deploys, renews, drains and removes agents."""

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
        self._rebuilds: dict[str, Rebuild] = {}
        self._reserves: dict[str, Reserve] = {}
        self._draining: dict[str, datetime] = {}
        """Agent → since when it drains."""
        self._changing: set[str] = set()

    async def deploy(
        self, agent: Agent, sample: Sample = SAMPLE, *, rebuild: Rebuild | None = None
    ) -> Deployed | Refused:
        """Register an agent, check its health on a sample, and keep it only if it is well.

        Args:
            agent: The agent.
            sample: What it has to show itself on.
            rebuild: Builds it anew, when it has to be restarted; without that it can't be.
        """
        card: object = getattr(agent, "card", None)
        if not isinstance(card, AgentCard):
            reason = "it has no card: call super().__init__(card)"
            return await self._refused(Refused("", Refusal.INVALID, reason), type(agent).__name__)
        refused = self._refusal(card)
        if refused is not None:
            return await self._refused(refused, card.role)
        self._rebuilds.pop(card.id, None)
        if rebuild is not None:
            self._rebuilds[card.id] = rebuild
        self._roster.add(card)
        self._hub.register(card.id, self._handler(agent))
        try:
            report = await self._monitor.check(card.id, sample)
            if report.ready:
                recorder, at = self._runtime.recorder, self._runtime.clock.now()
                body = {**to_json(card), "seconds": report.seconds, "processing": report.processing}
                await recorder.record(EventKind.AGENT_DEPLOYED, card.id, body)
                await self._monitor.note(report)
                await self._begin(agent)
                return Deployed(card.id, at, report)
        except BaseException:
            await self._roll_back(card.id)
            raise
        await self._roll_back(card.id)
        refused = Refused(card.id, Refusal.UNHEALTHY, report.detail)
        return await self._refused(refused, card.role)

    async def _begin(self, agent: Agent) -> None:
        """Let an agent begin; what goes wrong then is in its health, and it stays."""
        card = agent.card
        if type(agent).joined is not Agent.joined:
            await self._welcome(card)
        self._hub.welcome(card.id)

    async def _welcome(self, card: AgentCard) -> None:
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
        report = self._roster.reports.get(agent)
        await self._roll_back(agent)
        event, now = self._runtime.recorder.event, self._runtime.clock.now()
        events = [event(EventKind.AGENT_REMOVED, agent, {"reason": reason})]
        if report is not None:
            stopped = replace(
                report, health=Health.STOPPED, at=now, ready=False, queue=0, detail=reason
            )
            events.insert(0, event(EventKind.AGENT_HEALTH, agent, stopped))
        await self._runtime.recorder.commit(events)
        return True

    def can_rebuild(self, agent: str) -> bool:
        """Return whether an agent can be restarted; one that was given as an object can't."""
        return agent in self._rebuilds

    def keep_in_reserve(self, card: AgentCard, rebuild: Rebuild) -> None:
        """Have an agent at hand that is built when it has to stand in for another."""
        self._reserves[card.id] = Reserve(card, rebuild)

    def refuse_new_work(self, message: Message) -> None:
        """Refuse a task that was sent to an agent after it began to drain.

        Raises:
            InputError: It drains.
        """
        since = self._draining.get(message.recipient)
        if since is not None and message.at > since:
            raise InputError(f"agent {message.recipient!r}", "it drains, and takes nothing new")

    async def restart(self, agent: str, reason: str = _ASKED) -> Deployed | Refused:
        """Build an agent anew, at once; what waits for it is handed back to its senders.

        An agent that is not well after that stays in the team as failed, and gets nothing to do.

        Raises:
            InputError: It is not known, can't be built anew, or is being changed already.
        """
        rebuild = self._rebuild_of(agent)
        with self._alone(agent):
            if agent not in self._roster:
                return await self._deploy_anew(agent, rebuild)
            self._roster.set_state(agent, AgentState.CHECKING)
            self._monitor.renew(agent)  # as long as it is known what it did
            await self._hub.unregister(agent)
            try:
                return await self._come_back(agent, rebuild, reason)
            finally:
                if self._roster.state(agent) is AgentState.CHECKING:
                    self._roster.set_state(agent, AgentState.UNHEALTHY)

    async def drain(
        self, agent: str, reason: str = _ASKED, *, within: float | None = None
    ) -> Drained:
        """Give an agent nothing new, let it finish what it has, then take it out of the team.

        Args:
            agent: Its id.
            reason: Why, for the record.
            within: Seconds that it gets; `drain_timeout` when None.

        Raises:
            InputError: It is not in the team, or is being changed already.
        """
        if agent not in self._roster:
            raise self._unknown(agent)
        with self._alone(agent):
            return await self._drain(agent, reason, within)

    async def redeploy(self, agent: str, reason: str = _ASKED) -> Deployed | Refused:
        """Let an agent finish what it has, and build it anew; one that was drained comes back.

        Raises:
            InputError: It is not known, can't be built anew, or is being changed already.
        """
        rebuild = self._rebuild_of(agent)
        with self._alone(agent):
            if agent in self._roster:
                await self._drain(agent, reason, None)
            return await self._deploy_anew(agent, rebuild)

    async def replace(self, agent: str, reason: str) -> str | None:
        """Take an agent out that is beyond help, if another can stand in for it.

        Returns:
            Who does: an agent of the team that has all its capabilities, those of the same role
            first; else one in reserve, which is deployed for that. None when nobody can, and the
            agent stays.
        """
        card = self._roster.cards.get(agent)
        if card is None:
            return None
        spare = self._spare_in_team(card) or await self._spare_in_reserve(card)
        if spare is not None:
            body = {"by": spare, "reason": reason}
            await self._runtime.record(EventKind.AGENT_REPLACED, agent, body)
            await self.remove(agent, f"replaced by {spare}: {reason}")
        return spare

    async def _come_back(self, agent: str, rebuild: Rebuild, reason: str) -> Deployed | Refused:
        try:
            built = rebuild()
        except DataAgentsError as error:
            return await self._not_restarted(agent, reason, str(error))
        self._hub.register(agent, self._handler(built))
        report = await self._monitor.check(agent)
        await self._monitor.note(report)
        if not report.ready:
            await self._hub.unregister(agent)
            return await self._not_restarted(agent, reason, report.detail)
        body = {"reason": reason, "success": True, "seconds": report.seconds}
        await self._runtime.record(EventKind.AGENT_RESTARTED, agent, body)
        await self._begin(built)
        return Deployed(agent, report.at, report)

    async def _not_restarted(self, agent: str, reason: str, problem: str) -> Refused:
        body = {"reason": reason, "success": False, "problem": problem}
        await self._runtime.record(EventKind.AGENT_RESTARTED, agent, body)
        return Refused(agent, Refusal.UNHEALTHY, problem)

    async def _deploy_anew(self, agent: str, rebuild: Rebuild) -> Deployed | Refused:
        try:
            built = rebuild()
        except DataAgentsError as error:
            return await self._refused(Refused(agent, Refusal.INVALID, str(error)), "")
        return await self.deploy(built, rebuild=rebuild)

    async def _drain(self, agent: str, reason: str, within: float | None) -> Drained:
        clock = self._runtime.clock
        self._draining[agent] = clock.now()
        self._roster.set_state(agent, AgentState.DRAINING)
        try:
            await self._runtime.record(EventKind.AGENT_DRAINING, agent, {"reason": reason})
            limit = self._runtime.config.drain_timeout if within is None else within
            until = clock.monotonic() + limit
            while self._hub.unfinished(agent) and clock.monotonic() < until:
                await clock.sleep(_LOOK)
            left = self._hub.unfinished(agent)
            await self.remove(agent, f"drained: {reason}")
            return Drained(agent, left)
        finally:
            self._draining.pop(agent, None)
            if agent in self._roster:  # whoever wanted it has gone: the next check decides
                self._roster.set_state(agent, AgentState.UNHEALTHY)

    def _spare_in_team(self, card: AgentCard) -> str | None:
        able = [
            each
            for who, each in self._roster.cards.items()
            if who in self._roster.ready and _can_stand_in(each.capabilities, card.capabilities)
        ]
        able.sort(key=lambda each: each.role != card.role)
        return able[0].id if able else None

    async def _spare_in_reserve(self, card: AgentCard) -> str | None:
        able = [
            each
            for each in self._reserves.values()
            if each.card.id not in self._roster
            and _can_stand_in(each.card.capabilities, card.capabilities)
        ]
        able.sort(key=lambda each: each.card.role != card.role)
        for reserve in able:
            outcome = await self._deploy_anew(reserve.card.id, reserve.rebuild)
            if isinstance(outcome, Deployed):
                return reserve.card.id
        return None

    def _rebuild_of(self, agent: str) -> Rebuild:
        rebuild = self._rebuilds.get(agent)
        if rebuild is not None:
            return rebuild
        if agent not in self._roster:
            raise self._unknown(agent)
        hint = "Remove it, and deploy a new one."
        problem = "it was given as an object, so it can't be built anew"
        raise InputError(f"agent {agent!r}", problem, hint=hint)

    def _unknown(self, agent: str) -> InputError:
        known = {*self._roster.cards, *self._rebuilds}
        hint = did_you_mean(agent, known).strip()
        return InputError(f"agent {agent!r}", "there is no such agent", hint=hint)

    @contextmanager
    def _alone(self, agent: str) -> Generator[None]:
        """Have one change of an agent at a time.

        Raises:
            InputError: It is being changed.
        """
        if agent in self._changing:
            raise InputError(f"agent {agent!r}", "it is being drained or restarted already")
        self._changing.add(agent)
        try:
            yield
        finally:
            self._changing.discard(agent)

    async def _roll_back(self, agent: str) -> None:
        self._monitor.renew(agent)  # as long as it is known what it did
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


def _can_stand_in(able: Mapping[str, float], needed: Mapping[str, float]) -> bool:
    """Return whether somebody has all capabilities of another; whoever has none needs nobody."""
    return bool(needed) and all(able.get(name, 0.0) > 0.0 for name in needed)
