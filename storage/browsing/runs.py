"""Pages of runs and plans, and what agents did in them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from dataagents.core.events import EventKind
from dataagents.storage.browsing.agents import AgentPages
from dataagents.storage.browsing.page import Found, Page
from dataagents.storage.browsing.pages import Trail
from dataagents.storage.browsing.values import body_of, object_in, text_in
from dataagents.storage.rows import RUN_COLUMNS, RunRow, run_row

_STARTS = (EventKind.RUN_STARTED, EventKind.RUN_RESUMED)
_RUNS = f"""
SELECT place, {RUN_COLUMNS}
FROM places CROSS JOIN events AS began ON began.seq = place
CROSS JOIN runs ON runs.id = began.subject
LEFT JOIN journal AS finished ON finished.seq = runs.ended
"""
_TASKS = """
SELECT run, count(*), coalesce(sum(success), 0), coalesce(sum(NOT success), 0),
    max(CASE WHEN success = 0 THEN ended END)
FROM tasks WHERE run IN (SELECT value FROM json_each(:runs)) GROUP BY run
"""
_PLANS = """
SELECT place, plans.id, event.at, event.run, runs.goal, event.body, plans.tasks, plans.confidence,
    plans.seconds, plans.replaces, plans.failed_task, plans.failure, plans.kept, plans.added,
    plans.removed
FROM places CROSS JOIN plans ON plans.seq = place CROSS JOIN journal AS event ON event.seq = place
LEFT JOIN runs ON runs.id = event.run
"""
_COUNTS = """
SELECT agent, coalesce(sum(success), 0), coalesce(sum(NOT success), 0)
FROM tasks WHERE agent IS NOT NULL GROUP BY agent
"""
_TASKS_OF = "SELECT run, ended FROM tasks WHERE agent = :agent ORDER BY ended DESC LIMIT :most"
_RUNS_AT = "SELECT run, place FROM places CROSS JOIN journal ON journal.seq = place"
_MOST_TASKS = 1_000
_MOST_EVENTS = 200
"""Of an agent; its runs are taken from both."""


@dataclass(frozen=True, slots=True)
class RunEntry(RunRow):
    """A run in a list."""

    place: int = 0
    """Of its start."""
    tasks: int = 0
    """How many were started."""
    done: int = 0
    failed: int = 0
    """How many failed and were not done after all."""
    last_failure: int | None = None
    """Place of the end of the task that failed last."""


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """A plan in a list."""

    place: int
    id: str
    at: datetime
    run: str | None = None
    goal: str = ""
    tasks: int | None = None
    confidence: float | None = None
    seconds: float | None = None
    """How long it was expected to take."""
    replaces: str | None = None
    """Id of the plan before; None for the first of a run."""
    failed_task: str = ""
    """Id of the task that it was replaced for."""
    failure: str = ""
    """A `planning.FailureKind`."""
    trigger: str = ""
    """A `planning.Trigger`."""
    reason: str = ""
    kept: int | None = None
    added: int | None = None
    removed: int | None = None
    run_tasks_done: int = 0
    """Tasks that the run has done so far, under whichever plan."""


@dataclass(frozen=True, slots=True)
class TaskCount:
    """Tasks of an agent."""

    done: int
    failed: int


@dataclass(frozen=True, slots=True)
class _Tasks:
    tasks: int = 0
    done: int = 0
    failed: int = 0
    last_failure: int | None = None


class RunPages(AgentPages):
    """Reads runs and plans in pages."""

    async def runs(self, page: Page) -> Found[RunEntry]:
        """Return runs, by when they were started or resumed last."""
        found = await self._of_kinds(
            page,
            _STARTS,
            {},
            joins="LEFT JOIN runs ON runs.id = event.subject",
            fits="runs.started = event.seq",
        )
        rows = [(row[0], run_row(row[1:])) for row in await self._at(_RUNS, found)]
        tasks = await self._tasks(run.id for _, run in rows)
        entries = [_run_entry(place, run, tasks.get(run.id, _Tasks())) for place, run in rows]
        return Found(tuple(entries), found.searched)

    async def plans(self, page: Page, run: str | None = None) -> Found[PlanEntry]:
        """Return plans.

        Args:
            page: Which stretch.
            run: Only those of this run.
        """
        if run is None:
            found = await self._places(page, [Trail("plans")], {})
        else:
            kinds = (EventKind.PLAN_MADE, EventKind.PLAN_REPLACED)
            joins, fits = "LEFT JOIN plans ON plans.seq = event.seq", "plans.seq IS NOT NULL"
            found = await self._of_kinds(page, kinds, {}, run=run, joins=joins, fits=fits)
        rows = await self._at(_PLANS, found)
        tasks = await self._tasks(row[3] for row in rows if row[3] is not None)
        entries = [_plan_entry(row, tasks.get(row[3], _Tasks()).done) for row in rows]
        return Found(tuple(entries), found.searched)

    async def task_counts(self) -> Mapping[str, TaskCount]:
        """Return how many tasks each agent has done; looks at all tasks there are."""
        rows = await self._fetch(_COUNTS, {})
        return {agent: TaskCount(done, failed) for agent, done, failed in rows}

    async def runs_of(self, agent: str, limit: int = 20) -> tuple[str, ...]:
        """Return ids of the runs that an agent worked in lately, the newest first."""
        rows = list(await self._fetch(_TASKS_OF, {"agent": agent, "most": _MOST_TASKS}))
        found = await self._of_agent(Page(limit=_MOST_EVENTS), agent, {})
        rows += await self._at(_RUNS_AT, found)
        latest: dict[str, int] = {}
        for run, place in rows:
            if run:
                latest[run] = max(place, latest.get(run, 0))
        return tuple(sorted(latest, key=latest.__getitem__, reverse=True)[:limit])

    async def _tasks(self, runs: Iterable[str]) -> dict[str, _Tasks]:
        named = list(dict.fromkeys(runs))
        if not named:
            return {}
        rows = await self._fetch(_TASKS, {"runs": json.dumps(named)})
        return {run: _Tasks(*figures) for run, *figures in rows}


def _run_entry(place: int, run: RunRow, tasks: _Tasks) -> RunEntry:
    said = {each.name: getattr(run, each.name) for each in fields(RunRow)}
    return RunEntry(
        **said,
        place=place,
        tasks=tasks.tasks,
        done=tasks.done,
        failed=tasks.failed,
        last_failure=tasks.last_failure,
    )


def _plan_entry(row: Sequence[Any], done: int) -> PlanEntry:
    place, name, at, run, goal, text, tasks, confidence, seconds, replaces, *change = row
    failed_task, kind, kept, added, removed = change
    body = body_of(text)
    plan = object_in(body, "plan") if replaces else body
    failure = object_in(body, "failure")
    return PlanEntry(
        place=place,
        id=name,
        at=datetime.fromisoformat(at),
        run=run,
        goal=goal or text_in(object_in(plan, "goal"), "task"),
        tasks=tasks,
        confidence=confidence,
        seconds=seconds,
        replaces=replaces,
        failed_task=failed_task or "",
        failure=kind or "",
        trigger=text_in(failure, "trigger"),
        reason=text_in(failure, "reason"),
        kept=kept,
        added=added,
        removed=removed,
        run_tasks_done=done,
    )
