"""Contracting: gets one task done, by whoever wins it, and by the next best when that one fails."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Unpack

from dataagents.core.bidding import Attempt, Award, Contract
from dataagents.core.planning import FailureKind, PlannedTask, TaskResult, failed
from dataagents.core.services.bidding.auctioneer import Auctioneer, LotTerms
from dataagents.core.services.hierarchy.delegation import DelegationService
from dataagents.core.services.recorder import NOWHERE
from dataagents.core.tracing import TraceContext
from dataagents.core.values import Json

_NOBODY_HELPS = (FailureKind.FATAL, FailureKind.INPUT, FailureKind.UNDECIDED)
"""Failures that another agent would run into as well."""


@dataclass(frozen=True, slots=True)
class ContractingService:
    """Auctions a task, delegates it to the winner, and awards it anew as far as the award says."""

    _auctioneer: Auctioneer
    _delegation: DelegationService

    async def perform(
        self,
        task: PlannedTask,
        *,
        auction: str | None = None,
        context: TraceContext = NOWHERE,
        **terms: Unpack[LotTerms],
    ) -> Contract:
        """Get a task done; that nobody takes it, or that all fail, is an outcome too.

        In a run that goes on after a crash, awards and attempts on record count: who failed is not
        asked again, and who was in the middle of it does it again.

        Args:
            task: What is to be done.
            auction: An installed auction; the configured one when None.
            context: The run and task that it belongs to.
            terms: See `LotTerms`.
        """
        # Bidders judge the task, not its facts: those go to the winner alone.
        offered = replace(task, facts={})
        hearing = await self._auctioneer.hold(offered, auction=auction, context=context, **terms)
        results, awards = list[TaskResult](), list[Award]()
        if hearing.earlier is not None:
            results.extend(hearing.earlier.results)
            awards.extend(hearing.earlier.awards[1:])
            await self._delegation.reopen(task, context)
        attempts: list[Attempt] = []
        while (winner := hearing.award.winner) is not None:
            allowed = hearing.award.seconds_allowed
            result = _recorded(results, winner)
            if result is None:
                result = await self._delegation.delegate(task, winner, context, within=allowed)
            attempts.append(Attempt(hearing.award, result))
            hopeless = result.failure in _NOBODY_HELPS
            if result.success or hopeless or len(attempts) > hearing.award.retries:
                break
            gone = tuple(each.award.winner or "" for each in attempts)
            if awards:
                hearing = replace(hearing, award=awards.pop(0))
            else:
                hearing = await self._auctioneer.again(hearing, gone, context)
        outcome = _outcome(task, hearing.award, attempts)
        return Contract(outcome, hearing.award, tuple(attempts))


def _recorded(results: list[TaskResult], winner: str) -> TaskResult | None:
    """Take the next result that is on record for a winner: an attempt made before a restart."""
    while results:
        result = results.pop(0)
        if result.agent == winner:
            return result
    return None


def _outcome(task: PlannedTask, award: Award, attempts: Sequence[Attempt]) -> TaskResult:
    if not attempts:
        return failed(task, f"nobody took it: {award.reason}")
    last = attempts[-1].result
    if len(attempts) == 1 and (last.success or award.winner is not None):
        return last
    # What was observed counts even when the task failed: the next plan starts from it.
    effects: Mapping[str, Json] = {
        fact: value for each in attempts for fact, value in each.result.effects.items()
    }
    if last.success:
        return replace(last, effects=effects)
    tried = "; ".join(f"{each.award.winner}: {each.result.error or 'failed'}" for each in attempts)
    number = f"{len(attempts)} agents" if len(attempts) > 1 else "1 agent"
    return replace(last, effects=effects, error=f"{number} failed: {tried}")
