"""The coordinator of the data team."""

from collections.abc import Sequence

from dataagents.core import Coordinator, Desk, Goal, PlannedTask, TaskResult
from dataagents.core.planning import FailureKind
from dataagents.core.values import Json, JsonObject
from dataagents.core.voting import Election
from dataagents.plugins.team.drift import CHOICES, FALLBACK, explained, structural
from dataagents.plugins.team.gates import withheld

ACCEPT = "accept"
REJECT = "reject"
DRIFT = "decide_drift"
"""The task that decides what becomes of files that changed."""
_REPORTED = (
    "sample",
    "sample_decision",
    "schema",
    "quality",
    "transformed",
    "routed",
    "schema_decision",
    "drift_decision",
    "release",
    "joined",
    "aggregated",
    "answer",
)


class DataCoordinator(Coordinator):
    """Puts decisions to the vote, and sums up what was done for each data set."""

    async def execute(self, task: PlannedTask, desk: Desk) -> TaskResult:
        """Decide what a decision task asks; work on any other task as agents do."""
        if not task.question:
            return await super().execute(task, desk)
        if task.name == DRIFT:
            return await self._decide_drift(task, desk)
        election = await self._elect(task, (ACCEPT, REJECT), desk)
        accepted = election.decision == ACCEPT
        decided: dict[str, Json] = {
            "accepted": accepted,
            "election": election.motion.id,
            "reason": election.tally.reason,
        }
        return _decided(
            task,
            decided,
            f"{'accepted' if accepted else 'not accepted'}: {election.tally.reason}",
            election.motion.id,
        )

    async def _decide_drift(self, task: PlannedTask, desk: Desk) -> TaskResult:
        """Follow the policy, ask the operator, or let the agents vote."""
        given = task.facts.get("settings")
        settings: JsonObject = given if isinstance(given, dict) else {}
        policy, operator = settings.get("on_drift"), settings.get("operator")
        if policy in CHOICES:
            reason = f"--on-drift {policy}"
            return _drift(task, str(policy), "policy", reason, None)
        voters: tuple[str, ...] | None = None
        if policy == "ask":
            if not isinstance(operator, str):
                return _undecided(task)
            voters = (operator,)
        election = await self._elect(task, CHOICES, desk, voters)
        if election.decision is None and voters is not None:
            return _undecided(task)
        choice = election.decision or FALLBACK
        reason = election.tally.reason
        if election.decision is None:
            reason = f"nothing was decided, so the contract stays as it is: {reason}"
        by = "vote" if voters is None else "operator"
        return _drift(task, choice, by, reason, election.motion.id)

    async def _elect(
        self,
        task: PlannedTask,
        options: Sequence[str],
        desk: Desk,
        voters: Sequence[str] | None = None,
    ) -> Election:
        dataset = _dataset(task)
        facts = {name: fact for name, fact in task.facts.items() if name != "settings"}
        return await desk.vote(
            task.question,
            options,
            context={"decision": task.name, "dataset": dataset, "facts": facts},
            about=dataset,
            voters=voters,
        )

    async def aggregate(self, goal: Goal, results: Sequence[TaskResult], desk: Desk) -> JsonObject:
        """Return what is known of each data set at the end, and why one is withheld."""
        facts = dict(await super().aggregate(goal, results, desk))
        datasets: dict[str, Json] = {
            name: {fact: _brief(facts.get(f"{fact}:{name}")) for fact in _REPORTED}
            for name in goal.inputs
        }
        kept_back = [
            f"{name}: {reason}"
            for name in goal.inputs
            for reason in withheld(facts, goal.settings, name)
        ]
        summary: dict[str, Json] = {"datasets": datasets}
        if kept_back:
            summary["withheld"] = "; ".join(kept_back)
        return summary


def _brief(fact: Json) -> Json:
    """Return a fact without its details by column: those are in the trace and the report."""
    if not isinstance(fact, dict):
        return None
    return {
        key: value
        for key, value in fact.items()
        if not isinstance(value, list) and key != "columns"
    }


def _dataset(task: PlannedTask) -> str:
    return str(task.args.get("dataset", ""))


def _drift(
    task: PlannedTask, choice: str, by: str, reason: str, election: str | None
) -> TaskResult:
    decided: dict[str, Json] = {
        "accepted": True,
        "choice": choice,
        "by": by,
        "election": election,
        "reason": reason,
    }
    return _decided(task, decided, f"{choice}, by {by}: {reason}", election)


def _undecided(task: PlannedTask) -> TaskResult:
    schema = task.facts.get(f"schema:{_dataset(task)}")
    changes = structural(schema) if isinstance(schema, dict) else []
    return TaskResult(
        task=task.id,
        success=False,
        error=f"drift needs a decision: {explained(changes)}",
        failure=FailureKind.UNDECIDED,
    )


def _decided(
    task: PlannedTask, decided: dict[str, Json], summary: str, election: str | None
) -> TaskResult:
    return TaskResult(
        task=task.id,
        success=True,
        effects=dict.fromkeys(task.writes, decided),
        summary=summary,
        election=election,
    )
