"""How a body becomes a part of a trace; one function for each of the journal's words."""

from dataagents.console.view.fields import Fields, name
from dataagents.console.view.runs import (
    AnalysisView,
    AuctionView,
    BallotView,
    BidView,
    CircleView,
    ElectionView,
    HierarchyView,
    ReasoningView,
    RecommendationView,
    StepView,
)
from dataagents.core.events import Event


def hierarchy_of(body: Fields) -> HierarchyView:
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


def answer_of(reasoning: ReasoningView, body: Fields) -> None:
    """Write a `reasoning.Answer` into its reasoning."""
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
    )


def ballot_of(body: Fields) -> BallotView:
    """Return a vote from a `voting.Ballot`."""
    return BallotView(
        body.name("voter"), body.text("choice"), body.number("confidence"), body.text("reason")
    )


def auction_of(event: Event, body: Fields) -> AuctionView:
    """Return an open auction from a `bidding.Lot`."""
    return AuctionView(name(event.subject), body.part("task").name("id") or name(event.task))


def bid_of(body: Fields) -> BidView:
    """Return a bid from a `bidding.Bid`."""
    return BidView(
        bidder=body.name("bidder"),
        cost=body.number("cost"),
        quality=body.number("quality"),
        seconds=body.number("seconds"),
        reputation=body.number("reputation"),
        reason=body.text("reason"),
    )


def award_of(auction: AuctionView, body: Fields) -> None:
    """Write a `bidding.Award` into its auction."""
    auction.outcome, auction.winner = body.name("outcome"), body.name("winner")
    auction.price, auction.runner_up = body.number("price"), body.name("runner_up")
    auction.reason, auction.ineligible = body.text("reason"), body.pairs("ineligible")
    if body.parts("bids"):
        auction.bids = [bid_of(bid) for bid in body.parts("bids")]
