"""The story of a run, event by event, as a kernel would write it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from dataagents.core.bidding import Award, AwardOutcome, Bid, Lot
from dataagents.core.cards import AgentCard
from dataagents.core.commands import Command, CommandAnswer, CommandState
from dataagents.core.events import Event, EventKind
from dataagents.core.goals import RunOutcome, RunStatus
from dataagents.core.health import Alert, Health, HealthReport, Metric, Severity
from dataagents.core.messaging import Lineage, Message, Receipt, ReceiptStatus
from dataagents.core.planning import (
    Decomposition,
    Failure,
    FailureKind,
    Goal,
    Phase,
    Plan,
    PlanDiff,
    PlannedTask,
    Replan,
    Risk,
    Schedule,
    Slot,
    TaskResult,
)
from dataagents.core.reasoning import FINAL_RESULT, Answer, Step, StopReason
from dataagents.core.reflection import (
    Adaptation,
    Expectation,
    Experience,
    Lesson,
    LessonKind,
    Pattern,
    Reflection,
    Trend,
)
from dataagents.core.values import to_json
from dataagents.core.voting import Ballot, Election, Motion, Tally, Verdict

START = datetime(2026, 3, 2, 14, 0, 0, tzinfo=UTC)
TEAM = ("coordinator", "profiler", "validator-valid", "validator-unique", "transformer")
GOAL = Goal("clean", {"prices": "/data/in/prices.csv"})
LOAD = PlannedTask("load(prices)", "load", {"dataset": "prices"})
PARSE = PlannedTask("parse_csv(prices)", "parse_csv", depends_on=("load(prices)",))
SHEET = PlannedTask("parse_sheet(prices)", "parse_sheet", depends_on=("load(prices)",))
DECIDE = PlannedTask("release(prices)", "release", question="Release prices?")
LESSON = Lesson(
    "foresight:parse_csv@prices", LessonKind.FORESIGHT, "parse_csv@prices", 1.0, 0.0, 1.0,
    "failed in 1 of 1 runs", 1, START, Expectation("replans", 1.0, 0.5, 3),
    facts={"trigger": "failed task"},
)  # fmt: skip


class Story:
    """Makes events, each a tenth of a second after the one before."""

    def __init__(self, run: str | None = "run-1", start: datetime = START) -> None:
        self.run = run
        self.now = start
        self.made = 0
        self.prefix = f"{run}-{start:%H%M%S}"

    def event(self, kind, subject, value, *, task=None, agent=None, run="own") -> Event:
        self.now += timedelta(seconds=0.1)
        self.made += 1
        return Event(
            id=f"{self.prefix}-{self.made:06}",
            at=self.now,
            kind=kind,
            subject=subject,
            body=to_json(value),
            run=self.run if run == "own" else run,
            task=task,
            agent=agent,
        )

    def kernel(self, pid: int = 4121) -> list[Event]:
        body = {"pid": pid, "host": "here", "version": "0.1.0", "plugins": [], "agents": list(TEAM)}
        events = [self.event(EventKind.KERNEL_STARTED, "kernel-1", body, run=None)]
        for agent in TEAM:
            card = AgentCard(agent, agent.partition("-")[0], {"work": 0.9}, summary=f"the {agent}")
            deployed = {**to_json(card), "seconds": 0.012}
            events.append(self.event(EventKind.AGENT_DEPLOYED, agent, deployed, run=None))
        return events

    def health(self, agent: str, health: Health = Health.HEALTHY, detail: str = "") -> Event:
        self.now += timedelta(seconds=9.9)
        report = HealthReport(
            agent, health, 0.031, self.now + timedelta(seconds=0.1), True, detail, queue=2
        )
        return self.event(EventKind.AGENT_HEALTH, agent, report, run=None)

    def alert(self) -> Event:
        alert = Alert("a1", "agent_unhealthy", "profiler", Severity.CRITICAL, "no answer", self.now)
        return self.event(EventKind.ALERT_RAISED, "a1", alert, run=None)

    def started(self) -> Event:
        return self.event(EventKind.RUN_STARTED, self.run or "", GOAL)

    def plan(self) -> Event:
        plan = Plan(
            "plan-1", GOAL, (LOAD, PARSE, DECIDE),
            (Decomposition("clean(prices)", "by_parsing", (LOAD.id, PARSE.id, DECIDE.id),
                           {"by_copy": "prices is not clean"}, "first that fits", "clean(prices)"),
             Decomposition("parse(prices)", "as_csv", (PARSE.id,),
                           id="parse(prices)", parent="clean(prices)")),
            (Risk(PARSE.id, 0.2, "rows could be lost", "keep rejects", "parse as a sheet", 0.1),),
            confidence=0.81, seconds=12.0, total_seconds=15.0,
            schedule=Schedule((Slot(LOAD.id, 0.0, 4.0), Slot(PARSE.id, 4.0, 12.0)),
                              (LOAD.id, PARSE.id), 12.0),
            phases=(Phase("root task", "clean prices", 0.001),
                    Phase("decomposition", "2 methods, 3 tasks", 0.002)),
        )  # fmt: skip
        return self.event(EventKind.PLAN_MADE, "plan-1", plan)

    def auction(self, task: PlannedTask, winner: str = "transformer") -> Iterator[Event]:
        lot = Lot(f"lot-{self.run}-{task.id}", task, self.now, run=self.run)
        place = {"task": task.id}
        yield self.event(EventKind.AUCTION_OPENED, lot.id, lot, **place)
        bids = (
            Bid(winner, 1.0, 0.9, self.now, 2.0, "I have the tools"),
            Bid("validator-valid", 1.5, 0.6, self.now, 4.0, "I could", 0.8),
        )
        for bid in bids:
            yield self.event(EventKind.BID_MADE, lot.id, bid, agent=bid.bidder, **place)
        award = Award(
            lot.id, AwardOutcome.AWARDED, f"{winner} has the best score", winner, 1.5, 2.0, 0.9,
            "validator-valid", bids, {"profiler": "lacks 'transform'"}, self.now,
        )  # fmt: skip
        yield self.event(EventKind.AUCTION_CLOSED, lot.id, award, **place)

    def step(self, task: str, number: int, action: str, error: str | None = None, **more) -> Event:
        step = Step(
            number, f"prices has 120 rows, so {action} comes next", action, {"dataset": "prices"},
            "failed" if error else "120 rows, 3 columns\nnulls: price 4", 0.25 if error else 0.91,
            self.now, 0.61, None if error else 0.97, error,
        )  # fmt: skip
        step = replace(step, **more)
        return self.event(
            EventKind.STEP_TAKEN,
            f"reasoning-{self.run}-{task}",
            step,
            task=task,
            agent="transformer",
        )

    def work(self, task: PlannedTask, error: str | None = None) -> Iterator[Event]:
        place = {"task": task.id, "agent": "transformer"}
        yield self.event(EventKind.TASK_STARTED, task.id, task, **place)
        yield self.step(task.id, 1, "profile")
        yield self.step(task.id, 2, "parse_csv" if error else FINAL_RESULT, error)
        stop = StopReason.MAX_STEPS if error else StopReason.FINAL_RESULT
        answer = Answer(
            f"reasoning-{self.run}-{task.id}", stop, {}, error or "120 rows are in", 0.6, (), 1.25
        )
        yield self.event(EventKind.REASONING_ENDED, answer.id, answer, **place)
        result = TaskResult(
            task.id, success=error is None, summary="" if error else "120 rows are in", error=error,
            failure=FailureKind.RECOVERABLE if error else None, quality=0.97, score=0.6,
            agent="transformer", seconds=1.5,
        )  # fmt: skip
        yield self.event(EventKind.TASK_ENDED, task.id, result, **place)

    def replan(self) -> Event:
        way = Decomposition("parse(prices)", "as_sheet", (SHEET.id,), {"as_csv": "it failed"})
        plan = Plan("plan-2", GOAL, (SHEET, DECIDE), (way,))
        failure = Failure(PARSE.id, FailureKind.RECOVERABLE, "it is a sheet, not csv")
        diff = PlanDiff((DECIDE.id,), (SHEET.id,), (PARSE.id,), stability=0.5)
        replan = Replan(plan, "plan-1", failure, diff, self.now)
        return self.event(EventKind.PLAN_REPLACED, "plan-2", replan)

    def election(self, task: str | None = DECIDE.id) -> Iterator[Event]:
        voters = ("validator-valid", "validator-unique", "profiler")
        motion = Motion(
            f"motion-{self.run}", "Release prices?", ("release", "withhold"), voters, self.now,
            quorum=2, about="prices", run=self.run, task=task,
        )  # fmt: skip
        yield self.event(EventKind.ELECTION_OPENED, motion.id, motion, task=task)
        ballots = (
            Ballot("validator-valid", "release", 0.9, "97% of the prices are valid", self.now),
            Ballot("validator-unique", None, 0.5, "no keys to judge by", self.now),
        )
        for ballot in ballots:
            yield self.event(
                EventKind.BALLOT_CAST, motion.id, ballot, task=task, agent=ballot.voter
            )
        tally = Tally(
            Verdict.DECIDED, "release", ("release",), {"release": 1, "withhold": 0}, 1, 1, 1.0,
            "67/100", "'release' has 1 of 1 votes, above 67/100.",
        )  # fmt: skip
        election = Election(motion, "supermajority", (), {"profiler": "expired"}, tally, self.now)
        yield self.event(EventKind.ELECTION_CLOSED, motion.id, election, task=task)

    def message(self, status: ReceiptStatus = ReceiptStatus.DELIVERED) -> Iterator[Event]:
        message = Message(f"message-{self.made}", "election", "profiler", self.now, run=self.run)
        yield self.event(EventKind.MESSAGE_SENT, message.id, message)
        receipt = Receipt(message.id, "profiler", status, self.now)
        yield self.event(EventKind.MESSAGE_SETTLED, message.id, receipt)

    def reflection(self) -> Event:
        reflection = Reflection(
            "reflection-1", self.now, "parse_csv fails on sheets",
            (Pattern("recurring_failure", "parse_csv", 3, "it is a sheet"),),
            (Trend("quality", "up", 0.8, 0.97, 4),), ("look at the first bytes",),
            (Adaptation("learned", LESSON, "it failed"),), run=self.run,
        )  # fmt: skip
        return self.event(EventKind.REFLECTION_MADE, reflection.id, reflection)

    def figure(self, name: str, value: float, unit: str = "s") -> Event:
        return self.event(
            EventKind.METRIC_SAMPLED, name, Metric(name, value, unit, self.now), run=None
        )

    def lineage(self, dataset: str, *sources: str, operation: str = "load") -> Event:
        made = Lineage(
            dataset, sources, operation, self.now, self.run, LOAD.id, "transformer",
            {"price": tuple(f"{source}.price" for source in sources)},
        )  # fmt: skip
        return self.event(EventKind.LINEAGE_RECORDED, dataset, made, agent="transformer")

    def command(self, id: str, kind: str, target: str) -> Iterator[Event]:
        until = self.now + timedelta(seconds=300)
        command = Command(id, kind, target, "anna", self.now, until, "maintenance", epoch=1)
        yield self.event(EventKind.COMMAND_RECEIVED, id, command, run=None)
        answer = CommandAnswer(
            id, kind, target, "anna", "maintenance", CommandState.EXECUTED, "it drains", self.now, 1
        )
        yield self.event(EventKind.COMMAND_EXECUTED, id, answer, run=None)

    def lesson(self, run: str | None = "an earlier one") -> Event:
        changed = Adaptation("learned", LESSON, "it failed")
        return self.event(EventKind.LESSON_CHANGED, LESSON.id, changed, run=run)

    def experience(self, *applied: str) -> Event:
        experience = Experience(
            "x", self.now, "clean", ("prices",), success=True, seconds=1.0, quality=None,
            run=self.run, applied=applied,
        )  # fmt: skip
        return self.event(EventKind.EXPERIENCE_KEPT, "x", experience)

    def ended(self, status: RunStatus = RunStatus.DONE, reason: str = "") -> Event:
        outcome = RunOutcome(self.run or "", status, 3.2, {"rows": 120, "clean": 116}, reason)
        return self.event(EventKind.RUN_ENDED, self.run or "", outcome)

    def whole(self) -> list[Event]:
        """A run with a failure, a replan, a vote and a lesson."""
        return [
            self.started(),
            self.plan(),
            *self.auction(LOAD),
            *self.work(LOAD),
            *self.message(),
            *self.auction(PARSE),
            *self.work(PARSE, "KeyError 'price'"),
            self.replan(),
            *self.auction(SHEET),
            *self.work(SHEET),
            *self.election(),
            *self.message(ReceiptStatus.EXPIRED),
            self.reflection(),
            self.ended(),
        ]

    def everything(self) -> list[Event]:
        """Something for every view: a kernel that is well but for one agent, and a whole run."""
        return [
            *self.kernel(),
            *(self.figure("kernel.queue", value, "messages") for value in (3.0, 5.0, 4.0)),
            self.figure("kernel.lag", 0.012),
            *self.whole(),
            self.lineage("prices", "prices.csv"),
            self.lineage("prices.clean", "prices", operation="deduplicate"),
            self.lesson(),
            *self.command("command-1", "drain", "agent:profiler"),
            self.alert(),
            *(self.health(agent) for agent in TEAM if agent != "profiler"),
            self.health("profiler", Health.FAILED, "no answer within 5 s"),
        ]


def many_runs(first, last):
    """Runs with the numbers from the first to the last, two events each."""
    for number in range(first, last + 1):
        story = Story(f"run-{number:04}", START + timedelta(seconds=number))
        yield story.started()
        failed = number % 100 == 0
        yield story.ended(RunStatus.FAILED, f"out of {number}") if failed else story.ended()
