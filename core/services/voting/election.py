"""The election service: puts a question to the agents and adds up what they answer."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from dataagents.core.errors import InputError
from dataagents.core.events import EventKind
from dataagents.core.messaging import Message, MessageType
from dataagents.core.registry import Built
from dataagents.core.services.durability.past import Past, after_failures
from dataagents.core.services.gathering import gathered
from dataagents.core.services.messaging.hub import Hub
from dataagents.core.services.recorder import NOWHERE
from dataagents.core.services.roster import Roster
from dataagents.core.services.runtime import Runtime
from dataagents.core.services.voting.booth import Booth
from dataagents.core.services.voting.counting import count
from dataagents.core.services.voting.resuming import EarlierElection, earlier_election
from dataagents.core.suggestions import did_you_mean
from dataagents.core.tracing import TraceContext
from dataagents.core.values import JsonObject, from_json, to_json
from dataagents.core.voting import (
    MOST_WEIGHT,
    Ballot,
    Election,
    Motion,
    Proposal,
    Recall,
    Tally,
    Vote,
    VotingRule,
    accept,
)

SENDER = "election"


@dataclass(frozen=True, slots=True)
class _NoBallot:
    """Why a voter has no ballot, or has made no proposal."""

    voter: str
    reason: str


class ElectionService:
    """Holds elections; ballots travel as messages, the rule only adds up.

    Args:
        runtime: The ground that all services share.
        hub: Takes the calls to the voters.
        roster: Says who may vote.
        rule: The voting rule that is used unless a vote names another.
        find: Builds an installed rule by name.
        reputation: Gives what was learned about voters, as factors.
        past: Knows the elections of a run that goes on; none when None.
    """

    def __init__(
        self,
        runtime: Runtime,
        hub: Hub,
        roster: Roster,
        rule: Built[VotingRule],
        find: Callable[[str], Built[VotingRule]],
        reputation: Callable[[], Mapping[str, float]],
        past: Past | None = None,
    ) -> None:
        self._runtime = runtime
        self._hub = hub
        self._roster = roster
        self._rule = rule
        self._rules = {rule.name: rule}
        self._find = find
        self._reputation = reputation
        self._past = past or Past()
        self.booth = Booth(roster)
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
        rule: str | None = None,
        weights: Mapping[str, float] | None = None,
        context: TraceContext = NOWHERE,
    ) -> Election:
        """Put a question to the vote and return the result.

        In a run that goes on after a crash, an election of the same task that puts the same
        question goes on under its id, with the ballots that were cast; one that was closed is not
        held again.

        Args:
            question: What is to be decided, in one sentence.
            options: What can be chosen; when empty, the voters' own proposals are.
            voters: Who may vote, fixed now; every agent that is ready when None. A person may only
                while armed, and is left out otherwise.
            evidence: What voters judge by.
            about: What the decision is about, for example a data set.
            quorum: How many ballots must be cast, abstentions included.
            deadline: Seconds for each round; the configured consensus timeout when None.
            rule: An installed voting rule; the configured one when None.
            weights: Voter → weight, for rules that weigh voters; what was learned when None.
            context: The run and task that it belongs to.

        Raises:
            InputError: Options or voters are doubled, a voter is unknown, or a figure makes no
                sense; names the field.
            UnknownStrategyError: Nobody provides the rule.
            ConfigError: The rule's configured options are wrong.
        """
        asked = tuple(voters) if voters is not None else self._roster.ready
        present, away = self._present(asked)
        seconds = self._runtime.config.consensus_timeout if deadline is None else deadline
        motion = Motion(
            id=self._runtime.new_id(),
            question=question,
            options=tuple(options),
            voters=present,
            at=self._runtime.clock.now(),
            deadline_seconds=seconds,
            quorum=quorum,
            context=evidence or {},
            about=about,
            weights=self._learned(present) if weights is None else dict(weights),
            rule=rule or self._rule.name,
            run=context.run,
            task=context.task,
        )
        self._check(motion, asked)
        motion = self._with_rule(motion)
        known = after_failures(await self._past.of(context))
        named = replace(motion, voters=asked)
        earlier = earlier_election(known, named, anybody=voters is None) if known else None
        self._past.take(context, earlier.motion.id if earlier is not None else motion.id)
        if earlier is None:
            return await self._hold(motion, away, context)
        return await self._go_on(earlier, away, context)

    async def recall(
        self, motion: str, reason: str, *, context: TraceContext = NOWHERE
    ) -> Election:
        """Take a decision back: it stays on record, is marked, and its voters are told.

        Args:
            motion: Id of its motion.
            reason: Why it does not hold any more.
            context: The run and task that this belongs to; those of the motion when there is none.

        Raises:
            InputError: No such election is remembered, it was recalled before, or there is no
                reason.
        """
        election = self._remembered(motion)
        if election.recalled is not None:
            raise InputError(f"election {motion!r}", f"was recalled before: {election.recalled}")
        if not reason.strip():
            raise InputError("reason", "is empty; say why the decision does not hold any more")
        recall = Recall(motion, reason, self._runtime.clock.now())
        if context.run is None:
            context = TraceContext(election.motion.run, election.motion.task)
        await self._runtime.record(EventKind.ELECTION_RECALLED, motion, recall, context)
        recalled = replace(election, recalled=reason)
        if election in self.history:  # it may have been forgotten while this was recorded
            self.history[self.history.index(election)] = recalled
        self._announce(recalled, context)
        return recalled

    async def revote(
        self,
        motion: str,
        reason: str = "put to the vote again",
        *,
        context: TraceContext = NOWHERE,
    ) -> Election:
        """Vote on a question again; its earlier decision is recalled if that was not done.

        The question, its options, its rule and its voters are those of before, as far as the voters
        are still in the team; reputations and the rule's options are those of now.

        Raises:
            InputError: No such election is remembered.
        """
        before = self._remembered(motion)
        if before.recalled is None:
            await self.recall(motion, reason, context=context)
        asked = tuple(voter for voter in before.motion.voters if voter in self._roster)
        present, away = self._present(asked)
        again = replace(
            before.motion,
            id=self._runtime.new_id(),
            at=self._runtime.clock.now(),
            voters=present,
            weights=self._learned(present),
            recalls=motion,
            run=context.run,
            task=context.task,
        )
        return await self._hold(self._with_rule(again), away, context)

    def tally(self, motion: Motion, ballots: Sequence[Ballot]) -> Tally:
        """Add ballots up by the motion's rule, or the configured one, without asking anybody.

        Raises:
            InputError: A ballot does not belong to the motion; names its field.
        """
        return count(self._built(motion.rule), self._runtime.boundary, motion, ballots)

    async def _hold(
        self, motion: Motion, away: Mapping[str, str], context: TraceContext
    ) -> Election:
        # A figure out of bounds is named; the evidence is whatever it is.
        from_json(Motion, to_json(replace(motion, context={})), what="motion")
        if not motion.options:
            motion = await self._with_proposals(motion, context)
        await self._runtime.record(EventKind.ELECTION_OPENED, motion.id, motion, context)
        return await self._close(motion, await self._collect(motion, context), away, context)

    async def _go_on(
        self, earlier: EarlierElection, away: Mapping[str, str], context: TraceContext
    ) -> Election:
        """Go on with an election of an earlier kernel; its voters have the whole time again."""
        await self._hub.reopen(earlier.motion.id)
        if earlier.election is None:
            answers = await self._collect(earlier.motion, context, earlier.ballots)
            return await self._close(earlier.motion, answers, away, context)
        self.history.append(earlier.election)
        self._announce(earlier.election, context)
        return earlier.election

    async def _close(
        self,
        motion: Motion,
        answers: Sequence[Ballot | _NoBallot],
        away: Mapping[str, str],
        context: TraceContext,
    ) -> Election:
        ballots = tuple(answer for answer in answers if isinstance(answer, Ballot))
        missing = _reasons(answers) | dict(away)
        tally = self.tally(motion, ballots)
        now = self._runtime.clock.now()
        election = Election(motion, motion.rule, ballots, missing, tally, now)
        self.history.append(election)
        closed = replace(election, ballots=())
        await self._runtime.record(EventKind.ELECTION_CLOSED, motion.id, closed, context)
        self._announce(election, context)
        return election

    def _with_rule(self, motion: Motion) -> Motion:
        """Return a motion with its rule's options as they are in force."""
        rule = self._built(motion.rule)
        return replace(motion, rule=rule.name, rule_options=rule.options.model_dump(mode="json"))

    def _built(self, name: str) -> Built[VotingRule]:
        name = name or self._rule.name
        if name not in self._rules:
            self._rules[name] = self._find(name)
        return self._rules[name]

    def _present(self, asked: Sequence[str]) -> tuple[tuple[str, ...], dict[str, str]]:
        """Return who can vote now, and why the others can't: nobody waits for an empty chair."""
        away = {
            voter: "not eligible: no operator is armed"
            for voter in asked
            if not self._roster.present(voter)
        }
        return tuple(voter for voter in asked if voter not in away), away

    def _learned(self, voters: Sequence[str]) -> dict[str, float]:
        """Return the reputations that differ from 1; one that is no weight is not counted."""
        learned = self._reputation()
        weights = {voter: learned.get(voter, 1.0) for voter in voters}
        return {
            who: each for who, each in weights.items() if each != 1 and 0 <= each <= MOST_WEIGHT
        }

    def _check(self, motion: Motion, asked: Sequence[str]) -> None:
        what = f"motion {motion.question!r}"
        for name, values in (("options", motion.options), ("voters", asked)):
            if len(set(values)) != len(values):
                raise InputError(what, f"{name} occur twice")
        for voter in (*asked, *motion.weights):
            if voter not in self._roster:
                hint = did_you_mean(voter, self._roster.cards).strip()
                raise InputError(what, f"no agent {voter!r}", hint=hint)

    def _remembered(self, motion: str) -> Election:
        for election in self.history:
            if election.motion.id == motion:
                return election
        raise InputError(f"election {motion!r}", "is not among those that are remembered")

    async def _ask(
        self,
        motion: Motion,
        payload: JsonObject,
        voter: str,
        type: MessageType,
        context: TraceContext,
    ) -> JsonObject | _NoBallot:
        message = self._hub.compose(
            SENDER,
            voter,
            type,
            payload,
            context=context,
            conversation=motion.id,
            within=motion.deadline_seconds,
        )
        reply = await self._hub.request(message)
        if isinstance(reply, Message):
            return reply.payload
        return _NoBallot(voter, f"{reply.status}: {reply.reason}".rstrip(": "))

    async def _with_proposals(self, motion: Motion, context: TraceContext) -> Motion:
        payload = to_json(motion)
        answers = await gathered(
            *(self._proposal(motion, payload, voter, context) for voter in motion.voters)
        )
        proposals = tuple(answer for answer in answers if isinstance(answer, Proposal))
        without = _reasons(answers)
        options = tuple(dict.fromkeys(proposal.option for proposal in proposals))
        return replace(motion, options=options, proposals=proposals, without_proposal=without)

    async def _proposal(
        self, motion: Motion, payload: JsonObject, voter: str, context: TraceContext
    ) -> Proposal | _NoBallot:
        answer = await self._ask(motion, payload, voter, MessageType.CALL_FOR_PROPOSALS, context)
        if isinstance(answer, _NoBallot):
            return answer
        if not answer:
            return _NoBallot(voter, "proposed nothing")
        try:
            return replace(from_json(Proposal, answer), proposer=voter)
        except InputError as error:
            return _NoBallot(voter, f"refused: {error.problem}")

    async def _collect(
        self, motion: Motion, context: TraceContext, cast: Sequence[Ballot] = ()
    ) -> tuple[Ballot | _NoBallot, ...]:
        """Ask everybody who may vote for a ballot, but for those that were cast already."""
        if not motion.options:  # nothing was proposed, so there is nothing to vote on
            return tuple(_NoBallot(voter, why) for voter, why in motion.without_proposal.items())
        payload, known = to_json(motion), {ballot.voter: ballot for ballot in cast}
        left = tuple(voter for voter in motion.voters if voter not in known)
        # Who has come since it was opened had no voice; who has left since is not waited for.
        present, away = self._present(left)
        given = await gathered(
            *(self._ballot(motion, payload, voter, context) for voter in present)
        )
        found = dict(zip(present, given, strict=True))
        return tuple(
            known.get(voter) or found.get(voter) or _NoBallot(voter, away[voter])
            for voter in motion.voters
        )

    async def _ballot(
        self, motion: Motion, payload: JsonObject, voter: str, context: TraceContext
    ) -> Ballot | _NoBallot:
        call = self._ask(motion, payload, voter, MessageType.CALL_FOR_VOTES, context)
        answer = await self.booth.hear(motion, voter, call)
        if isinstance(answer, _NoBallot):
            return answer
        try:
            ballot = accept(motion, voter, from_json(Vote, answer), self._runtime.clock.now())
        except InputError as error:
            return _NoBallot(voter, f"refused: {error.problem}")
        await self._runtime.record(EventKind.BALLOT_CAST, motion.id, ballot, context.of(voter))
        return ballot

    def _announce(self, election: Election, context: TraceContext) -> None:
        result: JsonObject = {
            "motion": election.motion.id,
            "decision": election.decision,
            "reason": election.tally.reason,
            "recalled": election.recalled,
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


def _reasons(answers: Sequence[object]) -> dict[str, str]:
    return {answer.voter: answer.reason for answer in answers if isinstance(answer, _NoBallot)}
