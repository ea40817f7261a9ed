"""The views that are lists of the store: which rows each has, and where they come from."""

from dataagents.console.feeds import lists
from dataagents.console.screens.base import ViewScreen
from dataagents.console.screens.stored import StoredListScreen
from dataagents.console.session import Session
from dataagents.console.view.alert_lines import ALERTS
from dataagents.console.view.dataset_lines import LINEAGE
from dataagents.console.view.decisions import DECISIONS
from dataagents.console.view.lesson_lines import LESSONS
from dataagents.console.view.message_lines import MESSAGES
from dataagents.console.view.plan_lines import PLANS
from dataagents.console.view.run_lines import RUNS


def runs(session: Session) -> ViewScreen:
    """Runs, newest first."""
    return StoredListScreen(session, "Traces", RUNS, lists.runs)


def messages(session: Session) -> ViewScreen:
    """Messages, newest first."""
    return StoredListScreen(session, "Messages", MESSAGES, lists.messages)


def decisions(session: Session) -> ViewScreen:
    """Votes and auctions, newest first."""
    return StoredListScreen(session, "Decisions", DECISIONS, lists.decisions)


def plans(session: Session) -> ViewScreen:
    """Plans and replans, newest first."""
    return StoredListScreen(session, "Plans", PLANS, lists.plans)


def lessons(session: Session) -> ViewScreen:
    """Lessons, the last that changed first."""
    return StoredListScreen(session, "Reflections", LESSONS, lists.lessons)


def lineage(session: Session) -> ViewScreen:
    """Data sets, the last that was made first."""
    return StoredListScreen(session, "Lineage", LINEAGE, lists.datasets)


def alerts(session: Session) -> ViewScreen:
    """Alerts, newest first."""
    return StoredListScreen(session, "Alerts", ALERTS, lists.alerts)
