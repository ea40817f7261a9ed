"""The minutes of a bulk vote: one election on record for all cells of a data set, not one each.

Its ballots are one for each detector. Who flagged a cell that was found to be wrong votes for that,
with the confidence and weight of the surest of them; the others abstain. So the rule comes to the
same with these ballots as it did cell by cell: some cells are wrong, or none is. What each of the
cells got is in `flags.parquet`, of which the digest is here.
"""

from datetime import datetime

from dataagents.core.boundary import Boundary
from dataagents.core.detection.panel import VOTER
from dataagents.core.registry import Built
from dataagents.core.values import Json, to_json
from dataagents.core.voting import MOST_WEIGHT, Ballot, Election, Motion, Tally, VotingRule
from dataagents.plugins.data.detection.results import Inspection, Share

NONE = "no cell"


def election_of(
    dataset: str, found: Inspection, rule: Built[VotingRule], boundary: Boundary, at: datetime
) -> Election:
    """Return the election that stands for the vote on the cells of a data set.

    Args:
        dataset: Its name.
        found: What the vote came to.
        rule: By which rule.
        boundary: Contains what the rule does.
        at: When it was.

    Raises:
        StrategyError: The rule failed.
    """
    wrong = "1 cell" if found.wrong == 1 else f"{found.wrong:,} cells"
    options = (wrong, NONE) if found.wrong else (NONE,)
    motion = Motion(
        id="",
        question=f"Which cells of {dataset} are wrong?",
        options=options,
        voters=tuple(VOTER + each.detector for each in found.shares),
        at=at,
        about=dataset,
        context={"decision": "detect", "dataset": dataset, "bulk": _bulk(found)},
        weights={
            VOTER + each.detector: min(each.surest_weight, MOST_WEIGHT)
            for each in found.shares
            if each.upheld
        },
        rule=rule.name,
        rule_options=rule.options.model_dump(mode="json"),
    )
    ballots = tuple(
        _ballot(each, wrong if each.upheld else None, at)
        for each in found.shares
        if not each.problem
    )
    tally = boundary.call_now(
        rule.plugin,
        f"voting rule {rule.name}",
        lambda: rule.value.tally(motion, ballots),
        returns=Tally,
    )
    missing = {VOTER + each.detector: each.problem for each in found.shares if each.problem}
    return Election(motion, rule.name, ballots, missing, tally, at)


def _bulk(found: Inspection) -> Json:
    return to_json(
        {
            "cells": found.rows * found.columns,
            "detect": found.detect,
            "sampled": found.sampled,
            "verified": found.verified,
            "ballots": sum(each.cells for each in found.shares),
            "flagged": found.flagged,
            "wrong": found.wrong,
            "threshold": found.threshold,
            "digest": found.digest,
        }
    )


def _ballot(share: Share, choice: str | None, at: datetime) -> Ballot:
    flagged = "1 cell" if share.cells == 1 else f"{share.cells:,} cells"
    if not share.cells:
        reason = "flagged nothing"
    elif choice is None:
        reason = f"flagged {flagged}, of which none was found to be wrong"
    else:
        alone = f", {share.alone:,} that no other flagged" if share.alone else ""
        reason = f"flagged {flagged}: {share.upheld:,} found to be wrong{alone}"
    return Ballot(VOTER + share.detector, choice, share.surest, reason, at)
