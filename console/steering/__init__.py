"""Steering: what an operator can have done, what that would mean, and getting it done.

`dataagents act` and the console share all of it. Nothing here opens the store for writing.
"""

from dataagents.console.steering.blanks import Blank, blanks, lacking
from dataagents.console.steering.briefing import Briefing, briefing
from dataagents.console.steering.identity import login, new_id, origin
from dataagents.console.steering.issuing import WAIT, Steering
from dataagents.console.steering.offers import LETTERS, Offer, Situation, Subject, offers
from dataagents.console.steering.outcomes import Outcome, told
from dataagents.console.steering.proposal import (
    Proposal,
    check_proposal,
    commands_of,
    located,
    propose,
)
from dataagents.console.steering.targets import targets_of

__all__ = [
    "LETTERS",
    "WAIT",
    "Blank",
    "Briefing",
    "Offer",
    "Outcome",
    "Proposal",
    "Situation",
    "Steering",
    "Subject",
    "blanks",
    "briefing",
    "check_proposal",
    "commands_of",
    "lacking",
    "located",
    "login",
    "new_id",
    "offers",
    "origin",
    "propose",
    "targets_of",
    "told",
]
