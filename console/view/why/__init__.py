"""Why something happened: from an error back through all that led to it, across agents."""

from dataagents.console.view.why.chain import open_questions, why
from dataagents.console.view.why.link import Lookup, WhyLink, nothing
from dataagents.console.view.why.placing import place_in

__all__ = ["Lookup", "WhyLink", "nothing", "open_questions", "place_in", "why"]
