"""Why something happened: from an error back through all that led to it, across agents."""

from dataagents.console.view.why.chain import open_questions, why
from dataagents.console.view.why.link import Lookup, WhyLink, nothing

__all__ = ["Lookup", "WhyLink", "nothing", "open_questions", "why"]
