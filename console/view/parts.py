"""How a body becomes a part of a trace; one function for each of the journal's words."""

from datetime import datetime, timedelta

from dataagents.console.view.fields import Fields, name
from dataagents.console.view.runs import (
    AnalysisView,
    AssignmentView,
    AttemptView,
    AuctionView,
    BallotView,
    BidView,
    CircleView,
    ElectionView,
    HierarchyView,
    ReasoningView,
    RecommendationView,
    RequestView,
    StepView,
    TaskView,
)
from dataagents.core.events import Event


def hierarchy_of(event: Event, body: Fields) -> HierarchyView:
    """Return a hierarchy from what `hierarchy.Hierarchy.summary` tells of it."""
    return HierarchyView(
        coordinator=body.name("coordinator"),
        levels=body.count("levels"),
        span=body.count("span"),
        complexity=body.number("score"),
        reason=body.text("reason"),
        on_failure=body.name("on_failure"),
        leaders=body.pairs("leaders"),
        delegations=body.pairs("delegations"),
        unassigned=body.pairs("unassigned"),
        assignments=[
            AssignmentView(task, each.name("agent"), each.name("group"))
            for task, each in body.part("delegations").objects()
        ],
        plan=name(event.subject),
        at=event.at,
    )


def step_of(event: Event, body: Fields) -> StepView:
    """Return a step from a `reasoning.Step`."""
    return StepView(
        number=body.count("number"),
        thought=body.text("thought"),
        action=body.name("action"),
        input=body.text("action_input"),
        observation=body.text("observation"),
        at=body.time("at") or event.at,
        score=body.number("score"),
        quality=body.number("quality"),
        error=body.text("error"),
        seconds=body.number("seconds"),
        agent=name(event.agent),
        by=body.line("by"),
        model_seconds=_measured(body, "model_seconds"),
        tokens=_tokens(body),
        cost=_measured(body, "cost"),
    )


def answer_of(reasoning: ReasoningView, event: Event, body: Fields) -> None:
    """Write a `reasoning.Answer` into its reasoning."""
    reasoning.until = event.at
    reasoning.stop, reasoning.summary = body.name("stop"), body.text("summary")
    reasoning.score, reasoning.seconds = body.number("score"), body.number("seconds")
    reasoning.tokens, reasoning.cost = _tokens(body), _measured(body, "cost")
    if body.part("analysis"):
        reasoning.analysis = _analysis(body.part("analysis"))


def _analysis(body: Fields) -> AnalysisView:
    return AnalysisView(
        score=body.number("score"),
        progress=body.number("progress"),
        pattern=body.name("pattern"),
        circles=[
            CircleView(
                each.texts("actions"), each.counts("steps"),
                each.line("reason"), each.name("severity"),
            )
            for each in body.parts("circles")
        ],
        recommendations=[
            RecommendationView(each.count("step"), each.line("change"))
            for each in body.parts("recommendations")
        ],
    )  # fmt: skip


def _measured(body: Fields, key: str) -> float | None:
    """Return a figure that is 0 where nobody measured it."""
    return body.number(key) or None


def _tokens(body: Fields) -> int | None:
    return body.count("tokens") or None


def election_of(event: Event, body: Fields) -> ElectionView:
    """Return an open election from a `voting.Motion`."""
    return ElectionView(
        id=name(event.subject),
        question=body.text("question"),
        about=body.name("about"),
        options=body.texts("options"),
        voters=body.texts("voters"),
        quorum=body.count("quorum"),
        by=name(event.agent),
        at=event.at,
    )


def ballot_of(body: Fields) -> BallotView:
    """Return a vote from a `voting.Ballot`."""
    return BallotView(
        voter=body.name("voter"),
        choice=body.text("choice"),
        confidence=body.number("confidence"),
        reason=body.text("reason"),
        at=body.time("at"),
    )


def auction_of(event: Event, body: Fields) -> AuctionView:
    """Return an open auction from a `bidding.Lot`."""
    task = body.part("task").name("id") or name(event.task)
    return AuctionView(name(event.subject), task, at=event.at)


def bid_of(body: Fields) -> BidView:
    """Return a bid from a `bidding.Bid`."""
    return BidView(
        bidder=body.name("bidder"),
        cost=body.number("cost"),
        quality=body.number("quality"),
        seconds=body.number("seconds"),
        reputation=body.number("reputation"),
        reason=body.text("reason"),
        at=body.time("at"),
    )


def award_of(auction: AuctionView, event: Event, body: Fields) -> None:
    """Write a `bidding.Award` into its auction."""
    auction.until = event.at
    auction.outcome, auction.winner = body.name("outcome"), body.name("winner")
    auction.price, auction.runner_up = body.number("price"), body.name("runner_up")
    auction.reason, auction.ineligible = body.text("reason"), body.pairs("ineligible")
    if body.parts("bids"):
        auction.bids = [bid_of(bid) for bid in body.parts("bids")]


def request_of(event: Event, body: Fields) -> RequestView:
    """Return who asked for a task from a `messaging.Message`."""
    return RequestView(
        message=name(event.subject),
        sender=body.name("sender"),
        recipient=body.name("recipient"),
        at=event.at,
    )


def begin_try(task: TaskView, at: datetime, latest: datetime | None) -> None:
    """Note that a task was begun, and that what it was begun for before is over.

    Args:
        task: The task.
        at: When it was begun.
        latest: When the event before this one was; a try without an end, which a kernel took with
            it, ended then at the latest.
    """
    end_try(task, latest or at)
    task.tries.append(AttemptView(at, agent=task.agent))


def end_try(task: TaskView, at: datetime) -> None:
    """Note when the try of a task ended that goes on, if one does."""
    if task.tries and task.tries[-1].until is None:
        task.tries[-1].until = at


def began(until: datetime, seconds: float | None) -> datetime:
    """Return when something began that ended, or paused, at a time and took so long."""
    return until - timedelta(seconds=min(max(seconds or 0.0, 0.0), _LONGEST))


def ended(at: datetime, seconds: float | None) -> datetime:
    """Return when something ended that began at a time and took so long."""
    return at + timedelta(seconds=min(max(seconds or 0.0, 0.0), _LONGEST))


_LONGEST = 1e9
"""Seconds that anything may have taken; a duration on record may be any number."""
