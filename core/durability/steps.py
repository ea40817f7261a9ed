"""Steps: what a program did, in order, and what is to become of a step that may have happened.

Everything here is pure: events in, records out.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from pydantic_core import from_json as parse

from dataagents.core.errors import InputError
from dataagents.core.events import Event, EventKind
from dataagents.core.suggestions import did_you_mean
from dataagents.core.values import Json, JsonObject, write_json

_DIGEST_BYTES = 8


class AfterCrash(StrEnum):
    """What becomes of a step that was begun and may have happened, when its run goes on."""

    ASK = "ask"
    """Somebody decides; the run waits for that."""
    VERIFY = "verify"
    """The step's own check finds out; it is done again when it did not happen."""
    SKIP = "skip"
    """It is not done again, and has no result."""
    REPEAT = "repeat"
    """It is done again under the same key, which whoever is called may know it by."""


class StepStatus(StrEnum):
    """How far a step got."""

    STARTED = "started"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Verdict(StrEnum):
    """What somebody decided about a step that may have happened."""

    DONE = "done"
    """It happened; its result is given with the decision."""
    REPEAT = "repeat"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Intent:
    """A step that is about to begin."""

    name: str
    inputs: object = None
    """What it depends on: JSON, a dataclass or a model."""
    external: bool = False
    """Whether it acts on the world outside of the store and the run's own files."""
    policy: AfterCrash = AfterCrash.ASK


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a step."""

    verdict: Verdict
    result: Json = None


@dataclass(frozen=True, slots=True)
class StepRecord:
    """What is on record about a step."""

    number: int
    """Its place in the run, from 1."""
    name: str
    input: str
    """Digest of its inputs."""
    status: StepStatus = StepStatus.STARTED
    external: bool = False
    policy: AfterCrash = AfterCrash.ASK
    result: Json = None
    decision: Decision | None = None

    @property
    def over(self) -> bool:
        """Whether it has its result and is never done again."""
        return self.status in (StepStatus.DONE, StepStatus.SKIPPED)

    @property
    def doubtful(self) -> bool:
        """Whether it may have happened and nobody knows; one that said it failed did not."""
        said = self.status is StepStatus.FAILED and self.result is not None
        return self.external and not self.over and not said

    @property
    def undecided(self) -> bool:
        """Whether somebody has to decide about it."""
        return self.doubtful and self.policy is AfterCrash.ASK and self.decision is None


class StepBook:
    """The steps of a run, folded from its events: the newest record of each.

    A program's own steps are known by their number. An action of a task of a plan is known by the
    task, its name and its input: tasks run side by side, so their actions have no common order.
    """

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self._records: dict[tuple[str, int], StepRecord] = {}
        self._tasks: dict[str, str] = {}
        """Place → the task that it belongs to."""
        for event in events:
            self.apply(event)

    def apply(self, event: Event) -> None:
        """Take one event; other kinds are passed over.

        Raises:
            InputError: The event is not what its kind promises.
        """
        task = event.task or ""
        match event.kind:
            case EventKind.STEP_STARTED:
                self._put(task, _record(event.subject, event.body, StepStatus.STARTED))
            case EventKind.STEP_ENDED:
                self._put(task, _record(event.subject, event.body, StepStatus.DONE))
                following = event.body.get("next")
                if isinstance(following, dict):
                    name = str(following.get("name", ""))
                    self._put(task, _record(name, following, StepStatus.STARTED))
            case EventKind.STEP_DECIDED:
                decided = _record(event.subject, event.body, StepStatus.STARTED)
                known = self.at(decided.number, task, decided.name, decided.input)
                if known is not None:
                    verdict = Verdict(str(event.body.get("verdict")))
                    decision = Decision(verdict, event.body.get("result"))
                    self._put(task, replace(known, decision=decision))
            case _:
                pass

    def at(self, number: int, task: str = "", name: str = "", input: str = "") -> StepRecord | None:
        """Return the step at a place; the latter three for an action of a task."""
        return self._records.get((_place(task, name, input), number))

    @property
    def records(self) -> tuple[tuple[str, StepRecord], ...]:
        """The task, empty for a program's own step, and the record, in the order they began."""
        return tuple((self._tasks[place], each) for (place, _), each in self._records.items())

    @property
    def waiting(self) -> tuple[tuple[str, StepRecord], ...]:
        """The steps that somebody has to decide about before the run goes on."""
        return tuple((task, each) for task, each in self.records if each.undecided)

    def named(self, name: str) -> tuple[str, StepRecord]:
        """Return the task and the record of the step that somebody has to decide about.

        Args:
            name: Its name, or `task/name` for an action of a task.

        Raises:
            InputError: None of that name waits for a decision; names those that do.
        """
        waiting = {
            (f"{task}/{each.name}" if task else each.name): (task, each)
            for task, each in self.waiting
        }
        found = waiting.get(name) or next(
            (each for each in waiting.values() if each[1].name == name), None
        )
        if found is None:
            hint = did_you_mean(name, waiting).strip() or "No step of the run does."
            raise InputError(f"step {name!r}", "it does not wait for a decision", hint=hint)
        return found

    def _put(self, task: str, record: StepRecord) -> None:
        place = _place(task, record.name, record.input)
        self._tasks[place] = task
        self._records[place, record.number] = record


def body_of(record: StepRecord, **more: Json) -> dict[str, Json]:
    """Return a record as the body of an event: what is as it usually is, is left out."""
    body: dict[str, Json] = {"n": record.number, "input": record.input}
    if record.external:
        body |= {"external": True, "policy": record.policy.value}
    if record.status not in (StepStatus.STARTED, StepStatus.DONE):
        body["status"] = record.status.value
    if record.result is not None:
        body["result"] = record.result
    return {**body, **more}


def _place(task: str, name: str, input: str) -> str:
    return "\n".join((task, name, input)) if task else ""


def _record(name: str, body: JsonObject, status: StepStatus) -> StepRecord:
    number = body.get("n")
    try:
        if not isinstance(number, int):
            raise TypeError("n")  # noqa: TRY301  # said in the same words as the others
        return StepRecord(
            number,
            name,
            str(body.get("input", "")),
            StepStatus(str(body.get("status", status.value))),
            body.get("external") is True,
            AfterCrash(str(body.get("policy", AfterCrash.ASK.value))),
            body.get("result"),
        )
    except (TypeError, ValueError) as error:
        raise InputError(f"step {name!r} on record", str(error)) from error


def digest(inputs: object) -> str:
    """Return a short digest of a step's inputs: equal for equal JSON, whatever its key order.

    Raises:
        InputError: They are no JSON.
    """
    try:
        written = json.dumps(inputs, sort_keys=True)
    except (TypeError, ValueError):
        written = json.dumps(parse(write_json(inputs)), sort_keys=True)
    return hashlib.blake2b(written.encode(), digest_size=_DIGEST_BYTES).hexdigest()


def idempotency_key(run: str, number: int, name: str, task: str = "") -> str:
    """Return the key of a step: the same each time that it is tried, and nobody else's."""
    return "/".join(part for part in (run, task, str(number), name) if part)
