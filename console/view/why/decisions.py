"""Why something was decided: what was asked, who said what, and who said otherwise."""

from dataagents.console.view.marks import Mark
from dataagents.console.view.row import count
from dataagents.console.view.runs import BallotView, ElectionView, TaskView
from dataagents.console.view.why.lessons import weight
from dataagents.console.view.why.link import Chain
from dataagents.console.view.why.scene import Scene

_MOST_BALLOTS = 6


def explain_vote(
    chain: Chain, of: int, scene: Scene, address: str, election: ElectionView, because: str
) -> int:
    """Add an election, and the ballots that made its result what it is; returns its place."""
    result = election.decision or election.verdict or "open"
    by = f"{election.by} put to the vote: " if election.by else ""
    here = chain.add(
        of, "vote", f"{by}{election.question} → {result}: {election.sentence}".rstrip(": "),
        because, address=address, at=election.until or election.at, agent=election.by,
        mark=Mark.OK if election.decision else Mark.WARN,
    )  # fmt: skip
    explain_ballots(chain, here, scene, address, election)
    return here


def explain_ballots(
    chain: Chain, of: int, scene: Scene, address: str, election: ElectionView
) -> None:
    """Add the ballots of an election, those that did not get their way first."""
    chose = [ballot for ballot in election.ballots if ballot.choice]
    against = [each for each in chose if each.choice != election.decision]
    others = [each for each in chose if each.choice == election.decision]
    for ballot in (against + others)[:_MOST_BALLOTS]:
        place = chain.add(
            of, "ballot", _said(ballot), _because(ballot, election),
            address=f"{address}/ballot:{ballot.voter}", at=ballot.at, agent=ballot.voter,
            mark=Mark.WARN if ballot in against and election.decision else Mark.NOTE,
        )  # fmt: skip
        weight(chain, place, scene, ballot.voter)
    silent = len(election.ballots) - len(chose)
    if silent:
        chain.add(
            of, "ballot", f"{count(silent, 'voter')} abstained", "they left it to the others",
            address=address, key=f"{address}/abstained",
        )  # fmt: skip
    if election.missing:
        missing = ", ".join(f"{voter} ({why})" for voter, why in election.missing.items())
        chain.add(
            of, "ballot", f"no ballot of {missing}", "it could have changed the result",
            address=address, key=f"{address}/missing", mark=Mark.WARN,
        )  # fmt: skip


def _said(ballot: BallotView) -> str:
    sure = "" if ballot.confidence is None else f", {ballot.confidence:.0%} sure"
    return f"{ballot.voter} voted {ballot.choice}{sure}: {ballot.reason}"


def _because(ballot: BallotView, election: ElectionView) -> str:
    if not election.decision:
        return "it is one of the ballots that decided nothing together"
    return "it won" if ballot.choice == election.decision else "it was outvoted"


def votes_of(scene: Scene, task: TaskView) -> list[tuple[str, ElectionView]]:
    """Return the elections that belong to a task, with their addresses."""
    return [
        (address, election)
        for address, (election, owner) in scene.elections.items()
        if owner is task or (task.election and election.id == task.election)
    ]
