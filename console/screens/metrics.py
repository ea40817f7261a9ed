"""The figures of the monitor, each with its curve."""

from collections.abc import Iterable

from dataagents.console.screens.stored import StandingListScreen
from dataagents.console.session import Session
from dataagents.console.view.metric_lines import METRICS, MetricLine, metric_line


class MetricsScreen(StandingListScreen[MetricLine]):
    """The figures."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, "Metrics", METRICS)

    def source(self) -> Iterable[MetricLine]:
        """Return the figures as last sampled."""
        for figure in self.session.standing.figures.values():
            at, value = figure.samples[-1]
            recent = tuple(each for _, each in figure.samples)
            yield metric_line(name=figure.name, value=value, unit=figure.unit, at=at, recent=recent)
