"""Scenes of a team at work, for stores of any size: what a kernel records, with marks for names.

Who takes part is a mark of each role: `@{coordinator}`, `@{profiler}`, `@{rival}`, `@{complete}`,
`@{valid}`, `@{unique}`, `@{transformer}` and `@{router}`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import TypeAlias

from dataagents.core.bidding import Award, Bid, CallForBids, Lot, Refusals
from dataagents.core.events import Event, EventKind
from dataagents.core.goals import RunOutcome, RunStatus
from dataagents.core.messaging import Lineage, Message, MessageType, Receipt, ReceiptStatus
from dataagents.core.planning import (
    Failure,
    FailureKind,
    Goal,
    Plan,
    PlanDiff,
    PlannedTask,
    Replan,
    TaskResult,
    Trigger,
)
from dataagents.core.reasoning import FINAL_RESULT, Analysis, Answer, Step, StopReason
from dataagents.core.values import JsonObject, to_json
from dataagents.core.voting import Ballot, Election, Motion, VotingRule
from dataagents.plugins.bidding import SealedBid
from dataagents.plugins.bidding.scoring import AuctionOptions
from dataagents.plugins.voting import register_voting_rules
from tests.support.moulds import EPOCH
from tests.support.scene_plans import DOERS, OPTIONS, QUESTIONS, planned, task_id

RULE = "supermajority"
Votes: TypeAlias = Mapping[str, tuple[str | None, float, str]]
"""Voter → choice, confidence and reason."""


@cache
def _rule() -> tuple[VotingRule, JsonObject]:
    (strategy,) = (each for each in register_voting_rules() if each.name == RULE)
    options = strategy.options()
    return strategy.build(options), options.model_dump(mode="json")


class Scene:
    """What is recorded of one run of a data set; the methods are to be called in its order."""

    def __init__(self, rng: Random, dataset: str, rows: int = 0) -> None:
        self.events: list[Event] = []
        self.dataset = dataset
        self.rows = rows or rng.randint(2_000, 2_000_000)
        self.quality = round(rng.uniform(0.86, 0.995), 4)
        self._rng = rng
        self._passed = 0
        self._ids = 0
        self._plan: Plan | None = None
        self.done: list[str] = []
        """Names of the tasks that ended."""

    @property
    def at(self) -> datetime:
        """When what comes next happens."""
        return EPOCH + timedelta(milliseconds=self._passed)

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return self._passed / 1000

    def later(self, seconds: float) -> float:
        """Let about so much time pass; returns how much it was."""
        milliseconds = max(1, round(seconds * 1000 * self._rng.uniform(0.7, 1.4)))
        self._passed += milliseconds
        return milliseconds / 1000

    def new_id(self) -> str:
        """Return the mark of an id that nothing else has."""
        self._ids += 1
        return f"@{{id{self._ids}}}"

    def record(
        self, kind: str, subject: str, value: object, *, task: str | None = None,
        agent: str | None = None, run: str | None = "@{run}",
    ) -> None:  # fmt: skip
        """Add an event; a body that is no value of the framework is taken as it is."""
        body = value if isinstance(value, dict) else to_json(value)
        self._passed += 1
        self.events.append(Event("-", self.at, kind, subject, body, run, task, agent))

    def task(self, name: str) -> PlannedTask:
        """Return a task of the plan that is in force."""
        assert self._plan is not None
        return next(task for task in self._plan.tasks if task.name == name)

    def begin(self) -> None:
        """Start the run."""
        path = f"/data/in/{self.dataset}.csv"
        inputs = {self.dataset: path}
        goal = {**to_json(Goal("clean", inputs)), "out": f"/data/out/{self.dataset}"}
        self.record(EventKind.RUN_STARTED, "@{run}", {**goal, "found": inputs, "config": {}})

    def plan(self, *names: str) -> None:
        """Ask the coordinator for a plan of these tasks, and get it."""
        goal = Goal("clean", {self.dataset: f"/data/in/{self.dataset}.csv"})
        asked = self.ask("kernel", "@{coordinator}", MessageType.PLAN_REQUEST, {"goal": "clean"})
        self._plan = planned(self.new_id(), goal, self.dataset, names)
        self.record(EventKind.PLAN_MADE, self._plan.id, self._plan, agent="@{coordinator}")
        self.answer(asked, MessageType.PLAN_RESPONSE, {"plan": self._plan.id})

    def replan(self, failed: str, instead: str, reason: str) -> None:
        """Put another task in the place of one that failed."""
        old = self._plan
        assert old is not None
        names = [instead if task.name == failed else task.name for task in old.tasks]
        self._plan = planned(self.new_id(), old.goal, self.dataset, names)
        gone, new = task_id(failed, self.dataset), task_id(instead, self.dataset)
        kept = tuple(task.id for task in old.tasks if task.id != gone)
        failure = Failure(gone, FailureKind.RECOVERABLE, reason, Trigger.FAILED)
        why = f"{failed} failed, and {instead} does without it"
        diff = PlanDiff(kept, (new,), (gone,), why=why, stability=0.75)
        self.later(0.05)
        change = Replan(self._plan, old.id, failure, diff, self.at)
        self.record(EventKind.PLAN_REPLACED, self._plan.id, change, agent="@{coordinator}")

    def ask(
        self, sender: str, recipient: str, kind: MessageType, payload: JsonObject, *,
        conversation: str = "@{run}", task: str | None = None,
    ) -> Message:  # fmt: skip
        """Send a message and return it."""
        self.later(0.02)
        message = Message(
            self.new_id(), sender, recipient, self.at, kind, payload, conversation=conversation,
            run="@{run}", task=task,
        )  # fmt: skip
        self.record(EventKind.MESSAGE_SENT, message.id, message, task=task, agent=sender)
        return message

    def answer(self, asked: Message, kind: MessageType, payload: JsonObject) -> None:
        """Answer a message, which settles it."""
        reply = Message(
            self.new_id(), asked.recipient, asked.sender, self.at, kind, payload,
            conversation=asked.conversation, reply_to=asked.id, hops=1, run="@{run}",
            task=asked.task,
        )  # fmt: skip
        place = {"task": asked.task, "agent": asked.recipient}
        self.record(EventKind.MESSAGE_SENT, reply.id, reply, **place)
        self.settle(asked)

    def settle(
        self, message: Message, status: ReceiptStatus = ReceiptStatus.DELIVERED, reason: str = ""
    ) -> None:
        """Say what became of a message."""
        took = round((self.at - message.at).total_seconds(), 6)
        receipt = Receipt(message.id, message.recipient, status, self.at, reason, took)
        place = {"task": message.task, "agent": message.recipient}
        self.record(EventKind.MESSAGE_SETTLED, message.id, receipt, **place)

    def auction(self, name: str) -> str:
        """Award a task; returns who has it."""
        task = self.task(name)
        best, other, capability = DOERS[name]
        options = AuctionOptions()
        lot = Lot(
            self.new_id(), task, self.at, bidders=(best, other, "@{complete}"), run="@{run}",
            auction="sealed-bid", budget=round(self._rng.uniform(2, 5), 2),
            terms=options.model_dump(mode="json"),
        )  # fmt: skip
        self.record(EventKind.AUCTION_OPENED, lot.id, lot, task=task.id)
        bids = [
            self._bid(lot, best, (0.86, 0.97), (0.8, 1.2)),
            self._bid(lot, other, (0.55, 0.8), (1.2, 1.9)),
        ]
        for bid in bids:
            self.record(EventKind.BID_MADE, lot.id, bid, task=task.id, agent=bid.bidder)
        lacking = {"@{complete}": f"lacks '{capability}'"}
        self.record(EventKind.BIDS_REFUSED, lot.id, Refusals(1, lacking, {}), task=task.id)
        award = SealedBid(options).advance(CallForBids(lot), bids)
        assert isinstance(award, Award)
        award = replace(award, ineligible=lacking, at=self.at, task=task.id)
        self.record(EventKind.AUCTION_CLOSED, lot.id, award, task=task.id)
        return award.winner or ""

    def _bid(
        self, lot: Lot, bidder: str, quality: tuple[float, float], cost: tuple[float, float]
    ) -> Bid:
        offer = {"lot": lot.id, "task": lot.task.id}
        call = self.ask(
            "auctioneer", bidder, MessageType.CALL_FOR_BIDS, offer, conversation=lot.id,
            task=lot.task.id,
        )  # fmt: skip
        self.later(0.05)
        bid = Bid(
            bidder, round(self._rng.uniform(*cost), 2), round(self._rng.uniform(*quality), 3),
            self.at, round(self._rng.uniform(0.2, 3), 2), f"has done {lot.task.name} before",
            round(self._rng.uniform(0.9, 1.0), 3),
        )  # fmt: skip
        self.answer(call, MessageType.BID, {"cost": bid.cost, "quality": bid.quality})
        return bid

    def work(self, name: str, thoughts: Sequence[tuple[str, str, str]], error: str = "") -> None:
        """Do a task by reasoning about it.

        Args:
            name: The task.
            thoughts: Thought, action and observation of each step.
            error: What the last of them fails by.
        """
        agent, task = self.auction(name), task_id(name, self.dataset)
        place = {"task": task, "agent": agent}
        self.record(EventKind.TASK_STARTED, task, self.task(name), **place)
        request = {"task": task, "dataset": self.dataset}
        thread = f"@{{run}}:{task}"
        asked = self.ask(
            "kernel", agent, MessageType.TASK_REQUEST, request, conversation=thread, task=task
        )
        progress = {"stage": f"reading {self.dataset}.csv", "done": None, "total": 1}
        self.record(EventKind.TASK_PROGRESS, task, progress, **place)
        reasoning, began = self.new_id(), self.seconds
        for number, (thought, action, observation) in enumerate(thoughts, start=1):
            failing = error if number == len(thoughts) else ""
            self.step(reasoning, number, (thought, action, observation), failing, **place)
        took = round(self.seconds - began, 3)
        stop = StopReason.FAILED if error else StopReason.FINAL_RESULT
        said = error or thoughts[-1][2]
        score = round(self._rng.uniform(0.7, 0.97), 3)
        answer = Answer(reasoning, stop, {"rows": self.rows}, said, score, seconds=took)
        self.record(EventKind.REASONING_ENDED, reasoning, answer, **place)
        self.end(name, agent, error=error, said=said, reasoning=reasoning, took=took)
        self.answer(asked, MessageType.TASK_RESULT, {"success": not error})

    def step(
        self, reasoning: str, number: int, said: tuple[str, str, str], error: str,
        **place: str | None,
    ) -> None:  # fmt: skip
        """Think, act and observe."""
        thought, action, observation = said
        begun = self.at
        took = self.later(0.05 if action == FINAL_RESULT else 2.5)
        step = Step(
            number, thought, action, {"dataset": self.dataset}, error or observation,
            0.2 if error else round(self._rng.uniform(0.7, 0.97), 3), begun, took,
            None if error else self.quality, error or None, "rules",
            tokens=0 if action == FINAL_RESULT else self._rng.randint(200, 900),
        )  # fmt: skip
        self.record(EventKind.STEP_TAKEN, reasoning, step, **place)

    def end(
        self, name: str, agent: str, *, error: str = "", said: str = "",
        reasoning: str | None = None, election: str | None = None, took: float = 0.0,
    ) -> None:  # fmt: skip
        """End a task."""
        task = task_id(name, self.dataset)
        failure = FailureKind.RECOVERABLE if error else None
        result = TaskResult(
            task, success=not error, effects={} if error else {f"{name}:{self.dataset}": True},
            summary="" if error else said, error=error or None, failure=failure,
            quality=None if error else self.quality, score=0.8, agent=agent, reasoning=reasoning,
            election=election, seconds=took,
        )  # fmt: skip
        self.record(EventKind.TASK_ENDED, task, result, task=task, agent=agent)
        self.done.append(name)

    def vote(self, name: str, votes: Votes) -> str:
        """Decide a task by vote; returns the mark of the motion's id."""
        agent, task = self.auction(name), task_id(name, self.dataset)
        place = {"task": task, "agent": agent}
        self.record(EventKind.TASK_STARTED, task, self.task(name), **place)
        rule, options = _rule()
        motion = Motion(
            self.new_id(), QUESTIONS[name], OPTIONS[name], tuple(votes), self.at, quorum=2,
            context={"decision": name, "dataset": self.dataset}, about=self.dataset, rule=RULE,
            rule_options=options, run="@{run}", task=task,
        )  # fmt: skip
        self.record(EventKind.ELECTION_OPENED, motion.id, motion, **place)
        ballots = [self._ballot(motion, voter, *said) for voter, said in votes.items()]
        election = Election(motion, RULE, (), {}, rule.tally(motion, ballots), self.at)
        self.record(EventKind.ELECTION_CLOSED, motion.id, election, **place)
        self.end(name, agent, said=election.tally.reason, election=motion.id, took=0.05)
        return motion.id

    def _ballot(
        self, motion: Motion, voter: str, choice: str | None, sure: float, reason: str
    ) -> Ballot:
        call = self.ask(
            "election", voter, MessageType.CALL_FOR_VOTES, {"motion": motion.id},
            conversation=motion.id, task=motion.task,
        )  # fmt: skip
        self.later(0.2)
        said: JsonObject = {"choice": choice, "confidence": sure, "reason": reason}
        self.answer(call, MessageType.VALIDATION_VOTE, said)
        ballot = Ballot(voter, choice, sure, reason, self.at)
        place = {"task": motion.task, "agent": voter}
        self.record(EventKind.BALLOT_CAST, motion.id, ballot, **place)
        return ballot

    def made(self, of: str, operation: str, agent: str) -> None:
        """Record a data set that came of another one, and what was found out about it."""
        task = task_id(operation, self.dataset)
        place = {"task": task, "agent": agent}
        name = f"{self.dataset}:{'clean' if operation.startswith('transform') else 'staged'}"
        columns = {"id": ("id",), "amount": ("amount",)}
        lineage = Lineage(name, (of,), operation, self.at, "@{run}", task, agent, columns)
        self.record(EventKind.LINEAGE_RECORDED, name, lineage, **place)
        analysis = Analysis(self.dataset, "quality", self.quality, {"rows": self.rows})
        self.record(EventKind.ANALYSIS_MADE, self.dataset, analysis, **place)

    def finish(self, status: RunStatus = RunStatus.DONE, reason: str = "") -> None:
        """End the run."""
        summary = {"rows": self.rows, "quality": self.quality}
        outcome = RunOutcome("@{run}", status, self.seconds, summary, reason)
        self.record(EventKind.RUN_ENDED, "@{run}", outcome)
