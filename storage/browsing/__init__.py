"""Browsing: pages of a store of any size, for lists that people look through."""

from dataagents.storage.browsing.browser import Browser
from dataagents.storage.browsing.commands import CommandEntry
from dataagents.storage.browsing.datasets import DatasetEntry
from dataagents.storage.browsing.decisions import AuctionEntry, ElectionEntry
from dataagents.storage.browsing.events import Bounds
from dataagents.storage.browsing.incidents import AlertEntry, FailureEntry
from dataagents.storage.browsing.messages import MessageEntry
from dataagents.storage.browsing.metrics import MetricEntry, Sample
from dataagents.storage.browsing.page import Found, Page
from dataagents.storage.browsing.runs import PlanEntry, RunEntry, TaskCount

__all__ = [
    "AlertEntry",
    "AuctionEntry",
    "Bounds",
    "Browser",
    "CommandEntry",
    "DatasetEntry",
    "ElectionEntry",
    "FailureEntry",
    "Found",
    "MessageEntry",
    "MetricEntry",
    "Page",
    "PlanEntry",
    "RunEntry",
    "Sample",
    "TaskCount",
]
