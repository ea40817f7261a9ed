"""The past of a run: what is on record of its decisions from before this kernel.

A run that goes on asks again for the votes and auctions that it was in the middle of. Here they
find what they were before.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

from dataagents.core.events import Event, EventKind
from dataagents.core.planning import StepKind
from dataagents.core.services.recorder import Recorder
from dataagents.core.tracing import TraceContext

_PLANS = (EventKind.PLAN_MADE, EventKind.PLAN_REPLACED)
_BEGIN = (EventKind.ELECTION_OPENED, EventKind.AUCTION_OPENED)
_DECISIONS = (
    *_BEGIN, EventKind.BALLOT_CAST, EventKind.ELECTION_CLOSED, EventKind.ELECTION_RECALLED,
    EventKind.BID_MADE, EventKind.BIDS_REFUSED, EventKind.AUCTION_CLOSED, EventKind.BIDS_MADE,
    EventKind.ALLOCATION_CLOSED, EventKind.TASK_ENDED,
)  # fmt: skip
_KINDS = (*_PLANS, EventKind.PLAN_STEP, EventKind.RUN_RESUMED, *_DECISIONS)

_MOST = 10_000
"""Runs that are remembered, those that were heard of last. One that began here and is forgotten
would take its own decisions for its past."""


class Past:
    """Knows which decisions a run had begun; of one that began here it reads nothing but that.

    Args:
        recorder: Has the journal; without one, or without a store, no run has a past.
    """

    def __init__(self, recorder: Recorder | None = None) -> None:
        self._store = recorder.store if recorder is not None else None
        if recorder is not None and self._store is not None:
            recorder.tap((EventKind.RUN_RESUMED,), self._forget)
        self._taken: OrderedDict[str, set[str] | None] = OrderedDict()
        """Run → what was gone on with, or has begun here; None for a run without a past."""
        self._reading = asyncio.Lock()

    async def of(self, context: TraceContext) -> tuple[Event, ...]:
        """Return the decisions of a task, or of a run outside of any task, oldest first.

        Those of an attempt that is over do not count: from before the plan was changed, or the task
        was begun once more. Neither do those that were taken.

        Raises:
            StoreError: The store can't be read.
        """
        run, store = context.run, self._store
        if store is None or run is None:
            return ()
        async with self._reading:
            taken = self._taken.get(run)
            if run in self._taken:
                self._taken.move_to_end(run)
                if taken is None:
                    return ()
            # Read anew each time: since then the plan may have been changed.
            events = await store.run_events(run, _KINDS)
            if run not in self._taken:
                has_past = any(event.kind in _BEGIN for event in events)
                taken = self._taken[run] = set() if has_past else None
                if len(self._taken) > _MOST:
                    self._taken.popitem(last=False)
        left = [event for event in events if event.subject not in (taken or ())]
        return latest_attempt(left, context.task)

    def take(self, context: TraceContext, *subjects: str) -> None:
        """Note that decisions are gone on with, or have begun, so that they are found no more."""
        taken = self._taken.get(context.run or "")
        if taken is not None:
            taken.update(subjects)

    def _forget(self, resumed: Event) -> None:
        """Look at a run with new eyes: what was cut off in this kernel is its past, too."""
        self._taken.pop(resumed.subject, None)


def latest_attempt(events: Sequence[Event], task: str | None) -> tuple[Event, ...]:
    """Return the decisions that belong to the latest attempt at a task.

    Args:
        events: Of one run, oldest first.
        task: Its id; None for what belongs to no task.
    """
    found: list[Event] = []
    for event in events:
        if (event.kind in _PLANS and event.task is None) or _begins_anew(event, task):
            found.clear()
        elif event.task != task:
            continue
        elif event.kind in _DECISIONS:
            found.append(event)
        elif event.kind == EventKind.PLAN_STEP and event.body.get("kind") == StepKind.RETRIED:
            found.clear()
    return tuple(found)


def _begins_anew(event: Event, task: str | None) -> bool:
    """Whether a run went on by doing a task again, as if it had not been done."""
    if event.kind != EventKind.RUN_RESUMED:
        return False
    repeats = event.body.get("repeats")
    return event.body.get("anew") is True or (isinstance(repeats, dict) and task in repeats)


def after_failures(events: Sequence[Event]) -> tuple[Event, ...]:
    """Return what came after a task had failed: what was decided before led to nothing."""
    failures = (
        number
        for number, event in enumerate(events, start=1)
        if event.kind == EventKind.TASK_ENDED and not event.body.get("success")
    )
    return tuple(events[max(failures, default=0) :])
