"""The browser: pages of everything that lists show, however much a store holds."""

from dataagents.storage.browsing.commands import CommandPages
from dataagents.storage.browsing.datasets import DatasetPages
from dataagents.storage.browsing.decisions import DecisionPages
from dataagents.storage.browsing.events import EventPages
from dataagents.storage.browsing.incidents import IncidentPages
from dataagents.storage.browsing.learning import LearningPages
from dataagents.storage.browsing.messages import MessagePages
from dataagents.storage.browsing.metrics import MetricPages
from dataagents.storage.browsing.runs import RunPages


class Browser(
    EventPages,
    RunPages,
    MessagePages,
    DecisionPages,
    IncidentPages,
    CommandPages,
    LearningPages,
    DatasetPages,
    MetricPages,
):
    """Reads lists in pages, each for about the same effort in a large store as in a small one.

    Whatever is asked, no call looks at more than some thousands of rows. Where no index serves a
    filter, it returns what it found and how far it came, and the next call goes on there.
    """
