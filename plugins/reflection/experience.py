"""Learning by counting: recurring failures, the trend of quality, reputation of agents.

Reputation is what an agent delivered of what it promised, averaged over its tasks and drawn towards
1 for an agent with few (the mean of a Beta distribution with a prior of `patience` successes, where
a task may be a part of a success; Jøsang and Ismail, "The Beta Reputation System", 2002). A task
that failed counts 0; one that succeeded counts the share of the promised quality that it reached,
times the promised time over the time it took, neither above 1. What was not promised or not
measured counts 1. It multiplies the quality that the agent's bids promise.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from math import isfinite
from statistics import fmean

from pydantic import Field

from dataagents.core import StrategyOptions
from dataagents.core.planning import PlannedTask
from dataagents.core.reflection import (
    Adaptation,
    Delivery,
    Experience,
    Lessons,
    Pattern,
    Reflection,
    ReflectionDesk,
    Trend,
)

REPUTATION = "reputation"


class ExperienceOptions(StrategyOptions):
    """Options of the experience reflector."""

    patience: int = Field(default=4, ge=1)
    """How many successes an agent is credited with before it has done anything."""
    recurring: int = Field(default=2, ge=2)
    """How often a failure has to happen to count as a pattern."""
    tolerance: float = Field(default=0.01, ge=0, le=1)
    """Change of quality that still counts as steady."""


class ExperienceReflector:
    """Looks at all experiences each time, so the result depends on nothing else."""

    def __init__(self, options: ExperienceOptions) -> None:
        self._options = options

    async def reflect(self, experiences: Sequence[Experience], desk: ReflectionDesk) -> Reflection:
        """Return patterns, trend and reputations over all experiences."""
        patterns = self._patterns(experiences)
        trends = self._trends(experiences)
        adaptations = self._adaptations(experiences)
        insights = (*(pattern.detail for pattern in patterns), *map(_describe, trends))
        return Reflection(
            id=desk.new_id(),
            at=desk.now(),
            summary=_summary(experiences, len(patterns), adaptations),
            patterns=patterns,
            trends=trends,
            insights=insights,
            adaptations=adaptations,
            run=experiences[-1].run if experiences else None,
        )

    def recall(self, task: PlannedTask, reflections: Sequence[Reflection]) -> Lessons:
        """Return the reputations and warnings of the newest reflection."""
        if not reflections:
            return Lessons()
        newest = reflections[-1]
        reputation = {
            adaptation.subject: adaptation.value
            for adaptation in newest.adaptations
            if adaptation.kind == REPUTATION
        }
        warnings = tuple(
            pattern.detail for pattern in newest.patterns if pattern.subject.startswith(task.name)
        )
        return Lessons(reputation, warnings)

    def _patterns(self, experiences: Sequence[Experience]) -> tuple[Pattern, ...]:
        failures = Counter(
            (failure.task, failure.reason)
            for experience in experiences
            for failure in experience.failures
        )
        return tuple(
            Pattern("recurring_failure", task, times, f"failed {times} times: {reason}")
            for (task, reason), times in failures.most_common()
            if times >= self._options.recurring
        )

    def _trends(self, experiences: Sequence[Experience]) -> tuple[Trend, ...]:
        """Compare the newest quality with the mean of earlier runs over the same sources."""
        if not experiences:
            return ()
        newest = experiences[-1]
        earlier = [
            each.quality
            for each in experiences[:-1]
            if each.quality is not None
            and isfinite(each.quality)
            and each.goal == newest.goal
            and each.sources == newest.sources
        ]
        if newest.quality is None or not isfinite(newest.quality) or not earlier:
            return ()
        before = fmean(earlier)
        change = newest.quality - before
        direction = "steady"
        if abs(change) > self._options.tolerance:
            direction = "up" if change > 0 else "down"
        return (Trend("quality", direction, before, newest.quality, len(earlier) + 1),)

    def _adaptations(self, experiences: Sequence[Experience]) -> tuple[Adaptation, ...]:
        done: Counter[str] = Counter()
        succeeded: Counter[str] = Counter()
        kept: dict[str, float] = defaultdict(float)
        for experience in experiences:
            for delivery in experience.deliveries:
                done[delivery.agent] += 1
                succeeded[delivery.agent] += delivery.success
                kept[delivery.agent] += _kept(delivery)
        patience = self._options.patience
        return tuple(
            Adaptation(
                kind=REPUTATION,
                subject=agent,
                value=(kept[agent] + patience) / (tasks + patience),
                evidence=_evidence(succeeded[agent], tasks, kept[agent]),
                samples=tasks,
            )
            for agent, tasks in sorted(done.items())
        )


def _kept(delivery: Delivery) -> float:
    """Return how much of its promise a delivery kept, in [0, 1]."""
    if not delivery.success:
        return 0.0
    quality = _share(delivery.score, delivery.promised_quality)
    return quality * _share(delivery.promised_seconds, delivery.seconds)


def _share(part: float | None, whole: float | None) -> float:
    if part is None or whole is None or not (isfinite(part) and isfinite(whole)) or whole <= 0:
        return 1.0
    return min(1.0, max(0.0, part / whole))


def _evidence(succeeded: int, tasks: int, kept: float) -> str:
    evidence = f"{succeeded} of {tasks} tasks succeeded"
    if succeeded - kept <= 0.005 * succeeded:
        return evidence
    return f"{evidence}, which kept {kept / succeeded:.0%} of what was promised"


def _describe(trend: Trend) -> str:
    figures = f"{trend.now:.3f} after {trend.before:.3f} on average"
    return f"{trend.metric} is {trend.direction}: {figures} of {trend.samples - 1} earlier runs"


def _summary(
    experiences: Sequence[Experience], patterns: int, adaptations: Sequence[Adaptation]
) -> str:
    if not experiences:
        return "There is no experience to reflect on yet."
    successes = sum(experience.success for experience in experiences)
    doubted = sum(adaptation.value < 1 for adaptation in adaptations)
    return (
        f"{successes} of {len(experiences)} runs succeeded; {patterns} recurring failures; "
        f"{doubted} of {len(adaptations)} agents lost reputation."
    )
