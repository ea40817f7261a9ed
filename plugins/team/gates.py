"""Gates: what a release needs beside the agents' consent."""

from collections.abc import Iterator, Mapping

from dataagents.core.values import Json, JsonObject
from dataagents.plugins.team.drift import explained, structural


def withheld(facts: JsonObject, settings: JsonObject, dataset: str) -> Iterator[str]:
    """Yield the reasons not to release a data set.

    Args:
        facts: What is known at the end.
        settings: What the goal asks for: `min_score` and `max_quarantine`, shares in [0, 1].
        dataset: Its name.
    """
    release = _fact(facts, "release", dataset)
    if release and release.get("accepted") is not True:
        yield str(release.get("reason"))
    drift = _fact(facts, "drift_decision", dataset)
    if drift.get("choice") == "freeze":
        changes = structural(_fact(facts, "schema", dataset))
        yield f"the contract is frozen, and there is drift: {explained(changes)}"
    score, least = _fact(facts, "quality", dataset).get("score"), settings.get("min_score")
    if isinstance(score, float | int) and isinstance(least, float | int) and score < least:
        yield f"the quality score {score:.3f} is below {least:g} (--min-score)"
    routed = _fact(facts, "routed", dataset)
    most = settings.get("max_quarantine")
    rows, held = routed.get("rows_in"), routed.get("quarantine")
    if isinstance(most, float | int) and isinstance(rows, int) and isinstance(held, int) and rows:
        share = held / rows
        if share > most:
            yield (
                f"{share:.1%} of the rows are in quarantine, more than {most:.1%} "
                "(--max-quarantine)"
            )


def _fact(facts: JsonObject, name: str, dataset: str) -> Mapping[str, Json]:
    value = facts.get(f"{name}:{dataset}")
    return value if isinstance(value, dict) else {}
