"""The election service: puts a question to the agents and adds up what they answer."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dataagents.core.errors import InputError
from dataagents.core.events import EventKind
from dataagents.core.messaging import Message, MessageType
from dataagents.core.registry import Built
from dataagents.core.services.hub import Hub
from dataagents.core.services.recorder import NOWHERE
from dataagents.core.services.roster import Roster
from dataagents.core.services.runtime import Runtime
from dataagents.core.suggestions import did_you_mean
from dataagents.core.tracing import TraceContext
from dataagents.core.values import JsonObject, from_json, to_json
from dataagents.core.voting import Ballot, Election, Motion, Proposal, Tally, Vote, VotingRule

SENDER = "election"


@dataclass(frozen=True, slots=True)
class _NoBallot:
    """Why a voter has no ballot."""

    voter: str
    reason: str


class ElectionService:
    """Holds elections; ballots travel as messages, the rule only adds up."""

    def __init__(self, runtime: Runtime, hub: Hub, roster: Roster, rule: Built[VotingRule]) -> None:
        self._runtime = runtime
        self._hub = hub
        self._roster = roster
        self._rule = rule
        self.history: deque[Election] = deque(maxlen=runtime.config.history)

    async def vote(
        self,
        question: str,
        options: Sequence[str] = (),
        *,
        voters: Sequence[str] | None = None,
        evidence: JsonObject | None = None,
        about: str = "",
        quorum: int = 1,
        deadline: float | None = None,
        context: TraceContext = NOWHERE,
    ) -> Election:
        """Put a question to the vote and return the result.

        Args:
            question: What is to be decided, in one sentence.
            options: What can be chosen; when empty, the voters' own proposals are.
            voters: Who may vote, fixed now; every agent that is ready when None.
            evidence: What voters judge by.
            about: What the decision is about, for example a data set.
            quorum: How many ballots must be cast, abstentions included.
            deadline: Seconds for each round; the configured consensus timeout when None.
            context: The run and task that it belongs to.

        Raises:
            InputError: Options or voters are doubled, or a voter is unknown.
        """
        motion = Motion(
            id=self._runtime.new_id(),
            question=question,
            options=tuple(options),
            voters=tuple(voters) if voters is not None else self._roster.ready,
            at=self._runtime.clock.now(),
            deadline_seconds=deadline or self._runtime.config.consensus_timeout,
            quorum=max(1, quorum),
            context=evidence or {},
            about=about,
            run=context.run,
            task=context.task,
        )
        self._check(motion)
        if not motion.options:
            motion = await self._with_proposals(motion, context)
        await self._runtime.record(EventKind.ELECTION_OPENED, motion.id, motion, context)
        answers = await asyncio.gather(
            *(self._ballot(motion, voter, context) for voter in motion.voters)
        )
        ballots = tuple(answer for answer in answers if isinstance(answer, Ballot))
        missing = {
            answer.voter: answer.reason for answer in answers if isinstance(answer, _NoBallot)
        }
        tally = self.tally(motion, ballots)
        election = Election(
            motion, self._rule.name, ballots, missing, tally, self._runtime.clock.now()
        )
        self.history.append(election)
        closed = replace(election, ballots=())
        await self._runtime.record(EventKind.ELECTION_CLOSED, motion.id, closed, context)
        self._announce(election, context)
        return election

    def tally(self, motion: Motion, ballots: Sequence[Ballot]) -> Tally:
        """Add ballots up by the configured rule, without asking anybody."""

        def tallied() -> Tally:
            tally = self._rule.value.tally(motion, ballots)
            if tally.decision is not None and tally.decision not in motion.options:
                raise ValueError(f"decided for {tally.decision!r}, which is no option")
            return tally

        name = f"voting rule {self._rule.name}"
        return self._runtime.boundary.call_now(self._rule.plugin, name, tallied, returns=Tally)

    def _check(self, motion: Motion) -> None:
        for name, values in (("options", motion.options), ("voters", motion.voters)):
            if len(set(values)) != len(values):
                raise InputError(f"motion {motion.question!r}", f"{name} occur twice")
        for voter in motion.voters:
            if voter not in self._roster:
                hint = did_you_mean(voter, self._roster.cards).strip()
                raise InputError(f"motion {motion.question!r}", f"no agent {voter!r}", hint=hint)

    async def _ask(
        self, motion: Motion, voter: str, type: MessageType, context: TraceContext
    ) -> JsonObject | _NoBallot:
        message = self._hub.compose(
            SENDER,
            voter,
            type,
            to_json(motion),
            context=context,
            conversation=motion.id,
            within=motion.deadline_seconds,
        )
        reply = await self._hub.request(message)
        if isinstance(reply, Message):
            return reply.payload
        return _NoBallot(voter, f"{reply.status}: {reply.reason}".rstrip(": "))

    async def _with_proposals(self, motion: Motion, context: TraceContext) -> Motion:
        answers = await asyncio.gather(
            *(
                self._ask(motion, voter, MessageType.CALL_FOR_PROPOSALS, context)
                for voter in motion.voters
            )
        )
        proposals: list[Proposal] = []
        for voter, answer in zip(motion.voters, answers, strict=True):
            if isinstance(answer, _NoBallot) or not answer:
                continue
            try:
                proposals.append(replace(from_json(Proposal, answer), proposer=voter))
            except InputError:
                continue  # its message and receipt are on record; it has no proposal
        options = tuple(dict.fromkeys(proposal.option for proposal in proposals))
        return replace(motion, options=options, proposals=tuple(proposals))

    async def _ballot(
        self, motion: Motion, voter: str, context: TraceContext
    ) -> Ballot | _NoBallot:
        answer = await self._ask(motion, voter, MessageType.CALL_FOR_VOTES, context)
        if isinstance(answer, _NoBallot):
            return answer
        try:
            vote = from_json(Vote, answer)
        except InputError as error:
            return _NoBallot(voter, f"refused: {error.problem}")
        if vote.choice is not None and vote.choice not in motion.options:
            return _NoBallot(voter, f"refused: {vote.choice!r} is no option")
        ballot = Ballot(voter, vote.choice, vote.confidence, vote.reason, self._runtime.clock.now())
        place = context.of(voter)
        await self._runtime.record(EventKind.BALLOT_CAST, motion.id, ballot, place)
        return ballot

    def _announce(self, election: Election, context: TraceContext) -> None:
        result: JsonObject = {
            "motion": election.motion.id,
            "decision": election.tally.decision,
            "reason": election.tally.reason,
        }
        for voter in election.motion.voters:
            self._hub.post(
                self._hub.compose(
                    SENDER,
                    voter,
                    MessageType.CONSENSUS_RESULT,
                    result,
                    context=context,
                    conversation=election.motion.id,
                )
            )
