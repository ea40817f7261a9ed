"""Patterns: what recurs in the runs so far, by what, and what follows what. Pure."""

from collections.abc import Iterator, Sequence

from dataagents.core.planning import Trigger
from dataagents.core.reflection import Experience, Mishap, Pattern
from dataagents.plugins.reflection.recurrence import Attempt, recurring
from dataagents.plugins.reflection.sequences import closed, frequent_sequences

RUNS = 200
"""How many of the newest runs are searched."""
_MOST = 20
"""Patterns of each kind that are told."""
_LONGEST = 200


def patterns_of(lived: Sequence[Experience], least: int) -> tuple[Pattern, ...]:
    """Return the failures that recur, and what goes wrong in the same order again and again.

    Args:
        lived: Oldest first.
        least: How often something has to happen to recur.
    """
    newest = lived[-RUNS:]
    attempts = [attempt for experience in newest for attempt in _attempts(experience)]
    failures = [
        Pattern(each.kind, each.subject, each.occurrences, each.detail, each.by)
        for each in recurring(attempts, least=least)
    ]
    return (*failures[:_MOST], *_sequences(newest, least))


def went_wrong(experience: Experience) -> tuple[Mishap, ...]:
    """Return what went wrong with tasks, and nobody had provided for."""
    return tuple(
        each
        for each in experience.mishaps
        if not each.rule and each.trigger is not Trigger.PREDICTED
    )


def _attempts(experience: Experience) -> Iterator[Attempt]:
    """Yield the tasks that were tried in a run, and what failed."""
    when = {
        "hour": f"{experience.at:%H}",
        "weekday": f"{experience.at:%A}",
    }
    for delivery in experience.deliveries:
        if delivery.success:
            yield {
                "task": delivery.task, "source": delivery.source, "agent": delivery.agent, **when
            }  # fmt: skip
    for mishap in experience.mishaps:
        if mishap.trigger is not Trigger.PREDICTED:
            yield {
                "task": mishap.task, "source": mishap.source, "agent": mishap.agent,
                "column": mishap.column, "rule": mishap.rule,
                "failure": mishap.reason[:_LONGEST] or mishap.trigger.value, **when,
            }  # fmt: skip
    if not experience.mishaps:
        for failure in experience.failures:
            reason = failure.reason[:_LONGEST] or failure.trigger.value
            yield {"task": failure.task, "failure": reason, **when}


def _sequences(lived: Sequence[Experience], least: int) -> Iterator[Pattern]:
    """Yield what goes wrong one after the other in several runs."""
    chains = [chain for chain in map(_chain, lived) if len(chain) > 1]
    found = [each for each in frequent_sequences(chains, support=least) if len(each.items) > 1]
    for each in closed(found)[:_MOST]:
        subject = " → ".join(each.items)
        detail = f"in this order in {each.support} runs: {subject}"
        yield Pattern("sequence", subject, each.support, detail)


def _chain(experience: Experience) -> tuple[str, ...]:
    wrong = [f"{each.task}: {each.trigger.value}" for each in went_wrong(experience)]
    ended = () if experience.success else ("the run failed",)
    return (*wrong, *ended)
