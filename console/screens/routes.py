"""Routes: which screen shows a view, or what an address names.

A screen is imported when it is first wanted, so that the first one is there at once.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import cast

from dataagents.console.screens.base import ViewScreen
from dataagents.console.session import Session
from dataagents.console.view.addresses import Address

VIEWS: Mapping[str, str] = {
    "agents": "overview:AgentsScreen",
    "runs": "lists:runs",
    "messages": "lists:messages",
    "decisions": "lists:decisions",
    "plans": "lists:plans",
    "lessons": "lists:lessons",
    "lineage": "lists:lineage",
    "alerts": "lists:alerts",
    "audit": "audit:AuditScreen",
    "metrics": "metrics:MetricsScreen",
    "trends": "trends:TrendsScreen",
    "events": "event_lists:EventsScreen",
}
"""Name of a view → module, and what in it makes the screen of a session."""

THINGS: Mapping[str, str] = {
    "agent": "event_lists:AgentScreen",
    "run": "run:RunScreen",
    "message": "conversation:ConversationScreen",
    "conversation": "conversation:ConversationScreen",
    "dataset": "dataset:DatasetScreen",
    "election": "decision:ElectionScreen",
    "lot": "decision:AuctionScreen",
    "metric": "metric:MetricScreen",
    "plan": "plan:PlanScreen",
}
"""Scheme of an address → module, and the screen for a session and an address."""
REVIEW = "review"
"""What stands below the address of a run for its review."""
_REVIEW = "review:ReviewScreen"
_ANYTHING = "entity:EntityScreen"


def view_screen(name: str, session: Session) -> ViewScreen:
    """Return the screen of a view."""
    return cast(Callable[[Session], ViewScreen], _found(VIEWS[name]))(session)


def screen_for(address: Address, session: Session) -> ViewScreen:
    """Return the screen that shows a thing."""
    is_review = address.scheme == "run" and address.path == REVIEW
    make = _found(_REVIEW if is_review else THINGS.get(address.scheme, _ANYTHING))
    return cast(Callable[[Session, Address], ViewScreen], make)(session, address)


def _found(place: str) -> object:
    module, name = place.split(":")
    return getattr(import_module(f"dataagents.console.screens.{module}"), name)
