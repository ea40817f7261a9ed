"""Detection: which cells of a table look wrong, who says so, how sure, and what that comes to."""

from dataagents.core.detection.detector import Corrector, Detector, Flags, Suggestion, Voice
from dataagents.core.detection.expression import BulkRule, TallyExpression, evaluate
from dataagents.core.detection.table import Table, TableColumn

__all__ = [
    "BulkRule",
    "Corrector",
    "Detector",
    "Flags",
    "Suggestion",
    "Table",
    "TableColumn",
    "TallyExpression",
    "Voice",
    "evaluate",
]
