"""Acting: what each command does, in terms of the services of a kernel."""

import asyncio
import json
import math
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from dataagents.core.commands import Address, Command, CommandKind
from dataagents.core.commands.starting import check_inputs, goal_of, results_folder
from dataagents.core.deployment import Refused
from dataagents.core.durability.steps import Verdict
from dataagents.core.errors import ClosedError, InputError, StrategyError
from dataagents.core.events import EventKind
from dataagents.core.goals import RunResult
from dataagents.core.services.durability.runs import RunService, Started
from dataagents.core.services.durability.steps import StepService
from dataagents.core.services.messaging.hub import Hub
from dataagents.core.services.operation.deployment import DeploymentService
from dataagents.core.services.operation.monitor import Monitor
from dataagents.core.services.planning.executions import Executions, Steerable
from dataagents.core.services.roster import Roster
from dataagents.core.services.voting.election import ElectionService
from dataagents.core.suggestions import did_you_mean
from dataagents.core.tracing import TraceContext
from dataagents.core.values import Json
from dataagents.core.voting import Vote

Act: TypeAlias = Callable[["Acting", Command, Address], Awaitable[str]]
Conducting: TypeAlias = Callable[[Started], Coroutine[Any, Any, RunResult]]
"""Begins a run, or goes on with one; calls back when it is under way."""

_RESEND_SECONDS = 60.0
"""How long a message that is sent again may take."""


@dataclass(frozen=True, slots=True)
class Acting:
    """Carries commands out; each returns what came of it, in a sentence.

    All of them raise `InputError` where the target isn't there, or there is nothing to be done.
    """

    executions: Executions
    runs: RunService
    steps: StepService
    elections: ElectionService
    hub: Hub
    roster: Roster
    deployment: DeploymentService
    monitor: Monitor
    conducted: "set[asyncio.Task[RunResult]]" = field(default_factory=set)
    """Runs that began, or go on, because of a command."""

    async def carry_out(self, command: Command, about: Address) -> str:
        """Do what a command says.

        Raises:
            InputError: It can't be done: the target isn't there, or is not in a state for it.
            DataAgentsError: It was begun and failed.
        """
        return await _ACTS[CommandKind(command.kind)](self, command, about)

    async def close(self) -> None:
        """Cut off the runs that are there because of a command; they wait for the next kernel."""
        self.runs.leaving.update(self.runs.active)
        await asyncio.gather(*map(self.runs.runtime.boundary.stop, tuple(self.conducted)))

    async def start(self, command: Command, about: Address) -> str:
        """Begin a run beside everything else."""
        goal, out = goal_of(command.arguments), results_folder(command.arguments)
        self.runs.goals.planning.check(goal)
        await asyncio.to_thread(check_inputs, goal)
        run = await self._conduct(lambda started: self.runs.run(goal, out, started), "new run")
        return f"run {run} is under way: {goal.task} {', '.join(goal.inputs)}"

    async def pause(self, command: Command, about: Address) -> str:
        """Start no further task of a run."""
        if not self._execution(about.id).pause(_said_by(command)):
            raise InputError(f"run {about.id!r}", "it is paused already")
        await self._held(EventKind.RUN_PAUSED, command, about.id)
        return f"run {about.id} starts no further task until it is resumed"

    async def resume(self, command: Command, about: Address) -> str:
        """Go on with a run: one that is paused here, or one that was cut off."""
        if about.id in self.executions.runs:
            if not self.executions.of(about.id).proceed(_said_by(command)):
                raise InputError(f"run {about.id!r}", "it is under way, and not paused")
            await self._held(EventKind.RUN_CONTINUED, command, about.id)
            return f"run {about.id} goes on"
        try:
            await self._conduct(
                lambda started: self.runs.resume(about.id, started=started), f"run {about.id}"
            )
        except ClosedError as error:
            raise InputError(f"run {about.id!r}", "it is under way already") from error
        return f"run {about.id} goes on from its last durable step"

    async def cancel(self, command: Command, about: Address) -> str:
        """End a run: before its next task, or for good if it was cut off."""
        if about.id in self.executions.runs:
            self.executions.of(about.id).stop(_said_by(command))
            return f"run {about.id} ends when the tasks that run are done"
        if about.id in self.runs.active:
            raise _too_early(about.id)
        await self.runs.give_up(about.id)
        return f"run {about.id} was not under way, and will not be continued"

    async def replan(self, command: Command, about: Address) -> str:
        """Have a plan made anew."""
        self._execution(about.id).replan(_said_by(command))
        return f"run {about.id} is replanned when the tasks that run are done"

    async def retry(self, command: Command, about: Address) -> str:
        """Try a task that pauses at once, or send a dead letter again."""
        if about.scheme == "run":
            self._execution(about.id).retry(about.task)
            return f"task {about.task} is tried again now"
        receipt = await self.hub.resend(about.id, within=_RESEND_SECONDS)
        reason = f": {receipt.reason}" if receipt.reason else ""
        return f"sent again as {receipt.message}: {receipt.status}{reason}"

    async def recall(self, command: Command, about: Address) -> str:
        """Take a decision back."""
        known = [each.motion.id for each in self.elections.history]
        if about.id not in known:
            raise _unknown("election", about.id, known)
        election = await self.elections.recall(about.id, _said_by(command))
        decided = election.tally.decision
        return f"the decision {decided!r} is recalled" if decided else "the election is recalled"

    async def drain(self, command: Command, about: Address) -> str:
        """Let an agent finish, and take it out of the team."""
        within = command.arguments.get("within")
        seconds = None if within is None else _number("within", within)
        if seconds is not None and not 0 <= seconds < math.inf:
            raise InputError("within", f"{within!r} is no number of seconds")
        drained = await self.deployment.drain(about.id, _said_by(command), within=seconds)
        left = "" if drained.finished else f"; it did not get to {drained.left} messages"
        return f"agent {about.id} is out of the team{left}"

    async def redeploy(self, command: Command, about: Address) -> str:
        """Build an agent anew; one that was drained comes back."""
        outcome = await self.deployment.redeploy(about.id, _said_by(command))
        if isinstance(outcome, Refused):
            raise StrategyError(f"agent {about.id}", "redeploy", outcome.reason)
        return f"agent {about.id} is in the team again"

    async def acknowledge(self, command: Command, about: Address) -> str:
        """Note that somebody looks after an alert."""
        note = command.reason or "seen"
        alert = await self.monitor.acknowledge(about.id, note, command.actor)
        return f"alert {alert.rule} about {alert.subject}: {command.actor} looks after it"

    async def answer(self, command: Command, about: Address) -> str:
        """Cast a ballot for a person who is asked, or decide about a step in doubt."""
        run, slash, step = about.id.partition("/")
        if about.scheme == "question" and slash:
            verdict = _verdict(command.arguments["choice"])
            result = _result(command.arguments.get("result"))
            await self.steps.decide(run, step, verdict, result=result, by=command.actor)
            return f"{step} of run {run}: {verdict}; it counts when the run goes on"
        asked = self.elections.booth.find(about.id, command.arguments.get("voter", ""))
        if not self.roster.present(asked.voter):
            raise InputError(f"voter {asked.voter!r}", "no operator is armed")
        vote = _vote(command)
        self.elections.booth.cast(asked, vote)
        said = f"{vote.choice!r}" if vote.choice else f"against {', '.join(vote.vetoes)}"
        return f"{asked.voter} votes {said} on {asked.motion.about or asked.motion.question!r}"

    async def _held(self, kind: EventKind, command: Command, run: str) -> None:
        said = {"reason": _said_by(command)}
        await self.runs.runtime.record(kind, run, said, TraceContext(run=run))

    def _execution(self, run: str) -> Steerable:
        if run in self.runs.active and run not in self.executions.runs:
            raise _too_early(run)
        return self.executions.of(run)

    async def _conduct(self, begin: Conducting, name: str) -> str:
        """Have a run go on beside everything else; return its id once it does."""
        under_way: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(begin(under_way.set_result), name=name)
        self.conducted.add(task)
        task.add_done_callback(self._ended)
        both: tuple[asyncio.Future[Any], ...] = (task, under_way)
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        return under_way.result() if under_way.done() else (await task).outcome.run

    def _ended(self, task: "asyncio.Task[RunResult]") -> None:
        self.conducted.discard(task)
        if not task.cancelled():
            task.exception()  # how a run ended is on record


