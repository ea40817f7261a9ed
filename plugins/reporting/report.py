"""The output `report`: what was planned, measured, decided and learned in a run, as JSON."""

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path

from dataagents.core.goals import RunResult
from dataagents.core.values import Json, JsonObject
from dataagents.core.voting import Election
from dataagents.plugins.reporting.plan_report import (
    execution_report,
    lessons_report,
    plan_report,
    replan_report,
)

_FACTS = (
    "schema",
    "drift_decision",
    "schema_decision",
    "quality",
    "transformed",
    "release",
    "routed",
)


class ReportOutput:
    """Writes `report.json`."""

    entries: tuple[str, ...] = ("report.json",)
    """What it may write below the folder."""

    async def write(self, result: RunResult, folder: Path) -> Mapping[str, Path]:
        """Write the report; nothing in it is computed here, all of it comes from the result."""
        path = folder / "report.json"
        await asyncio.to_thread(_publish, path, json.dumps(report(result), indent=2) + "\n")
        return {"report": path}


def report(result: RunResult) -> dict[str, Json]:
    """Return a run's report."""
    state: Mapping[str, Json] = result.execution.state if result.execution else {}
    replans = result.execution.replans if result.execution else ()
    return {
        "version": 1,
        "run": result.outcome.run,
        "status": result.outcome.status.value,
        "reason": result.outcome.reason,
        "goal": result.goal.task,
        "started": result.started.isoformat(),
        "ended": result.ended.isoformat(),
        "seconds": result.outcome.seconds,
        "datasets": {name: _dataset(name, state, result) for name in result.goal.inputs},
        "elections": [_election(election) for election in result.elections],
        "awards": [
            {
                "lot": award.lot,
                "task": award.task,
                "outcome": award.outcome.value,
                "winner": award.winner,
                "price": award.price,
                "bids": len(award.bids),
                "reason": award.reason,
            }
            for award in result.awards
        ],
        "plan": plan_report(result.plan),
        "execution": execution_report(result.execution),
        "replans": [replan_report(replan) for replan in replans],
        "lessons": lessons_report(
            result.applied, result.reflection.adaptations if result.reflection else ()
        ),
        "files": {name: _below(path) for name, path in result.files.items()},
    }


def _below(path: Path) -> str:
    """Return a file's path from the folder of the run: the folder itself may be moved."""
    inside = [place for place, part in enumerate(path.parts) if part.startswith(".dataagents-")]
    return str(Path(*path.parts[inside[-1] + 1 :])) if inside else str(path)


def _dataset(name: str, state: JsonObject, result: RunResult) -> dict[str, Json]:
    facts: dict[str, Json] = {fact: state.get(f"{fact}:{name}") for fact in _FACTS}
    return {"source": result.goal.inputs[name], **facts}


def _election(election: Election) -> dict[str, Json]:
    return {
        "id": election.motion.id,
        "about": election.motion.about,
        "question": election.motion.question,
        "rule": election.rule,
        "verdict": election.tally.verdict.value,
        "decision": election.decision,
        "counts": dict(election.tally.counts),
        "abstained": election.tally.abstained,
        "reason": election.tally.reason,
        "ballots": [
            {
                "voter": ballot.voter,
                "choice": ballot.choice,
                "confidence": ballot.confidence,
                "reason": ballot.reason,
            }
            for ballot in election.ballots
        ],
        "missing": dict(election.missing),
    }


def _publish(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
