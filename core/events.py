"""What happened: the one kind of record that the store keeps and observers see.

| kind | subject | body |
|---|---|---|
| kernel.started, kernel.stopped | kernel id | pid, host, version, plugins, agents |
| run.paused, run.continued | run id | `reason` |
| run.started, run.resumed | run id | `planning.Goal`, and `out`, the folder for results |
| run.ended | run id | `goals.RunOutcome` |
| agent.deployed | agent id | `agents.AgentCard` and the measured latency |
| agent.refused, agent.removed | agent id | reason |
| agent.health | agent id | `health.HealthReport` |
| agent.draining | agent id | reason |
| agent.restarted | agent id | reason, and how many restarts that are in this hour |
| agent.replaced | agent id | `by`, who stands in for it, and reason |
| task.started | task id | `planning.PlannedTask` |
| task.progress | task id | stage, done, total; the latter two may be null |
| task.ended | task id | `planning.TaskResult`; of a plan's task, `files` that it changed, too |
| step.started | name of the step | n, input, external, policy: see `durability.StepRecord` |
| step.ended | name of the step | the same, with status, result and the `next` step's start |
| step.decided | name of the step | n, input, verdict, result, by |
| plan.made | plan id | `planning.Plan` |
| plan.replaced | id of the new plan | `planning.Replan` |
| plan.step | plan id | `planning.ExecutionStep`: retried, stopped, aborted; others show the rest |
| hierarchy.formed | plan id | `hierarchy.Hierarchy.summary` |
| step.taken | id of the reasoning | `reasoning.Step` |
| reasoning.ended | id of the reasoning | `reasoning.Answer` without its steps |
| analysis.made | data set | `reasoning.Analysis` |
| message.sent | message id | `messaging.Message` |
| message.settled | message id | `messaging.Receipt` |
| message.tried | message id | `times`: how often kernels after the first have delivered it |
| message.resent | id of the dead letter | `message`, the one that is sent in its place |
| election.opened | motion id | `voting.Motion` |
| ballot.cast | motion id | `voting.Ballot` |
| election.closed | motion id | `voting.Election` without its ballots |
| election.recalled | motion id | `voting.Recall` |
| auction.opened | lot id | `bidding.Lot` |
| bid.made | lot id | `bidding.Bid` |
| bids.refused | lot id | `bidding.Refusals` |
| auction.closed | lot id | `bidding.Award` |
| bids.made | allocation id | `allocation.BidSheet` |
| allocation.closed | allocation id | `allocation.Allocation` without its awards |
| experience.kept | experience id | `reflection.Experience` |
| reflection.made | reflection id | `reflection.Reflection` |
| lesson.changed | lesson id | `reflection.Adaptation` |
| metric.sampled | metric name | `health.Metric` |
| alert.raised, alert.acknowledged, alert.ended | alert id | `health.Alert` |
| command.received | command id | `commands.Command` |
| command.executed, .refused, .expired, .failed | command id | `commands.CommandAnswer` |
| command.withdrawn | command id | the same |
| lineage.recorded | data set | `messaging.Lineage` |
| plugin.failed | plugin name | error |
| loop.blocked | plugin name, or `kernel` | `health.Blockage`, once it is over |
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from dataagents.core.records import quick
from dataagents.core.values import JsonObject


class EventKind(StrEnum):
    """The kinds of events that the kernel itself emits."""

    KERNEL_STARTED = "kernel.started"
    KERNEL_STOPPED = "kernel.stopped"
    RUN_STARTED = "run.started"
    RUN_RESUMED = "run.resumed"
    RUN_PAUSED = "run.paused"
    RUN_CONTINUED = "run.continued"
    RUN_ENDED = "run.ended"
    AGENT_DEPLOYED = "agent.deployed"
    AGENT_REFUSED = "agent.refused"
    AGENT_REMOVED = "agent.removed"
    AGENT_HEALTH = "agent.health"
    AGENT_DRAINING = "agent.draining"
    AGENT_RESTARTED = "agent.restarted"
    AGENT_REPLACED = "agent.replaced"
    TASK_STARTED = "task.started"
    TASK_PROGRESS = "task.progress"
    TASK_ENDED = "task.ended"
    STEP_STARTED = "step.started"
    STEP_ENDED = "step.ended"
    STEP_DECIDED = "step.decided"
    PLAN_MADE = "plan.made"
    PLAN_REPLACED = "plan.replaced"
    PLAN_STEP = "plan.step"
    HIERARCHY_FORMED = "hierarchy.formed"
    STEP_TAKEN = "step.taken"
    REASONING_ENDED = "reasoning.ended"
    ANALYSIS_MADE = "analysis.made"
    MESSAGE_SENT = "message.sent"
    MESSAGE_SETTLED = "message.settled"
    MESSAGE_TRIED = "message.tried"
    MESSAGE_RESENT = "message.resent"
    ELECTION_OPENED = "election.opened"
    BALLOT_CAST = "ballot.cast"
    ELECTION_CLOSED = "election.closed"
    ELECTION_RECALLED = "election.recalled"
    AUCTION_OPENED = "auction.opened"
    BID_MADE = "bid.made"
    BIDS_REFUSED = "bids.refused"
    AUCTION_CLOSED = "auction.closed"
    BIDS_MADE = "bids.made"
    ALLOCATION_CLOSED = "allocation.closed"
    EXPERIENCE_KEPT = "experience.kept"
    REFLECTION_MADE = "reflection.made"
    LESSON_CHANGED = "lesson.changed"
    METRIC_SAMPLED = "metric.sampled"
    ALERT_RAISED = "alert.raised"
    ALERT_ACKNOWLEDGED = "alert.acknowledged"
    ALERT_ENDED = "alert.ended"
    COMMAND_RECEIVED = "command.received"
    COMMAND_EXECUTED = "command.executed"
    COMMAND_REFUSED = "command.refused"
    COMMAND_EXPIRED = "command.expired"
    COMMAND_FAILED = "command.failed"
    COMMAND_WITHDRAWN = "command.withdrawn"
    LINEAGE_RECORDED = "lineage.recorded"
    PLUGIN_FAILED = "plugin.failed"
    LOOP_BLOCKED = "loop.blocked"


@quick
@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, in a form that can be stored and shown without knowing more."""

    id: str
    at: datetime
    kind: str
    subject: str
    """What it is about; see the table above."""
    body: JsonObject
    run: str | None = None
    task: str | None = None
    agent: str | None = None
    """Who did it; None for the kernel."""


class Observer(Protocol):
    """Gets to see events, in batches, after the fact and off the hot path.

    One that has a method `wants(kind: str) -> bool` gets the kinds that it answers True for. It
    is asked on the hot path, so it has to be quick; its answer for a kind holds for up to a second.
    """

    async def observe(self, events: Sequence[Event]) -> None:
        """Take a batch, oldest first.

        An observer that is slower than the events come loses the oldest ones; the number lost is
        shown in its health. What it raises is recorded and costs the batch, nothing else.
        """
        ...