def _too_early(run: str) -> InputError:
    hint = "Try again in a moment."
    return InputError(f"run {run!r}", "no plan of it is being executed now", hint=hint)


def _said_by(command: Command) -> str:
    return f"{command.actor}: {command.reason or command.kind}"


def _vote(command: Command) -> Vote:
    said = command.arguments
    choice, veto = said.get("choice") or None, said.get("veto")
    if choice is None and not veto:
        raise InputError("ballot", "it says nothing", hint="Give it a choice, a veto, or both.")
    return Vote(
        choice=choice,
        confidence=_number("confidence", said.get("confidence", "1")),
        reason=_said_by(command),
        vetoes=(veto,) if veto else (),
    )


def _number(what: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(what, f"{text!r} is no number") from None


def _verdict(choice: str) -> Verdict:
    try:
        return Verdict(choice)
    except ValueError:
        known = [verdict.value for verdict in Verdict]
        hint = did_you_mean(choice, known).strip()
        raise InputError(f"choice {choice!r}", "it is no answer to this", hint=hint) from None


def _result(text: str | None) -> Json:
    if text is None:
        return None
    try:
        said: Json = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError("argument 'result'", "it is no JSON", hint="Text needs quotes.") from None
    return said


def _unknown(what: str, id_: str, known: list[str]) -> InputError:
    hint = did_you_mean(id_, known).strip() or f"No {what} is remembered."
    return InputError(f"{what} {id_!r}", "is not among those that are remembered", hint=hint)


_ACTS: Mapping[CommandKind, Act] = {
    CommandKind.PAUSE: Acting.pause,
    CommandKind.RESUME: Acting.resume,
    CommandKind.CANCEL: Acting.cancel,
    CommandKind.RETRY: Acting.retry,
    CommandKind.DRAIN: Acting.drain,
    CommandKind.REDEPLOY: Acting.redeploy,
    CommandKind.REPLAN: Acting.replan,
    CommandKind.RECALL: Acting.recall,
    CommandKind.CAST: Acting.answer,
    CommandKind.ANSWER: Acting.answer,
    CommandKind.ACKNOWLEDGE: Acting.acknowledge,
    CommandKind.START: Acting.start,
}
