"""Lists: rows with fields, and what an operator may ask of them; pure, without a terminal."""

from dataagents.console.view.listing.field import Field, Value
from dataagents.console.view.listing.listing import Listing, Preset, Sections
from dataagents.console.view.listing.query import Query, Sort, Span, Term
from dataagents.console.view.listing.window import Window

__all__ = [
    "Field",
    "Listing",
    "Preset",
    "Query",
    "Sections",
    "Sort",
    "Span",
    "Term",
    "Value",
    "Window",
]
