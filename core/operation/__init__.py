"""Operation: how health is judged, when to restart, when to raise an alert, and what is measured.

Everything here is pure; `core/services/operation` asks the agents, waits and records.
"""

from dataagents.core.operation.alerting import (
    Decision,
    Reading,
    Standing,
    decide,
    judge,
)
from dataagents.core.operation.health_states import Check, next_health
from dataagents.core.operation.quantiles import quantile
from dataagents.core.operation.report import (
    AgentFigures,
    Latency,
    MonitorReport,
    Throughput,
)
from dataagents.core.operation.restarting import RestartSettings, delay_before, may_restart
from dataagents.core.operation.rules import FIGURES, AlertRule, Figure, default_rules, merged_rules
from dataagents.core.operation.samples import History, Sample
from dataagents.core.operation.thresholds import HealthSettings
from dataagents.core.operation.trend import Trend, trend_of

__all__ = [
    "FIGURES",
    "AgentFigures",
    "AlertRule",
    "Check",
    "Decision",
    "Figure",
    "HealthSettings",
    "History",
    "Latency",
    "MonitorReport",
    "Reading",
    "RestartSettings",
    "Sample",
    "Standing",
    "Throughput",
    "Trend",
    "decide",
    "default_rules",
    "delay_before",
    "judge",
    "may_restart",
    "merged_rules",
    "next_health",
    "quantile",
    "trend_of",
]
