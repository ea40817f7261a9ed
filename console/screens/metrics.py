"""The figures of the monitor, each with its curve."""

from collections.abc import Sequence

from dataagents.console.screens.stored import StandingListScreen
from dataagents.console.session import Session
from dataagents.console.view.metric_lines import METRICS, MetricLine, metric_line
from dataagents.console.view.standing import FigureView


class MetricsScreen(StandingListScreen[MetricLine]):
    """The figures."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, "Metrics", METRICS)

    def source(self) -> Sequence[MetricLine]:
        """Return the figures as last sampled."""
        return tuple(map(_line, self.session.standing.figures.values()))


def _line(figure: FigureView) -> MetricLine:
    at, value = figure.samples[-1]
    recent = tuple(each for _, each in figure.samples)
    return metric_line(name=figure.name, value=value, unit=figure.unit, at=at, recent=recent)
