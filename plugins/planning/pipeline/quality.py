"""Quality: whether it is too low, and whether rows may be held back for it.

Nothing but the setting `on_low_quality: quarantine` lets a suspicion change the fate of a row.
"""

from dataagents.core.planning import State, Task
from dataagents.plugins.planning.pipeline.facts import about, fact, settings_of

QUARANTINE = "quarantine"
"""Value of the setting `on_low_quality` that lets doubtful rows be held back."""


def below_threshold(state: State, dataset: str) -> str | None:
    """Say that repaired rows are worse than `min_score`, and that holding back more may help."""
    settings = settings_of(state)
    least = settings.get("min_score")
    quality = fact(state, "quality", dataset) or {}
    score = quality.get("score")
    if settings.get("on_low_quality") != QUARANTINE or quality.get("strict") is True:
        return None
    repaired = fact(state, "transformed", dataset) is not None
    if not repaired or fact(state, "routed", dataset) is not None:
        return None
    if not isinstance(score, int | float) or not isinstance(least, int | float) or score >= least:
        return None
    return f"{dataset}: the quality score {score:.3f} is below {least:g}"


def good_enough(state: State, task: Task) -> str | None:
    """Hold when there is no reason, or no leave, to hold back more rows."""
    return below_threshold(state, about(task))


def too_low(state: State, task: Task) -> str | None:
    """Hold when the quality is too low and doubtful rows may be held back."""
    if below_threshold(state, about(task)) is not None:
        return None
    return "the quality is high enough, not measured yet, or no reason to hold back rows"


def held_back(state: State, task: Task) -> str | None:
    """Hold when doubtful rows are to be held back."""
    quality = fact(state, "quality", about(task)) or {}
    return None if quality.get("strict") is True else "doubtful rows are not held back"


def not_held_back(state: State, task: Task) -> str | None:
    """Hold when doubtful rows go on, annotated."""
    return None if held_back(state, task) is not None else "doubtful rows are held back"
