"""Votes and auctions, replayed ballot by ballot and bid by bid; pure, without a terminal."""

from dataagents.console.view.decisions.auction import AuctionReplay, AwardLine, BidLine
from dataagents.console.view.decisions.auction_fold import auction_replay
from dataagents.console.view.decisions.auction_rows import BIDS, auction_sections
from dataagents.console.view.decisions.charts import bid_chart, support_chart
from dataagents.console.view.decisions.decision_line import (
    DecisionLine,
    auction_line,
    decision_of,
    election_line,
)
from dataagents.console.view.decisions.decision_list import DECISIONS
from dataagents.console.view.decisions.election import ElectionReplay, Result, Stand, VoterLine
from dataagents.console.view.decisions.election_fold import election_replay
from dataagents.console.view.decisions.election_rows import BALLOTS, election_sections
from dataagents.console.view.decisions.measures import Measure
from dataagents.console.view.decisions.support import Support, TallySoFar

__all__ = [
    "BALLOTS",
    "BIDS",
    "DECISIONS",
    "AuctionReplay",
    "AwardLine",
    "BidLine",
    "DecisionLine",
    "ElectionReplay",
    "Measure",
    "Result",
    "Stand",
    "Support",
    "TallySoFar",
    "VoterLine",
    "auction_line",
    "auction_replay",
    "auction_sections",
    "bid_chart",
    "decision_of",
    "election_line",
    "election_replay",
    "election_sections",
    "support_chart",
]
