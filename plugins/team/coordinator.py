"""The coordinator of the data team."""

from collections.abc import Sequence

from dataagents.core import Coordinator, Desk, Goal, PlannedTask, TaskResult
from dataagents.core.values import Json, JsonObject

ACCEPT = "accept"
REJECT = "reject"
_REPORTED = ("schema", "quality", "transformed", "routed", "schema_decision", "release")


class DataCoordinator(Coordinator):
    """Puts decisions to the vote, and sums up what was done for each data set."""

    async def execute(self, task: PlannedTask, desk: Desk) -> TaskResult:
        """Put the question of a decision task to the vote; work on any other as agents do."""
        if not task.question:
            return await super().execute(task, desk)
        dataset = str(task.args.get("dataset", ""))
        election = await desk.vote(
            task.question,
            (ACCEPT, REJECT),
            context={"decision": task.name, "dataset": dataset, "facts": dict(task.facts)},
            about=dataset,
        )
        accepted = election.decision == ACCEPT
        decided: dict[str, Json] = {
            "accepted": accepted,
            "election": election.motion.id,
            "reason": election.tally.reason,
        }
        return TaskResult(
            task=task.id,
            success=True,
            effects=dict.fromkeys(task.writes, decided),
            summary=f"{'accepted' if accepted else 'not accepted'}: {election.tally.reason}",
            election=election.motion.id,
        )

    async def aggregate(self, goal: Goal, results: Sequence[TaskResult], desk: Desk) -> JsonObject:
        """Return what is known of each data set at the end, and why one is withheld."""
        facts = dict(await super().aggregate(goal, results, desk))
        datasets: dict[str, Json] = {
            name: {fact: _brief(facts.get(f"{fact}:{name}")) for fact in _REPORTED}
            for name in goal.inputs
        }
        withheld = [
            f"{name}: {reason}" for name in goal.inputs if (reason := _withheld(facts, name))
        ]
        summary: dict[str, Json] = {"datasets": datasets}
        if withheld:
            summary["withheld"] = "; ".join(withheld)
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


def _withheld(facts: JsonObject, dataset: str) -> str:
    release = facts.get(f"release:{dataset}")
    if isinstance(release, dict) and release.get("accepted") is not True:
        return str(release.get("reason"))
    return ""
